"""The program's own engine: whole decoding, with grammar, filters and draw."""

import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

import numpy as np
import numpy.typing as npt

from partimento.model.checkpoint import read_arrays
from partimento.request.request import Request
from partimento.sampling.engine import Precision
from partimento.sampling.engines.numba_engine import CALL_TOKENS, NumbaEngine
from partimento.sampling.plan import Plan
from partimento.sampling.planning import make_plan
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.vocabulary import TokenArray

Floats = npt.NDArray[np.float64]

LOOKED_UP = ("embedding", "sounding.weight")
"""Matrices of which a token reads a few rows only."""


def matrix_sizes(checkpoint: Path) -> tuple[int, int]:
    """Weights of all matrices that a token is multiplied with, and of the whole model."""
    _, arrays = read_arrays(checkpoint)
    matrices = sum(
        array.size
        for name, array in arrays.items()
        if array.ndim == 2 and name not in LOOKED_UP and "convolution" not in name
    )
    return matrices, sum(array.size for array in arrays.values())


class Ours:
    """One precision of the engine."""

    def __init__(self, checkpoint: Path, precision: Precision) -> None:
        self._engine = NumbaEngine(checkpoint, precision)
        self._long = _long_plan()
        self._engine.decode([make_plan(Request(bars=1))], [0])

    def stream(self, tokens: int) -> tuple[float, Floats]:
        """Seconds for so many tokens of one piece, and seconds of a token by its position.

        The second, (tokens / CALL_TOKENS,), has one entry for each CALL_TOKENS tokens.
        """
        calls = max(1, tokens // CALL_TOKENS)
        numbers, times = count(1), [time.perf_counter()]

        def should_stop() -> bool:
            times.append(time.perf_counter())
            return next(numbers) >= calls

        (piece,) = self._engine.decode([self._long], [1], None, should_stop)
        assert len(piece) == 1 + calls * CALL_TOKENS, "the piece ended early; choose another seed"
        return (times[-1] - times[0]) * tokens / (len(piece) - 1), np.diff(times) / CALL_TOKENS

    def batch(self, pieces: int, seconds: float) -> float:
        """Seconds of a token when so many pieces are decoded side by side on all cores."""
        plans, seeds = [self._long] * pieces, range(pieces)
        start = time.perf_counter()
        decoded = self._engine.decode(
            plans, seeds, None, lambda: time.perf_counter() - start > seconds
        )
        took = time.perf_counter() - start
        assert all(piece[-1] != v.EOS for piece in decoded), "a piece ended early"
        return took / sum(len(piece) - 1 for piece in decoded)

    def primer(self, tokens: int) -> TokenArray:
        """The beginning of a piece, cut after a bar: about so many tokens."""
        numbers = count(1)
        stop: Callable[[], bool] = lambda: next(numbers) > tokens // CALL_TOKENS  # noqa: E731
        (piece,) = self._engine.decode([self._long], [2], None, stop)
        bars = np.flatnonzero(piece[: tokens + 1] == v.BAR)
        return piece[: bars[-1]]

    def prefill(self, primer: TokenArray) -> float:
        """Seconds to read a primer: what the first tokens take longer than without one."""
        plans = (make_plan(Request(bars=1), primer), self._long)
        took = []
        for plan in plans:
            start = time.perf_counter()
            self._engine.decode([plan], [1], None, lambda: True)
            took.append(time.perf_counter() - start)
        return took[0] - took[1]


def _long_plan() -> Plan:
    """A piece of more bars than anyone may ask for, so that none ends while it is measured."""
    bars = 8 * 512
    return make_plan(Request(bars=3, style="chorale", meter="4/4"))._replace(
        total_bars=bars,
        forced_starts=np.zeros(bars + 1, np.int32),
        temperatures=np.ones(bars, np.float32),
        rule_of=np.minimum(np.arange(bars), 1).astype(np.int32),  # as the first and second bar
    )
