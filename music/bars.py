"""Bar lines: where the bars of a score stand."""

from typing import NamedTuple

from partimento.errors import MidiError
from partimento.music.score import Meter, Score

MAX_BARS = 20_000
"""A piece with more bars is a damaged file."""


class Bar(NamedTuple):
    """One bar; `length` differs from its meter's where a new meter cuts it short."""

    start: int
    """First tick."""
    length: int
    """In ticks."""
    meter: tuple[int, int]
    """Numerator and denominator."""


def bar_starts(score: Score) -> list[Bar]:
    """List the bars from tick 0 to the one in which the last note starts.

    Before the first meter 4/4 is assumed. Raises MidiError beyond MAX_BARS.

    >>> bar_starts(Score(24, (), meters=(Meter(0, 3, 4),)))
    []
    """
    last_onset = max((t.notes[-1].onset for t in score.tracks if t.notes), default=-1)
    meters = score.meters
    if not meters or meters[0].tick > 0:
        meters = (Meter(0, 4, 4), *meters)
    bars: list[Bar] = []
    for index, meter in enumerate(meters):
        is_last = index + 1 == len(meters)
        end = last_onset + 1 if is_last else meters[index + 1].tick
        full = max(1, meter.bar_ticks(score.ticks_per_quarter))
        for start in range(meter.tick, min(end, last_onset + 1), full):
            length = full if is_last else min(full, end - start)
            bars.append(Bar(start, length, (meter.numerator, meter.denominator)))
            if len(bars) > MAX_BARS:
                raise MidiError(f"more than {MAX_BARS:,} bars; cut the file or mend its meters")
    return bars
