"""Hands: which notes of a keyboard stand on the upper staff, which on the lower."""

from collections.abc import Sequence
from itertools import groupby

import numpy as np
import numpy.typing as npt

from partimento.music.bars import Bar
from partimento.rendering.notation.parts import StaffNote

Hands = tuple[list[StaffNote], list[StaffNote]]
"""Upper and lower."""

# None of these is measured: they were set by eye on the keyboard music of the corpus.
_MIDDLE_C = 60
_APART = 5
"""Semitones between the mean pitches of two lines that are a hand each."""
_REACH = 28
"""Semitones that a line of one hand covers in a piece: two octaves and a third."""
_THRESHOLDS = np.arange(52, 69)
"""Pitches at which the right hand may begin: about half an octave around middle C."""
_SPAN = 12
"""Semitones that a hand takes at once."""
_CROSSING = 0.3
"""Cost of a semitone beyond middle C, beside 1 for a semitone beyond a hand's span."""
_CHANGE = 0.5
"""Cost of a semitone by which the dividing pitch changes from bar to bar."""


def share_hands(lines: Sequence[Sequence[StaffNote]], bars: Sequence[Bar]) -> Hands:
    """Share a keyboard's notes between the upper and the lower staff."""
    if len({n.line for line in lines for n in line}) == 4:  # four voices, as in a hymnal
        return [*lines[0], *lines[1]], [*lines[2], *lines[3]]
    means = [float(np.mean([n.note.pitch for n in line])) for line in lines]
    reaches = [int(np.ptp([n.note.pitch for n in line])) for line in lines]
    if len(lines) == 2 and abs(means[0] - means[1]) > _APART:
        upper, lower = sorted(range(2), key=lambda i: -means[i])
        return list(lines[upper]), list(lines[lower])
    if len(lines) > 2 and max(reaches) <= _REACH and min(means) < _MIDDLE_C <= max(means):
        halves: Hands = ([], [])
        for line, mean in zip(lines, means, strict=True):
            halves[mean < _MIDDLE_C].extend(line)
        return halves
    return _split(sorted((n for line in lines for n in line), key=lambda n: n.note), bars)


def _split(notes: Sequence[StaffNote], bars: Sequence[Bar]) -> Hands:
    """Divide at a pitch that may change from bar to bar, for small hands and few ledger lines."""
    starts = [bar.start for bar in bars]
    costs = np.zeros((len(bars), len(_THRESHOLDS)))
    for onset, group in groupby(notes, key=lambda n: n.note.onset):
        pitches = np.array([n.note.pitch for n in group])
        costs[_bar_at(starts, onset)] += [_cost(pitches, int(t)) for t in _THRESHOLDS]
    thresholds = _THRESHOLDS[_cheapest(costs)].tolist()
    hands: Hands = ([], [])
    for note in notes:
        hands[note.note.pitch < thresholds[_bar_at(starts, note.note.onset)]].append(note)
    return hands


def _bar_at(starts: Sequence[int], onset: int) -> int:
    return int(np.searchsorted(starts, onset, "right")) - 1


def _cost(pitches: npt.NDArray[np.int64], threshold: int) -> float:
    """What it costs to divide what is struck at once at a pitch."""
    upper, lower = pitches[pitches >= threshold], pitches[pitches < threshold]
    beyond = np.maximum(_MIDDLE_C - upper, 0).sum() + np.maximum(lower - _MIDDLE_C, 0).sum()
    too_wide = sum(max(0, int(np.ptp(hand)) - _SPAN) for hand in (upper, lower) if len(hand))
    return float(_CROSSING * beyond + too_wide)


def _cheapest(costs: npt.NDArray[np.float64]) -> list[int]:
    """The column of each bar (bars, columns) that costs least together with its changes."""
    change = _CHANGE * np.abs(_THRESHOLDS[:, None] - _THRESHOLDS[None, :])
    best = costs[0]
    back = []
    for row in costs[1:]:
        total = best[:, None] + change
        back.append(total.argmin(axis=0))
        best = total.min(axis=0) + row
    path = [int(best.argmin())]
    for row in reversed(back):
        path.append(int(row[path[-1]]))
    return path[::-1]
