"""Chords as degrees of a key, such as ii-V-I, spelled as chord symbols."""

import re

from partimento.errors import PartimentoError
from partimento.music.pitch import PITCH_CLASSES
from partimento.music.scales import SCALES

_DEGREES = ("i", "ii", "iii", "iv", "v", "vi", "vii")
_QUALITY = r"maj7|m7b5|m7|7|°7|°|ø|o|dim7|dim|\+|aug|sus4|sus2|sus"
DEGREE = re.compile(
    rf"([#b]?)(VII|VI|IV|V|III|II|I|vii|vi|iv|v|iii|ii|i)({_QUALITY})?(:[1-9][0-9]?)?(?![\w#])"
)
"""One degree; small letters are minor, a colon and a number are its beats."""


def spell_degree(text: str, tonic: int, is_minor: bool) -> str:
    """Chord symbol of a degree on a tonic (pitch class); ValueError when it is none.

    Degrees of a minor key stand on its natural scale; b and # move them by a semitone.

    >>> spell_degree("ii7", 0, False), spell_degree("VI", 9, True), spell_degree("bVII", 2, False)
    ('Dm7', 'F', 'C')
    """
    match = DEGREE.fullmatch(text)
    if not match:
        raise PartimentoError(f"degrees must be numerals such as I, vi, V7 or bVII, got {text!r}")
    sign, numeral, quality, beats = match.groups()
    steps = SCALES["minor" if is_minor else "major"]
    step = steps[_DEGREES.index(numeral.lower())] + {"": 0, "#": 1, "b": -1}[sign]
    quality = {"°": "dim", "o": "dim", "°7": "dim", "ø": "dim", "+": "aug"}.get(
        quality or "", quality or ""
    )
    if numeral.islower() and quality in ("", "7", "maj7"):
        quality = "m" if quality != "7" else "m7"
    return PITCH_CLASSES[(tonic + step) % 12] + quality + (beats or "")


def spell_progression(degrees: str, tonic: int, is_minor: bool) -> str:
    """Chord symbols of degrees between spaces.

    >>> spell_progression("ii7 V7 Imaj7", 5, False)
    'Gm7 C7 Fmaj7'
    """
    return " ".join(spell_degree(degree, tonic, is_minor) for degree in degrees.split())
