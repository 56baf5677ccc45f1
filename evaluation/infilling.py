"""How near bars that were written anew come to those that stood there.

The measures are those of published work on infilling, as far as these define them: note F1 (M.
Malandro, "Composer's Assistant 2", ISMIR 2024), content preservation (W. T. Lu and L. Su,
"Transferring the style of homophonic music", ISMIR 2018), groove similarity and the entropy of
pitch classes (S.-L. Wu and Y.-H. Yang, "The Jazz Transformer on the front line", ISMIR 2020).
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from partimento.music.bars import bar_starts
from partimento.music.continuation import until_tick
from partimento.music.score import Note, Score
from partimento.music.timeline import from_tick

GROOVE_POSITIONS = 64
"""Places in a bar at which a note may start, for the groove."""
HALF = 2
"""Chroma vectors of a bar."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Nearness:
    """New bars beside the original ones."""

    note_f1: float
    """Harmonic mean of precision and recall of notes with the same onset and pitch."""
    groove_similarity: float
    """1 - share of 64 places in a bar at which only one of the two has an onset."""
    entropy_difference: float
    """Of the pitch classes, in bits, without its sign."""
    content_preservation: float
    """Cosine of the chroma of half bars, each averaged with its neighbours."""
    notes_per_bar: float
    """Of the new bars."""


@dataclass(frozen=True, slots=True)
class Passage:
    """The notes of some bars."""

    notes: tuple[tuple[Note, bool], ...]
    """With whether each is a drum; onsets from the start of the first bar."""
    starts: tuple[int, ...]
    """First tick of each bar, and the end of the last one."""

    @property
    def pitched(self) -> list[Note]:
        """The notes that are no drums."""
        return [note for note, is_drum in self.notes if not is_drum]


def passage(score: Score, bars: Sequence[int], track: int | None = None) -> Passage:
    """Some bars of a score, by index and in a row, of one track or of all."""
    found = bar_starts(score)
    last = found[bars[-1]]
    first = found[bars[0]].start
    starts = [found[bar].start - first for bar in bars] + [last.start + last.length - first]
    tracks = score.tracks if track is None else score.tracks[track : track + 1]
    notes = [
        (replace(note, onset=note.onset - first), each.is_drum)
        for each in tracks
        for note in each.notes
        if first <= note.onset < first + starts[-1]
    ]
    return Passage(tuple(sorted(notes)), tuple(starts))


def nearness(new: Passage, original: Passage) -> Nearness:
    """Measure new bars beside the original ones; NaN for what both have nothing of."""
    return Nearness(
        note_f1=note_f1(new, original),
        groove_similarity=_groove_similarity(new, original),
        entropy_difference=abs(_entropy(new.pitched) - _entropy(original.pitched)),
        content_preservation=_content_preservation(new, original),
        notes_per_bar=len(new.notes) / (len(new.starts) - 1),
    )


def note_f1(new: Passage, original: Passage) -> float:
    """Harmonic mean of precision and recall of notes by onset and pitch; 1 for two silences."""
    first, second = (
        Counter((note.onset, note.pitch, is_drum) for note, is_drum in each.notes)
        for each in (new, original)
    )
    common = sum((first & second).values())
    count = first.total() + second.total()
    return 2 * common / count if count else 1.0


def _groove_similarity(new: Passage, original: Passage) -> float:
    first, second = _grooves(new), _grooves(original)
    return float(1 - (first != second).mean())


def _grooves(each: Passage) -> npt.NDArray[np.bool_]:
    """(bars, GROOVE_POSITIONS) whether a note starts there."""
    grooves = np.zeros((len(each.starts) - 1, GROOVE_POSITIONS), np.bool_)
    for bar, start in enumerate(each.starts[:-1]):
        length = each.starts[bar + 1] - start
        places = [
            (note.onset - start) * GROOVE_POSITIONS // length
            for note, _ in each.notes
            if start <= note.onset < start + length
        ]
        grooves[bar, places] = True
    return grooves


def _entropy(notes: Iterable[Note]) -> float:
    """Of the pitch classes, in bits; 0 without notes."""
    counts = np.bincount([note.pitch % 12 for note in notes] or [0], minlength=12)
    shares = counts[counts > 0] / counts.sum()
    return float(-(shares * np.log2(shares)).sum())


def _content_preservation(new: Passage, original: Passage) -> float:
    first, second = _chroma(new), _chroma(original)
    norms = np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1)
    heard = (np.linalg.norm(second, axis=1) > 0) | (np.linalg.norm(first, axis=1) > 0)
    if not heard.any():
        return math.nan
    products = (first * second).sum(axis=1)
    return float((products[heard] / np.maximum(norms[heard], 1e-12)).mean())


def _chroma(each: Passage) -> Floats:
    """(half bars, 12) time that each pitch class starts with, averaged over neighbours."""
    counts = np.zeros((HALF * (len(each.starts) - 1), 12))
    for note in each.pitched:
        bar = int(np.searchsorted(each.starts, note.onset, side="right")) - 1
        length = each.starts[bar + 1] - each.starts[bar]
        half = HALF * bar + HALF * (note.onset - each.starts[bar]) // length
        counts[half, note.pitch % 12] += 1
    padded = np.pad(counts, ((1, 1), (0, 0)))
    means: Floats = (padded[:-2] + padded[1:-1] + padded[2:]) / 3
    return means


def excerpt(score: Score, first: int, count: int) -> Score:
    """So many bars of a score from a bar on, by index, as a piece of their own."""
    bars = bar_starts(score)
    end = bars[first + count - 1].start + bars[first + count - 1].length
    return from_tick(until_tick(score, end), bars[first].start)
