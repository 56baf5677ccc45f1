"""Clefs: which one shows a part's notes with the fewest ledger lines."""

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from partimento.music.score import Track


class Clef(NamedTuple):
    """A clef as MusicXML names it."""

    sign: str
    line: int
    octaves: int = 0
    """Octaves by which the notes sound higher than the plain clef says."""


TREBLE, BASS, ALTO = Clef("G", 2), Clef("F", 4), Clef("C", 3)
TREBLE_8VB, BASS_8VB, PERCUSSION = Clef("G", 2, -1), Clef("F", 4, -1), Clef("percussion", 2)
TREBLE_8VA = Clef("G", 2, 1)
# Lowest and highest pitch with one ledger line at most.
_RANGES = {
    **{TREBLE: (59, 82), BASS: (38, 62), ALTO: (47, 72)},
    **{TREBLE_8VA: (71, 94), TREBLE_8VB: (47, 70), BASS_8VB: (26, 50)},
}
_ODD_CLEF = 2.0
"""Semitones beyond the staff, of an average note, that an unusual clef must save to be taken."""

_CLEFS = {
    **dict.fromkeys(range(24, 32), TREBLE_8VB),
    **dict.fromkeys((*range(32, 40), 43), BASS_8VB),
    **dict.fromkeys((41,), ALTO),
}
_TENOR = re.compile(r"\btenor", re.IGNORECASE)
_VOICE_PROGRAMS = range(52, 55)
"""General MIDI's choirs and voices."""


def part_clef(track: Track, pitches: Sequence[int]) -> Clef:
    """The clef of a part on one staff, as is usual for the instrument unless it plays elsewhere."""
    is_tenor = _TENOR.search(track.name) and track.program in _VOICE_PROGRAMS
    usual = TREBLE_8VB if is_tenor else _CLEFS.get(track.program)
    others = [TREBLE] if usual == ALTO else [TREBLE, BASS]
    return _fewest_ledger_lines([usual, *others] if usual else others, pitches, usual)


def hand_clef(usual: Clef, pitches: Sequence[int]) -> Clef:
    """The clef of one staff of a keyboard: the usual one unless the hand stays elsewhere."""
    return _fewest_ledger_lines([usual, BASS if usual == TREBLE else TREBLE], pitches)


def _fewest_ledger_lines(
    candidates: Sequence[Clef], pitches: Sequence[int], usual: Clef | None = None
) -> Clef:
    """The best of some clefs, the first in doubt; one with an octave sign in extreme places."""
    if not pitches:
        return candidates[0]

    def cost(clef: Clef) -> float:
        low, high = _RANGES[clef]
        beyond = np.maximum(low - np.array(pitches), 0) + np.maximum(np.array(pitches) - high, 0)
        is_odd = clef.octaves and clef != usual
        return float(beyond.mean()) + _ODD_CLEF * (is_odd - (clef == usual))

    return min([*candidates, TREBLE_8VA, BASS_8VB], key=cost)
