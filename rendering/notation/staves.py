"""Which staves a score is written on: parts, hands of a keyboard, clefs."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import NamedTuple

import numpy as np

from partimento.music.bars import Bar
from partimento.music.instruments import PROGRAM_NAMES
from partimento.music.score import Note, Score, Track
from partimento.rendering.notation.part_names import distinct_names
from partimento.rendering.notation.spelling import Spelled


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

_KEYBOARDS = {*range(8), 8, 10, *range(16, 22), 23, 46}
"""Programs written on two staves: pianos, harpsichords, celestas, organs, accordions, harp."""
_CHORDAL = _KEYBOARDS | {9, 11, 12, 13, 14, 15, *range(24, 32), 104, 105, 106, 107}
"""Programs whose numbered lines share their staves: also mallets, guitars and lutes."""
_CLEFS = {
    **dict.fromkeys(range(24, 32), TREBLE_8VB),
    **dict.fromkeys((*range(32, 40), 43), BASS_8VB),
    **dict.fromkeys((41,), ALTO),
}
_HANDS = re.compile(
    r"(?i:\b(?:rh|lh|r\.h\.|l\.h\.|right(?: hand)?|left(?: hand)?|upper|lower|up|down|top|bottom"
    r"|treble|bass staff)\b)|\b[RL]H(?=[A-Z])"
)
_VOICES = re.compile(r"soprano|alto|tenor|bass|s|a|t|b", re.IGNORECASE)
_TENOR = re.compile(r"\btenor", re.IGNORECASE)
_LONGEST_NAME = 32
"""Letters of a part's name; longer ones leave no room for music."""
_THRESHOLDS = np.arange(52, 69)
"""Pitches at which the right hand may begin."""


@dataclass(frozen=True, slots=True)
class StaffNote:
    """A note on its staff."""

    note: Note
    spelled: Spelled
    line: int
    """Notes of different lines are never written as one chord."""


