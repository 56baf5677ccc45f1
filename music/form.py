"""The form of a piece: sections by letter, of which equal ones return."""

import re
from typing import NamedTuple

from partimento.errors import SettingError

SECTION_BARS = 8
"""Bars of a section when neither it nor the piece says how many."""
MOST_BARS = 1024
_SECTION = re.compile(r"([A-Za-z])([0-9]*)")


class Section(NamedTuple):
    """A stretch of bars."""

    name: str
    """Its letter; case counts, so that i and o are free for introduction and close."""
    first: int
    """Number of its first bar."""
    bars: int
    original: int | None
    """Number of the first bar of the section that it returns to; None: it is new."""


def parse_form(text: str, bars: int | None = None) -> list[Section]:
    """The sections that a text names, such as AABA or i4A8A8B8A8o4.

    A section without a length has that of its first appearance; `bars`, the length of the piece,
    is shared out among the letters that have none, else they last SECTION_BARS. SettingError when
    the text is no form, or the lengths do not make `bars`.

    >>> [(s.name, s.first, s.bars, s.original) for s in parse_form("A4BA")]
    [('A', 0, 4, None), ('B', 4, 8, None), ('A', 12, 4, 0)]
    """
    names, lengths = _read(text)
    sections: list[Section] = []
    originals: dict[str, int] = {}
    first = 0
    for name, length in zip(names, _spread(text, names, lengths, bars), strict=True):
        sections.append(Section(name, first, length, originals.get(name)))
        originals.setdefault(name, first)
        first += length
    return sections


def stated_bars(text: str) -> int | None:
    """How many bars a form makes by itself; None where a section has no length.

    >>> stated_bars("A8A8B4A"), stated_bars("A8B")
    (28, None)
    """
    names, lengths = _read(text)
    given = _lengths(names, lengths)
    return sum(length for length in given if length) if None not in given else None


def _read(text: str) -> tuple[list[str], list[int | None]]:
    """The names of the sections and the lengths that are written behind them."""
    plain = re.sub(r"[\s,|-]", "", text)
    found = _SECTION.findall(plain)
    if not found or "".join(name + length for name, length in found) != plain:
        raise SettingError(
            "form", f"must be letters with or without lengths, as AABA or i4A8B8A8, got {text!r}"
        )
    lengths = [int(length[:5]) if length else None for _, length in found]
    return [name for name, _ in found], lengths


def _lengths(names: list[str], lengths: list[int | None]) -> list[int | None]:
    """The length of each section, that of the first of its name where it has none."""
    known: dict[str, int] = {}
    for name, length in zip(names, lengths, strict=True):
        if length is not None:
            known.setdefault(name, length)
    return [
        known.get(name) if length is None else length
        for name, length in zip(names, lengths, strict=True)
    ]


def _spread(text: str, names: list[str], lengths: list[int | None], bars: int | None) -> list[int]:
    """The length of each section; SettingError when they do not fit the piece."""
    given = _lengths(names, lengths)
    free = [name for name, length in zip(names, given, strict=True) if length is None]
    if bars is None or not free:
        share, rest = SECTION_BARS, 0
    else:
        share, rest = divmod(bars - sum(length or 0 for length in given), len(free))
        if share < 1:
            raise SettingError("form", f"{text!r} has more sections than fit into {bars} bars")
    # What is left over goes to the last free section, unless it is one of several.
    spread = [share if length is None else length for length in given]
    if rest and free.count(free[-1]) == 1:
        spread[len(spread) - 1 - given[::-1].index(None)] += rest
        rest = 0
    total = sum(spread)
    if 0 in spread or total > MOST_BARS:
        raise SettingError(
            "form", f"must have 1 to {MOST_BARS} bars and no empty section, got {text!r}"
        )
    if rest or (bars is not None and total != bars):
        raise SettingError("form", f"{text!r} makes {total} bars, but the piece has {bars}")
    return spread
