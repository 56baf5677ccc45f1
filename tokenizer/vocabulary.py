"""The 384 tokens: named blocks of ids, what each id means, and how values map to ids."""

import hashlib
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from partimento.music.chord_qualities import CHORD_QUALITIES as CHORD_QUALITIES
from partimento.music.dynamics import DYNAMICS as DYNAMICS
from partimento.music.dynamics import VELOCITIES as VELOCITIES
from partimento.music.dynamics import velocity_index as velocity_index
from partimento.music.instruments import DRUMS as DRUMS
from partimento.music.instruments import INSTRUMENT_OF_PROGRAM as INSTRUMENT_OF_PROGRAM
from partimento.music.instruments import INSTRUMENTS as INSTRUMENTS
from partimento.music.instruments import REPRESENTATIVE_PROGRAMS as REPRESENTATIVE_PROGRAMS
from partimento.music.metre import METERS as METERS
from partimento.music.pitch import KEYS as KEYS
from partimento.music.pitch import PITCH_CLASSES as PITCH_CLASSES
from partimento.music.styles import STYLE_ALIASES as STYLE_ALIASES
from partimento.music.styles import STYLES as STYLES
from partimento.music.styles import style_index as style_index

TokenArray = npt.NDArray[np.uint16]
"""(T,) token ids."""

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


BAR_TICKS = tuple(96 * numerator // denominator for numerator, denominator in METERS)
"""Length in grid ticks of one bar of each meter."""
MAX_BAR_TICKS = max(BAR_TICKS)
TEMPOS = tuple(40.0 * 6.0 ** (i / 11) for i in range(12))
"""Centres of the tempo bins in quarter notes per minute, log-spaced from 40 to 240."""
DEFAULT_DYNAMIC = 4
"""A line is mezzo-forte until a dynamic token says otherwise."""


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


@cache
def nearest_duration_index(ticks: int) -> int:
    """Index into DURATIONS of the value nearest to a length in ticks (the shorter one on ties)."""
    return min(range(len(DURATIONS)), key=lambda i: (abs(DURATIONS[i] - ticks), i))
