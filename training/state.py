"""The state of a training run in one safetensors file: no pickle, written atomically."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from partimento.errors import RemedyError
from partimento.music.files import write_whole


def save_state(path: Path, state: dict[str, Any]) -> None:
    """Write nested dicts and lists of tensors and plain values; a crash leaves the old file."""
    tensors: dict[str, Tensor] = {}
    plain = _without_tensors(state, "", tensors)
    write_whole(path, save(tensors, {"state": json.dumps(plain)}))


def load_state(path: Path) -> dict[str, Any]:
    """Read what save_state wrote; ValueError when the file is something else."""
    try:
        with safe_open(path, "pt") as file:
            plain = json.loads((file.metadata() or {})["state"])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        restored: dict[str, Any] = _with_tensors(plain, tensors)
    except (SafetensorError, KeyError, TypeError, json.JSONDecodeError):
        raise RemedyError(
            f"{path}: not the state of a training run",
            {"out": "names another folder"},
        ) from None
    return restored


def first_difference(name: str, found: object, expected: object) -> str | None:
    """The first setting in which nested plain values differ, with both values; None: equal.

    Only what both have is compared: a setting that one version lacks has no other value there.
    """
    if isinstance(found, Mapping) and isinstance(expected, Mapping):
        for key in found:
            if key in expected:
                difference = first_difference(f"{name}.{key}", found[key], expected[key])
                if difference is not None:
                    return difference
        return None
    texts = json.dumps(found), json.dumps(expected)  # JSON knows no tuples
    if texts[0] == texts[1]:
        return None
    if max(map(len, texts)) > 40:
        return name
    return f"{name} ({texts[0]}, not {texts[1]})"


def _without_tensors(value: Any, path: str, tensors: dict[str, Tensor]) -> Any:
    if isinstance(value, Tensor):
        tensors[path] = value.detach().contiguous().clone()
        return {"tensor": path}
    if isinstance(value, dict):
        # Pairs, since JSON would turn the optimisers' integer keys into text.
        return {
            "items": [[k, _without_tensors(v, f"{path}/{k}", tensors)] for k, v in value.items()]
        }
    if isinstance(value, list | tuple):
        return [_without_tensors(v, f"{path}/{i}", tensors) for i, v in enumerate(value)]
    return value


def _with_tensors(value: Any, tensors: dict[str, Tensor]) -> Any:
    if isinstance(value, dict):
        if "tensor" in value:
            return torch.clone(tensors[value["tensor"]])
        return {k: _with_tensors(v, tensors) for k, v in value["items"]}
    if isinstance(value, list):
        return [_with_tensors(v, tensors) for v in value]
    return value
