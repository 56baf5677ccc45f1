"""Where played notes belong: onsets and ends on the token grid, for one track at a time.

Arrays of ticks are float grid ticks, 24 to the quarter, as played; results are whole ticks.
"""

from bisect import bisect_left

import numpy as np
from numpy.typing import NDArray

from partimento.music.score import GRID_TICKS_PER_QUARTER

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

DRUM_TICKS = 6
"""A drum stroke is a sixteenth, or shorter when the next stroke comes sooner."""
_STEPS = (6, 8, 3, 4, 1)
"""Sixteenths, eighth triplets, thirty-seconds, sixteenth triplets, anything: in ticks."""
_PRICES = (0.0, 0.6, 1.2, 1.3, 2.4)
"""How much nearer (ticks) each must bring the worst onset of a beat than sixteenths do."""
_SWUNG_PRICES = (0.6, 0.0, 1.2, 1.3, 2.4)
"""The same in a track most of whose beats are triplets or swung."""
_EXACT_SHARE = 0.97
"""More than this on the grid or on tuplets is notation, wherever on the grid."""
_MAX_ROUGH_SHARE = 0.05
"""Share nearest to a tick that is neither even nor a multiple of 3. Chance is a third, a steady
player's (8 ms at 120 beats per minute) a fifth; notation has next to none."""
_MAX_ROUGH_SHARE_OF_ORNAMENTED = 0.15
"""The same where most notes are exact: LilyPond plays grace notes shortly before the beat."""
_ORNAMENTED_EXACT_SHARE = 0.8
_MIN_EXACT_SHARE = 0.5
"""With fewer exact ones it is playing: ends that a sequencer put at nine tenths of the value."""
_TUPLETS = (5, 7, 9, 10, 11, 13, 16)


def _phases(ticks: Floats, bars: Floats) -> tuple[Floats, Floats]:
    """Return the bar start before each tick and the distance from it."""
    starts = bars[np.maximum(0, np.searchsorted(bars, ticks + 1e-6, side="right") - 1)]
    return starts, ticks - starts


def is_notated(ticks: Floats, bars: Floats, tolerance: float, is_fine: bool) -> bool:
    """Tell whether ticks stand where notation puts them rather than where a player did.

    `is_fine` says that the file's own ticks are fine enough to be off the grid by chance;
    `tolerance` (grid ticks) is the rounding of those ticks.
    """
    if not len(ticks):
        return True
    nearest = np.rint(ticks)
    is_exact = np.abs(ticks - nearest) <= tolerance
    if is_fine and is_exact.mean() >= _EXACT_SHARE:
        return True
    for count in _TUPLETS:
        step = GRID_TICKS_PER_QUARTER / count
        # Exporters round tuplets to file ticks: a twentieth of a grid tick at 480.
        is_exact |= np.abs(ticks - step * np.rint(ticks / step)) <= tolerance + 0.051
    exact_share = float(is_exact.mean())
    if is_fine and (exact_share >= _EXACT_SHARE or exact_share < _MIN_EXACT_SHARE):
        return exact_share >= _EXACT_SHARE
    allowed = _MAX_ROUGH_SHARE
    if is_fine and exact_share >= _ORNAMENTED_EXACT_SHARE:
        allowed = _MAX_ROUGH_SHARE_OF_ORNAMENTED
    off_tuplet = ~is_exact | (np.abs(ticks - nearest) <= tolerance)
    # Bars of odd lengths put all that follows off the quarters counted from tick 0.
    for position in (nearest, np.rint(_phases(ticks, bars)[1])):
        rough = off_tuplet & (position % 2 != 0) & (position % 3 != 0)
        if rough.mean() <= allowed:
            return True
    return False