@dataclass(frozen=True, slots=True)
class Staff:
    """Five lines with their clef and notes, ordered by onset."""

    clef: Clef
    notes: tuple[StaffNote, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A player's staves."""

    name: str
    program: int
    is_drum: bool
    staves: tuple[Staff, ...]


def make_parts(
    score: Score, spelled: Sequence[Sequence[Spelled]], bars: Sequence[Bar]
) -> list[Part]:
    """Share the tracks among parts, in the order in which they come.

    Parts of one instrument stand together, drums below all others.
    """
    parts = []
    for indices in _grouped(score.tracks):
        tracks = [score.tracks[i] for i in indices]
        program, is_drum = tracks[0].program, tracks[0].is_drum
        # Four single voices on two staves keep their stems, as in a hymnal.
        is_choir = len(tracks) == 4 and program in _KEYBOARDS and all(map(_is_single, tracks))
        if is_choir:
            indices = sorted(indices, key=lambda i: -_mean(score.tracks[i].notes))
            tracks = [score.tracks[i] for i in indices]
        lines = [
            [
                StaffNote(note, name, place if is_choir else 0)
                for note, name in zip(track.notes, spelled[i], strict=True)
            ]
            for place, (i, track) in enumerate(zip(indices, tracks, strict=True))
        ]
        if is_drum:
            staves = [(PERCUSSION, [note for line in lines for note in line])]
        elif program in _KEYBOARDS and not _fits_one_staff(tracks):
            upper, lower = _hands(lines, bars)
            hands = ((TREBLE, upper), (BASS, lower))
            staves = [(_staff_clef(usual, hand), hand) for usual, hand in hands if hand]
        else:
            notes = [note for line in lines for note in line]
            staves = [(_clef(tracks[0], notes), notes)]
        parts.append(
            Part(
                _part_name(tracks),
                program,
                is_drum,
                tuple(
                    Staff(clef, tuple(sorted(notes, key=lambda n: (n.note, n.line))))
                    for clef, notes in staves
                ),
            )
        )
    general = ["Drums" if part.is_drum else PROGRAM_NAMES[part.program] for part in parts]
    names = distinct_names([part.name for part in parts], general)
    parts = [replace(part, name=name) for part, name in zip(parts, names, strict=True)]
    programs = [part.program for part in parts]
    return sorted(parts, key=lambda part: (part.is_drum, programs.index(part.program)))


def _grouped(tracks: Sequence[Track]) -> list[list[int]]:
    """Indices of the tracks of each part: a kit, a keyboard's hands, an instrument's lines."""
    groups: dict[tuple[object, ...], list[int]] = {}
    keyboards = [t for t in tracks if t.program in _KEYBOARDS and not t.is_drum and t.notes]
    is_hymn = len(keyboards) == len(tracks) == 4 and all(
        _VOICES.fullmatch(t.name.strip()) for t in tracks
    )
    for index, track in enumerate(tracks):
        if not track.notes:
            continue
        name = re.sub(r"\s*\d+$", "", track.name).strip()
        key: tuple[object, ...]
        if track.is_drum:
            key = ("drums",)
        elif track.program in _KEYBOARDS and is_hymn:
            key = ("hymn",)
        elif track.program in _KEYBOARDS and _HANDS.search(track.name):
            key = ("hands", track.program, _HANDS.sub("", name).strip().lower())
        elif track.program in _CHORDAL:
            key = ("lines", track.program, name.lower())
        else:
            key = ("own", index)
        groups.setdefault(key, []).append(index)
    return list(groups.values())


def _mean(notes: Sequence[Note]) -> float:
    return float(np.mean([note.pitch for note in notes]))


def _is_single(track: Track) -> bool:
    """Whether no two notes of a track sound together."""
    pairs = zip(track.notes, track.notes[1:], strict=False)
    return all(a.onset + a.duration <= b.onset for a, b in pairs)


def _fits_one_staff(tracks: Sequence[Track]) -> bool:
    pitches = [note.pitch for track in tracks for note in track.notes]
    return len(tracks) == 1 and (min(pitches) >= 55 or max(pitches) <= 64)


def _part_name(tracks: Sequence[Track]) -> str:
    first = tracks[0]
    general = "Drums" if first.is_drum else PROGRAM_NAMES[first.program]
    name = " ".join("".join(c if c.isprintable() else " " for c in first.name).split())
    if len(tracks) > 1 and not first.is_drum:
        name = _HANDS.sub("", re.sub(r"\s*\d+$", "", name)).strip(" -_,.()")
        if _VOICES.fullmatch(name):
            name = ""
    name = name or general
    if len(name) > _LONGEST_NAME:
        name = name[: _LONGEST_NAME - 1].rstrip() + "…"
    # Names of the vocabulary are in small letters.
    return name[0].upper() + name[1:] if name.islower() else name


def _clef(track: Track, notes: Sequence[StaffNote]) -> Clef:
    """The clef of a part on one staff, as is usual for the instrument unless it plays elsewhere."""
    is_tenor = _TENOR.search(track.name) and 52 <= track.program <= 54
    usual = TREBLE_8VB if is_tenor else _CLEFS.get(track.program)
    others = [TREBLE] if usual == ALTO else [TREBLE, BASS]
    return _fewest_ledger_lines([usual, *others] if usual else others, notes, usual)


def _staff_clef(usual: Clef, notes: Sequence[StaffNote]) -> Clef:
    """The clef of one staff of a keyboard: the usual one unless the hand stays elsewhere."""
    return _fewest_ledger_lines([usual, BASS if usual == TREBLE else TREBLE], notes)


def _fewest_ledger_lines(
    candidates: Sequence[Clef], notes: Sequence[StaffNote], usual: Clef | None = None
) -> Clef:
    """The best of some clefs, the first in doubt; one with an octave sign in extreme places."""
    if not notes:
        return candidates[0]
    pitches = np.array([n.note.pitch for n in notes])

    def cost(clef: Clef) -> float:
        low, high = _RANGES[clef]
        lines = np.maximum(low - pitches, 0) + np.maximum(pitches - high, 0)
        is_odd = clef.octaves and clef != usual
        return float(lines.mean()) + _ODD_CLEF * (is_odd - (clef == usual))

    return min([*candidates, TREBLE_8VA, BASS_8VB], key=cost)


def _hands(
    lines: Sequence[Sequence[StaffNote]], bars: Sequence[Bar]
) -> tuple[list[StaffNote], list[StaffNote]]:
    """Share a keyboard's notes between the upper and the lower staff."""
    if len({n.line for line in lines for n in line}) == 4:
        return [*lines[0], *lines[1]], [*lines[2], *lines[3]]
    means = [_mean([n.note for n in line]) for line in lines]
    ranges = [np.ptp([n.note.pitch for n in line]) for line in lines]
    if len(lines) == 2 and abs(means[0] - means[1]) > 5:
        upper, lower = sorted(range(2), key=lambda i: -means[i])
        return list(lines[upper]), list(lines[lower])
    if len(lines) > 2 and max(ranges) <= 28 and min(means) < 60 <= max(means):
        halves: tuple[list[StaffNote], list[StaffNote]] = ([], [])
        for line, mean in zip(lines, means, strict=True):
            halves[mean < 60].extend(line)
        return halves
    notes = sorted((n for line in lines for n in line), key=lambda n: n.note)
    return _split(notes, bars)


def _split(notes: list[StaffNote], bars: Sequence[Bar]) -> tuple[list[StaffNote], list[StaffNote]]:
    """Divide at a pitch that may change from bar to bar, for small hands and few ledger lines."""
    starts = [bar.start for bar in bars]
    costs = np.zeros((len(bars), len(_THRESHOLDS)))
    for onset, group in groupby(notes, key=lambda n: n.note.onset):
        pitches = np.array([n.note.pitch for n in group])
        bar = int(np.searchsorted(starts, onset, "right")) - 1
        for column, threshold in enumerate(_THRESHOLDS):
            upper, lower = pitches[pitches >= threshold], pitches[pitches < threshold]
            cost = 0.3 * float(np.maximum(60 - upper, 0).sum() + np.maximum(lower - 60, 0).sum())
            for hand in (upper, lower):
                cost += max(0, int(np.ptp(hand)) - 12) if len(hand) else 0
            costs[bar, column] += cost
    change = 0.5 * np.abs(_THRESHOLDS[:, None] - _THRESHOLDS[None, :])
    best = costs[0]
    back = []
    for row in costs[1:]:
        total = best[:, None] + change
        back.append(total.argmin(axis=0))
        best = total.min(axis=0) + row
    path = [int(best.argmin())]
    for row in reversed(back):
        path.append(int(row[path[-1]]))
    path.reverse()
    upper_notes: list[StaffNote] = []
    lower_notes: list[StaffNote] = []
    for note in notes:
        bar = int(np.searchsorted(starts, note.note.onset, "right")) - 1
        is_upper = note.note.pitch >= _THRESHOLDS[path[bar]]
        (upper_notes if is_upper else lower_notes).append(note)
    return upper_notes, lower_notes
