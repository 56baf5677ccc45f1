"""Snap a score to the token grid: 24 ticks a quarter, durations of the vocabulary.

Notated MIDI passes through: a track whose onsets stand on the grid, at places notation uses,
keeps every onset, and one whose note ends do keeps every end. In a performed track each beat
gets the simplest subdivision that fits its onsets, and notes that nearly touch are joined.
"""

from bisect import bisect_left
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from partimento.tokenizer.bars import bar_starts
from partimento.tokenizer.score import GRID_TICKS_PER_QUARTER, Chord, Note, Score, Track
from partimento.tokenizer.vocabulary import DURATIONS

DRUM_TICKS = 6
"""A drum stroke is a sixteenth, or shorter when the next stroke comes sooner."""
_SUBDIVISIONS = ((6, 0.0), (8, 0.6), (3, 1.2), (4, 1.3), (1, 2.4))
"""Step in ticks and its price: how much nearer (ticks) it must bring the worst onset."""
_MIN_NOTATED_SHARE = 0.93
"""Notated corpus tracks: 98 % have more on the grid or on tuplets, and LilyPond's grace notes
and abc2midi's rolls are off it; two thirds of the performed piano tracks have less."""
_MAX_ODD_SHARE = 0.05
"""Share on ticks neither even nor a multiple of 3; chance is a third, notation has none."""
_TUPLETS = (5, 7, 9, 10, 11, 13, 16)
_MIN_TRACK_NOTES = 24
"""A shorter track is judged with the whole score."""

_NEAREST = tuple(
    min(DURATIONS, key=lambda value: (abs(value - ticks), value)) for ticks in range(289)
)
_SHORTER = tuple(max(v for v in DURATIONS if v <= max(1, ticks)) for ticks in range(289))
_MAX_DURATION = DURATIONS[-1]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


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
class _Timing:
    """The notes of one track in grid ticks, as played."""

    onsets: Floats
    ends: Floats

    @classmethod
    def of(cls, notes: tuple[Note, ...], scale: float) -> "_Timing":
        onsets = np.array([n.onset for n in notes], dtype=np.float64)
        durations = np.array([n.duration for n in notes], dtype=np.float64)
        return cls(onsets * scale, (onsets + durations) * scale)


def quantize(score: Score) -> tuple[Score, QuantizeReport]:
    """Return the score at 24 ticks a quarter and what was changed.

    Tempo, meter, key and chord changes move to the nearest tick; their values stay.
    """
    scale = GRID_TICKS_PER_QUARTER / score.ticks_per_quarter
    # A resolution that 24 does not divide rounds every triplet by up to half a file tick.
    tolerance = 1e-6 if score.ticks_per_quarter % 24 == 0 else 0.5 * scale + 1e-6
    timings = [_Timing.of(track.notes, scale) for track in score.tracks]
    out = replace(
        score,
        ticks_per_quarter=GRID_TICKS_PER_QUARTER,
        tempos=tuple(
            {t: replace(e, tick=t) for e in score.tempos for t in (round(e.tick * scale),)}.values()
        ),
        meters=tuple(
            {t: replace(e, tick=t) for e in score.meters for t in (round(e.tick * scale),)}.values()
        ),
        keys=tuple(
            {t: replace(e, tick=t) for e in score.keys for t in (round(e.tick * scale),)}.values()
        ),
        chords=_grid_chords(score.chords, scale),
        tracks=tuple(
            replace(
                track,
                notes=tuple(Note(round(n.onset * scale), n.pitch, 1) for n in track.notes[-1:]),
            )
            for track in score.tracks
        ),
    )
    bars = np.array([bar.start for bar in bar_starts(out)] or [0], dtype=np.float64)
    if timings:
        all_onsets = np.concatenate([t.onsets for t in timings])
        all_ends = np.concatenate([t.ends for t in timings])
    counts = np.zeros(4, dtype=np.int64)
    tracks = []
    for track, timing in zip(score.tracks, timings, strict=True):
        is_short = len(track.notes) < _MIN_TRACK_NOTES
        # Exact onsets with played ends come from a performance that was tidied up: its ends
        # tell. Drum strokes have no end worth the name.
        is_exact = _is_notated(all_onsets if is_short else timing.onsets, bars, tolerance)
        if is_exact and not track.is_drum:
            is_exact = _is_notated(all_ends if is_short else timing.ends, bars, tolerance)
        onsets, steps = _snap_onsets(timing.onsets, bars, is_exact)
        if track.is_drum:
            durations = _drum_durations(onsets)
        elif is_exact:
            durations = np.maximum(1, np.rint(timing.ends).astype(np.int64) - onsets)
        else:
            durations = _snap_ends(timing, onsets, steps, bars)
        notes, merged, clamped = _notes(track, onsets, durations)
        moved = int((np.abs(onsets - timing.onsets) > tolerance).sum())
        changed = 0
        if not track.is_drum:
            changed = int((np.abs(durations - (timing.ends - timing.onsets)) > 2 * tolerance).sum())
        counts += np.array([moved, changed, merged, clamped])
        tracks.append(replace(track, notes=notes))
    report = QuantizeReport(score.note_count, *(int(c) for c in counts))
    return replace(out, tracks=tuple(tracks)), report


def _grid_chords(chords: tuple[Chord, ...], scale: float) -> tuple[Chord, ...]:
    """Return the chords on the grid, without those that vanish."""
    moved = []
    for chord in chords:
        onset = round(chord.onset * scale)
        duration = round((chord.onset + chord.duration) * scale) - onset
        if duration > 0:
            moved.append(replace(chord, onset=onset, duration=duration))
    return tuple(moved)


