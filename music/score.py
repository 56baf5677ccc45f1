"""A score: tracks of notes with the tempo, meter, key and chords in force.

All times are ticks; `ticks_per_quarter` says how many make a quarter note. A score read
from a file keeps the file's resolution, a quantised one stands on the token grid.
"""

from dataclasses import dataclass
from typing import Literal

GRID_TICKS_PER_QUARTER = 24
"""Resolution of the token grid: divides into thirty-seconds (3) and sixteenth triplets (4)."""


@dataclass(frozen=True, slots=True, order=True)
class Note:
    """One sounding note; ordered by onset, then pitch."""

    onset: int
    """First tick."""
    pitch: int
    """MIDI note number 0..127; the drum key on a drum track."""
    duration: int
    """Length in ticks, at least 1."""
    velocity: int = 80
    """MIDI velocity 1..127."""


ControlKind = Literal["control", "bend", "pressure", "aftertouch", "kit"]
"""A controller such as the pedal (64), the pitch wheel, the pressure on all keys or on one, and
the program of a drum kit."""


@dataclass(frozen=True, slots=True, order=True)
class Control:
    """How a part sounds from a tick on, apart from its notes."""

    tick: int
    kind: ControlKind
    number: int
    """The controller 0..119, or the pitch of an aftertouch; 0 for the other kinds."""
    value: int
    """0..127; -8192..8191 of the pitch wheel."""


MarkKind = Literal["text", "copyright", "lyric", "marker", "cue"]


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """Words at a tick: a syllable that is sung, the name of a section."""

    tick: int
    kind: MarkKind
    text: str


@dataclass(frozen=True, slots=True)
class Track:
    """The notes of one part."""

    notes: tuple[Note, ...]
    """Sorted; overlapping notes are allowed, two notes of equal pitch and onset are not."""
    program: int = 0
    """General MIDI program 0..127; 0 on a drum track."""
    is_drum: bool = False
    name: str = ""
    controls: tuple[Control, ...] = ()
    """Sorted by tick; a score on the token grid has none."""


@dataclass(frozen=True, slots=True, order=True)
class Tempo:
    """Beats (quarter notes) per minute from a tick on."""

    tick: int
    bpm: float


@dataclass(frozen=True, slots=True, order=True)
class Meter:
    """A time signature from a tick on."""

    tick: int
    numerator: int
    denominator: int

    def bar_ticks(self, ticks_per_quarter: int) -> int:
        """Length of one bar in ticks.

        >>> Meter(0, 6, 8).bar_ticks(24)
        72
        """
        return self.numerator * 4 * ticks_per_quarter // self.denominator


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """A key signature from a tick on."""

    tick: int
    tonic: int
    """Pitch class 0..11, C is 0."""
    is_minor: bool
    is_respelled: bool = False
    """Written with the other of two signatures, where there are two: Gb for F#, C# for Db."""

    @property
    def fifths(self) -> int:
        """Sharps of the signature, flats as a negative number; -7..7, by default -6..6.

        >>> Key(0, 3, True).fifths, Key(0, 6, False).fifths, Key(0, 6, False, True).fifths
        (-6, 6, -6)
        """
        fifths = 7 * (self.tonic + 3 * self.is_minor) % 12
        # Of two with six accidentals E flat minor and F sharp major are the usual ones.
        if fifths > (5 if self.is_minor else 6):
            fifths -= 12
        if self.is_respelled and abs(fifths) >= 5:
            fifths += 12 if fifths < 0 else -12
        return fifths


@dataclass(frozen=True, slots=True, order=True)
class Chord:
    """A chord label over a span of time."""

    onset: int
    duration: int
    root: int | None
    """Pitch class 0..11; None says 'no chord'."""
    quality: str = ""
    """One of vocabulary.CHORD_QUALITIES; empty when there is no chord."""


@dataclass(frozen=True, slots=True)
class Score:
    """A piece of music; every list is sorted by tick."""

    ticks_per_quarter: int
    tracks: tuple[Track, ...]
    tempos: tuple[Tempo, ...] = ()
    """Empty: the file says nothing (MIDI then means 120)."""
    meters: tuple[Meter, ...] = ()
    """Empty: the file says nothing (MIDI then means 4/4). When not, the first stands at tick 0."""
    keys: tuple[Key, ...] = ()
    chords: tuple[Chord, ...] = ()
    style: str | None = None
    """One of vocabulary.STYLES, or None when unknown."""
    texts: tuple[str, ...] = ()
    """Text meta events at tick 0 (generation settings travel in one of them)."""
    marks: tuple[Mark, ...] = ()
    """All other words of the file; a score on the token grid has none."""

    @property
    def note_count(self) -> int:
        """Number of notes in all tracks."""
        return sum(len(track.notes) for track in self.tracks)

    @property
    def end(self) -> int:
        """The tick at which the last note ends, 0 for a score without notes."""
        return max((n.onset + n.duration for t in self.tracks for n in t.notes), default=0)
