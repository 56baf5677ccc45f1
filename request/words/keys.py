"""Keys in a prompt: D minor, in F sharp, key of Bb, in f#m, E dorian."""

import re

from partimento.errors import PartimentoError
from partimento.music.keys import FOREIGN_MODES, parse_key
from partimento.request.words.lexicon import Value
from partimento.request.words.prompt import Found, Prompt
from partimento.request.words.spelling import plain

_MOST_WORDS = 3
"""Words of a key in another language: mi bemol mayor."""
_BREAK = re.compile(r"\s*[,.;:!?)\]-]")


_ASKED = (("b",), ("h",))
"""Letters that are other notes in German."""
_GERMAN_KEY = re.compile(r"([bh])[ -]?(dur|moll)")
_STOP = re.compile(r"[.!?]\s*$")
_LEAD_GAP = re.compile(r"[\s:=-]*")


def find_key(prompt: Prompt, index: int) -> Found | None:
    """A tonic at a word, or behind a lead there, with the mode or scale behind it."""
    strong = prompt.leads(index, "key_leads")
    weak = max(strong, prompt.leads(index, "weak_key_leads"))
    here = index + weak
    tonic = _tonic(prompt, here)
    if tonic is None or (weak and not _LEAD_GAP.fullmatch(prompt.gap(here))):
        return None
    name, minor, signed, behind = tonic
    mode, end = _mode(prompt, behind)
    if minor:
        mode, end = {"mode": "minor"}, behind
    written = prompt.raw(here)
    goes_on = bool(mode) or _names_scale(prompt, behind)
    if prompt.plain(here, 1) in prompt.lexicon.tables["article"] and not signed:
        if not _is_tonic(prompt, here, end, weak > 0, strong > 0, goes_on):
            return None
    elif not weak and not goes_on and not (signed and written[0].isupper()):
        return None
    if minor and not weak and written[0].islower():
        return None
    return end, {"tonic": name, **mode}


def find_foreign_key(prompt: Prompt, index: int) -> Found | None:
    """A key of another language at a word, or behind a lead there: in d-Moll, do mayor.

    Ones that could be two keys, such as B-Dur, ask for nothing and so are named as ignored.
    """
    here = index + max(prompt.leads(index, "key_leads"), prompt.leads(index, "weak_key_leads"))
    if not here < len(prompt.words):
        return None
    for end in range(here + 2, min(here + _MOST_WORDS, len(prompt.words)) + 1):
        if not prompt.is_close(end - 1):
            return None
        if prompt.words[end - 1].plain in FOREIGN_MODES:
            written = prompt.text[prompt.words[here].start : prompt.words[end - 1].end]
            try:
                key = parse_key(written)
            except PartimentoError:
                return (end, {}) if prompt.plain(here, 1) in _ASKED else None
            return end, {"tonic": key.tonic_name, "mode": "minor" if key.is_minor else "major"}
    return None


def _is_tonic(
    prompt: Prompt, index: int, end: int, leads: bool, is_strong: bool, goes_on: bool
) -> bool:
    """Whether the word that is an article as well names a tonic here."""
    is_upper = prompt.raw(index)[0].isupper()
    if goes_on:
        nouns = prompt.lexicon.lists["mode_nouns"]
        if (end > index + 1 and prompt.plain(end - 1, 1) in nouns and not is_upper) or (
            prompt.is_close(end) and prompt.leads(end, "mode_nouns")
        ):
            return False  # in a minor key
        opens = not leads and (index == 0 or _STOP.search(prompt.gap(index)) is not None)
        return leads or (is_upper and (not opens or _is_plain_mode(prompt, end - 1)))
    if is_strong:
        return True
    ends = end == len(prompt.words) or _BREAK.match(prompt.gap(end)) is not None
    return leads and is_upper and (ends or prompt.leads(end, "fillers", "joiners", "turns") > 0)


def _is_plain_mode(prompt: Prompt, index: int) -> bool:
    """Whether a word is major or minor."""
    entry = prompt.lexicon.phrases.get(prompt.plain(index, 1))
    return entry is not None and "mode" in entry.settings and entry.section == "scales"


def _names_scale(prompt: Prompt, index: int) -> bool:
    """Whether a phrase of another kind that brings a scale follows, as in E blues."""
    if not prompt.is_close(index):
        return False
    length = prompt.phrase(index, prompt.lexicon.phrases)
    return length > 0 and "scale" in prompt.lexicon.phrases[prompt.plain(index, length)].settings


def _tonic(prompt: Prompt, index: int) -> tuple[str, bool, bool, int] | None:
    """Name of a tonic, whether an m makes it minor, whether it has a sign, the index behind it."""
    if index >= len(prompt.words):
        return None
    tonics = prompt.lexicon.tables["tonics"]
    match = re.fullmatch(r"(.+?)([#b]?)(m?)", prompt.words[index].plain)
    if match is None or (match[1],) not in tonics:
        return None
    name, sign, minor = str(tonics[match[1],]), match[2], bool(match[3])
    index += 1
    if not sign and not minor and prompt.is_close(index):
        found = prompt.value(index, "accidentals")
        if found is not None:
            sign, index = str(found[0]), found[1]
    return name + sign, minor, bool(sign) or minor, index


def _mode(prompt: Prompt, index: int) -> tuple[dict[str, Value], int]:
    """Mode or scale behind a tonic, when there is one, and the index behind it."""
    if not prompt.is_close(index):
        return {}, index
    phrases = prompt.lexicon.phrases
    # A longer phrase of another kind may start here: "minor twelve bar blues".
    length = prompt.phrase(index, phrases)
    while length:
        entry = phrases.get(prompt.plain(index, length))
        if entry is not None and entry.section == "scales" and "tonic" not in entry.settings:
            kept = {k: v for k, v in entry.settings.items() if k in ("mode", "scale")}
            if kept:
                return kept, index + length
        length -= 1
    return {}, index


def german_key(word: str) -> str | None:
    """The key that a word with the German letters H and B means; None for other words.

    >>> german_key("B-Dur"), german_key("h-Moll"), german_key("H"), german_key("Hall")
    ('Bb major', 'B minor', 'B', None)
    """
    if word == "H":
        return "B"
    match = _GERMAN_KEY.fullmatch(plain(word))
    if match is None:
        return None
    return f"{'B' if match[1] == 'h' else 'Bb'} {'minor' if match[2] == 'moll' else 'major'}"
