"""What a piano roll shows, before pixels or characters: lines, systems of bars, chords."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from partimento.music.bars import Bar, bar_starts
from partimento.music.chord_finding import estimate_chords
from partimento.music.chord_symbols import suffix_of
from partimento.music.instruments import PROGRAM_NAMES
from partimento.music.key_finding import estimate_key
from partimento.music.keys import key_name
from partimento.music.score import Chord, Key, Note, Score, Track
from partimento.music.timeline import heard_tempos
from partimento.rendering.errors import RenderingError
from partimento.rendering.notation.drum_kit import drum, kit_order
from partimento.rendering.notation.spelling import spell_root

# M. Okabe and K. Ito's colours, told apart by colour-blind eyes ("Color Universal Design",
# 2008), without the yellow and black that paper swallows; then dark ones of P. Tol's "muted".
PALETTE = (
    *("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"),
    *("#882255", "#999933", "#332288", "#666666"),
)
DARK_PALETTE = (
    *("#56b4e9", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#f0e442"),
    *("#0072b2", "#aa4499", "#999933", "#aaaaaa"),
)
"""For dark grounds, as terminals have: brighter ones of the same first."""
MIN_ROWS = 19
"""Pitches that a system shows at least."""
_BARS_A_SYSTEM = (16, 12, 8, 6, 4, 3, 2, 1)


@dataclass(frozen=True, slots=True)
class Line:
    """One track as it is drawn."""

    name: str
    color: str
    """#rrggbb."""
    notes: tuple[Note, ...]
    is_drum: bool


@dataclass(frozen=True, slots=True)
class System:
    """Bars that stand beside each other."""

    first_bar: int
    """Index of the first bar, 0 at the beginning of the piece."""
    bars: tuple[Bar, ...]
    lowest: int
    """Lowest pitch with a row; above `highest` when only drums play."""
    highest: int
    drums: tuple[str, ...]
    """Names of the drum rows, the lowest first."""

    @property
    def start(self) -> int:
        """First tick."""
        return self.bars[0].start

    @property
    def end(self) -> int:
        """First tick after the last bar."""
        return self.bars[-1].start + self.bars[-1].length


@dataclass(frozen=True, slots=True)
class Roll:
    """A piano roll."""

    score: Score
    lines: tuple[Line, ...]
    systems: tuple[System, ...]
    chords: tuple[Chord, ...]
    chords_are_estimated: bool
    key: Key | None
    key_is_estimated: bool


def build_roll(score: Score, quarters_a_system: float) -> Roll:
    """Lay a score out in systems of about this many quarters.

    RenderingError for a score without notes.
    """
    if not score.note_count:
        raise RenderingError("the score has no notes; there is nothing to draw")
    bars = bar_starts(score)
    tracks = [track for track in score.tracks if track.notes]
    lines = tuple(
        Line(_name(track), PALETTE[i % len(PALETTE)], track.notes, track.is_drum)
        for i, track in enumerate(tracks)
    )
    chords = score.chords
    if not chords:
        found = estimate_chords(score, [bar.start for bar in bars])
        chords = tuple(chord for chord in found if chord.root is not None)
    return Roll(
        score=score,
        lines=lines,
        systems=tuple(
            _system(first, row, lines)
            for first, row in _rows(bars, score.ticks_per_quarter, quarters_a_system)
        ),
        chords=tuple(merged(chords)),
        chords_are_estimated=not score.chords,
        key=score.keys[0] if score.keys else estimate_key(score),
        key_is_estimated=not score.keys,
    )


def merged(chords: Sequence[Chord]) -> list[Chord]:
    """Join equal chords that follow each other, as across bar lines."""
    found: list[Chord] = []
    for chord in chords:
        last = found[-1] if found else None
        if last and (last.root, last.quality) == (chord.root, chord.quality):
            found[-1] = replace(last, duration=chord.onset + chord.duration - last.onset)
        else:
            found.append(chord)
    return found


def chord_name(chord: Chord, key: Key | None) -> str:
    """Name of a chord as lead sheets write it, its root spelled as the key asks.

    >>> chord_name(Chord(0, 24, 10, "min7"), Key(0, 5, False)), chord_name(Chord(0, 24, None), None)
    ('Bbm7', 'N.C.')
    """
    if chord.root is None:
        return "N.C."
    letter, alter = spell_root(chord.root, chord.quality, key)
    root = letter + "#" * alter + "b" * -alter
    return root + suffix_of(chord.quality)


def facts(roll: Roll) -> str:
    """One line about the piece: key, meter, tempo, bars."""
    score = roll.score
    parts = []
    if roll.key:
        parts.append(str(key_name(roll.key)) + (" (estimated)" if roll.key_is_estimated else ""))
    numerator, denominator = roll.systems[0].bars[0].meter
    changes = len({bar.meter for system in roll.systems for bar in system.bars}) - 1
    parts.append(f"{numerator}/{denominator}" + (" and others" if changes else ""))
    tempos = heard_tempos(score)
    tempo = f"{tempos[0].bpm:.0f} bpm" + (" and others" if len(tempos) > 1 else "")
    bar_count = roll.systems[-1].first_bar + len(roll.systems[-1].bars)
    parts += [tempo, f"{bar_count} bar" + "s" * (bar_count > 1)]
    if roll.chords:
        parts.append("chords estimated" if roll.chords_are_estimated else "chords as written")
    return "  ·  ".join(parts)


def _name(track: Track) -> str:
    if track.name:
        return " ".join(track.name.split())
    return "drums" if track.is_drum else PROGRAM_NAMES[track.program].lower()


def _rows(
    bars: list[Bar], quarter: int, quarters_a_system: float
) -> Iterator[tuple[int, tuple[Bar, ...]]]:
    """Cut the bars into rows of a musical number of bars that is not too wide."""
    room = quarters_a_system * quarter
    usual = sorted(bar.length for bar in bars)[len(bars) // 2]
    count = next((n for n in _BARS_A_SYSTEM if n * usual <= room), 1)
    first = 0
    while first < len(bars):
        taken = 1
        width = bars[first].length
        # Longer bars among the usual ones may widen a row by a quarter.
        while first + taken < len(bars) and taken < count:
            width += bars[first + taken].length
            if width > 1.25 * room:
                break
            taken += 1
        yield first, tuple(bars[first : first + taken])
        first += taken


def _system(first: int, bars: tuple[Bar, ...], lines: Sequence[Line]) -> System:
    """The rows that a system needs, with a margin and at least an octave and a half."""
    start, end = bars[0].start, bars[-1].start + bars[-1].length
    pitches = [
        n.pitch
        for line in lines
        for n in line.notes
        if not line.is_drum and n.onset < end and n.onset + n.duration > start
    ]
    keys = {
        n.pitch for line in lines for n in line.notes if line.is_drum and start <= n.onset < end
    }
    names = dict.fromkeys(drum(key).name for key in sorted(keys, key=kit_order))
    lowest, highest = min(pitches, default=128), max(pitches, default=0)
    if pitches:
        missing = max(2, MIN_ROWS - 1 - (highest - lowest))
        lowest, highest = max(0, lowest - missing // 2), min(127, highest + (missing + 1) // 2)
    return System(first, bars, lowest, highest, tuple(names))
