"""From a prompt to findings: what each part of the text asks for, and what asks for nothing.

At each word all readers and phrases are tried, and the longest wins.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from partimento.errors import PartimentoError
from partimento.music.metre import METERS
from partimento.music.pitch import parse_pitch_range
from partimento.request.words.chords import find_chords
from partimento.request.words.keys import find_foreign_key, find_key
from partimento.request.words.lexicon import Value
from partimento.request.words.prompt import Found, Prompt
from partimento.request.words.quantities import find_quantity, find_setting, find_tempo
from partimento.request.words.voices import find_desk, find_unsupported, find_voices

MARKS = ("negations", "alternatives", "joiners", "turns", "articles", "fillers")
"""Lists of the grammar whose words only mean something between findings; the first ones win."""
UNKNOWN = "unknown"
VALUES = "values"
"""Section of what is written out and stands in no table."""

_FRACTION = re.compile(r"([0-9]{1,4}) ?/ ?([0-9]{1,4})(?![0-9])")
_CLOCK = re.compile(r"([0-9]{1,3}):([0-5][0-9])(?![0-9:A-Za-z])")
_NOTE = re.compile(r"[A-Ga-g][#b]?-?[0-9](?![\w#])")
_DASH = re.compile(r"\s*(-|\.\.)\s*")
_METERS = frozenset(f"{numerator}/{denominator}" for numerator, denominator in METERS)


@dataclass(frozen=True, slots=True, eq=False)
class Finding:
    """A part of the text that asks for something; equal to itself only."""

    start: int
    """Place of its first character in the cleaned text."""
    end: int
    text: str
    section: str
    """Section of the lexicon, or VALUES."""
    settings: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Mark:
    """A part of the text that asks for nothing itself."""

    start: int
    end: int
    text: str
    kind: str
    """One of MARKS, or UNKNOWN."""


Event = Finding | Mark


def recognise(prompt: Prompt) -> list[Event]:
    """Everything in a prompt, in order."""
    events: list[Event] = []
    index = 0
    while index < len(prompt.words):
        behind, section, settings = _longest(prompt, index)
        mark_behind, kind = _mark(prompt, index)
        is_finding = behind > index and behind >= mark_behind
        stop = behind if is_finding else mark_behind
        start, end = prompt.words[index].start, prompt.words[stop - 1].end
        text = " ".join(prompt.text[start:end].split())
        if is_finding and settings:
            events.append(Finding(start, end, text, section, settings))
        else:
            events.append(Mark(start, end, text, UNKNOWN if is_finding else kind))
        index = stop
    return events


def _longest(prompt: Prompt, index: int) -> tuple[int, str, Mapping[str, Value]]:
    """Index behind the longest finding at a word, with its section and settings."""
    best, section, settings = index, "", dict[str, Value]()
    length = prompt.phrase(index, prompt.lexicon.phrases)
    if length:
        entry = prompt.lexicon.phrases[prompt.plain(index, length)]
        best, section, settings = index + length, entry.section, dict(entry.settings)
    for find in READERS:
        found = find(prompt, index)
        if found is not None and found[0] > best:
            best, section, settings = found[0], VALUES, dict(found[1])
    return best, section, settings


def _mark(prompt: Prompt, index: int) -> tuple[int, str]:
    """Index behind the longest phrase of the grammar at a word, and its kind."""
    best, kind = index + 1, UNKNOWN
    length = 0
    for name in MARKS:
        here = prompt.leads(index, name)
        if here > length:
            best, kind, length = index + here, name, here
    return best, kind


def _find_fraction(prompt: Prompt, index: int) -> Found | None:
    """A meter; other fractions ask for nothing."""
    match = _FRACTION.match(prompt.text, prompt.words[index].start)
    if match is None:
        return None
    meter = f"{match[1]}/{match[2]}"
    return prompt.behind(match.end(), index), {"meter": meter} if meter in _METERS else {}


def _find_clock(prompt: Prompt, index: int) -> Found | None:
    """A length such as 1:30."""
    match = _CLOCK.match(prompt.text, prompt.words[index].start)
    if match is None:
        return None
    seconds = 60.0 * int(match[1]) + int(match[2])
    behind = prompt.behind(match.end(), index)
    if prompt.is_close(behind):
        unit = prompt.value(behind, "units")
        behind = unit[1] if unit is not None and unit[0] in ("minutes", "hours") else behind
        behind += prompt.leads(behind, "unit_tails")
    return (behind, {"seconds": seconds}) if seconds else None


def _find_range(prompt: Prompt, index: int) -> Found | None:
    """Two notes and what stands between them, such as C3-C6 or C3 to C6."""
    low = _NOTE.match(prompt.text, prompt.words[index].start)
    if low is None:
        return None
    here = prompt.behind(low.end(), index)
    if not _DASH.fullmatch(prompt.gap(here)):
        joiner = prompt.leads(here, "chord_joiners") if prompt.is_close(here) else 0
        if not joiner:
            return None
        here += joiner
    if here >= len(prompt.words):
        return None
    high = _NOTE.match(prompt.text, prompt.words[here].start)
    if high is None:
        return None
    for written in (f"{low[0]}-{high[0]}", f"{high[0]}-{low[0]}"):
        try:
            parse_pitch_range(written)
        except PartimentoError:
            continue
        return prompt.behind(high.end(), here), {"pitch_range": written}
    return None


def _find_group(prompt: Prompt, index: int) -> Found | None:
    """A word such as trio, which makes several of one instrument."""
    found = prompt.value(index, "groups")
    return None if found is None else (found[1], {"group": found[0]})


READERS: tuple[Callable[[Prompt, int], Found | None], ...] = (
    *(find_chords, _find_fraction, _find_clock, _find_range, find_setting, find_tempo),
    *(find_quantity, find_key, find_foreign_key, _find_group),
    *(find_voices, find_desk, find_unsupported),
)
