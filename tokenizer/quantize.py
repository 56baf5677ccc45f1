"""Snap a score to the token grid: 24 ticks a quarter, durations of the vocabulary.

Notated MIDI passes through: a track whose onsets and ends stand where notation puts them keeps
every one that is on the grid. In a performed track each beat gets the simplest subdivision that
fits its onsets, and notes that nearly touch are joined.
"""

from bisect import bisect_left
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from partimento.music.bars import bar_starts
from partimento.music.score import (
    GRID_TICKS_PER_QUARTER,
    Chord,
    Key,
    Meter,
    Note,
    Score,
    Tempo,
    Track,
)
from partimento.tokenizer.snapping import (
    Floats,
    Ints,
    drum_durations,
    is_notated,
    snap_ends,
    snap_onsets,
)
from partimento.tokenizer.vocabulary import DURATIONS

_FINE_TICKS_PER_QUARTER = 96
"""From here on standing on the grid is no accident: three file ticks of four are off it."""
_MIN_TRACK_NOTES = 24
"""A shorter track is judged with the whole score."""

_NEAREST = tuple(
    min(DURATIONS, key=lambda value: (abs(value - ticks), value)) for ticks in range(289)
)
_SHORTER = tuple(max(v for v in DURATIONS if v <= max(1, ticks)) for ticks in range(289))
_MAX_DURATION = DURATIONS[-1]

_Change = TypeVar("_Change", Tempo, Meter, Key)


@dataclass(frozen=True, slots=True)
class QuantizeReport:
    """What quantisation changed."""

    notes: int
    """Notes read."""
    moved_onsets: int
    """Notes that now start elsewhere, by more than the rounding of the file's own ticks."""
    changed_durations: int
    """Notes on pitched tracks that now last another time."""
    merged_notes: int
    """Notes that fell on one of equal pitch in their track."""
    clamped_durations: int
    """Notes longer than the longest duration."""

    @property
    def moved_share(self) -> float:
        """Share of notes that start elsewhere, 0..1."""
        return self.moved_onsets / max(1, self.notes)


@dataclass(slots=True)
class _Played:
    """The notes of one track in grid ticks, as played."""

    onsets: Floats
    ends: Floats


def quantize(score: Score) -> tuple[Score, QuantizeReport]:
    """Return the score at 24 ticks a quarter and what was changed.

    Tempo, meter, key and chord changes move to the nearest tick; their values stay. Controllers
    and marks are left out.
    """
    scale = GRID_TICKS_PER_QUARTER / score.ticks_per_quarter
    # A resolution that 24 does not divide rounds every triplet by up to half a file tick.
    tolerance = 1e-6 if score.ticks_per_quarter % 24 == 0 else 0.5 * scale + 1e-6
    is_fine = score.ticks_per_quarter >= _FINE_TICKS_PER_QUARTER
    out = replace(
        score,
        ticks_per_quarter=GRID_TICKS_PER_QUARTER,
        tracks=(),
        marks=(),
        tempos=_moved(score.tempos, scale),
        meters=_moved(score.meters, scale),
        keys=_moved(score.keys, scale),
        chords=_moved_chords(score.chords, scale),
    )
    bars = _bar_ticks(out, score, scale)
    played = [_played(track, scale) for track in score.tracks]
    everything = _Played(
        np.concatenate([np.empty(0), *(p.onsets for p in played)]),
        np.concatenate([np.empty(0), *(p.ends for p in played)]),
    )
    counts = np.zeros(4, dtype=np.int64)
    tracks = []
    for track, part in zip(score.tracks, played, strict=True):
        judged = part if len(track.notes) >= _MIN_TRACK_NOTES else everything
        # Exact onsets with played ends come from a performance that was tidied up: its ends
        # tell. Drum strokes have no end worth the name.
        is_exact = is_notated(judged.onsets, bars, tolerance, is_fine) and (
            track.is_drum or is_notated(judged.ends, bars, tolerance, is_fine)
        )
        onsets, steps = snap_onsets(part.onsets, bars, is_exact)
        if track.is_drum:
            durations = drum_durations(onsets)
        elif is_exact:
            durations = np.maximum(1, np.rint(part.ends).astype(np.int64) - onsets)
        else:
            durations = snap_ends(part.onsets, part.ends, onsets, steps, bars)
        notes, merged, clamped = _notes(track, onsets, durations)
        moved = np.abs(onsets - part.onsets) > tolerance
        changed = np.abs(durations - (part.ends - part.onsets)) > 2 * tolerance
        counts += [moved.sum(), 0 if track.is_drum else changed.sum(), merged, clamped]
        tracks.append(replace(track, notes=notes, controls=()))
    report = QuantizeReport(score.note_count, *(int(c) for c in counts))
    return replace(out, tracks=tuple(tracks)), report


