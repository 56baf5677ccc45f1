"""What a piano roll shows of a score, before it is laid out: parts, bars, chords and key."""

from dataclasses import dataclass

from partimento.music.bars import Bar, bar_starts
from partimento.music.chord_finding import estimate_chords, joined
from partimento.music.chord_symbols import suffix_of
from partimento.music.facts import counted, facts_of
from partimento.music.instruments import PROGRAM_NAMES
from partimento.music.key_finding import estimate_key
from partimento.music.keys import key_name
from partimento.music.midi.text import displayed
from partimento.music.score import Chord, Key, Note, Score, Track
from partimento.music.timeline import heard_tempos
from partimento.rendering.errors import RenderingError
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


@dataclass(frozen=True, slots=True)
class Line:
    """One track as it is drawn."""

    name: str
    color: str
    """#rrggbb."""
    program: int
    notes: tuple[Note, ...]
    is_drum: bool


@dataclass(frozen=True, slots=True)
class Contents:
    """What is to be seen."""

    score: Score
    lines: tuple[Line, ...]
    """The tracks that have notes."""
    bars: tuple[Bar, ...]
    chords: tuple[Chord, ...]
    chords_are_estimated: bool
    key: Key | None
    key_is_estimated: bool


def read_contents(score: Score) -> Contents:
    """What a score has to show; RenderingError for one without notes."""
    if not score.note_count:
        raise RenderingError("the score has no notes; there is nothing to draw")
    bars = bar_starts(score)
    chords = score.chords
    if not chords:
        found = estimate_chords(score, [bar.start for bar in bars])
        chords = tuple(chord for chord in found if chord.root is not None)
    return Contents(
        score=score,
        lines=tuple(
            Line(_name(t), PALETTE[i % len(PALETTE)], t.program, t.notes, t.is_drum)
            for i, t in enumerate(track for track in score.tracks if track.notes)
        ),
        bars=tuple(bars),
        chords=joined(chords),
        chords_are_estimated=not score.chords,
        key=score.keys[0] if score.keys else estimate_key(score),
        key_is_estimated=not score.keys,
    )


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


def headline(contents: Contents) -> str:
    """One line about the piece: key, meter, tempo, bars."""
    facts = facts_of(contents.score)
    has_meters = len({bar.meter for bar in contents.bars}) > 1
    has_tempos = len(heard_tempos(contents.score)) > 1
    parts = []
    if contents.key:
        estimated = " (estimated)" if contents.key_is_estimated else ""
        parts.append(f"{key_name(contents.key)}{estimated}")
    parts.append(facts.meter + (" and others" if has_meters else ""))
    parts.append(f"{facts.bpm:.0f} bpm" + (" and others" if has_tempos else ""))
    parts.append(counted(facts.bars, "bar"))
    if contents.chords:
        parts.append("chords estimated" if contents.chords_are_estimated else "chords as written")
    return "  ·  ".join(parts)


def _name(track: Track) -> str:
    if track.name:
        return " ".join(displayed(track.name).split())
    return "drums" if track.is_drum else PROGRAM_NAMES[track.program].lower()
