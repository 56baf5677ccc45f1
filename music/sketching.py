"""From a score to its sketch."""

from bisect import bisect_right

import numpy as np

from partimento.music.bars import bar_starts
from partimento.music.instruments import DRUMS, INSTRUMENT_OF_PROGRAM
from partimento.music.score import Score
from partimento.music.sketch import SLOTS, BarNotes, Sketch, gather_values


def sketch_score(score: Score) -> Sketch:
    """The sketch of all bars of a score, of whatever resolution, with their meters.

    Onsets are taken as they are: quantise a performance first. MidiError as bar_starts.
    """
    bars = bar_starts(score)
    starts = [bar.start for bar in bars]
    rows = []
    for track in score.tracks:
        instrument = DRUMS if track.is_drum else INSTRUMENT_OF_PROGRAM[track.program]
        for note in track.notes:
            number = bisect_right(starts, note.onset) - 1
            bar = bars[number]
            slot = min((note.onset - bar.start) * SLOTS // bar.length, SLOTS - 1)
            share = note.duration / bar.length
            rows.append((number, slot, note.pitch, instrument, note.velocity, share))
    table = np.array(rows, np.float64).reshape(-1, 6)
    number, slot, pitch, played, velocity = table[:, :5].astype(np.int64).T
    notes = BarNotes(number, slot, pitch, played, velocity, table[:, 5])
    meters = tuple(bar.meter for bar in bars)
    return Sketch.of_values(gather_values(notes, len(bars)), meters)
