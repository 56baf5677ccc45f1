"""Parts of a choir and desks of an orchestra: soprano, alto, tenor, bass; second violin."""

import re

from partimento.request.words.prompt import Found, Prompt

FEWEST = 2
"""Parts in a row that make a choir; one alone is a singer, as the lexicon has it."""

_BETWEEN = re.compile(r"[\s,/&+-]*")


def find_voices(prompt: Prompt, index: int) -> Found | None:
    """Voices in a row, a line of the choir for each: soprano, alto, tenor and bass.

    A bass is a voice behind two others; elsewhere the word means the instrument.
    """
    count, end = 0, index
    while end < len(prompt.words):
        length = prompt.leads(end, "voice_parts", *["bass_parts"] * (count >= FEWEST))
        if not length or prompt.phrase(end, prompt.lexicon.phrases) > length:
            break  # a tenor saxophone is none
        count, end = count + 1, end + length
        joiner = prompt.leads(end, "joiners") if end < len(prompt.words) else 0
        if not _BETWEEN.fullmatch(prompt.gap(end)):
            break
        if joiner and prompt.leads(end + joiner, "voice_parts", "bass_parts"):
            end += joiner
    if count < FEWEST or prompt.words[end - 1].plain in ("and", "&"):
        return None
    return end, {"instruments": ("choir",) * count}


def find_desk(prompt: Prompt, index: int) -> Found | None:
    """An instrument by its number: a second violin means two of them."""
    number = prompt.value(index, "ordinals")
    if number is None or not prompt.is_close(number[1]):
        return None
    here = number[1]
    length = prompt.phrase(here, prompt.lexicon.phrases)
    if not length:
        return None
    entry = prompt.lexicon.phrases[prompt.plain(here, length)]
    players = entry.settings.get("instruments")
    if entry.section != "instruments" or not isinstance(players, tuple) or len(players) > 1:
        return None
    return here + length, {"instruments": players * int(number[0])}


def find_unsupported(prompt: Prompt, index: int) -> Found | None:
    """What no setting stands for and must not be taken for something else: on an upbeat."""
    length = prompt.leads(index, "unsupported")
    if not length:
        return None
    end = index + length
    known = prompt.lexicon.phrases.get(prompt.plain(end - 1, 1))
    if known is None or known.section != "moods" or not prompt.is_close(end):
        return end, {}
    # A mood in front of what it describes: with an upbeat swing.
    return (end, {}) if prompt.leads(end, "joiners", "turns", "weak_key_leads") else None
