"""A piece that goes on: the bars of one score, then those of another, each as it is."""

from collections.abc import Sequence
from dataclasses import replace
from math import lcm
from typing import TypeVar

from partimento.music.midi.writer import MAX_TICKS_PER_QUARTER
from partimento.music.score import Control, Key, Meter, Note, Score, Tempo, Track

PEDALS = (64, 66, 67)
"""Controllers of the sustaining, sostenuto and soft pedals."""
_MODULATION = 1

_Change = TypeVar("_Change", Tempo, Meter, Key)


def until_tick(score: Score, end: int) -> Score:
    """The score up to a tick: what starts before it, as it is, and no part without notes."""
    tracks = (
        replace(
            track,
            notes=tuple(note for note in track.notes if note.onset < end),
            controls=tuple(control for control in track.controls if control.tick < end),
        )
        for track in score.tracks
    )
    return replace(
        score,
        tracks=tuple(track for track in tracks if track.notes),
        tempos=tuple(tempo for tempo in score.tempos if tempo.tick < end),
        meters=tuple(meter for meter in score.meters if meter.tick < end),
        keys=tuple(key for key in score.keys if key.tick < end),
        chords=tuple(chord for chord in score.chords if chord.onset < end),
        marks=tuple(mark for mark in score.marks if mark.tick < end),
    )


def continued(kept: Score, end: int, new: Score, places: Sequence[int | None]) -> Score:
    """The kept score, and from its tick `end` on the new one, at a resolution that both have.

    `places` says for each track of `new` which kept track it goes on, if any (by index). What is
    in force in the new score from its first tick on is written only where it differs. Pedals
    that are down, bends and modulation end with the kept bars. Style and texts are the new one's.
    """
    resolution = lcm(kept.ticks_per_quarter, new.ticks_per_quarter)
    if resolution > MAX_TICKS_PER_QUARTER:
        resolution = kept.ticks_per_quarter
    old = scaled(kept, resolution)
    start = end * resolution // kept.ticks_per_quarter
    added = scaled(new, resolution)
    tracks = list(old.tracks)
    for track, place in zip(added.tracks, places, strict=True):
        notes = tuple(replace(note, onset=note.onset + start) for note in track.notes)
        if place is None:
            tracks.append(replace(track, notes=notes))
        else:
            tracks[place] = _longer(tracks[place], notes, start)
    return replace(
        new,
        ticks_per_quarter=resolution,
        tracks=tuple(tracks),
        tempos=_after(old.tempos, added.tempos, start, Tempo(0, 120.0)),
        meters=_after(old.meters, added.meters, start, Meter(0, 4, 4)),
        keys=_after(old.keys, added.keys, start, None),
        chords=(
            *old.chords,
            *(replace(chord, onset=chord.onset + start) for chord in added.chords),
        ),
        marks=old.marks,
    )


def _longer(track: Track, notes: tuple[Note, ...], start: int) -> Track:
    """A kept track with new notes, which do not sound through what was left on at its end."""
    released: tuple[Control, ...] = ()
    if not track.controls or track.controls[-1].tick < start:
        last = {(c.kind, c.number): c for c in track.controls}
        released = tuple(
            replace(control, tick=start, value=0)
            for (kind, number), control in last.items()
            if control.value != 0
            and (kind == "bend" or (kind == "control" and number in (*PEDALS, _MODULATION)))
        )
    merged = tuple(sorted([*track.notes, *notes]))
    return replace(track, notes=merged, controls=(*track.controls, *released))


def _after(
    old: tuple[_Change, ...], added: tuple[_Change, ...], start: int, default: _Change | None
) -> tuple[_Change, ...]:
    """The old changes, then those of the new ones that change something."""
    result = list(old)
    for change in added:
        before = result[-1] if result else default
        if before is None or replace(before, tick=change.tick) != change:
            result.append(replace(change, tick=change.tick + start))
    return tuple(result)


def scaled(score: Score, ticks_per_quarter: int) -> Score:
    """The score at another resolution; where that is coarser, ticks are rounded."""
    if ticks_per_quarter == score.ticks_per_quarter:
        return score

    def moved(tick: int) -> int:
        numerator = 2 * tick * ticks_per_quarter + score.ticks_per_quarter
        return numerator // (2 * score.ticks_per_quarter)

    def note(n: Note) -> Note:
        onset = moved(n.onset)
        return replace(n, onset=onset, duration=max(1, moved(n.onset + n.duration) - onset))

    def track(t: Track) -> Track:
        controls = tuple(replace(c, tick=moved(c.tick)) for c in t.controls)
        return replace(t, notes=tuple(map(note, t.notes)), controls=controls)

    return replace(
        score,
        ticks_per_quarter=ticks_per_quarter,
        tracks=tuple(map(track, score.tracks)),
        tempos=tuple(replace(t, tick=moved(t.tick)) for t in score.tempos),
        meters=tuple(replace(m, tick=moved(m.tick)) for m in score.meters),
        keys=tuple(replace(k, tick=moved(k.tick)) for k in score.keys),
        chords=tuple(
            replace(c, onset=moved(c.onset), duration=moved(c.onset + c.duration) - moved(c.onset))
            for c in score.chords
        ),
        marks=tuple(replace(m, tick=moved(m.tick)) for m in score.marks),
    )
