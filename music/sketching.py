"""From a score to its sketch."""

import numpy as np

from partimento.music.bars import bar_starts
from partimento.music.note_tables import tabulate
from partimento.music.score import Score
from partimento.music.sketch import Sketch, gather_values


def sketch_score(score: Score) -> Sketch:
    """The sketch of all bars of a score, of whatever resolution, with their meters.

    Onsets are taken as they are: quantise a performance first. MidiError as bar_starts.
    """
    bars = bar_starts(score)
    lengths = np.array([bar.length for bar in bars], np.int64)
    values = gather_values(tabulate(score, bars), lengths)
    return Sketch.of_values(values, tuple(bar.meter for bar in bars))
