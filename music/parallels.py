"""Parallel fifths and octaves: two voices that move from one to the next."""

from dataclasses import dataclass
from itertools import combinations, pairwise

from partimento.music.score import Note, Score

FIFTH, OCTAVE = 7, 0
"""Distances in semitones, octaves left out."""


@dataclass(frozen=True, slots=True, order=True)
class Parallel:
    """Two voices that keep a fifth, or an octave or unison, while both move."""

    tick: int
    """At which they arrive."""
    upper: int
    """Index of the track of the first voice."""
    lower: int
    is_octave: bool
    """Or a unison; otherwise a fifth."""


def find_parallels(score: Score) -> list[Parallel]:
    """All parallels between the lines of a score, drums left aside; of chords the top notes count.

    Two voices move together when both strike a new pitch at one tick. Contrary motion from a fifth
    to a twelfth counts as well.

    >>> from partimento.music.score import Note, Track
    >>> lines = [Track(tuple(Note(24 * i, p, 24) for i, p in enumerate(n))) for n in
    ...     ((67, 69, 69), (60, 62, 60))]
    >>> [parallel.tick for parallel in find_parallels(Score(24, tuple(lines)))]
    [24]
    """
    voices = [
        (index, _moves(track.notes))
        for index, track in enumerate(score.tracks)
        if not track.is_drum
    ]
    found = []
    for (upper, first), (lower, second) in combinations(voices, 2):
        for tick in first.keys() & second.keys():
            (above, now_above), (below, now_below) = first[tick], second[tick]
            distance = (above - below) % 12
            moves = above != now_above and below != now_below
            if moves and distance in (FIFTH, OCTAVE) and (now_above - now_below) % 12 == distance:
                found.append(Parallel(tick, upper, lower, distance == OCTAVE))
    return sorted(found)


def _moves(notes: tuple[Note, ...]) -> dict[int, tuple[int, int]]:
    """By tick: the pitch before, and the one that is struck."""
    tops: dict[int, int] = {}
    for note in notes:
        tops[note.onset] = max(note.pitch, tops.get(note.onset, 0))
    ticks = sorted(tops)
    return {now: (tops[before], tops[now]) for before, now in pairwise(ticks)}
