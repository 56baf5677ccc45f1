"""New bars of any meter, written as bars that tokens have: 7/8 is a bar of 2/4 and one of 3/8.

The tokens know twelve meters. A bar of another one is written as several of their bars, or
several bars together as one (two of 5/8 are 5/4). The notes do not know: they are put back into
bars of the piece's own meters, and counted in these.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from partimento.music.bars import Bar
from partimento.music.score import GRID_TICKS_PER_QUARTER, Chord, Meter
from partimento.tokenizer.rebar import pad, tile

_MAX_JOINED_BARS = 8
_LONGEST_PATTERN = 4
"""Bars in which a regular change of meters comes round."""

_UNIT = GRID_TICKS_PER_QUARTER // 2

TimeSignature = tuple[int, int]
"""Numerator and denominator."""


@dataclass(frozen=True, slots=True)
class BarGroups:
    """So many new bars, as the tokens have them. All ticks are grid ticks from the first one."""

    bars: tuple[TimeSignature, ...]
    """Meter of each new bar."""
    written: tuple[TimeSignature, ...]
    """Meter of each bar of the tokens."""

    @property
    def ends(self) -> tuple[int, ...]:
        """Tick at which each new bar ends."""
        return _ends(self.bars)

    @property
    def written_ends(self) -> tuple[int, ...]:
        """Tick at which each bar of the tokens ends."""
        return _ends(self.written)

    def bars_within(self, count: int) -> int:
        """How many new bars are whole when so many bars of the tokens are finished."""
        if count >= len(self.written):
            return len(self.bars)
        tick = self.written_ends[count - 1] if count > 0 else 0
        return sum(end <= tick for end in self.ends)

    def bar_of(self, index: int) -> int:
        """The new bar in which a bar of the tokens starts."""
        start = self.written_ends[index - 1] if index else 0
        return min(sum(end <= start for end in self.ends), len(self.bars) - 1)

    def regroup(self, chords: Sequence[Sequence[Chord]]) -> list[list[Chord]]:
        """The chords of each new bar as those of each bar of the tokens, cut at their bar lines."""
        starts = (0, *self.ends[:-1])
        spans = [
            (start + chord.onset, start + chord.onset + chord.duration, chord)
            for start, found in zip(starts, chords, strict=True)
            for chord in found
        ]
        result: list[list[Chord]] = []
        for start, end in zip((0, *self.written_ends[:-1]), self.written_ends, strict=True):
            cut = [(max(a, start), min(b, end), c) for a, b, c in spans if a < end and b > start]
            result.append([Chord(a - start, b - a, c.root, c.quality) for a, b, c in cut])
        return result


def group_bars(bars: Sequence[TimeSignature]) -> BarGroups:
    """Write bars as bars that tokens have: each alone, else with the next ones, else filled up."""
    written: list[TimeSignature] = []
    waiting: list[TimeSignature] = []
    for index, bar in enumerate(bars):
        waiting.append(bar)
        length = sum(map(_length, waiting))
        fit = tile(length, _UNIT, bar)
        if not fit and (index + 1 == len(bars) or len(waiting) == _MAX_JOINED_BARS):
            # At the end, or for a meter such as 1/64 that never fits, silence fills it up.
            fit = pad(Bar(0, length, bar), _UNIT)
        if fit:
            written += [meter for _, meter in fit]
            waiting = []
    return BarGroups(tuple(bars), tuple(written))


def next_bars(kept: Sequence[Bar], count: int) -> list[TimeSignature]:
    """The meters of so many bars after these: the last one's, or their regular change goes on.

    One last bar alone that is shorter than the bars before it closes a piece (its upbeat
    has the rest of the bar); it is not the meter to go on in.
    """
    meters = [bar.meter for bar in kept]
    for period in range(2, _LONGEST_PATTERN + 1):
        pattern, before = meters[-period:], meters[-2 * period : -period]
        if pattern == before and len(set(pattern)) > 1 and len(meters) >= 2 * period:
            return [pattern[index % period] for index in range(count)]
    is_alone = len(meters) >= 3 and meters[-3] == meters[-2] != meters[-1]
    if is_alone and _length(meters[-1]) < _length(meters[-2]):
        return [meters[-2]] * count
    return [meters[-1]] * count


def _length(meter: TimeSignature) -> int:
    return Meter(0, *meter).bar_ticks(GRID_TICKS_PER_QUARTER)


def _ends(meters: Sequence[TimeSignature]) -> tuple[int, ...]:
    ends, tick = [], 0
    for meter in meters:
        tick += _length(meter)
        ends.append(tick)
    return tuple(ends)
