"""Numbers in figures and words, and what they count: bars, time, beats a minute, instruments."""

import re

from partimento.request.words.prompt import Found, Prompt

MAX_DIGITS = 6
"""A longer number counts nothing in music."""
MAX_COUNT = 16
"""Of one instrument."""
SECONDS = {"seconds": 1.0, "minutes": 60.0, "hours": 3600.0}
LIKELY_TEMPOS = range(30, 401)
"""Where a number behind a weak lead such as "at" counts beats a minute."""

_ASSIGNMENT = re.compile(r"\s*[:=]?\s*")
_PART = re.compile(r"([0-9] ?[/:] ?|(?<![\w-])-)$")
_PARTED = re.compile(r" ?[/:] ?[0-9]")
_EQUALS = re.compile(r"\s*=\s*")


def find_number(prompt: Prompt, index: int) -> tuple[float, int] | None:
    """The number that starts at a word, and the index behind it; no part of a fraction."""
    if index >= len(prompt.words):
        return None
    found = _figures(prompt, index) or _number_words(prompt, index)
    if found is None:
        return None
    value, index = found
    if prompt.is_close(index):
        length = prompt.leads(index, "halves")
        if length:
            return value + 0.5, index + length
    return value, index


def find_quantity(prompt: Prompt, index: int) -> Found | None:
    """A number with a unit, such as 16 bars or two minutes and ten seconds; or of instruments."""
    number = find_number(prompt, index)
    if number is None:
        return None
    value, here = number
    if not prompt.is_close(here):
        return None
    unit = prompt.value(here, "units")
    if unit is None:
        return _count(prompt, value, here)
    kind, here = str(unit[0]), unit[1]
    if kind in SECONDS:
        value, here = _time(prompt, value * SECONDS[kind], here)
        kind = "seconds"
    if value <= 0:
        return None
    if prompt.is_close(here):
        here += prompt.leads(here, "unit_tails")
    if kind == "bars":
        value = max(1, round(value))
    return here, {kind: value}


def find_setting(prompt: Prompt, index: int) -> Found | None:
    """A number behind what it sets, such as tempo 96, bars: 16 or seed 7."""
    lead = prompt.value(index, "number_leads")
    weak = prompt.leads(index, "weak_tempo_leads")
    if lead is None and not weak:
        return None
    setting, here = lead if lead is not None else ("bpm", index + weak)
    if not _ASSIGNMENT.fullmatch(prompt.gap(here)):
        return None
    number = find_number(prompt, here)
    while number is None and lead is not None and (filler := prompt.leads(here, "fillers")):
        here += filler
        number = find_number(prompt, here)
    if number is None:
        return None
    value, here = number
    unit = prompt.value(here, "units") if prompt.is_close(here) else None
    if unit is not None and unit[0] == setting:
        here = unit[1]
    elif unit is not None or (lead is None and round(value) not in LIKELY_TEMPOS):
        return None
    if setting in ("bars", "seed"):
        value = round(value)
    return here, {str(setting): value}


def find_tempo(prompt: Prompt, index: int) -> Found | None:
    """A note value and how many fit in a minute, such as dotted quarter = 60."""
    note = prompt.value(index, "note_values")
    if note is None or not _EQUALS.fullmatch(prompt.gap(note[1])):
        return None
    number = find_number(prompt, note[1])
    return None if number is None else (number[1], {"bpm": number[0] * float(note[0])})


def _figures(prompt: Prompt, index: int) -> tuple[float, int] | None:
    word = prompt.words[index]
    written = prompt.text[word.start : word.end]
    if not ("0" <= written[0] <= "9") or len(written) > MAX_DIGITS:
        return None
    if _PART.search(prompt.text[max(0, word.start - 4) : word.start]) or _PARTED.match(
        prompt.text, word.end
    ):
        return None
    return float(written), index + 1


def _number_words(prompt: Prompt, index: int) -> tuple[float, int] | None:
    """Numbers below 1000 in words, such as twenty four or one hundred and twenty."""
    found = prompt.value(index, "numbers")
    if found is None:
        if prompt.plain(index, 1) not in prompt.lexicon.tables["article"]:
            return None
        found = (1.0, index + 1)
        if not prompt.leads(found[1], "hundreds"):
            return None
    value, here = float(found[0]), found[1]
    value, here = _with_ones(prompt, value, here)
    hundreds = prompt.leads(here, "hundreds") if prompt.is_close(here) else 0
    if hundreds and 1 <= value < 10:
        value, here = value * 100, here + hundreds
        joined = here + prompt.phrase(here, prompt.lexicon.tables["number_joiner"])
        rest = prompt.value(joined, "numbers") if prompt.is_close(joined) else None
        if rest is not None and float(rest[0]) < 100:
            tail, here = _with_ones(prompt, float(rest[0]), rest[1])
            value += tail
    return value, here


def _with_ones(prompt: Prompt, value: float, index: int) -> tuple[float, int]:
    """Add the ones behind a multiple of ten."""
    ones = prompt.value(index, "numbers") if prompt.is_close(index) else None
    if ones is not None and 20 <= value < 100 and value % 10 == 0 and 1 <= float(ones[0]) < 10:
        return value + float(ones[0]), ones[1]
    return value, index


def _time(prompt: Prompt, seconds: float, index: int) -> tuple[float, int]:
    """Add the smaller units that follow, such as 30 seconds behind two minutes."""
    joined = index + prompt.phrase(index, prompt.lexicon.tables["number_joiner"])
    number = find_number(prompt, joined) if prompt.is_close(joined) else None
    if number is not None and prompt.is_close(number[1]):
        unit = prompt.value(number[1], "units")
        if unit is not None and str(unit[0]) in SECONDS:
            return seconds + number[0] * SECONDS[str(unit[0])], unit[1]
    halves = prompt.leads(index, "halves") if prompt.is_close(index) else 0
    if halves:
        return seconds + (30.0 if seconds >= 60 else 0.5), index + halves
    return seconds, index


def _count(prompt: Prompt, value: float, index: int) -> Found | None:
    """So many of one instrument."""
    length = prompt.phrase(index, prompt.lexicon.phrases)
    if not length or value != round(value) or not 1 <= value <= MAX_COUNT:
        return None
    entry = prompt.lexicon.phrases[prompt.plain(index, length)]
    names = entry.settings.get("instruments")
    if entry.section != "instruments" or not isinstance(names, tuple) or len(names) != 1:
        return None
    return index + length, {"instruments": names * int(value)}