def _played(track: Track, scale: float) -> _Played:
    onsets = np.array([n.onset for n in track.notes], dtype=np.float64)
    durations = np.array([n.duration for n in track.notes], dtype=np.float64)
    return _Played(onsets * scale, (onsets + durations) * scale)


def _bar_ticks(out: Score, score: Score, scale: float) -> Floats:
    """Return the ticks of all bar lines, given the changes of `out` and the notes of `score`."""
    last = max((t.notes[-1].onset for t in score.tracks if t.notes), default=0)
    end = Track((Note(round(last * scale), 0, 1),))
    bars = bar_starts(replace(out, tracks=(end,)))
    return np.array([bar.start for bar in bars], dtype=np.float64)


def _moved(changes: tuple[_Change, ...], scale: float) -> tuple[_Change, ...]:
    """Return changes on the grid; of those that fall on one tick the last."""
    moved: dict[int, _Change] = {}
    for change in changes:
        tick = round(change.tick * scale)
        moved[tick] = replace(change, tick=tick)
    return tuple(moved.values())


def _moved_chords(chords: tuple[Chord, ...], scale: float) -> tuple[Chord, ...]:
    """Return the chords on the grid, without those that vanish."""
    moved = []
    for chord in chords:
        onset = round(chord.onset * scale)
        duration = round((chord.onset + chord.duration) * scale) - onset
        if duration > 0:
            moved.append(replace(chord, onset=onset, duration=duration))
    return tuple(moved)


def _notes(track: Track, onsets: Ints, durations: Ints) -> tuple[tuple[Note, ...], int, int]:
    """Build the notes with durations of the vocabulary; count those merged and clamped.

    Of notes with equal pitch and onset the longest stays. A note ends where its pitch is
    struck again, and rounding a duration never makes it overlap an onset it did not reach.
    """
    found: dict[tuple[int, int], tuple[int, int]] = {}
    merged = clamped = 0
    for note, onset, duration in zip(track.notes, onsets.tolist(), durations.tolist(), strict=True):
        key = (onset, note.pitch)
        velocity = note.velocity
        if key in found:
            merged += 1
            duration, velocity = max(found[key], (duration, velocity))
        found[key] = (duration, velocity)
    keys = sorted(found)
    distinct = sorted({onset for onset, _ in keys})
    struck: dict[int, int] = {}
    notes = []
    for onset, pitch in reversed(keys):
        duration, velocity = found[onset, pitch]
        duration = min(duration, struck.get(pitch, duration + onset) - onset)
        struck[pitch] = onset
        if duration > _MAX_DURATION:
            clamped += 1
            duration = _MAX_DURATION
        nearest = _NEAREST[duration]
        if nearest > duration:
            i = bisect_left(distinct, onset + duration)
            if i < len(distinct) and distinct[i] < onset + nearest:
                nearest = _SHORTER[duration]
        notes.append(Note(onset, pitch, nearest, velocity))
    notes.reverse()
    return tuple(notes), merged, clamped
