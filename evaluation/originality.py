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

from partimento.music.score import Score

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
    pieces = [[_own_passages(codes) for codes in _lines(score)] for score in scores]
    known = {
        length: np.unique(_joined(line.passages[length][0] for lines in pieces for line in lines))
        for length in LENGTHS
    }
    shared = {length: np.zeros(len(hashes), bool) for length, hashes in known.items()}
    for score in training:
        for codes in _lines(score):
            for length, found in _hashes(codes).items():
                place = np.searchsorted(known[length], found)
                inside = place < len(known[length])
                place = place[inside]
                shared[length][place[known[length][place] == found[inside]]] = True
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


def _lines(score: Score) -> Iterator[_Hashes]:
    """For each line that is not of drums: (notes - 1,) numbers of the steps between its notes."""
    for track in score.tracks:
        if track.notes and not track.is_drum:
            notes = np.array([(note.onset, -note.pitch) for note in track.notes], np.int64)
            yield _codes(np.diff(notes[np.lexsort((notes[:, 1], notes[:, 0]))], axis=0))


def _own_passages(codes: _Hashes) -> _Line:
    passages = {}
    for length, hashes in _hashes(codes).items():
        first = np.zeros(0, np.int64)
        if len(hashes):
            windows = np.lib.stride_tricks.sliding_window_view(codes, length - 1)
            ordered = np.sort(windows, axis=1)
            different = 1 + (ordered[:, 1:] != ordered[:, :-1]).sum(axis=1)
            first = np.flatnonzero(different * DIFFERENT_STEPS >= length)
        passages[length] = (hashes[first], first)
    return _Line(len(codes) + 1, passages)


def _hashes(codes: _Hashes) -> dict[int, _Hashes]:
    """By length, the hash of the passage at each note where one fits.

    Sums of codes times powers of an odd base, modulo 2 ** 64: those of a passage are the
    difference of two sums, moved to the front by the inverse of the power where it begins.
    """
    sums = np.append(np.uint64(0), np.cumsum(codes * _powers(_BASE, len(codes)), dtype=np.uint64))
    to_front = _powers(_INVERSE, len(sums))
    counts = {length: max(0, len(sums) + 1 - length) for length in LENGTHS}
    return {
        length: (sums[length - 1 :] - sums[:count]) * to_front[:count]
        for length, count in counts.items()
    }


def _codes(steps: npt.NDArray[np.int64]) -> _Hashes:
    """(N,) a well mixed number for each time and interval (N, 2): splitmix64's finaliser."""
    codes = (steps[:, 0] * 256 + steps[:, 1] + 128).astype(np.uint64)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        codes = (codes ^ (codes >> np.uint64(shift))) * np.uint64(factor)
    return codes ^ (codes >> np.uint64(31))


def _powers(base: int, count: int) -> _Hashes:
    factors = np.full(count, base, np.uint64)
    factors[:1] = 1
    return factors.cumprod(dtype=np.uint64)


def _joined(arrays: Iterable[_Hashes]) -> _Hashes:
    return np.concatenate([np.zeros(0, np.uint64), *arrays])
