"""Time in a score: ticks and seconds, how long it plays, and the part of it from a tick on."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TypeVar

from partimento.music.bars import bar_starts
from partimento.music.score import Chord, Control, Key, Meter, Score, Tempo, Track

DEFAULT_BPM = 120.0
"""What MIDI means when a file gives no tempo."""

_Change = TypeVar("_Change", Tempo, Meter, Key)


def from_tick(score: Score, start: int) -> Score:
    """The score from a tick on, which becomes tick 0, with what is in force there.

    Notes that already sound there are left out.
    """

    def moved(chord: Chord) -> Chord:
        onset = max(chord.onset, start)
        return replace(chord, onset=onset - start, duration=chord.onset + chord.duration - onset)

    tracks = []
    for track in score.tracks:
        notes = [n for n in track.notes if n.onset >= start]
        if notes:
            shifted = tuple(replace(n, onset=n.onset - start) for n in notes)
            tracks.append(replace(track, notes=shifted, controls=_controls(track, start)))
    return replace(
        score,
        tracks=tuple(tracks),
        tempos=tuple(replace(t, tick=max(0, t.tick - start)) for t in _from(score.tempos, start)),
        meters=tuple(replace(m, tick=max(0, m.tick - start)) for m in _from(score.meters, start)),
        keys=tuple(replace(k, tick=max(0, k.tick - start)) for k in _from(score.keys, start)),
        marks=tuple(replace(m, tick=m.tick - start) for m in score.marks if m.tick >= start),
        chords=tuple(
            moved(chord) for chord in score.chords if chord.onset + chord.duration > start
        ),
    )


def _controls(track: Track, start: int) -> tuple[Control, ...]:
    """The controllers of a part from a tick on, the last value of each before it first."""
    in_force = {(c.kind, c.number): c for c in track.controls if c.tick <= start}
    later = (replace(c, tick=c.tick - start) for c in track.controls if c.tick > start)
    return (*(replace(c, tick=0) for c in in_force.values()), *later)


def _from(changes: tuple[_Change, ...], start: int) -> tuple[_Change, ...]:
    """The change in force at a tick and all later ones."""
    first = max(bisect_right(changes, start, key=lambda change: change.tick) - 1, 0)
    return changes[first:]


@dataclass(frozen=True, slots=True)
class TempoMap:
    """Ticks as seconds and back, by the tempos in force; 120 before the first, as MIDI has it.

    >>> tempo_map = TempoMap.of(Score(24, (), tempos=(Tempo(48, 60.0),)))
    >>> tempo_map.seconds(72), tempo_map.tick(2.0)
    (2.0, 72.0)
    """

    ticks: tuple[int, ...]
    """First tick of each tempo, rising from 0."""
    times: tuple[float, ...]
    """Seconds at those ticks."""
    seconds_per_tick: tuple[float, ...]

    @classmethod
    def of(cls, score: Score) -> "TempoMap":
        """The tempos of a score."""
        quarters = ((tempo.tick, 60 / tempo.bpm) for tempo in score.tempos)
        return cls.of_quarters(quarters, score.ticks_per_quarter)

    @classmethod
    def of_quarters(
        cls, changes: Iterable[tuple[int, float]], ticks_per_quarter: int
    ) -> "TempoMap":
        """From ticks and the seconds that a quarter lasts from there on, in order."""
        changes = ((0, 60 / DEFAULT_BPM), *changes)
        lengths = tuple(quarter / ticks_per_quarter for _, quarter in changes)
        times = [0.0]
        for ((tick, _), (following, _)), length in zip(pairwise(changes), lengths, strict=False):
            times.append(times[-1] + (following - tick) * length)
        return cls(tuple(tick for tick, _ in changes), tuple(times), lengths)

    def seconds(self, tick: float) -> float:
        """Time from tick 0 to a tick."""
        index = bisect_right(self.ticks, tick) - 1
        return self.times[index] + (tick - self.ticks[index]) * self.seconds_per_tick[index]

    def tick(self, seconds: float) -> float:
        """The tick, not rounded, at a time."""
        index = bisect_right(self.times, seconds) - 1
        return self.ticks[index] + (seconds - self.times[index]) / self.seconds_per_tick[index]


def seconds(score: Score) -> float:
    """Time from tick 0 to the end of the last bar."""
    bars = bar_starts(score)
    return TempoMap.of(score).seconds(bars[-1].start + bars[-1].length if bars else 0)


def heard_tempos(score: Score) -> tuple[Tempo, ...]:
    """The tempos of a piece as a listener finds them; the first stands at tick 0.

    That is 120 where the first tempo event comes after the first note, as MIDI has it, and no
    other than the one in force there when several come before. A tempo that changes nothing is
    left out.
    """
    onset = min((track.notes[0].onset for track in score.tracks if track.notes), default=0)
    before = [tempo.bpm for tempo in score.tempos if tempo.tick <= onset]
    found = [Tempo(0, before[-1] if before else DEFAULT_BPM)]
    for tempo in score.tempos:
        if tempo.tick > onset and tempo.bpm != found[-1].bpm:
            found.append(tempo)
    return tuple(found)
