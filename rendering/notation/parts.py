"""Parts: a player's staves, their names, and the brackets before those that belong together."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from partimento.music.score import Note
from partimento.rendering.notation.clefs import Clef
from partimento.rendering.notation.spelling import Spelled

_SHORT = {
    **{"soprano": "S.", "alto": "A.", "tenor": "T.", "bass": "B.", "choir": "Ch.", "voice": "V."},
    **{"violin": "Vln.", "viola": "Vla.", "cello": "Vc.", "violoncello": "Vc."},
    **{"contrabass": "Cb.", "strings": "Str.", "harp": "Hp.", "guitar": "Gtr.", "fiddle": "Fid."},
    **{"flute": "Fl.", "oboe": "Ob.", "clarinet": "Cl.", "bassoon": "Bsn.", "recorder": "Rec."},
    **{"saxophone": "Sax", "horn": "Hn.", "trumpet": "Tpt.", "trombone": "Tbn.", "tuba": "Tba."},
    **{"piano": "Pno.", "organ": "Org.", "harpsichord": "Hpsd.", "accordion": "Acc."},
    **{"drums": "Dr.", "percussion": "Perc.", "timpani": "Timp.", "vibraphone": "Vib."},
    **{"acoustic": "Ac.", "electric": "El.", "english": "Eng.", "grand": ""},
}
_LONGEST = 4
"""Letters of a word that needs no shortening."""
_VOICE = re.compile(r"(soprano|alto|tenor|bass|[satb])( \d+)?", re.IGNORECASE)
_FAMILIES = {
    "strings": (*range(40, 46), *range(48, 52)),
    "voices": (52, 53, 54),
    "brass": range(56, 64),
    "winds": range(64, 80),
}


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


class Group(NamedTuple):
    """Parts from `first` to `last` under one bracket."""

    first: int
    last: int
    has_joined_bar_lines: bool
    """Not between voices, where the words stand."""


def distinct_names(names: Sequence[str], instruments: Sequence[str]) -> list[str]:
    """Names that tell parts apart: an instrument's where several share one, else numbers.

    >>> distinct_names(["Track", "Track", "Track", "Solo"], ["Flute", "Viola", "Viola", "Oboe"])
    ['Flute', 'Viola 1', 'Viola 2', 'Solo']
    """
    counts = Counter(names)
    found = [
        instrument if counts[name] > 1 else name
        for name, instrument in zip(names, instruments, strict=True)
    ]
    counts, seen = Counter(found), Counter[str]()
    for place, name in enumerate(found):
        if counts[name] > 1:
            seen[name] += 1
            found[place] = f"{name} {seen[name]}"
    return found


def abbreviation(name: str) -> str:
    """The short form of a part's name.

    >>> abbreviation("Violin 2"), abbreviation("Electric bass"), abbreviation("Hurdy-gurdy")
    ('Vln. 2', 'El. B.', 'Hur.')
    """
    return " ".join(filter(None, map(_short, name.split())))


def _short(word: str) -> str:
    known = _SHORT.get(word.lower())
    if known is not None:
        return known
    letters = re.match(r"\w*", word)
    return word if len(word) <= _LONGEST or not letters else f"{letters[0][:3]}."


def group_parts(parts: Sequence[Part]) -> list[Group]:
    """Neighbours of one family, two at least; keyboards and drums stand alone."""
    groups = []
    first = 0
    for family, members in groupby(parts, key=_family):
        last = first + len(list(members)) - 1
        if family and last > first:
            groups.append(Group(first, last, family != "voices"))
        first = last + 1
    return groups


def _family(part: Part) -> str:
    if part.is_drum or len(part.staves) > 1:
        return ""
    if _VOICE.fullmatch(part.name):
        return "voices"
    return next((name for name, programs in _FAMILIES.items() if part.program in programs), "")
