"""Keys by name: one speller for every screen, and a parser of what musicians write.

English names, and German, French, Italian, Spanish and Portuguese ones where they are
unambiguous: the German B and H are asked back.
"""

import re
import unicodedata
from dataclasses import dataclass

from partimento.errors import PartimentoError, SettingError
from partimento.music.pitch import fifths_of, name_at, pitch_class
from partimento.music.scales import find_scale, sounds_minor
from partimento.music.score import Key

_MOST = 7
"""Sharps or flats that a key signature can have."""
_GERMAN_MODES = frozenset({"dur", "moll"})
FOREIGN_MODES = _GERMAN_MODES | frozenset(
    {"majeur", "mineur", "maggiore", "minore", "mayor", "menor", "maior"}
)
"""Words for major and minor in other languages, plain."""
_MINOR = frozenset({"min", "minor", "moll", "mineur", "minore", "menor"})
_MAJOR = frozenset({"", "maj", "major"}) | (FOREIGN_MODES - _MINOR)
_SYLLABLES = dict(zip(("do", "ut", "re", "mi", "fa", "sol", "la", "si"), "CCDEFGAB", strict=True))
_GERMAN = {
    **{f"{letter}is": (letter.upper(), "#") for letter in "cdefga"},
    **{f"{letter}es": (letter.upper(), "b") for letter in "cdfg"},
    **{"es": ("E", "b"), "as": ("A", "b"), "his": ("B", "#")},
}
_SIGNS = {
    **dict.fromkeys(("#", "sharp", "diese", "diesis", "sostenido", "sustenido"), "#"),
    **dict.fromkeys(("b", "flat", "bemol", "bemolle"), "b"),
}
_NAME = re.compile(
    rf"({'|'.join(_GERMAN)}|{'|'.join(_SYLLABLES)}|[a-h])"
    rf"(?:[ -]?({'|'.join(sorted(_SIGNS, key=len, reverse=True))}))?[ -]?([a-z]*)"
)
_SCALE_NAME = re.compile(r"([a-g])[ -]?(#|b|sharp|flat)?[ -]+(.+)")


@dataclass(frozen=True, slots=True)
class KeyName:
    """A key as it is spelled; prints as 'F# minor'."""

    fifths: int
    """Sharps of its signature, flats as a negative number; -7..7."""
    is_minor: bool

    def __str__(self) -> str:
        return f"{self.tonic_name} {'minor' if self.is_minor else 'major'}"

    @property
    def tonic_name(self) -> str:
        """Letter and accidental of the tonic."""
        return name_at(self.fifths + 3 * self.is_minor)

    @property
    def tonic(self) -> int:
        """Pitch class 0..11 of the tonic."""
        return (7 * self.fifths + 9 * self.is_minor) % 12

    @property
    def index(self) -> int:
        """Index into the vocabulary's KEYS."""
        return self.tonic + 12 * self.is_minor

    def at(self, tick: int = 0) -> Key:
        """The key as an event of a score."""
        usual = self.fifths == usual_key(self.tonic, self.is_minor).fifths
        return Key(tick, self.tonic, self.is_minor, is_respelled=not usual)

    def with_mode(self, is_minor: bool) -> "KeyName":
        """The key of that mode on the same tonic."""
        return _spelled(self.fifths + 3 * self.is_minor, is_minor)


def usual_key(tonic: int, is_minor: bool) -> KeyName:
    """The key on a pitch class with the fewest accidentals; F# major and Eb minor of two with six.

    >>> str(usual_key(1, False)), str(usual_key(6, False)), str(usual_key(8, True))
    ('Db major', 'F# major', 'G# minor')
    """
    return KeyName(Key(0, tonic, is_minor).fifths, is_minor)


def key_name(key: Key) -> KeyName:
    """The name of a score's key.

    >>> str(key_name(Key(0, 6, True))), str(key_name(Key(0, 6, False, is_respelled=True)))
    ('F# minor', 'Gb major')
    """
    return KeyName(key.fifths, key.is_minor)


def parse_key(text: str) -> KeyName:
    """The key that a text names, spelled as written where a signature can; a tonic alone is major.

    >>> [str(parse_key(text)) for text in ("F# minor", "Bbm", "e flat major", "es-moll")]
    ['F# minor', 'Bb minor', 'Eb major', 'Eb minor']
    """
    written = " ".join(text.replace("♯", "#").replace("♭", "b").split())
    match = _NAME.fullmatch(_plain(written))
    if match:
        name, sign, mode = match.groups()
        # M alone is major, m minor: the only place where case counts.
        is_minor = mode in _MINOR or (mode == "m" and written[-1] == "m")
        is_known = is_minor or mode in _MAJOR or mode == "m"
        if is_known and not _german_hint(name, sign, mode):
            letter, accidental = _GERMAN.get(name) or (_SYLLABLES.get(name, name.upper()), "")
            return _spelled(fifths_of(letter, accidental + _SIGNS.get(sign, "")), is_minor)
    raise SettingError(
        "key",
        f"must be a tonic and a mode such as 'F# minor' or 'Bb', got {text!r}"
        + (_german_hint(*match.groups()) if match else "")
        + _scale_hint(written),
    )


def _spelled(tonic_fifths: int, is_minor: bool) -> KeyName:
    """The key on a place of the line of fifths, respelled when its signature is too long."""
    fifths = tonic_fifths - 3 * is_minor
    if abs(fifths) > _MOST:
        return usual_key(7 * tonic_fifths % 12, is_minor)
    return KeyName(fifths, is_minor)


def _german_hint(name: str, sign: str | None, mode: str) -> str:
    """What letters that mean another note in German would be here; empty for others."""
    if name == "h":
        return "; the German H is B here"
    if name == "b" and not sign and mode in _GERMAN_MODES:
        return "; the German B is Bb here, and the German H is B"
    return ""


def _scale_hint(written: str) -> str:
    """What a key with the name of a scale behind the tonic was meant to be; empty for others."""
    match = _SCALE_NAME.fullmatch(_plain(written))
    if match is None:
        return ""
    try:
        scale = find_scale(match[3])
    except PartimentoError:
        return ""
    sign = _SIGNS.get(match[2] or "", "")
    key = usual_key(pitch_class(match[1], sign), sounds_minor(scale))
    return f"; {scale} is a scale: give the key {key} and the scale {scale}"


def _plain(text: str) -> str:
    """Lower case, without accents."""
    parts = unicodedata.normalize("NFKD", text.lower())
    return "".join(part for part in parts if not unicodedata.combining(part))
