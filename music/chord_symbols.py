"""One chord as people and data sets write it, read as the nearest of the eight qualities.

Lead-sheet names (F#m7b5/E, C6/9, E-7, BΔ), Harte's syntax (Bb:maj7/3) and signs for silence
(N.C.). What a quality cannot hold is dropped, and `ChordSymbol.note` says so.
"""

import re
from dataclasses import dataclass

from partimento.errors import PartimentoError
from partimento.music.chord_qualities import CHORD_QUALITIES
from partimento.music.pitch import NATURALS, pitch_class

_NO_CHORD = frozenset({"n", "nc", "n.c.", "n.c", "none", "cn"})
# CN: how OpenEWLD and OpenScore conversions spell N.C.
_NAME = re.compile(
    r"([A-Ga-g])([#b]*):?((?:6/9|[^/])*)(?:/([#b]*)([A-Ga-g]|1[0-3]|[1-9])([#b]*)[0-9]?)?"
)
_TAIL = r"(?:[-#b+0-9(), ]|add|sus|omit|no|alt|maj|Maj|Ma|ma|M)*"

# Suffix to quality, first match wins: extensions count as their seventh chord, added notes
# and a minor triad's major seventh fall away, a half-diminished chord is diminished.
_SUFFIXES = tuple(
    (re.compile(f"(?:{pattern}){_TAIL}"), quality)
    for pattern, quality in (
        (r"(7|9|11|13)?sus", "sus"),
        (r"h?dim|h?ø|o|°|(min|Min|mi|m|-)7\(?(b5|-5)", "dim"),
        (r"aug|\+", "aug"),
        (r"(minor|min|Min|mi|m|-)\(?(maj|Maj|Ma|ma|M|\^|Δ)", "min"),
        (r"(maj|Maj|Ma|ma|M|\^|Δ)(7|9|11|13)|\^|Δ", "maj7"),
        (r"major|maj|Maj|Ma|ma|M", "maj"),
        (r"(minor|min|Min|mi|m|-)(7|9|11|13)", "min7"),
        (r"minor|min|Min|mi|m|-", "min"),
        (r"(dom)?(7|9|11|13)|alt", "7"),
        (r"|2|4|5|6/9|6|add|no|omit", "maj"),
    )
)
_PLAIN = {
    "maj": "maj Maj M major",
    "min": "m min Min mi - minor",
    "dim": "dim ° o",
    "aug": "aug +",
    "7": "7 dom7",
    "maj7": "maj7 Maj7 Ma7 ma7 M7 ^ ^7 Δ Δ7",
    "min7": "m7 min7 Min7 mi7 -7 minor7",
    "sus": "sus sus2 sus4",
}
"""Spellings that lose nothing: of a quality, or of the one that stands for both suspensions."""
_LOSSLESS = {(text, quality) for quality, line in _PLAIN.items() for text in line.split(" ")}
_SHOWN = {"maj": "", "min": "m", "aug": "+", "min7": "m7"}
"""How lead sheets write the qualities that have a shorter name."""


@dataclass(frozen=True, slots=True)
class ChordSymbol:
    """One written chord."""

    text: str
    """As it was written."""
    root: int | None
    """Pitch class 0..11; None says 'no chord'."""
    quality: str = ""
    """One of CHORD_QUALITIES; empty when there is no chord."""
    bass: int | None = None
    """Pitch class under the chord, where one is written that is not the root."""

    @property
    def chord(self) -> tuple[int, str] | None:
        """Root and quality; None for 'no chord'."""
        return None if self.root is None else (self.root, self.quality)

    @property
    def note(self) -> str | None:
        """What became of a chord that is richer than its quality; None when nothing is lost.

        >>> parse_chord("Cmaj7#11").note, parse_chord("F/A").note, parse_chord("Dm").note
        ('Cmaj7#11 as Cmaj7', 'F/A as F', None)
        """
        if self.root is None:
            return None
        match = _NAME.fullmatch(_signs(self.text))
        assert match is not None
        letter, accidentals, suffix = match[1], match[2], match[3]
        if self.bass is None and (not suffix or (suffix, self.quality) in _LOSSLESS):
            return None
        root = letter.upper() + accidentals
        return f"{self.text} as {root}{suffix_of(self.quality)}"


def parse_chord(text: str) -> ChordSymbol:
    """The chord that a name means; PartimentoError for what is none.

    >>> [parse_chord(name).chord for name in ("F#m7b5/E", "Bb:maj7/3", "Gsus4(7)", "C6/9", "N")]
    [(6, 'dim'), (10, 'maj7'), (7, 'sus'), (0, 'maj'), None]
    """
    written = text.strip()
    if written.lower() in _NO_CHORD:
        return ChordSymbol(written, None)
    match = _NAME.fullmatch(_signs(written))
    if match:
        letter, accidentals, suffix, lowering, bass, raising = match.groups()
        root = pitch_class(letter, accidentals)
        for pattern, quality in _SUFFIXES:
            if pattern.fullmatch(suffix):
                low = _bass(root, quality, lowering or "", bass, raising or "")
                return ChordSymbol(written, root, quality, None if low == root else low)
    raise PartimentoError(
        f"{text!r} is no chord name; write a root C..B with # or b and one of "
        f"{', '.join(CHORD_QUALITIES)}, such as Am, F#7, Ebmaj7, C/E, or N.C. for no chord"
    )


def suffix_of(quality: str) -> str:
    """What stands behind the root of a chord as lead sheets write it.

    >>> "C" + suffix_of("maj"), "C" + suffix_of("min7"), "C" + suffix_of("dim")
    ('C', 'Cm7', 'Cdim')
    """
    return _SHOWN.get(quality, quality)


def _bass(root: int, quality: str, before: str, bass: str | None, behind: str) -> int:
    """Pitch class of the bass: a note, or in Harte's syntax a degree above the root."""
    if bass is None:
        return root
    if not bass.isdigit():
        return pitch_class(bass, before + behind)
    step = (int(bass) - 1) % 7
    moved = (before + behind).count("#") - (before + behind).count("b")
    return (root + NATURALS[step] + moved) % 12


def _signs(text: str) -> str:
    """The text with plain accidentals."""
    return text.replace("♯", "#").replace("♭", "b")
