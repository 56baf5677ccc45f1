"""Parts that belong together: brackets before the staves, bar lines through them."""

import re
from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

from partimento.rendering.notation.staves import Part

_VOICES = re.compile(r"(soprano|alto|tenor|bass|[satb])( \d+)?", re.IGNORECASE)
_FAMILIES = {
    "strings": (*range(40, 46), *range(48, 52)),
    "voices": (52, 53, 54),
    "brass": range(56, 64),
    "winds": range(64, 80),
}


class Group(NamedTuple):
    """Parts from `first` to `last` under one bracket."""

    first: int
    last: int
    has_joined_bar_lines: bool
    """Not between voices, where the words stand."""


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
    if _VOICES.fullmatch(part.name):
        return "voices"
    return next((name for name, programs in _FAMILIES.items() if part.program in programs), "")
