"""How long each piece of a batch takes, among the others."""

import time
from collections.abc import Sequence

from partimento.sampling.engine import OnBar


class Times:
    """When pieces began, and when each was last written."""

    def __init__(self, pieces: int, on_bar: OnBar | None = None) -> None:
        self._began = [time.perf_counter()] * pieces
        self._last = list(self._began)
        self._on_bar = on_bar

    def on_bar(self, piece: int, bars: int) -> None:
        """Note when a piece begins, and when it has finished some bars; pass that on."""
        self._last[piece] = time.perf_counter()
        if bars == 0:
            self._began[piece] = self._last[piece]
        elif self._on_bar is not None:
            self._on_bar(piece, bars)

    def finish(self, are_later: Sequence[bool]) -> None:
        """Note that some pieces are finished only now."""
        now = time.perf_counter()
        self._last = [
            now if is_later else last for last, is_later in zip(self._last, are_later, strict=True)
        ]

    def seconds(self, piece: int) -> float:
        """Until the last bar that is finished."""
        return self._last[piece] - self._began[piece]