def snap_onsets(ticks: Floats, bars: Floats, is_exact: bool) -> tuple[Ints, dict[int, int]]:
    """Return the onsets on the grid and the step of each beat that has any.

    Beats are quarters counted from the bar line and named by the tick they start at.
    """
    starts, relative = _phases(ticks, bars)
    beats = starts + GRID_TICKS_PER_QUARTER * np.floor((relative + 1e-6) / GRID_TICKS_PER_QUARTER)
    names, index = np.unique(beats, return_inverse=True)
    inside = ticks - beats
    errors = np.zeros((len(_STEPS), len(names)))  # of the worst onset of each beat
    snapped = np.empty((len(_STEPS), len(ticks)))
    for row, step in enumerate(_STEPS):
        snapped[row] = step * np.rint(inside / step)
        np.maximum.at(errors[row], index, np.abs(snapped[row] - inside))
    best = (errors.T + _PRICES).argmin(axis=1)
    # Beats that sixteenths and triplets read differently tell a track's habit.
    telling = np.zeros(len(names), dtype=bool)
    telling[index[snapped[0] != snapped[1]]] = True
    if (best[telling] == 1).sum() > (best[telling] == 0).sum():
        best = (errors.T + _SWUNG_PRICES).argmin(axis=1)
    steps = {int(name): _STEPS[row] for name, row in zip(names.tolist(), best, strict=True)}
    if is_exact:
        return np.rint(ticks).astype(np.int64), steps
    chosen = snapped[best[index], np.arange(len(ticks))]
    return np.rint(beats + chosen).astype(np.int64), steps


def drum_durations(onsets: Ints) -> Ints:
    """Return a sixteenth for each stroke, less where the next stroke comes sooner."""
    distinct = np.unique(onsets)
    gaps = np.append(np.diff(distinct), DRUM_TICKS)
    durations: Ints = np.minimum(DRUM_TICKS, gaps)[np.searchsorted(distinct, onsets)]
    return durations


def snap_ends(
    played_onsets: Floats, played_ends: Floats, onsets: Ints, steps: dict[int, int], bars: Floats
) -> Ints:
    """Return the durations of a performed track.

    The notes of a chord that end nearly together end together; an end near the next onset
    meets it; any other goes to the nearest step of its beat.
    """
    order = np.lexsort((played_ends, onsets))
    on = onsets[order].tolist()
    ends = played_ends[order].tolist()
    distinct = sorted(set(on))
    is_single_voice = _is_single_voice(played_onsets, played_ends, len(distinct))
    bar_list = bars.tolist()
    result = np.empty(len(on), dtype=np.int64)
    place = order.tolist()
    first = 0
    while first < len(on):
        onset = on[first]
        # Chain the ends of this chord that follow each other closely.
        last = first + 1
        _, slack = _slack(ends[first] - onset)
        while last < len(on) and on[last] == onset and ends[last] - ends[last - 1] <= slack:
            last += 1
        end = ends[first] if last == first + 1 else sum(ends[first:last]) / (last - first)
        gap, overlap = _slack(end - onset)
        i = bisect_left(distinct, end)
        following = bisect_left(distinct, onset + 1)
        snapped = 0
        near = [distinct[k] for k in (i - 1, i) if following <= k < len(distinct)]
        near = [t for t in near if -overlap <= t - end <= gap]
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


def _slack(duration: float) -> tuple[float, float]:
    """Return how long before and after an onset (ticks) an end may be and still mean to meet it.

    Players leave gaps of up to a third of a beat in what is written without one; what overlaps
    by a quarter of a beat is another voice.
    """
    return min(8.0, max(4.0, duration / 2)), min(6.0, max(3.0, duration / 3))


def _is_single_voice(onsets: Floats, ends: Floats, distinct_count: int) -> bool:
    """Tell whether a track is one melody whose overlaps are only in the playing."""
    if distinct_count < 0.95 * len(onsets):
        return False
    order = np.argsort(onsets, kind="stable")
    overlap = np.maximum(0, ends[order][:-1] - onsets[order][1:])
    return float(overlap.sum()) <= 0.1 * float((ends - onsets).sum())
