"""Keys, meters, note names and chord symbols as musicians write them."""

import re
from dataclasses import dataclass

from partimento.errors import PartimentoError, SettingError
from partimento.music.metre import METERS
from partimento.music.pitch import PITCH_CLASSES
from partimento.music.score import GRID_TICKS_PER_QUARTER, Chord, Meter

_NATURALS = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}
_ACCIDENTALS = {"": 0, "#": 1, "♯": 1, "sharp": 1, "b": -1, "♭": -1, "flat": -1}
_KEY = re.compile(r"([A-G])(?:[ -]?(sharp|flat)|([#♯b♭]?))[ -]?([A-Z]*)", re.IGNORECASE)
_NOTE = re.compile(r"([A-Ga-g])([#♯b♭]?)(-?\d+)")
_CHORD = re.compile(r"([A-Ga-g])([#♯b♭]?)([^:/]*)")

_SPELLINGS = {
    "maj": " maj Maj M major 6 maj6 add9",
    "min": "m min Min - minor m6 min6 madd9",
    "dim": "dim ° o dim7 °7 o7 m7b5 ø ø7",
    "aug": "aug +",
    "7": "7 9 11 13 7b9 7#9",
    "maj7": "maj7 Maj7 M7 Δ Δ7 maj9 M9",
    "min7": "m7 min7 Min7 -7 m9 min9 m11",
    "sus": "sus sus2 sus4 7sus 7sus4 9sus4",
}
"""How each chord quality may be written; a richer chord counts as the nearest of the eight."""
_QUALITIES = {text: quality for quality, line in _SPELLINGS.items() for text in line.split(" ")}
_NO_CHORD = {"n.c.", "nc", "none"}
_OPEN_END = re.compile(r"(?:\.\.\.|…)\s*$")


@dataclass(frozen=True, slots=True)
class ChordSymbol:
    """One written chord and how long it lasts."""

    root: int | None
    """Pitch class 0..11; None says 'no chord'."""
    quality: str
    """One of vocabulary.CHORD_QUALITIES; empty when there is no chord."""
    beats: int | None
    """Beats of the meter (eighths in 6/8); None is one whole bar."""


def parse_key(text: str) -> tuple[int, bool]:
    """Tonic (pitch class 0..11) and whether the key is minor; a tonic alone is major.

    >>> parse_key("F# minor"), parse_key("Bb"), parse_key("Am"), parse_key("e flat major")
    ((6, True), (10, False), (9, True), (3, False))
    """
    match = _KEY.fullmatch(" ".join(text.split()))
    if match:
        letter, word, sign, mode = match.groups()
        is_minor = mode == "m" or mode.lower() in ("min", "minor")
        if is_minor or mode == "M" or mode.lower() in ("", "maj", "major"):
            return _pitch_class(letter, word or sign), is_minor
    raise SettingError(
        "key", f"must be a tonic and a mode such as 'F# minor' or 'Bb', got {text!r}"
    )


def parse_meter(text: str) -> tuple[int, int]:
    """Numerator and denominator of one of the vocabulary's meters.

    >>> parse_meter("6/8")
    (6, 8)
    """
    known = {
        f"{numerator}/{denominator}": (numerator, denominator) for numerator, denominator in METERS
    }
    meter = known.get(text.replace(" ", ""))
    if meter is None:
        raise SettingError("meter", f"must be one of {', '.join(known)}, got {text!r}")
    return meter


def parse_note(text: str) -> int:
    """MIDI note number of a note name or of a number; C4 is 60, middle C.

    >>> parse_note("C4"), parse_note("Bb-1"), parse_note("72")
    (60, 10, 72)
    """
    match = _NOTE.fullmatch(text)
    if match:
        letter, sign, octave = match.groups()
        note = _NATURALS[letter.lower()] + _ACCIDENTALS[sign] + 12 * (int(octave) + 1)
    elif re.fullmatch(r"[0-9]+", text):
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


