"""The 384 tokens: named blocks of ids, what each id means, and how values map to ids."""

import hashlib
from dataclasses import dataclass
from functools import cache

import numpy as np

SIZE = 384

# Special tokens.
PAD, BOS, EOS, BAR, HOLE, FILL = range(6)
SPECIALS = ("PAD", "BOS", "EOS", "BAR", "HOLE", "FILL")

# Durations in ticks, 24 to the quarter: every value to a quarter, then straight, dotted,
# triplet and tied values up to 12 quarters.
DURATIONS = (
    *range(1, 25),
    *(27, 28, 30, 32, 33, 36, 39, 40, 42, 44, 45, 48, 54, 56, 60, 63, 64, 66, 72, 78),
    *(80, 84, 88, 90, 96, 102, 108, 112, 114, 120, 132, 144, 156, 168, 180, 192),
    *(216, 240, 264, 288),
)
# Rests in ticks; shorter than the longest bar (8 quarters), since a rest stays inside its bar.
RESTS = (
    *range(1, 25),
    *(27, 28, 30, 32, 33, 36, 39, 40, 42, 44, 45, 48, 51, 54, 56, 57, 60, 63, 64, 66, 69),
    *(72, 75, 78, 80, 81, 84, 88, 90, 93, 96, 102, 108, 114, 120, 126, 132, 144, 156, 168),
)

INSTRUMENTS = (
    *("piano", "electric piano", "harpsichord", "bells", "mallets", "organ", "accordion"),
    *("nylon guitar", "steel guitar", "electric guitar", "distortion guitar"),
    *("acoustic bass", "electric bass", "violin", "viola", "cello", "contrabass", "strings"),
    *("harp", "timpani", "choir", "trumpet", "trombone", "horn", "brass", "saxophone", "oboe"),
    *("bassoon", "clarinet", "flute", "synth lead", "synth pad", "drums"),
)
DRUMS = len(INSTRUMENTS) - 1
"""Index of the drum kit in INSTRUMENTS."""

REPRESENTATIVE_PROGRAMS = (
    *(0, 4, 6, 9, 12, 19, 21, 24, 25, 27, 30, 32, 33, 40, 41, 42, 43, 48, 46, 47, 52),
    *(56, 57, 60, 61, 65, 68, 70, 71, 73, 80, 88, 0),
)
"""General MIDI program (0..127) that each instrument is written with."""

_PROGRAMS = (
    *("0 1 2 3", "4 5", "6 7", "8 9 10 14 112", "11 12 13 15 108 113 114 115", "16 17 18 19 20"),
    *("21 22 23 109", "24", "25 104 105 106", "26 27 28", "29 30 31", "32", "33 34 35 36 37 38 39"),
    *("40 110", "41", "42", "43", "44 45 48 49 50 51 55", "46 107", "47 116 117 118", "52 53 54"),
    *("56 59", "57 58", "60", "61 62 63", "64 65 66 67", "68 69 111", "70", "71"),
    *("72 73 74 75 76 77 78 79", "80 81 82 83 84 85 86 87"),
    "88 89 90 91 92 93 94 95 96 97 98 99 100 101 102 103 119 120 121 122 123 124 125 126 127",
)
INSTRUMENT_OF_PROGRAM = tuple(
    next(i for i, group in enumerate(_PROGRAMS) if str(program) in group.split())
    for program in range(128)
)
"""Index into INSTRUMENTS of each General MIDI program."""

