"""How a piece is made, in figures that can be compared with those of other music of its style.

N notes, T times of a grid, L lines
"""

import math
from bisect import bisect_right
from itertools import combinations
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from partimento.music.attributes import ATTRIBUTES, measure_score
from partimento.music.bars import bar_starts
from partimento.music.chord_qualities import STEPS_OF_QUALITY
from partimento.music.score import Note, Score

Pitches = npt.NDArray[np.int64]
_MAJOR, _MINOR = frozenset((0, 2, 4, 5, 7, 9, 11)), frozenset((0, 2, 3, 5, 7, 8, 10, 11))
_PERFECT = (0, 7)
"""Octaves and fifths, in semitones within the octave."""


class Workmanship(NamedTuple):
    """Figures of a piece; NaN where there is nothing to measure, as in drums."""

    in_key: float
    """Share of the pitched notes in the scale of the key in force; minor has both sevenths."""
    in_chord: float
    """Share of the pitched notes that begin on a beat of a labelled chord and belong to it."""
    parallels: float
    """Perfect fifths and octaves in a row between two lines that both move, a bar."""
    repetition: float
    """How alike each bar is to the likest of the sixteen before it, on average: F1 of the onsets
    of sixteenths and pitch classes."""
    silence: float
    """Share of the time in which nothing sounds, from the first bar to the last note's end."""
    density: float
    """Notes a quarter."""
    polyphony: float
    """Pitches that sound at once, where any does."""


def examine(score: Score) -> Workmanship:
    """The figures of a score on the token grid, a track for each line."""
    bars = len(bar_starts(score))
    lines = [track.notes for track in score.tracks if not track.is_drum and track.notes]
    every = [note for track in score.tracks for note in track.notes]
    if not every:
        return Workmanship(*[math.nan] * len(Workmanship._fields))
    pitched = [note for line in lines for note in line]
    plain = dict(zip(ATTRIBUTES, measure_score(score).tolist(), strict=True))
    return Workmanship(
        in_key=_in_key(score, pitched),
        in_chord=_in_chord(score, pitched),
        parallels=_parallels(lines) / bars if len(lines) > 1 else math.nan,
        repetition=plain["repetition"],
        silence=_silence(every),
        density=plain["density"],
        polyphony=plain["polyphony"],
    )


def _in_key(score: Score, notes: list[Note]) -> float:
    if not notes or not score.keys:
        return math.nan
    starts = [key.tick for key in score.keys]
    inside = 0
    for note in notes:
        key = score.keys[max(0, bisect_right(starts, note.onset) - 1)]
        inside += (note.pitch - key.tonic) % 12 in (_MINOR if key.is_minor else _MAJOR)
    return inside / len(notes)


def _in_chord(score: Score, notes: list[Note]) -> float:
    chords = sorted(score.chords, key=lambda chord: chord.onset)
    starts = [chord.onset for chord in chords]
    inside = count = 0
    for note in notes:
        if note.onset % score.ticks_per_quarter:
            continue
        place = bisect_right(starts, note.onset) - 1
        chord = chords[place] if place >= 0 else None
        if chord is None or chord.root is None or note.onset >= chord.onset + chord.duration:
            continue
        count += 1
        inside += (note.pitch - chord.root) % 12 in STEPS_OF_QUALITY[chord.quality]
    return inside / count if count else math.nan


def _parallels(lines: list[tuple[Note, ...]]) -> int:
    """How often two lines move together from one fifth to another, or from octave to octave."""
    times = np.array(sorted({note.onset for line in lines for note in line}), np.int64)
    pitches = np.full((len(lines), len(times)), -1, np.int64)  # (L, T) that sound, -1: none
    begins = np.zeros((len(lines), len(times)), bool)
    for number, line in enumerate(lines):
        for note in line:  # of notes that begin together the highest one comes last
            first, end = np.searchsorted(times, (note.onset, note.onset + note.duration))
            pitches[number, first:end] = note.pitch
            begins[number, first] = True
    found = 0
    for one, other in combinations(range(len(lines)), 2):
        both = (pitches[one] >= 0) & (pitches[other] >= 0)
        interval = np.where(both, (pitches[one] - pitches[other]) % 12, -1)
        moved = (
            begins[one, 1:]
            & begins[other, 1:]
            & (pitches[one, 1:] != pitches[one, :-1])
            & (pitches[other, 1:] != pitches[other, :-1])
        )
        same = np.isin(interval[1:], _PERFECT) & (interval[1:] == interval[:-1])
        found += int((moved & same).sum())
    return found


def _silence(notes: list[Note]) -> float:
    end = max(note.onset + note.duration for note in notes)
    sounding = np.zeros(end + 1, np.int64)
    np.add.at(sounding, [note.onset for note in notes], 1)
    np.add.at(sounding, [note.onset + note.duration for note in notes], -1)
    return float((np.cumsum(sounding)[:-1] == 0).mean())
