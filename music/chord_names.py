"""Chord names as people and data sets write them, read into the vocabulary's chords."""

import re

from partimento.errors import PartimentoError
from partimento.music.chords import CHORD_QUALITIES

_NATURALS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_NO_CHORD = {"N", "NC", "N.C.", "CN"}  # CN: how OpenEWLD and OpenScore conversions spell N.C.
_NAME = re.compile(r"([A-G])([#b]*):?([^/]*)(?:/[#b]*[A-G1-9][#b]*[0-9]?)?")
_TAIL = r"(?:[-#b+0-9(), ]|add|omit|no|alt|maj|Maj|M)*"

# Suffix to quality, first match wins: extensions count as their seventh chord, added notes
# and a minor triad's major seventh fall away, a half-diminished chord is diminished.
_SUFFIXES = tuple(
    (re.compile(f"(?:{pattern}){_TAIL}"), quality)
    for pattern, quality in (
        (r"(7|9|11|13)?sus", "sus"),
        (r"h?dim|o|°|ø|(min|m|-)7\(?b5", "dim"),
        (r"aug|\+", "aug"),
        (r"(min|m|-)\(?(maj|Maj|M)", "min"),
        (r"(maj|Maj|M|\^|Δ)(7|9|11|13)|\^|Δ", "maj7"),
        (r"maj|Maj|M", "maj"),
        (r"(min|m|-)(7|9|11|13)", "min7"),
        (r"min|m|-", "min"),
        (r"7|9|11|13", "7"),
        (r"|2|4|5|6|add", "maj"),
    )
)


def parse_chord(name: str) -> tuple[int, str] | None:
    """Root (pitch class) and quality of a chord name, None for 'no chord'; the bass is ignored.

    Reads lead-sheet names and Harte's syntax. ValueError for anything else.

    >>> parse_chord("F#m7b5/E"), parse_chord("Bb:maj7/3"), parse_chord("Gsus4(7)"), parse_chord("N")
    ((6, 'dim'), (10, 'maj7'), (7, 'sus'), None)
    """
    name = name.strip().replace("♯", "#").replace("♭", "b")
    if name in _NO_CHORD:
        return None
    match = _NAME.fullmatch(name)
    if match:
        letter, accidentals, suffix = match.groups()
        root = _NATURALS[letter] + accidentals.count("#") - accidentals.count("b")
        for pattern, quality in _SUFFIXES:
            if pattern.fullmatch(suffix):
                return root % 12, quality
    qualities = ", ".join(CHORD_QUALITIES)
    raise PartimentoError(
        f"{name!r} is no chord name; write a root C..B with # or b and one of {qualities}, "
        "such as Am, F#7, Ebmaj7, or N for no chord"
    )
