"""The notes of a piece as columns of numbers, for what counts and adds them up.

N notes.
"""

from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from partimento.music.bars import Bar
from partimento.music.instruments import DRUMS, INSTRUMENT_OF_PROGRAM
from partimento.music.score import Score

Ints = npt.NDArray[np.int64]


class Notes(NamedTuple):
    """Notes; every column is (N,)."""

    bar: Ints
    """Number of the bar in which it starts."""
    tick: Ints
    """From the bar's start."""
    ticks: Ints
    """Length."""
    pitch: Ints
    """MIDI note number; the drum key of a drum."""
    velocity: Ints
    """1..127."""
    instrument: Ints
    """Index into INSTRUMENTS."""
    line: Ints
    """Number of the line or track that it belongs to."""


def tabulate(score: Score, bars: Sequence[Bar]) -> Notes:
    """The notes of a score track by track; bars are those of `bar_starts`."""
    starts = [bar.start for bar in bars]
    rows = []
    for line, track in enumerate(score.tracks):
        instrument = DRUMS if track.is_drum else INSTRUMENT_OF_PROGRAM[track.program]
        for note in track.notes:
            bar = bisect_right(starts, note.onset) - 1
            tick = note.onset - starts[bar]
            rows.append((bar, tick, note.duration, note.pitch, note.velocity, instrument, line))
    return Notes(*np.array(rows, np.int64).reshape(-1, len(Notes._fields)).T)
