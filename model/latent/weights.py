"""The weights of one part of the latent model: a safetensors file that says what it is."""

import json
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from partimento.errors import PartimentoError
from partimento.music.sketch import DRUM_KINDS, LEVELS, SLOTS, WIDTH

HEADER_KEY = "partimento latent"
LAYOUT = f"{SLOTS} slots, {', '.join((*DRUM_KINDS, *LEVELS))}, {WIDTH} values"
"""What the values of a sketch mean; weights are only valid for the layout they learned."""

Arrays = Mapping[str, NDArray[np.float32]]


def shipped_part(part: str) -> Path:
    """Path of a part in the package; ValueError when this copy has none."""
    path = Path(str(files("partimento.weights").joinpath(f"{part}.safetensors")))
    if not path.is_file():
        raise PartimentoError(
            f"{path}: this copy of the program has no {part}; "
            f"give the path of one, or train it with `partimento train --config {part}`"
        )
    return path


def pack_part(part: str, config: Mapping[str, object], arrays: Arrays, **extra: object) -> bytes:
    """The file of a part in half precision; ValueError when a weight does not fit into it."""
    packed = {}
    for name, array in arrays.items():
        # A weight beyond 65,504 becomes infinite in float16; it is refused below.
        with np.errstate(over="ignore"):
            packed[name] = np.ascontiguousarray(array, np.float16)
        if not np.isfinite(packed[name]).all():
            raise PartimentoError(
                f"weight {name} of the {part} is not finite in half precision; train it again "
                "with a lower learning_rate"
            )
    header = {"part": part, "config": dict(config), "layout": LAYOUT, **extra}
    return save(packed, {HEADER_KEY: json.dumps(header)})


def read_part(path: Path, part: str) -> tuple[dict[str, object], dict[str, NDArray[np.float32]]]:
    """The config and the weights, as float32, of a part; ValueError says what is wrong with it."""
    if not path.is_file():
        raise PartimentoError(f"{path}: no such file; give the path of a trained {part}")
    try:
        with safe_open(path, framework="numpy") as file:
            header = json.loads((file.metadata() or {}).get(HEADER_KEY, "{}"))
            arrays = {
                name: file.get_tensor(name).astype(np.float32)
                for name in file.keys()  # noqa: SIM118 - the file is no mapping
            }
    except (SafetensorError, OSError) as error:
        raise PartimentoError(
            f"{path}: not a readable safetensors file ({' '.join(str(error).split())}); "
            "it may be cut short, copy it again"
        ) from None
    if header.get("part") != part:
        found = header.get("part", "something else")
        raise PartimentoError(f"{path}: holds {found}, not a trained {part}")
    if header["layout"] != LAYOUT:
        raise PartimentoError(
            f"{path}: made for sketches of {header['layout']}, this version has {LAYOUT}; "
            "train it again"
        )
    return cast(dict[str, object], header["config"]), arrays
