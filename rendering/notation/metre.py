"""The shape of a bar: how strong each tick is, and which notes beams join.

All times are ticks of the token grid, 24 a quarter, counted from the bar line.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

from partimento.music.metre import is_compound

WEAK = 99
"""Level of a tick where no part of the meter begins."""
_GROUPS = {5: (3, 2), 7: (2, 2, 3), 8: (4, 4), 11: (3, 3, 3, 2), 13: (3, 3, 3, 2, 2)}
_BEAT = 24
"""A quarter: the longest group of sixteenths in meters of quarters and halves."""


@dataclass(frozen=True, slots=True)
class Metre:
    """A bar of a meter, whole or cut short."""

    levels: tuple[int, ...]
    """For each tick from the bar line to the end: 0 is the bar line, 1 its main parts, ..."""
    parts: frozenset[tuple[int, int]]
    """First and end tick of the bar, its main parts, their parts, ..."""
    beat_level: int | None
    """Level of the dotted beats of a compound meter, else None."""
    beats: tuple[int, ...]
    """First ticks of the groups that a beam may join, and the end of the bar."""
    spans: tuple[int, ...]
    """The same for groups of plain eighths, which may hold several beats."""
    offset: int
    """Ticks of the full bar that are missing in front, as before an upbeat."""
    unit: int
    """Ticks of the meter's unit."""


@lru_cache(maxsize=512)
def metre_of(meter: tuple[int, int], length: int, is_upbeat: bool = False) -> Metre:
    """The shape of a bar of `length` ticks; a shorter one lacks its end, an upbeat its start."""
    numerator, denominator = meter
    unit = max(1, 96 // denominator)
    full = numerator * unit
    levels = [WEAK] * (max(length, full) + 1)
    parts: list[tuple[int, int]] = []
    beat_level = None

    def mark(start: int, count: int, level: int) -> None:
        nonlocal beat_level
        if is_compound(meter) and count == 3:
            beat_level = level
        if count == 1:
            halve(start, unit, level)
            return
        levels[start] = min(levels[start], level)
        parts.append((start, start + count * unit))
        for size in _groups(count):
            mark(start, size, level + 1)
            start += size * unit

    def halve(start: int, ticks: int, level: int) -> None:
        levels[start] = min(levels[start], level)
        parts.append((start, start + ticks))
        if ticks % 2 == 0 and ticks >= 6:
            halve(start, ticks // 2, level + 1)
            halve(start + ticks // 2, ticks // 2, level + 1)

    mark(0, numerator, 0)
    offset = max(0, full - length) if is_upbeat else 0
    end = offset + length
    groups = [0, *accumulate(size * unit for size in _flat_groups(numerator))]
    beats = groups if denominator > 4 else [*range(0, full, _BEAT), full]
    spans = groups if denominator >= 4 else [*range(0, full, 2 * _BEAT), full]

    if offset not in spans:  # in an upbeat that begins within a span the beats count
        first = min(span for span in spans if span > offset)
        spans = sorted({*spans, *(beat for beat in beats if offset < beat < first)})

    def inside(ticks: list[int]) -> tuple[int, ...]:
        return (0, *(tick - offset for tick in ticks if offset < tick < end), length)

    shown = levels[offset : end + 1]
    shown[0] = shown[-1] = 0
    return Metre(
        tuple(shown),
        frozenset((a - offset, b - offset) for a, b in parts if a >= offset and b <= end),
        beat_level,
        inside(beats),
        inside(spans),
        offset,
        unit,
    )


def _groups(count: int) -> tuple[int, ...]:
    """Main parts of a bar, or of a part of one, with this many units."""
    if count in _GROUPS:
        return _GROUPS[count]
    if count in (2, 3):
        return (1,) * count
    if count % 2 == 0:
        return (count // 2, count // 2)
    return (3,) * (count // 3) if count % 3 == 0 else (2, count - 2)


def _flat_groups(count: int) -> Iterator[int]:
    """Sizes of the parts of two or three units, in a row."""
    if count <= 3:
        yield count
        return
    for size in _groups(count):
        yield from _flat_groups(size)