PITCH_CLASSES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
KEYS = tuple(f"{name} {mode}" for mode in ("major", "minor") for name in PITCH_CLASSES)
METERS = (
    *((2, 4), (3, 4), (4, 4), (2, 2), (3, 8), (6, 8)),
    *((9, 8), (12, 8), (5, 4), (6, 4), (3, 2), (4, 2)),
)
BAR_TICKS = tuple(96 * numerator // denominator for numerator, denominator in METERS)
"""Length in grid ticks of one bar of each meter."""
MAX_BAR_TICKS = max(BAR_TICKS)
TEMPOS = tuple(40.0 * 6.0 ** (i / 11) for i in range(12))
"""Centres of the tempo bins in quarter notes per minute, log-spaced from 40 to 240."""
STYLES = (
    *("keyboard", "pop", "song", "quartet", "game", "choral", "drums", "folk"),
    *("classical", "chorale", "guitar", "jazz"),
)
STYLE_ALIASES = {"hymn": "chorale", "orchestral": "classical", "ragtime": "jazz"}
"""Styles of the corpus that share a token with their nearest neighbour."""
DYNAMICS = ("ppp", "pp", "p", "mp", "mf", "f", "ff", "fff")
VELOCITIES = (16, 33, 49, 64, 80, 96, 112, 126)
"""MIDI velocity that each dynamic is written with."""
DEFAULT_DYNAMIC = 4
"""A line is mezzo-forte until a dynamic token says otherwise."""
CHORD_QUALITIES = ("maj", "min", "dim", "aug", "7", "maj7", "min7", "sus")


@dataclass(frozen=True, slots=True)
class Block:
    """A contiguous range of ids with one meaning."""

    name: str
    first: int
    values: tuple[str, ...]
    """Printable value of each id."""

    @property
    def end(self) -> int:
        """One past the last id."""
        return self.first + len(self.values)


def _blocks() -> tuple[Block, ...]:
    tempos = tuple(f"{bpm:.0f}" for bpm in TEMPOS)
    meters = tuple(f"{numerator}/{denominator}" for numerator, denominator in METERS)
    table: tuple[tuple[str, tuple[str, ...]], ...] = (
        ("special", SPECIALS),
        ("pitch", tuple(str(p) for p in range(128))),
        ("duration", tuple(str(d) for d in DURATIONS)),
        ("rest", tuple(str(r) for r in RESTS)),
        ("instrument", INSTRUMENTS),
        ("key", KEYS),
        ("meter", meters),
        ("tempo", tempos),
        ("style", STYLES),
        ("dynamic", DYNAMICS),
        ("chord root", PITCH_CLASSES),
        ("chord quality", CHORD_QUALITIES),
        ("no chord", ("none",)),
    )
    blocks = []
    first = 0
    for name, values in table:
        blocks.append(Block(name, first, values))
        first += len(values)
    assert first == SIZE
    return tuple(blocks)


BLOCKS = _blocks()
PITCH, DURATION, REST, INSTRUMENT, KEY, METER, TEMPO, STYLE, DYNAMIC, ROOT, QUALITY, NO_CHORD = (
    block.first for block in BLOCKS[1:]
)


def name(token: int) -> str:
    """Printable name of a token id.

    >>> name(PITCH + 60), name(BAR), name(KEY + 18)
    ('pitch 60', 'BAR', 'key F# minor')
    """
    for block in BLOCKS:
        if block.first <= token < block.end:
            value = block.values[token - block.first]
            return value if block.name == "special" else f"{block.name} {value}"
    raise ValueError(f"token must be in 0..{SIZE - 1}, got {token}")


def fingerprint() -> str:
    """Hash of the whole map; a checkpoint is only valid for the vocabulary it was trained on."""
    text = "\n".join(name(token) for token in range(SIZE))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def tempo_index(bpm: float) -> int:
    """Index of the tempo bin nearest on a logarithmic scale."""
    return int(np.argmin(np.abs(np.log(np.array(TEMPOS)) - np.log(max(bpm, 1.0)))))


def velocity_index(velocity: int) -> int:
    """Index of the dynamic nearest to a MIDI velocity."""
    return min(range(8), key=lambda i: abs(VELOCITIES[i] - velocity))


def style_index(style: str) -> int:
    """Index of a style or of the style that an alias stands for; ValueError when unknown."""
    style = STYLE_ALIASES.get(style, style)
    if style not in STYLES:
        raise ValueError(f"style must be one of {', '.join(STYLES)}, got {style!r}")
    return STYLES.index(style)


@cache
def nearest_duration_index(ticks: int) -> int:
    """Index into DURATIONS of the value nearest to a length in ticks (the shorter one on ties)."""
    return min(range(len(DURATIONS)), key=lambda i: (abs(DURATIONS[i] - ticks), i))
