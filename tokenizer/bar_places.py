"""Where the bars of a file stand among those of its tokens, and back from there.

The tokens know twelve meters: a bar of 7/8 is two of theirs, an upbeat has silence in front.
"""

from bisect import bisect_right
from dataclasses import dataclass, replace
from itertools import accumulate
from math import lcm

from partimento.errors import MidiError
from partimento.music.bars import Bar, bar_starts
from partimento.music.midi.writer import MAX_TICKS_PER_QUARTER
from partimento.music.score import GRID_TICKS_PER_QUARTER, Note, Score, Track
from partimento.tokenizer.quantize import quantize
from partimento.tokenizer.rebar import fit_bars


@dataclass(frozen=True, slots=True)
class BarPlaces:
    """The bars of a score, and those that its tokens have. Grid ticks are the tokens'."""

    bars: tuple[Bar, ...]
    """Those of the score, in its ticks."""
    ticks_per_quarter: int
    """Of the score."""
    starts: tuple[int, ...]
    """Grid tick at which each bar of the score begins."""
    lengths: tuple[int, ...]
    """Of each in grid ticks, without silence that fills it up."""
    token_starts: tuple[int, ...]
    """Grid tick at which each bar of the tokens begins, and the end of the last one."""

    def token_bars(self, bar: int) -> range:
        """Indices of the tokens' bars that a bar of the score, by index, is written in."""
        first = bisect_right(self.token_starts, self.starts[bar]) - 1
        end = self.starts[bar] + self.lengths[bar]
        last = bisect_right(self.token_starts, end - 1) - 1
        return range(max(first, 0), min(last, len(self.token_starts) - 2) + 1)

    def bar_at(self, tick: int) -> int | None:
        """Index of the score's bar at a grid tick; None in silence that fills a bar up."""
        bar = bisect_right(self.starts, tick) - 1
        return bar if bar >= 0 and tick < self.starts[bar] + self.lengths[bar] else None

    @property
    def resolution(self) -> int:
        """Ticks a quarter that hold both the score's ticks and the grid's."""
        common = lcm(self.ticks_per_quarter, GRID_TICKS_PER_QUARTER)
        return common if common <= MAX_TICKS_PER_QUARTER else self.ticks_per_quarter

    def placed(self, note: Note) -> Note | None:
        """A note of the grid where the score has it, in ticks of `resolution`."""
        bar = self.bar_at(note.onset)
        if bar is None:
            return None
        start = self.bars[bar].start * self.resolution // self.ticks_per_quarter
        onset = start + self._scaled(note.onset - self.starts[bar])
        end = start + self._scaled(note.onset - self.starts[bar] + note.duration)
        return replace(note, onset=onset, duration=max(1, end - onset))

    def _scaled(self, grid_ticks: int) -> int:
        return round(grid_ticks * self.resolution / GRID_TICKS_PER_QUARTER)


def place_bars(score: Score) -> BarPlaces:
    """The bars of a score with notes, in it and in its tokens; MidiError without any."""
    bars = bar_starts(score)
    if not bars:
        raise MidiError("no notes found; give a piece with at least one note")
    # Bars are quantised as the piece is; a note in the last one stands for all.
    outline = replace(score, tracks=(Track((Note(bars[-1].start, 60, 1),)),), chords=())
    source = bar_starts(quantize(outline)[0])
    fitted = fit_bars(source, GRID_TICKS_PER_QUARTER)
    return BarPlaces(
        bars=tuple(bars),
        ticks_per_quarter=score.ticks_per_quarter,
        starts=tuple(fitted.moved(bar.start) for bar in source),
        lengths=tuple(bar.length for bar in source),
        token_starts=tuple(accumulate((length for length, _ in fitted.written), initial=0)),
    )