def _phases(ticks: Floats, bars: Floats) -> tuple[Floats, Floats]:
    """Return the bar start before each tick and the distance from it."""
    starts = bars[np.maximum(0, np.searchsorted(bars, ticks + 1e-6, side="right") - 1)]
    return starts, ticks - starts


def _is_notated(ticks: Floats, bars: Floats, tolerance: float) -> bool:
    """Tell whether ticks stand where notation puts them: on the grid or on tuplets."""
    if not len(ticks):
        return True
    nearest = np.rint(ticks)
    on_grid = np.abs(ticks - nearest) <= tolerance
    odd = on_grid & (nearest % 2 != 0) & (nearest % 3 != 0)
    if odd.mean() > _MAX_ODD_SHARE:
        relative = np.rint(_phases(ticks, bars)[1])
        odd = on_grid & (relative % 2 != 0) & (relative % 3 != 0)
        if odd.mean() > _MAX_ODD_SHARE:
            return False
    explained = on_grid
    if on_grid.mean() < _MIN_NOTATED_SHARE:
        for count in _TUPLETS:
            step = GRID_TICKS_PER_QUARTER / count
            explained = explained | (
                np.abs(ticks - step * np.rint(ticks / step)) <= tolerance + 0.051
            )
    return bool(explained.mean() >= _MIN_NOTATED_SHARE and on_grid.mean() >= 0.5)


def _snap_onsets(ticks: Floats, bars: Floats, is_notated: bool) -> tuple[Ints, dict[int, int]]:
    """Return the onsets on the grid and the step of each beat that has any.

    Beats are quarters counted from the bar line and named by the tick they start at.
    """
    starts, relative = _phases(ticks, bars)
    beats = starts + GRID_TICKS_PER_QUARTER * np.floor((relative + 1e-6) / GRID_TICKS_PER_QUARTER)
    names, index = np.unique(beats, return_inverse=True)
    costs = np.empty((len(_SUBDIVISIONS), len(names)))
    snapped = np.empty((len(_SUBDIVISIONS), len(ticks)))
    inside = ticks - beats
    for row, (step, price) in enumerate(_SUBDIVISIONS):
        snapped[row] = step * np.rint(inside / step)
        worst = np.zeros(len(names))
        np.maximum.at(worst, index, np.abs(snapped[row] - inside))
        costs[row] = worst + price
    best = costs.argmin(axis=0)
    steps = {
        int(name): _SUBDIVISIONS[row][0] for name, row in zip(names.tolist(), best, strict=True)
    }
    if is_notated:
        return np.rint(ticks).astype(np.int64), steps
    chosen = snapped[best[index], np.arange(len(ticks))]
    return np.rint(beats + chosen).astype(np.int64), steps


def _drum_durations(onsets: Ints) -> Ints:
    """Return a sixteenth for each stroke, less where the next stroke comes sooner."""
    distinct = np.unique(onsets)
    gaps = np.append(np.diff(distinct), DRUM_TICKS)
    durations: Ints = np.minimum(DRUM_TICKS, gaps)[np.searchsorted(distinct, onsets)]
    return durations


def _snap_ends(timing: _Timing, onsets: Ints, steps: dict[int, int], bars: Floats) -> Ints:
    """Return the durations of a performed track.

    The notes of a chord that end nearly together end together; an end near the next onset
    meets it; any other goes to the nearest step of its beat.
    """
    order = np.lexsort((timing.ends, onsets))
    on = onsets[order].tolist()
    ends = timing.ends[order].tolist()
    distinct = sorted(set(on))
    is_single_voice = _is_single_voice(timing, len(distinct))
    bar_list = bars.tolist()
    result = np.empty(len(on), dtype=np.int64)
    place = order.tolist()
    first = 0
    while first < len(on):
        onset = on[first]
        # Chain the ends of this chord that follow each other closely.
        last = first + 1
        slack = _slack(ends[first] - onset)
        while last < len(on) and on[last] == onset and ends[last] - ends[last - 1] <= slack:
            last += 1
        end = ends[first] if last == first + 1 else sum(ends[first:last]) / (last - first)
        slack = _slack(end - onset)
        i = bisect_left(distinct, end)
        following = bisect_left(distinct, onset + 1)
        snapped = 0
        near = [distinct[k] for k in (i - 1, i) if following <= k < len(distinct)]
        near = [t for t in near if abs(t - end) <= slack]
        if near:
            snapped = min(near, key=lambda t: abs(t - end))
        else:
            bar = bar_list[max(0, bisect_left(bar_list, end + 1e-6) - 1)]
            beat = bar + GRID_TICKS_PER_QUARTER * ((end - bar) // GRID_TICKS_PER_QUARTER)
            step = min(6, steps.get(int(beat), 6)) if end - onset < 36 else 12
            if step < 3:
                step = 3
            snapped = int(beat + step * round((end - beat) / step))
            if snapped <= onset:
                snapped = onset + max(1, min(step, round(end - onset)))
        if is_single_voice and following < len(distinct):
            snapped = min(snapped, distinct[following])
        for k in range(first, last):
            result[place[k]] = snapped - onset
        first = last
    return result


def _slack(duration: float) -> float:
    """Return how far (ticks) an end may be from the next onset and still mean to meet it."""
    return min(6.0, max(3.0, duration / 3))


def _is_single_voice(timing: _Timing, distinct_count: int) -> bool:
    """Tell whether a track is one melody whose overlaps are only in the playing."""
    if distinct_count < 0.95 * len(timing.onsets):
        return False
    order = np.argsort(timing.onsets, kind="stable")
    overlap = np.maximum(0, timing.ends[order][:-1] - timing.onsets[order][1:])
    total = float((timing.ends - timing.onsets).sum())
    return float(overlap.sum()) <= 0.1 * total


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
