"""Weights on disk: one safetensors file whose metadata says what they are.

Reading needs numpy only, so that an engine without torch can use the same file; `loading` builds
a torch model from it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from partimento.errors import PartimentoError
from partimento.model.config import ModelConfig
from partimento.model.latent.conditioning import INPUTS
from partimento.music.files import write_whole
from partimento.tokenizer import vocabulary
from partimento.tokenizer.conditioning import CONDITIONING_WIDTH
from partimento.tokenizer.features import FEATURES, SOUNDING_WIDTH

if TYPE_CHECKING:
    from partimento.model.transformer import Transformer

FORMAT = 1
"""Version of the header; a reader refuses a newer one."""

HEADER_KEY = "partimento"
"""The metadata entry that holds the header as JSON."""

Storage = Literal["float16", "float32"]
"""How weights are stored; they are read as float32."""

CONDITIONING_WIDTHS: tuple[int | None, ...] = (None, CONDITIONING_WIDTH)
"""Widths of the conditioning vector that plans and training batches can fill."""

BASE = "base.safetensors"
"""The checkpoint that ships with the package, in partimento.weights."""


@dataclass(frozen=True)
class Header:
    """What a checkpoint says about its weights."""

    config: ModelConfig
    """The shape of the model."""
    vocabulary: str
    """Fingerprint of the vocabulary that the token ids belong to."""
    step: int = 0
    """Training steps behind the weights."""
    data: str = ""
    """Fingerprint of the training data."""
    licence: str = ""
    """Licence of the weights."""
    extra: Mapping[str, object] = field(default_factory=dict)
    """Anything else, as JSON values."""


def save_checkpoint(
    path: Path,
    model: Transformer,
    *,
    step: int = 0,
    data: str = "",
    licence: str = "",
    extra: Mapping[str, object] | None = None,
    storage: Storage = "float32",
) -> Header:
    """Write the model's weights and header to a temporary file, then rename it to `path`.

    Raises ValueError when a weight is not finite as it is stored.
    """
    header = Header(model.config, vocabulary.fingerprint(), step, data, licence, dict(extra or {}))
    weights = model.state_dict().items()
    save_arrays(path, header, {n: t.detach().cpu().numpy() for n, t in weights}, storage)
    return header


def save_arrays(
    path: Path,
    header: Header,
    weights: Mapping[str, NDArray[np.float32]],
    storage: Storage = "float32",
) -> None:
    """Write a header and weights by name, as `save_checkpoint` does."""
    arrays = {}
    for name, weight in weights.items():
        # A weight beyond 65,504 becomes infinite in float16; it is refused below.
        with np.errstate(over="ignore"):
            arrays[name] = weight.astype(storage)
        if not np.isfinite(arrays[name]).all():
            raise PartimentoError(
                f"{path}: weight {name} is not finite in {storage}; save an earlier checkpoint"
            )
    content = {**asdict(header), "config": header.config.to_dict(), "format": FORMAT}
    _write(path, save(arrays, {HEADER_KEY: json.dumps(content)}))


def file_hash(path: Path) -> str:
    """First 16 hexadecimal digits of the SHA-256 of a checkpoint's bytes.

    Raises ValueError when the file is missing.
    """
    if not path.is_file():
        raise PartimentoError(f"{path}: no such checkpoint; give the path of a .safetensors file")
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]


def read_header(path: Path) -> Header:
    """Read what the weights are, without reading them or importing torch.

    Raises ValueError when the file is missing, damaged, no checkpoint of this program, or
    made for another vocabulary.
    """
    return _open(path)[0]


def read_arrays(path: Path) -> tuple[Header, dict[str, NDArray[np.float32]]]:
    """Read header and weights as float32 arrays by name, without importing torch.

    Raises ValueError as read_header does, and for a model with other inputs than this version
    has for it.
    """
    header, arrays = _open(path, arrays=True)
    check_inputs(path, header.config)
    return header, arrays


def check_inputs(path: Path, config: ModelConfig) -> None:
    """Refuse a model that was trained on inputs which this version does not have.

    It would compute, and mean nothing.
    """
    unknown = [
        feature.name
        for feature in config.features
        if feature.column >= len(FEATURES) or FEATURES[feature.column] != feature[::2]
    ]
    if unknown:
        problem = f"{', '.join(unknown)} among its features is none of this version's cursor"
    elif config.sounding_width not in (0, SOUNDING_WIDTH):
        problem = f"sounding_width must be 0 or {SOUNDING_WIDTH}, got {config.sounding_width}"
    elif config.conditioning_width not in CONDITIONING_WIDTHS:
        known = " or ".join(
            "null" if width is None else str(width) for width in CONDITIONING_WIDTHS
        )
        problem = f"conditioning_width must be {known}, got {config.conditioning_width}"
    elif config.sketch_width not in (None, INPUTS):
        problem = f"sketch_width must be null or {INPUTS}, got {config.sketch_width}"
    else:
        return
    raise PartimentoError(
        f"{path}: {problem}; use the version that made the checkpoint, or train again"
    )


def shipped_checkpoint() -> Path:
    """Path of the checkpoint in the package; ValueError when this copy has none."""
    path = Path(str(files("partimento.weights").joinpath(BASE)))
    if not path.is_file():
        raise PartimentoError(
            f"{path}: this copy of the program has no weights; "
            "give a checkpoint, or train one with `partimento train`"
        )
    return path


def _open(path: Path, arrays: bool = False) -> tuple[Header, dict[str, NDArray[np.float32]]]:
    if not path.is_file():
        raise PartimentoError(f"{path}: no such checkpoint; give the path of a .safetensors file")
    found: dict[str, NDArray[np.float32]] = {}
    try:
        with safe_open(path, framework="numpy") as file:
            header = _parse(path, file.metadata() or {})
            if arrays:
                for name in file.keys():  # noqa: SIM118 - the file is no mapping
                    found[name] = file.get_tensor(name).astype(np.float32, copy=False)
    except (SafetensorError, OSError) as error:
        raise PartimentoError(
            f"{path}: not a readable safetensors file ({' '.join(str(error).split())}); "
            "it may be cut short, copy it again"
        ) from None
    return header, found


def _parse(path: Path, metadata: Mapping[str, str]) -> Header:
    if HEADER_KEY not in metadata:
        raise PartimentoError(
            f"{path}: no header of this program; it is not a partimento checkpoint"
        )
    try:
        content = cast(dict[str, object], json.loads(metadata[HEADER_KEY]))
        version = content.pop("format")
        if version != FORMAT:
            raise PartimentoError(f"its format is {version}, this version reads {FORMAT}")
        config = ModelConfig.from_dict(cast(dict[str, object], content.pop("config")))
        header = Header(config=config, **content)  # type: ignore[arg-type]  # caught below
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise PartimentoError(
            f"{path}: header not understood ({error}); use the version that made the file"
        ) from None
    if header.vocabulary != vocabulary.fingerprint():
        raise PartimentoError(
            f"{path}: made for vocabulary {header.vocabulary}, this version has "
            f"{vocabulary.fingerprint()}; use a checkpoint of this version or train again"
        )
    return header


def _write(path: Path, content: bytes) -> None:
    """Write a whole file or none: a crash leaves the old one in place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, content)
