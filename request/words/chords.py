"""Chord symbols and degrees in a prompt: starting Dm Gm A7, over ii-V-I, Am F C G."""

import re

from partimento.errors import PartimentoError
from partimento.music.chords import REPEAT, parse_chords
from partimento.music.degrees import DEGREE
from partimento.request.words.prompt import Found, Prompt

FEWEST_ALONE = 3
"""Symbols without a lead are chords from so many on."""
FEWEST_RICH = 2
"""The same when each is so long that it can be nothing else: Cmaj7 F6/9."""
_RICH = 4
"""Fewest characters of such a symbol."""

_CHUNK = re.compile(r"N\.?C\.?(?![^\s,|;:])|[A-Ga-g][^\s,|;]*")
_END = ".!?)\"'"
_BETWEEN = re.compile(rf"[\s,|>{REPEAT}-]*")
_DOTS = re.compile(r"\s*(\.\.\.|…)")


def find_chords(prompt: Prompt, index: int) -> Found | None:
    """Chord symbols or degrees, behind a lead or three and more of them."""
    here, opens, leads = _skip_leads(prompt, index)
    symbols, end = _symbols(prompt, here, leads)
    setting = "chords"
    if not symbols:
        symbols, end = _degrees(prompt, here)
        setting = "progression"
        if len(symbols) < (2 if leads else FEWEST_ALONE):
            return None
    elif leads:
        if len(symbols) == 1 and (symbols[0].lower(),) in prompt.lexicon.tables["article"]:
            return None
    else:
        tail = prompt.leads(end, "chord_leads") if prompt.is_close(end) else 0
        is_rich = all(len(symbol) >= _RICH for symbol in symbols)
        if len(symbols) < (2 if tail else FEWEST_RICH if is_rich else FEWEST_ALONE):
            return None
        end += tail
    if opens or _DOTS.match(prompt.text, prompt.words[end - 1].end):
        symbols.append("...")
    return end, {setting: " ".join(symbols)}


def _skip_leads(prompt: Prompt, index: int) -> tuple[int, bool, bool]:
    """Index behind the leads at a word, whether one of them opens a piece, whether there is any."""
    here, opens, leads = index, False, False
    while here < len(prompt.words):
        opening = prompt.leads(here, "opening_leads")
        length = max(opening, prompt.leads(here, "chord_leads"))
        if length:
            opens = opens or opening > 0
            leads = True
        elif leads and not prompt.leads(here, "weak_key_leads"):
            word = prompt.plain(here, 1)
            if prompt.raw(here)[0].isupper() or not (
                word in prompt.lexicon.lists["fillers"] or word in prompt.lexicon.lists["turns"]
            ):
                break
            length = 1
        if not length:
            break
        here += length
    return here, opens, leads


def _symbols(prompt: Prompt, index: int, leads: bool) -> tuple[list[str], int]:
    """Chord symbols in a row from a word on, and the index behind them."""
    symbols: list[str] = []
    end, is_lower = index, False
    while index < len(prompt.words):
        chunk = _chord_at(prompt, index)
        if chunk is None or (chunk[0][0].islower() and not leads):
            break
        symbol, index = chunk
        is_lower = is_lower or symbol[0].islower()
        if len(symbol) == 1 and prompt.is_close(index):
            symbol, index = _with_quality(prompt, symbol, index)
        symbols.append(symbol[0].upper() + symbol[1:])
        end = index
        # The last stop of N.C. stands behind its last word.
        gap = prompt.gap(index).removeprefix("." if symbol[-1] == "." else "")
        match = _BETWEEN.match(gap)
        assert match is not None
        symbols += [REPEAT] * match[0].count(REPEAT)
        if match.end() < len(gap):
            break
        joiner = prompt.leads(index, "chord_joiners")
        if joiner and _chord_at(prompt, index + joiner) is not None:
            index += joiner
    return ([], end) if is_lower and len(symbols) == 1 else (symbols, end)


def _chord_at(prompt: Prompt, index: int) -> tuple[str, int] | None:
    """The chord symbol that starts at a word, and the index behind it."""
    if index >= len(prompt.words):
        return None
    start = prompt.words[index].start
    match = _CHUNK.match(prompt.text, start)
    if match is None or (start and prompt.text[start - 1].isalnum()):
        return None
    written = match[0][:24]
    if written[0] != "N":  # N.C. keeps its last stop
        written = written.rstrip(_END + "…")
    while written:
        if _is_chord(written):
            return written, prompt.behind(start + len(written), index)
        written = written.rpartition("-")[0]
    return None


def _is_chord(written: str) -> bool:
    """Whether a word is one chord, or several with dashes between them."""
    if re.fullmatch(r"[A-Ga-g][#b]?o", written):  # go, do
        return False
    try:
        return len(parse_chords(written).items) == 1
    except PartimentoError:
        return False


def _with_quality(prompt: Prompt, symbol: str, index: int) -> tuple[str, int]:
    """Add the words behind a root, as in B flat minor."""
    sign = prompt.value(index, "accidentals")
    if sign is not None:
        symbol, index = symbol + str(sign[0]), sign[1]
    quality = prompt.value(index, "chord_qualities") if prompt.is_close(index) else None
    if quality is not None:
        symbol, index = symbol + str(quality[0]), quality[1]
    return symbol, index


def _degrees(prompt: Prompt, index: int) -> tuple[list[str], int]:
    """Degrees of a key in a row from a word on, and the index behind them."""
    degrees: list[str] = []
    while index < len(prompt.words):
        match = DEGREE.match(prompt.text, prompt.words[index].start)
        if match is None or (degrees and not _BETWEEN.fullmatch(prompt.gap(index))):
            break
        degrees.append(match[0])
        index = prompt.behind(match.end(), index)
    return degrees, index
