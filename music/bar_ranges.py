"""Bars by number, as people write them: 5-8, 13."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from partimento.errors import PartimentoError

MAX_BAR = 20_000
"""The last number that may be written; no piece has more bars."""
_RANGE = re.compile(r"(\d{1,6})(?:\s*(?:-|\u2013|to)\s*(\d{1,6}))?")


@dataclass(frozen=True, slots=True)
class BarRanges:
    """Some bars of a piece; prints as it can be read again.

    >>> str(BarRanges.of([8, 5, 6, 7, 13]))
    '5-8, 13'
    """

    ranges: tuple[tuple[int, int], ...]
    """First and last bar of each run, from 1, rising and apart."""

    @classmethod
    def of(cls, numbers: Iterable[int]) -> "BarRanges":
        """The ranges of some bars."""
        runs: list[tuple[int, int]] = []
        for number in sorted(set(numbers)):
            if runs and runs[-1][1] == number - 1:
                runs[-1] = (runs[-1][0], number)
            else:
                runs.append((number, number))
        return cls(tuple(runs))

    @property
    def numbers(self) -> tuple[int, ...]:
        """All bars, from 1."""
        return tuple(bar for first, last in self.ranges for bar in range(first, last + 1))

    def __str__(self) -> str:
        return ", ".join(f"{a}" if a == b else f"{a}-{b}" for a, b in self.ranges)


def parse_bar_ranges(text: str) -> BarRanges:
    """The bars that a text names; PartimentoError with what it must be.

    >>> parse_bar_ranges("13, 5-7 6-8").ranges
    ((5, 8), (13, 13))
    """
    parts = [part.strip() for part in re.split(r"[,;]|(?<=\d)\s+(?=\d)", text) if part.strip()]
    numbers: set[int] = set()
    for part in parts:
        found = _RANGE.fullmatch(part)
        if not found:
            raise PartimentoError(f"must be bars such as 5-8 or 3, got {part!r}")
        first, last = int(found[1]), int(found[2] or found[1])
        if not 1 <= first <= last <= MAX_BAR:
            raise PartimentoError(f"must be bars from 1 on, the lower one first, got {part!r}")
        numbers.update(range(first, last + 1))
    if not numbers:
        raise PartimentoError(f"must name a bar, such as 5-8, got {text!r}")
    return BarRanges.of(numbers)
