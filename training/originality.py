"""What pieces have in common with the training music: passages of a line, in any key.

A passage is a run of notes in one line, ordered by onset and downwards within a chord, with the
times and intervals between them; how long each note is held does not count. Strummed chords,
drones and repeated notes are in all music: a passage whose steps are mostly the same few is none
of its own and does not count, nor do drums, which play patterns.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from partimento.tokenizer.score import Score

LENGTHS = (8, 12, 16, 24, 32, 48, 64)
"""Notes of the passages that are looked for."""
DIFFERENT_STEPS = 4
"""Of this many steps of a passage, one at least must be unlike all its others."""

_Hashes = npt.NDArray[np.uint64]
_BASE = 0x9E3779B97F4A7C15
_INVERSE = pow(_BASE, -1, 1 << 64)


@dataclass(frozen=True, slots=True)
class Likeness:
    """What one piece has in common with the training music."""

    longest: int
    """Notes of its longest shared passage, one of LENGTHS; 0 when it shares none."""
    shares: tuple[float, ...]
    """For each of LENGTHS, the share of its pitched notes in shared passages of that length; NaN
    when it has no pitched notes."""


class _Line(NamedTuple):
    """The passages of one line, by length: hash and first note of each that counts."""

    notes: int
    passages: dict[int, tuple[_Hashes, npt.NDArray[np.int64]]]


def measure_likeness(scores: Sequence[Score], training: Iterable[Score]) -> list[Likeness]:
    """Compare each score with all training scores; all on one grid of time.

    The training scores are read once, one by one. 64-bit hashes are compared, not notes.
    """
    pieces = [[_own_passages(steps) for steps in _lines(score)] for score in scores]
    known = {
        length: np.unique(_joined(line.passages[length][0] for lines in pieces for line in lines))
        for length in LENGTHS
    }
    shared = {length: np.zeros(len(hashes), bool) for length, hashes in known.items()}
    for score in training:
        for steps in _lines(score):
            for length in LENGTHS:
                found = _hashes(steps, length)
                place = np.searchsorted(known[length], found)
                is_inside = place < len(known[length])
                place, found = place[is_inside], found[is_inside]
                shared[length][place[known[length][place] == found]] = True
    return [_likeness(lines, known, shared) for lines in pieces]


def _likeness(
    lines: list[_Line],
    known: dict[int, _Hashes],
    shared: dict[int, npt.NDArray[np.bool_]],
) -> Likeness:
    counts = dict.fromkeys(LENGTHS, 0)
    for line in lines:
        for length, (hashes, first) in line.passages.items():
            # +1 where a shared passage begins, -1 behind its end: inside, the sum is above 0.
            edges = np.zeros(line.notes + 1, np.int64)
            begin = first[shared[length][np.searchsorted(known[length], hashes)]]
            np.add.at(edges, begin, 1)
            np.add.at(edges, begin + length, -1)
            counts[length] += int((np.cumsum(edges) > 0).sum())
    notes = sum(line.notes for line in lines)
    longest = max((length for length in LENGTHS if counts[length]), default=0)
    return Likeness(longest, tuple(counts[n] / notes if notes else math.nan for n in LENGTHS))


def _lines(score: Score) -> Iterator[npt.NDArray[np.int64]]:
    """For each line that is not of drums: (notes - 1, 2) times and intervals between its notes."""
    for track in score.tracks:
        if track.notes and not track.is_drum:
            notes = np.array([(note.onset, -note.pitch) for note in track.notes], np.int64)
            yield np.diff(notes[np.lexsort((notes[:, 1], notes[:, 0]))], axis=0)


def _own_passages(steps: npt.NDArray[np.int64]) -> _Line:
    passages = {}
    for length in LENGTHS:
        hashes = _hashes(steps, length)
        first = np.zeros(0, np.int64)
        if len(hashes):
            windows = np.lib.stride_tricks.sliding_window_view(_codes(steps), length - 1)
            ordered = np.sort(windows, axis=1)
            different = 1 + (ordered[:, 1:] != ordered[:, :-1]).sum(axis=1)
            first = np.flatnonzero(different * DIFFERENT_STEPS >= length)
        passages[length] = (hashes[first], first)
    return _Line(len(steps) + 1, passages)


def _hashes(steps: npt.NDArray[np.int64], length: int) -> _Hashes:
    """Hash of the passage of `length` notes at each note where one fits.

    Sums of codes times powers of an odd base, modulo 2 ** 64: those of a passage are the
    difference of two sums, moved to the front by the inverse of the power where it begins.
    """
    count = len(steps) + 2 - length
    if count < 1:
        return np.zeros(0, np.uint64)
    codes = _codes(steps)
    sums = np.append(np.uint64(0), np.cumsum(codes * _powers(_BASE, len(codes)), dtype=np.uint64))
    return (sums[length - 1 :] - sums[:count]) * _powers(_INVERSE, count)


def _codes(steps: npt.NDArray[np.int64]) -> _Hashes:
    """One well mixed number for each step (the finaliser of splitmix64)."""
    codes = (steps[:, 0] * 256 + steps[:, 1] + 128).astype(np.uint64)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        codes = (codes ^ (codes >> np.uint64(shift))) * np.uint64(factor)
    return codes ^ (codes >> np.uint64(31))


def _powers(base: int, count: int) -> _Hashes:
    return np.append(np.uint64(1), np.full(count - 1, base, np.uint64)).cumprod(dtype=np.uint64)


def _joined(arrays: Iterable[_Hashes]) -> _Hashes:
    return np.concatenate([np.zeros(0, np.uint64), *arrays])
