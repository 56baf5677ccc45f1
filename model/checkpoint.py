"""Weights on disk: one safetensors file whose metadata says what they are.

Reading needs numpy only, so that an engine without torch can use the same file; what builds
a model imports torch when it is called.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from partimento.errors import PartimentoError
from partimento.model.config import ModelConfig
from partimento.music.files import write_whole
from partimento.tokenizer import vocabulary

if TYPE_CHECKING:
    from partimento.model.transformer import Transformer

FORMAT = 1
"""Version of the header; a reader refuses a newer one."""

HEADER_KEY = "partimento"
"""The metadata entry that holds the header as JSON."""

Precision = Literal["float16", "float32"]
"""How weights are stored; they are read as float32."""


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
    precision: Precision = "float32",
) -> Header:
    """Write the model's weights and header to a temporary file, then rename it to `path`.

    Raises ValueError when a weight is not finite in the chosen precision.
    """
    header = Header(model.config, vocabulary.fingerprint(), step, data, licence, dict(extra or {}))
    arrays = {}
    for name, tensor in model.state_dict().items():
        # A weight beyond 65,504 becomes infinite in float16; it is refused below.
        with np.errstate(over="ignore"):
            arrays[name] = tensor.detach().cpu().numpy().astype(precision)
        if not np.isfinite(arrays[name]).all():
            raise PartimentoError(
                f"{path}: weight {name} is not finite in {precision}; save an earlier checkpoint"
            )
    content = {**asdict(header), "config": model.config.to_dict(), "format": FORMAT}
    _write(path, save(arrays, {HEADER_KEY: json.dumps(content)}))
    return header


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

    Raises ValueError as read_header does.
    """
    return _open(path, arrays=True)


def load_model(path: Path) -> tuple[Transformer, Header]:
    """Build the model of a checkpoint, in evaluation mode, on the CPU in float32.

    Raises ValueError as read_header does, and when weights and config do not belong together.
    """
    import torch

    from partimento.model.transformer import Transformer

    header, arrays = read_arrays(path)
    model = Transformer(header.config)
    shapes = {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}
    found = {name: array.shape for name, array in arrays.items()}
    if found != shapes:
        wrong = sorted(
            name for name in shapes.keys() | found if shapes.get(name) != found.get(name)
        )
        raise PartimentoError(
            f"{path}: weights do not fit the config ({', '.join(wrong[:3])}); "
            "the checkpoint was made by another version, train or download it again"
        )
    model.load_state_dict({name: torch.from_numpy(array) for name, array in arrays.items()})
    return model.eval(), header


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
