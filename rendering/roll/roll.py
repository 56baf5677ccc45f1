"""A piano roll laid out, before pixels or characters: systems of bars with their rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from partimento.music.bars import Bar
from partimento.music.score import Score
from partimento.rendering.drum_kit import drum, kit_order
from partimento.rendering.roll.contents import Contents, Line, read_contents

MIN_ROWS = 19
"""Pitches that a system shows at least."""
_BARS_A_SYSTEM = (16, 12, 8, 6, 4, 3, 2, 1)


@dataclass(frozen=True, slots=True)
class System:
    """Bars that stand beside each other."""

    first_bar: int
    """Index of the first bar, 0 at the beginning of the piece."""
    bars: tuple[Bar, ...]
    lowest: int
    """Lowest pitch with a row; above `highest` when only drums play."""
    highest: int
    drums: tuple[str, ...]
    """Names of the drum rows, the lowest first."""

    @property
    def start(self) -> int:
        """First tick."""
        return self.bars[0].start

    @property
    def end(self) -> int:
        """First tick after the last bar."""
        return self.bars[-1].start + self.bars[-1].length


@dataclass(frozen=True, slots=True)
class Roll:
    """A piano roll."""

    contents: Contents
    systems: tuple[System, ...]


def build_roll(score: Score, quarters_a_system: float) -> Roll:
    """Lay a score out in systems of about this many quarters.

    RenderingError for a score without notes.
    """
    contents = read_contents(score)
    rows = _rows(contents.bars, score.ticks_per_quarter, quarters_a_system)
    return Roll(contents, tuple(_system(first, row, contents.lines) for first, row in rows))


def _rows(
    bars: Sequence[Bar], quarter: int, quarters_a_system: float
) -> Iterator[tuple[int, tuple[Bar, ...]]]:
    """Cut the bars into rows of a musical number of bars that is not too wide."""
    room = quarters_a_system * quarter
    usual = sorted(bar.length for bar in bars)[len(bars) // 2]
    count = next((n for n in _BARS_A_SYSTEM if n * usual <= room), 1)
    first = 0
    while first < len(bars):
        taken = 1
        width = bars[first].length
        # Longer bars among the usual ones may widen a row by a quarter.
        while first + taken < len(bars) and taken < count:
            width += bars[first + taken].length
            if width > 1.25 * room:
                break
            taken += 1
        yield first, tuple(bars[first : first + taken])
        first += taken


def _system(first: int, bars: tuple[Bar, ...], lines: Sequence[Line]) -> System:
    """The rows that a system needs, with a margin and at least an octave and a half."""
    start, end = bars[0].start, bars[-1].start + bars[-1].length
    pitches = [
        n.pitch
        for line in lines
        for n in line.notes
        if not line.is_drum and n.onset < end and n.onset + n.duration > start
    ]
    keys = {
        n.pitch for line in lines for n in line.notes if line.is_drum and start <= n.onset < end
    }
    names = dict.fromkeys(drum(key).name for key in sorted(keys, key=kit_order))
    lowest, highest = min(pitches, default=128), max(pitches, default=0)
    if pitches:
        missing = max(2, MIN_ROWS - 1 - (highest - lowest))
        lowest, highest = max(0, lowest - missing // 2), min(127, highest + (missing + 1) // 2)
    return System(first, bars, lowest, highest, tuple(names))
