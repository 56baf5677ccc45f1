"""Swing: eighths that are written straight and played long and short."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace

from partimento.errors import SettingError
from partimento.music.bars import Bar, bar_starts
from partimento.music.continuation import scaled
from partimento.music.metre import beat_ticks
from partimento.music.score import Note, Score, Track

_FINE = 240
"""Ticks of a quarter that a light swing needs not to be rounded away."""


def swing(score: Score, amount: float, start: int = 0) -> Score:
    """The score with the second eighth of each beat late, from a tick on, at a finer resolution.

    At amount 1 a beat's eighths last two thirds and one third of it, as triplets do; at 0 the score
    is unchanged. What stands between moves along. Beats that are divided otherwise (triplets,
    compound meters) stay as they are written. SettingError when the amount is out of range.
    """
    if not 0 <= amount <= 1:
        raise SettingError("swing", f"must be in [0, 1], got {amount:g}")
    if amount == 0:
        return score
    finer = 1 if score.ticks_per_quarter >= _FINE else 10
    fine = scaled(score, finer * score.ticks_per_quarter)
    bars = bar_starts(fine)
    starts = [bar.start for bar in bars]
    straight = _divided_otherwise(fine, bars)

    def moved(tick: int) -> int:
        index = bisect_right(starts, tick) - 1
        if index < 0:
            return tick
        bar = bars[index]
        beat = beat_ticks(bar.meter, fine.ticks_per_quarter)
        first = tick - (tick - bar.start) % beat
        if first < start * finer or beat != fine.ticks_per_quarter or first in straight:
            return tick
        return first + _late(tick - first, beat, amount)

    def note(n: Note) -> Note:
        onset = moved(n.onset)
        return replace(n, onset=onset, duration=max(1, moved(n.onset + n.duration) - onset))

    def track(t: Track) -> Track:
        return replace(t, notes=tuple(map(note, t.notes)))

    return replace(fine, tracks=tuple(map(track, fine.tracks)))


def _late(at: int, beat: int, amount: float) -> int:
    """Where a tick of a straight beat is played, in ticks from the start of the beat."""
    half = beat / 2
    turn = half * (1 + amount / 3)
    if at <= half:
        return round(at * turn / half)
    return round(turn + (at - half) * (beat - turn) / (beat - half))


def _divided_otherwise(score: Score, bars: Sequence[Bar]) -> set[int]:
    """First ticks of the beats in which a note starts off the sixteenths."""
    starts = [bar.start for bar in bars]
    found = set()
    for track in score.tracks:
        for note in track.notes:
            bar = bars[bisect_right(starts, note.onset) - 1]
            at = (note.onset - bar.start) % beat_ticks(bar.meter, score.ticks_per_quarter)
            if 4 * at % score.ticks_per_quarter:
                found.add(note.onset - at)
    return found
