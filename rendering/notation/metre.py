"""The shape of a bar: how strong each tick is, and which notes beams join.

All times are ticks of the token grid, 24 a quarter, counted from the bar line.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

from partimento.music.metre import is_compound

WEAK = 99
"""Level of a tick where no part of the meter begins."""
_GROUPS = {5: (3, 2), 7: (2, 2, 3), 8: (4, 4), 11: (3, 3, 3, 2), 13: (3, 3, 3, 2, 2)}
_SHORTEST = 3
"""A thirty-second."""
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
    offset = max(0, full - length) if is_upbeat else 0
    end = offset + length
    tree = list(_divisions(0, numerator, unit, 0))
    beats, spans = _beam_edges(meter, unit, offset)

    def inside(ticks: list[int]) -> tuple[int, ...]:
        return (0, *(tick - offset for tick in ticks if offset < tick < end), length)

    levels = _levels(tree, max(length, full))[offset : end + 1]
    levels[0] = levels[-1] = 0
    dotted = [p.level for p in tree if p.units == 3 and is_compound(meter)]
    return Metre(
        levels=tuple(levels),
        parts=frozenset(
            (p.start - offset, p.end - offset) for p in tree if p.start >= offset and p.end <= end
        ),
        beat_level=dotted[-1] if dotted else None,
        beats=inside(beats),
        spans=inside(spans),
        offset=offset,
        unit=unit,
    )


class _Division(NamedTuple):
    """A part of a full bar."""

    start: int
    end: int
    level: int
    units: int
    """Units of the meter that it holds; 0 below them."""


def _divisions(start: int, count: int, unit: int, level: int) -> Iterator[_Division]:
    """Yield a stretch of so many units and all its parts, down to sixteenths' halves."""
    if count == 1:
        yield from _halves(start, unit, level)
        return
    yield _Division(start, start + count * unit, level, count)
    for size in _groups(count):
        yield from _divisions(start, size, unit, level + 1)
        start += size * unit


def _halves(start: int, ticks: int, level: int) -> Iterator[_Division]:
    """Yield a stretch, its halves and theirs, as far as thirty-seconds."""
    yield _Division(start, start + ticks, level, 0)
    if ticks % 2 == 0 and ticks >= 2 * _SHORTEST:
        yield from _halves(start, ticks // 2, level + 1)
        yield from _halves(start + ticks // 2, ticks // 2, level + 1)


def _levels(tree: list[_Division], length: int) -> list[int]:
    """The level of each tick of a full bar: the lowest of the parts that begin there."""
    levels = [WEAK] * (length + 1)
    for part in tree:
        levels[part.start] = min(levels[part.start], part.level)
    return levels


def _beam_edges(meter: tuple[int, int], unit: int, offset: int) -> tuple[list[int], list[int]]:
    """First ticks of what beams may join in a full bar, of anything and of plain eighths."""
    numerator, denominator = meter
    full = numerator * unit
    groups = [0, *accumulate(size * unit for size in _flat_groups(numerator))]
    beats = groups if denominator > 4 else [*range(0, full, _BEAT), full]
    spans = groups if denominator >= 4 else [*range(0, full, 2 * _BEAT), full]
    if offset not in spans:  # in an upbeat that begins within a span the beats count
        first = min(span for span in spans if span > offset)
        spans = sorted({*spans, *(beat for beat in beats if offset < beat < first)})
    return beats, spans


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
