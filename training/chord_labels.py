"""The corpus' chord files: JSON lists of [onset_quarters, length_quarters, label]."""

import json
from itertools import pairwise
from pathlib import Path

from partimento.errors import PartimentoError
from partimento.music.chord_symbols import parse_chord
from partimento.music.score import GRID_TICKS_PER_QUARTER, Chord


def read_chords(path: Path, ticks_per_quarter: int = GRID_TICKS_PER_QUARTER) -> tuple[Chord, ...]:
    """The labels of a chord file, gaps filled with 'no chord', equal neighbours merged.

    A label ends where the next one starts, if not before. Empty when the file names fewer than
    two different chords: that is a stray mark in a score, not its harmony. ValueError names the
    file when it is not a chord file.
    """
    try:
        rows = [
            (round(onset * ticks_per_quarter), round((onset + length) * ticks_per_quarter), label)
            for onset, length, label in json.loads(path.read_text("utf-8"))
        ]
        labels = [(start, end, parse_chord(label).chord) for start, end, label in rows]
    except (TypeError, ValueError, AttributeError) as error:
        raise PartimentoError(f"{path}: {error}; expected [[onset, length, label], ...]") from error
    if len({chord for _, _, chord in labels if chord}) < 2:
        return ()
    labels.sort(key=lambda row: row[0])
    ends = [min(end, following) for (_, end, _), (following, _, _) in pairwise(labels)]
    spans: list[tuple[int, int, tuple[int, str] | None]] = []
    for (start, _, chord), end in zip(labels, [*ends, labels[-1][1]], strict=True):
        filled = spans[-1][1] if spans else 0
        for span in ((filled, start, None), (start, end, chord)):
            if span[1] <= span[0]:
                continue
            if spans and spans[-1][2] == span[2]:
                spans[-1] = (spans[-1][0], span[1], span[2])
            else:
                spans.append(span)
    return tuple(Chord(a, b - a, *(chord or (None, ""))) for a, b, chord in spans)
