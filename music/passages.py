"""Passages: runs of notes of a line, in any key, told apart by hashes.

A passage is a run of notes in one line, ordered by onset and downwards within a chord, with the
times and intervals between them; how long each note is held does not count. Strummed chords,
drones and repeated notes are in all music: a passage whose steps are mostly the same few is none
of its own and does not count, nor do drums, which play patterns.

N notes of a line, L notes of a passage.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from partimento.music.score import Score

DIFFERENT_STEPS = 4
"""Of this many steps of a passage, one at least must be unlike all its others."""

Hashes = npt.NDArray[np.uint64]
Flags = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]
_BASE = 0x9E3779B97F4A7C15
_INVERSE = pow(_BASE, -1, 1 << 64)


class Line(NamedTuple):
    """The notes of a line, without pitches."""

    onsets: Places
    """(N,) where they start, in ticks."""
    steps: Hashes
    """(N - 1,) numbers of the times and intervals between them."""


def lines_of(score: Score, start: int = 0) -> list[Line]:
    """The lines that are not of drums, from a tick on; those that have notes there."""
    lines = []
    for track in score.tracks:
        notes = [(note.onset, -note.pitch) for note in track.notes if note.onset >= start]
        if notes and not track.is_drum:
            table = np.array(sorted(notes), np.int64)  # (N, 2)
            lines.append(Line(table[:, 0], number_steps(np.diff(table, axis=0))))
    return lines


def number_steps(steps: Places) -> Hashes:
    """(N,) a number for each time and interval (N, 2), the latter above zero downwards."""
    return mix(steps[:, 0] * 256 + steps[:, 1] + 128)


def passage_hashes(steps: Hashes, length: int) -> Hashes:
    """(N - L + 1,) the hash of the passage that starts at each note where one fits.

    Sums of steps times powers of an odd base, modulo 2 ** 64: those of a passage are the
    difference of two sums, moved to the front by the inverse of the power where it begins.
    """
    count = max(0, len(steps) + 2 - length)
    sums = np.append(np.uint64(0), np.cumsum(steps * _powers(_BASE, len(steps)), dtype=np.uint64))
    hashes: Hashes = (sums[length - 1 :] - sums[:count]) * _powers(_INVERSE, count)
    return hashes


def are_own(steps: Hashes, length: int, starts: Places | None = None) -> Flags:
    """(N - L + 1,) which passages have steps enough that are unlike each other to count.

    With `starts` (P,), of the passages that begin there: (P,).
    """
    if len(steps) + 1 < length:
        return np.zeros(0, bool)
    windows = np.lib.stride_tricks.sliding_window_view(steps, length - 1)
    ordered = np.sort(windows if starts is None else windows[starts], axis=1)
    different = 1 + (ordered[:, 1:] != ordered[:, :-1]).sum(axis=1)
    own: Flags = different * DIFFERENT_STEPS >= length
    return own


def covered(starts: Flags, length: int) -> Flags:
    """(N,) which notes are in one of the passages that start at the flagged ones (N - L + 1,)."""
    # +1 where a passage begins, -1 behind its end: inside, the sum is above 0.
    edges = np.zeros(len(starts) + length, np.int64)
    edges[: len(starts)] += starts
    edges[length:] -= starts
    inside: Flags = np.cumsum(edges)[:-1] > 0
    return inside


def mix(numbers: Places | Hashes) -> Hashes:
    """(N,) well mixed numbers for others: splitmix64's finaliser, one to one."""
    mixed = numbers.astype(np.uint64)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    return mixed ^ (mixed >> np.uint64(31))


def _powers(base: int, count: int) -> Hashes:
    factors = np.full(count, base, np.uint64)
    factors[:1] = 1
    return factors.cumprod(dtype=np.uint64)
