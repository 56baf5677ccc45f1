"""What pieces have in common with the training music, by an exhaustive search of all of it."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from partimento.music.passages import Flags, Hashes, are_own, covered, lines_of, passage_hashes
from partimento.music.score import Score

LENGTHS = (8, 12, 16, 24, 32, 48, 64)
"""Notes of the passages that are looked for."""


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
    passages: dict[int, tuple[Hashes, npt.NDArray[np.int64]]]


def measure_likeness(scores: Sequence[Score], training: Iterable[Score]) -> list[Likeness]:
    """Compare each score with all training scores; all on one grid of time.

    The training scores are read once, one by one. 64-bit hashes are compared, not notes.
    """
    pieces = [[_own_passages(line.steps) for line in lines_of(score)] for score in scores]
    known = {
        length: np.unique(_joined(line.passages[length][0] for lines in pieces for line in lines))
        for length in LENGTHS
    }
    shared = {length: np.zeros(len(hashes), bool) for length, hashes in known.items()}
    for score in training:
        for line in lines_of(score):
            for length in LENGTHS:
                found = passage_hashes(line.steps, length)
                place = np.searchsorted(known[length], found)
                inside = place < len(known[length])
                place = place[inside]
                shared[length][place[known[length][place] == found[inside]]] = True
    return [_likeness(lines, known, shared) for lines in pieces]


def _likeness(
    lines: list[_Line],
    known: dict[int, Hashes],
    shared: dict[int, Flags],
) -> Likeness:
    counts = dict.fromkeys(LENGTHS, 0)
    for line in lines:
        for length, (hashes, first) in line.passages.items():
            if len(first):
                starts = np.zeros(line.notes - length + 1, bool)
                starts[first] = shared[length][np.searchsorted(known[length], hashes)]
                counts[length] += int(covered(starts, length).sum())
    notes = sum(line.notes for line in lines)
    longest = max((length for length in LENGTHS if counts[length]), default=0)
    return Likeness(longest, tuple(counts[n] / notes if notes else math.nan for n in LENGTHS))


def _own_passages(steps: Hashes) -> _Line:
    passages = {}
    for length in LENGTHS:
        first = np.flatnonzero(are_own(steps, length))
        passages[length] = (passage_hashes(steps, length)[first], first)
    return _Line(len(steps) + 1, passages)


def _joined(arrays: Iterable[Hashes]) -> Hashes:
    return np.concatenate([np.zeros(0, np.uint64), *arrays])
