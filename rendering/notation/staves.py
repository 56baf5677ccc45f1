"""Which staves a score is written on: tracks as parts, one staff or a keyboard's two."""

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from partimento.music.bars import Bar
from partimento.music.instruments import PROGRAM_NAMES
from partimento.music.score import Note, Score, Track
from partimento.rendering.notation.clefs import BASS, PERCUSSION, TREBLE, Clef, hand_clef, part_clef
from partimento.rendering.notation.hands import share_hands
from partimento.rendering.notation.parts import Part, Staff, StaffNote, distinct_names
from partimento.rendering.notation.spelling import Spelled

_KEYBOARDS = {*range(8), 8, 10, *range(16, 22), 23, 46}
"""Programs written on two staves: pianos, harpsichords, celestas, organs, accordions, harp."""
_CHORDAL = _KEYBOARDS | {9, 11, 12, 13, 14, 15, *range(24, 32), 104, 105, 106, 107}
"""Programs whose numbered lines share their staves: also mallets, guitars and lutes."""
_HANDS = re.compile(
    r"(?i:\b(?:rh|lh|r\.h\.|l\.h\.|right(?: hand)?|left(?: hand)?|upper|lower|up|down|top|bottom"
    r"|treble|bass staff)\b)|\b[RL]H(?=[A-Z])"
)
_VOICES = re.compile(r"soprano|alto|tenor|bass|s|a|t|b", re.IGNORECASE)
_LONGEST_NAME = 32
"""Letters of a part's name; longer ones leave no room for music."""
_LOWEST_IN_TREBLE, _HIGHEST_IN_BASS = 55, 64
"""A keyboard track that stays above or below needs one staff: a fourth beyond its ledger line."""

Lines = list[list[StaffNote]]
"""The notes of each track of a part."""


def make_parts(
    score: Score, spelled: Sequence[Sequence[Spelled]], bars: Sequence[Bar]
) -> list[Part]:
    """Share the tracks among parts, in the order in which they come.

    Parts of one instrument stand together, drums below all others.
    """
    parts = []
    for indices in _grouped(score.tracks):
        tracks = [score.tracks[i] for i in indices]
        parts.append(_part(tracks, [spelled[i] for i in indices], bars))
    general = ["Drums" if part.is_drum else PROGRAM_NAMES[part.program] for part in parts]
    names = distinct_names([part.name for part in parts], general)
    parts = [replace(part, name=name) for part, name in zip(parts, names, strict=True)]
    programs = [part.program for part in parts]
    return sorted(parts, key=lambda part: (part.is_drum, programs.index(part.program)))


def _part(
    tracks: Sequence[Track], spelled: Sequence[Sequence[Spelled]], bars: Sequence[Bar]
) -> Part:
    """The part of some tracks."""
    order = list(range(len(tracks)))
    # Four single voices on two staves keep their stems, as in a hymnal.
    is_choir = len(tracks) == 4 and _is_keyboard(tracks[0]) and all(map(_is_single, tracks))
    if is_choir:
        order.sort(key=lambda i: -_mean(tracks[i].notes))
    lines = [
        [
            StaffNote(note, name, place if is_choir else 0)
            for note, name in zip(tracks[i].notes, spelled[i], strict=True)
        ]
        for place, i in enumerate(order)
    ]
    ordered = [tracks[i] for i in order]
    staves = tuple(
        Staff(clef, tuple(sorted(notes, key=lambda n: (n.note, n.line))))
        for clef, notes in _staves(ordered, lines, bars)
    )
    first = ordered[0]
    return Part(_part_name(ordered), first.program, first.is_drum, staves)


def _staves(
    tracks: Sequence[Track], lines: Lines, bars: Sequence[Bar]
) -> list[tuple[Clef, list[StaffNote]]]:
    """Clef and notes of each staff of a part."""
    notes = [note for line in lines for note in line]
    if tracks[0].is_drum:
        return [(PERCUSSION, notes)]
    if _is_keyboard(tracks[0]) and not _fits_one_staff(tracks):
        hands = zip((TREBLE, BASS), share_hands(lines, bars), strict=True)
        return [(hand_clef(usual, _pitches(hand)), hand) for usual, hand in hands if hand]
    return [(part_clef(tracks[0], _pitches(notes)), notes)]


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
    return len(tracks) == 1 and (
        min(pitches) >= _LOWEST_IN_TREBLE or max(pitches) <= _HIGHEST_IN_BASS
    )


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


def _is_keyboard(track: Track) -> bool:
    return track.program in _KEYBOARDS and not track.is_drum


def _pitches(notes: Sequence[StaffNote]) -> list[int]:
    return [note.note.pitch for note in notes]
