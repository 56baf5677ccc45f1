"""Decode engines: a plan and a seed in, the tokens of a piece out.

`numba` is the default: compiled on first use, no import of torch. `torch` is the reference
and runs on a GPU. Both make every choice of a token with the same compiled function
(`choice.choose`).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol, cast, get_args

from partimento.errors import PartimentoError, SettingError

if TYPE_CHECKING:
    from partimento.sampling.plan import Plan
    from partimento.tokenizer.vocabulary import TokenArray

EngineName = Literal["numba", "torch"]
Precision = Literal["float32", "int8"]

DEFAULT_PRECISIONS: Mapping[EngineName, Precision] = {"numba": "int8", "torch": "float32"}
"""What an engine computes with unless told otherwise: int8 is faster, and costs less than 0.5 %
of likelihood (`tests/sampling/engines/test_precision.py`)."""

BASE = "base.safetensors"
"""The checkpoint that ships with the package, in partimento.weights."""


class Engine(Protocol):
    """Writes pieces."""

    name: str
    precision: Precision
    checkpoint: str
    """Hash of the weights' file."""

    def decode(
        self,
        plans: Sequence[Plan],
        seeds: Sequence[int],
        on_bar: Callable[[int, int], None] | None = None,
        should_stop: Callable[[], bool] | None = None,
    ) -> list[TokenArray]:
        """The tokens of each plan's piece (T,), prompt included, up to and with EOS.

        `on_bar(piece, bars)` is told, in the calling thread, of `bars` more finished bars of a
        piece. When `should_stop()` turns true, pieces end where they are, without EOS.
        """
        ...


def check_engine(name: str, precision: str | None = None) -> tuple[EngineName, Precision]:
    """The names as the types that `load_engine` takes; ValueError for unknown ones.

    Without a precision it is the engine's default.
    """
    if name not in get_args(EngineName):
        raise SettingError(
            "engine", f"must be one of {', '.join(get_args(EngineName))}, got {name!r}"
        )
    if precision is None:
        precision = DEFAULT_PRECISIONS[cast(EngineName, name)]
    if precision not in get_args(Precision):
        choices = ", ".join(get_args(Precision))
        raise SettingError("precision", f"must be one of {choices}, got {precision!r}")
    return cast(EngineName, name), cast(Precision, precision)


def load_engine(
    checkpoint: Path | None,
    name: EngineName = "numba",
    precision: Precision | None = None,
    device: str = "cpu",
) -> Engine:
    """Read a checkpoint, or the shipped one, into an engine; in its own precision by default.

    Raises ValueError for a checkpoint that cannot be read and for settings that the engine
    does not have.
    """
    name, precision = check_engine(name, precision)
    path = shipped_checkpoint() if checkpoint is None else checkpoint
    if name == "numba":
        if device != "cpu":
            raise SettingError(
                "device", f"must be cpu for the numba engine, got {device}; use torch"
            )
        from partimento.sampling.engines.numba_engine import NumbaEngine

        return NumbaEngine(path, precision)
    if precision != "float32":
        raise SettingError("precision", f"must be float32 for the torch engine, got {precision}")
    from partimento.sampling.engines.torch_engine import TorchEngine

    return TorchEngine(path, device)


def available_cores() -> int:
    """Processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def shipped_checkpoint() -> Path:
    """Path of the checkpoint in the package; ValueError when this copy has none."""
    path = Path(str(files("partimento.weights").joinpath(BASE)))
    if not path.is_file():
        raise PartimentoError(
            f"{path}: this copy of the program has no weights; "
            "give a checkpoint, or train one with `partimento train`"
        )
    return path
