"""Swing: eighths that are written straight and played long and short."""

from bisect import bisect_right
from dataclasses import replace

from partimento.errors import SettingError
from partimento.music.bars import Bar, bar_starts
from partimento.music.metre import beat_ticks
from partimento.music.score import Note, Score, Track

_FINER = 10
"""How much finer the ticks become, so that a light swing is not rounded away."""


def swing(score: Score, amount: float) -> Score:
    """The score with the second eighth of each beat late, at a resolution ten times finer.

    At amount 1 a beat's eighths last two thirds and one third of it, as triplets do; at 0 the score
    is unchanged. What stands between moves along. Beats that are divided otherwise (triplets,
    compound meters) stay as they are written. SettingError when the amount is out of range.
    """
    if not 0 <= amount <= 1:
        raise SettingError("swing", f"must be in [0, 1], got {amount:g}")
    if amount == 0:
        return score
    bars = bar_starts(score)
    straight = _divided_otherwise(score, bars)
    starts = [bar.start for bar in bars]

    def moved(tick: int) -> int:
        index = bisect_right(starts, tick) - 1
        if index < 0:
            return tick * _FINER
        bar = bars[index]
        beat = beat_ticks(bar.meter, score.ticks_per_quarter)
        first = tick - (tick - bar.start) % beat
        if beat != score.ticks_per_quarter or first in straight:
            return tick * _FINER
        return _FINER * first + _late(tick - first, beat, amount)

    def note(n: Note) -> Note:
        onset = moved(n.onset)
        return replace(n, onset=onset, duration=max(1, moved(n.onset + n.duration) - onset))

    def track(t: Track) -> Track:
        return replace(t, notes=tuple(map(note, t.notes)))

    return replace(
        score,
        ticks_per_quarter=score.ticks_per_quarter * _FINER,
        tracks=tuple(map(track, score.tracks)),
        tempos=tuple(replace(t, tick=t.tick * _FINER) for t in score.tempos),
        meters=tuple(replace(m, tick=m.tick * _FINER) for m in score.meters),
        keys=tuple(replace(k, tick=k.tick * _FINER) for k in score.keys),
        chords=tuple(
            replace(c, onset=c.onset * _FINER, duration=c.duration * _FINER) for c in score.chords
        ),
    )


def _late(at: int, beat: int, amount: float) -> int:
    """Where a tick of a straight beat is played, in fine ticks from the start of the beat."""
    half = beat / 2
    turn = half * (1 + amount / 3)
    if at <= half:
        return round(_FINER * at * turn / half)
    return round(_FINER * (turn + (at - half) * (beat - turn) / (beat - half)))


def _divided_otherwise(score: Score, bars: list[Bar]) -> set[int]:
    """First ticks of the beats in which a note starts off the sixteenths."""
    starts = [bar.start for bar in bars]
    sixteenth = score.ticks_per_quarter // 4
    found = set()
    for track in score.tracks:
        for note in track.notes:
            bar = bars[bisect_right(starts, note.onset) - 1]
            beat = beat_ticks(bar.meter, score.ticks_per_quarter)
            at = (note.onset - bar.start) % beat
            if sixteenth == 0 or at % sixteenth:
                found.add(note.onset - at)
    return found
