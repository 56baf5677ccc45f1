"""Pitch classes, letters on the line of fifths, notes and ranges by name."""

import re
from typing import NamedTuple

from partimento.errors import PartimentoError, SettingError

PITCH_CLASSES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")

KEYS = tuple(f"{name} {mode}" for mode in ("major", "minor") for name in PITCH_CLASSES)
"""What the vocabulary calls its 24 keys; what people read is spelled by `keys.KeyName`."""

STEPS = "CDEFGAB"
NATURALS = (0, 2, 4, 5, 7, 9, 11)
"""Pitch class of each letter of STEPS."""
LETTERS_BY_FIFTHS = "FCGDAEB"
"""Seven letters a fifth apart: F stands at -1 on the line of fifths, C at 0, B flat at -2."""

_NOTE = re.compile(r"([A-Ga-g])([#♯b♭]?)(-?\d{1,3})")
_RANGE = re.compile(r"(\S*?[0-9])(?:-|\.\.)(\S+)")


class PitchRange(NamedTuple):
    """Lowest and highest MIDI note number, written as C3-C6."""

    low: int
    high: int

    def __str__(self) -> str:
        return f"{name_note(self.low)}-{name_note(self.high)}"


def pitch_class(letter: str, accidentals: str = "") -> int:
    """Pitch class 0..11 of a letter with any number of sharps or flats.

    >>> pitch_class("B", "b"), pitch_class("c", "♯"), pitch_class("C", "b")
    (10, 1, 11)
    """
    return (NATURALS[STEPS.index(letter.upper())] + _alteration(accidentals)) % 12


def fifths_of(letter: str, accidentals: str = "") -> int:
    """Place of a name on the line of fifths: C is 0, G 1, F -1.

    >>> fifths_of("G"), fifths_of("B", "b"), fifths_of("F", "#")
    (1, -2, 6)
    """
    return LETTERS_BY_FIFTHS.index(letter.upper()) - 1 + 7 * _alteration(accidentals)


def letter_at(fifths: int) -> tuple[str, int]:
    """Letter, and sharps or (negative) flats, at a place on the line of fifths.

    >>> letter_at(-2), letter_at(6)
    (('B', -1), ('F', 1))
    """
    alter, letter = divmod(fifths + 1, 7)
    return LETTERS_BY_FIFTHS[letter], alter


def name_at(fifths: int) -> str:
    """Name at a place on the line of fifths.

    >>> name_at(-2), name_at(6)
    ('Bb', 'F#')
    """
    letter, alter = letter_at(fifths)
    return letter + "#" * alter + "b" * -alter


def parse_note(text: str) -> int:
    """MIDI note number of a note name or of a number; C4 is 60, middle C.

    >>> parse_note("C4"), parse_note("Bb-1"), parse_note("72")
    (60, 10, 72)
    """
    match = _NOTE.fullmatch(text)
    if match:
        letter, sign, octave = match.groups()
        natural = NATURALS[STEPS.index(letter.upper())]
        note = natural + _alteration(sign) + 12 * (int(octave) + 1)
    elif re.fullmatch(r"[0-9]{1,9}", text):
        note = int(text)
    else:
        raise PartimentoError(f"note must be a name such as C4 or a number in 0..127, got {text!r}")
    if not 0 <= note <= 127:
        raise PartimentoError(f"note must be in C-1..G9 (0..127), got {text}")
    return note


def name_note(note: int) -> str:
    """Name of a MIDI note number, the inverse of `parse_note`.

    >>> name_note(60), name_note(0)
    ('C4', 'C-1')
    """
    return f"{PITCH_CLASSES[note % 12]}{note // 12 - 1}"


def parse_pitch_range(text: str) -> PitchRange:
    """Range between two notes, such as C3-C6 or 48-84.

    >>> str(parse_pitch_range("48-84")), tuple(parse_pitch_range("C-1..G9"))
    ('C3-C6', (0, 127))
    """
    match = _RANGE.fullmatch(text.replace(" ", ""))
    if not match:
        raise SettingError("pitch_range", f"must be two notes such as C3-C6 or 48-84, got {text!r}")
    try:
        low, high = parse_note(match[1]), parse_note(match[2])
    except PartimentoError as error:
        raise SettingError(
            "pitch_range",
            f"must be two notes such as C3-C6 or 48-84, between C-1 and G9 (0..127), got {text!r}",
        ) from error
    if low > high:
        raise SettingError("pitch_range", f"must go from low to high, got {text!r}")
    return PitchRange(low, high)


def _alteration(accidentals: str) -> int:
    """Semitones that accidentals raise a note."""
    sharps = accidentals.count("#") + accidentals.count("♯")
    return sharps - accidentals.count("b") - accidentals.count("♭")
