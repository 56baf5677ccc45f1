"""A prompt as words: one spelling of signs, case and accents, with places in the text."""

import re
import unicodedata
from dataclasses import dataclass

MAX_CHARACTERS = 4_000
"""What lies beyond is cut off: nobody says so much about one piece."""

_SIGNS = (
    *(("♯", "#"), ("♭", "b"), ("’", "'"), ("‘", "'"), ("‐", "-"), ("‑", "-"), ("–", "-")),
    *(("—", "-"), ("→", "-"), ("♩.", " dotted quarter "), ("♩", " quarter ")),
    *(("♪", " eighth "), ("\N{NO-BREAK SPACE}", " ")),
    *(("très", "molto"), ("Très", "molto")),  # without its accent it is Spanish for three
)
_WORD = re.compile(r"[0-9]+(?:\.[0-9]+)?|[^\W\d_]+(?:[#'][^\W\d_]*)*|&")
_CLOSE = re.compile(r"[\s-]*")


@dataclass(frozen=True, slots=True)
class Word:
    """A word or a number of a text."""

    plain: str
    """Lower case, without accents."""
    start: int
    """Place of its first character in the text."""
    end: int


def clean(text: str) -> str:
    """The text with one spelling of musical signs, dashes and apostrophes.

    >>> clean("B♭ – F♯")
    'Bb - F#'
    """
    text = unicodedata.normalize("NFC", text[:MAX_CHARACTERS])
    for sign, replacement in _SIGNS:
        text = text.replace(sign, replacement)
    return text


def split_words(text: str) -> list[Word]:
    """Words of a cleaned text in order; signs between them are none, but an ampersand is.

    >>> [word.plain for word in split_words("16-bar Ländler in F#, 120bpm")]
    ['16', 'bar', 'landler', 'in', 'f#', '120', 'bpm']
    """
    return [Word(plain(m[0]), m.start(), m.end()) for m in _WORD.finditer(text)]


def plain(word: str) -> str:
    """Lower case, without accents."""
    parts = unicodedata.normalize("NFKD", word.lower())
    return "".join(part for part in parts if not unicodedata.combining(part))


def are_close(text: str, left: Word, right: Word) -> bool:
    """Whether only spaces and hyphens stand between two neighbours, so that they may be one."""
    return _CLOSE.fullmatch(text, left.end, right.start) is not None