def parse_pitch_range(text: str) -> tuple[int, int]:
    """Lowest and highest MIDI note number of a range such as C3-C6 or 48-84.

    >>> parse_pitch_range("C3-C6"), parse_pitch_range("C-1-G9")
    ((48, 84), (0, 127))
    """
    match = re.fullmatch(r"(\S*?[0-9])(?:-|\.\.)(\S+)", text.replace(" ", ""))
    if not match:
        raise SettingError("pitch_range", f"must be two notes such as C3-C6 or 48-84, got {text!r}")
    low, high = parse_note(match[1]), parse_note(match[2])
    if low > high:
        raise SettingError("pitch_range", f"must go from low to high, got {text!r}")
    return low, high


def parse_chord(text: str) -> ChordSymbol:
    """Root, quality and beats of one chord symbol such as Am7, Csus4, N.C. or G:2.

    >>> parse_chord("F#m"), parse_chord("Bbmaj7:2").quality
    (ChordSymbol(root=6, quality='min', beats=None), 'maj7')
    """
    name, colon, beats_text = text.partition(":")
    if colon and not re.fullmatch(r"[1-9][0-9]?", beats_text):
        raise SettingError(
            "chords", f"must have whole beats after the colon, as in C:2, got {text!r}"
        )
    beats = int(beats_text) if colon else None
    if name.lower() in _NO_CHORD:
        return ChordSymbol(None, "", beats)
    match = _CHORD.fullmatch(name)
    if not match or match[3] not in _QUALITIES:
        raise SettingError(
            "chords",
            f"must be symbols such as C, Am7, F#m, Bbmaj7, Csus4, Ddim, Gaug or N.C. "
            f"(no bass after a slash), got {text!r}",
        )
    return ChordSymbol(_pitch_class(match[1], match[2]), _QUALITIES[match[3]], beats)


def are_open(chords: str) -> bool:
    """Whether dots behind the chords say that the bars after them are free.

    >>> are_open("Dm Gm A7 ..."), are_open("Dm Gm A7")
    (True, False)
    """
    return _OPEN_END.search(chords) is not None


def parse_chords(text: str) -> tuple[ChordSymbol, ...]:
    """Chord symbols between spaces, commas or bar lines.

    >>> len(parse_chords("Am F | C:2 G:2"))
    4
    """
    written = _OPEN_END.sub("", text)
    symbols = tuple(parse_chord(word) for word in re.split(r"[\s,|]+", written) if word)
    if not symbols:
        raise SettingError("chords", "must hold at least one chord symbol, got none")
    return symbols


def chords_by_bar(text: str, meter: tuple[int, int], bars: int) -> tuple[tuple[Chord, ...], ...]:
    """The chords of each bar, in grid ticks from the start of that bar.

    A chord without beats fills a bar, chords with beats fill one together; the whole is repeated
    or cut to the number of bars, and not repeated when its end is open: later bars are empty.
    Raises ValueError when beats do not add up to bars.

    >>> [(chord.onset, chord.root) for chord in chords_by_bar("C Am:2 G7:2", (4, 4), 3)[1]]
    [(0, 9), (48, 7)]
    """
    beats_per_bar, denominator = meter
    ticks_per_beat = Meter(0, 1, denominator).bar_ticks(GRID_TICKS_PER_QUARTER)
    written: list[tuple[Chord, ...]] = []
    open_bar: list[Chord] = []
    beat = 0
    for symbol in parse_chords(text):
        beats = beats_per_bar if symbol.beats is None else symbol.beats
        onset, duration = beat * ticks_per_beat, beats * ticks_per_beat
        open_bar.append(Chord(onset, duration, symbol.root, symbol.quality))
        beat += beats
        if beat == beats_per_bar:
            written.append(tuple(open_bar))
            open_bar, beat = [], 0
    if open_bar:  # too few beats, or too many, which never end a bar either
        raise SettingError(
            "chords",
            f"must fill each bar of {beats_per_bar}/{denominator} with exactly "
            f"{beats_per_bar} beats, got {text!r}",
        )
    if are_open(text):
        written += [()] * bars
    return tuple(written[bar % len(written)] for bar in range(bars))


def _pitch_class(letter: str, accidental: str) -> int:
    return (_NATURALS[letter.lower()] + _ACCIDENTALS[accidental.lower()]) % 12
