"""The state of a training run in one safetensors file: no pickle, written atomically."""

import json
import os
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor


def save_state(path: Path, state: dict[str, Any]) -> None:
    """Write nested dicts and lists of tensors and plain values; a crash leaves the old file."""
    tensors: dict[str, Tensor] = {}
    plain = _without_tensors(state, "", tensors)
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    save_file(tensors, temporary, {"state": json.dumps(plain)})
    temporary.replace(path)


def load_state(path: Path) -> dict[str, Any]:
    """Read what save_state wrote; ValueError when the file is something else."""
    try:
        with safe_open(path, "pt") as file:
            plain = json.loads((file.metadata() or {})["state"])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, KeyError, json.JSONDecodeError):
        raise ValueError(
            f"{path}: not the state of a training run; give another --out or delete the file"
        ) from None
    restored: dict[str, Any] = _with_tensors(plain, tensors)
    return restored


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
