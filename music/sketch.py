"""A sketch: what each bar of a piece does, without saying which line plays what.

B bars, S slots of a bar, L lanes of a slot, P pitches, I instruments.

A bar is cut into sixteen equal slots. For each the sketch says which pitch classes and which
kinds of drums start there; for the whole bar which pitches are used, which instruments play,
and three levels. Every value lies between 0 and 1: a sketch taken from a score holds zeros and
ones, one that a network imagines holds probabilities.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from partimento.errors import PartimentoError
from partimento.music.instruments import DRUMS, INSTRUMENTS
from partimento.music.note_tables import Ints, Notes

SLOTS = 16
"""Equal parts of a bar, whatever its meter."""
DRUM_KINDS = ("bass drum", "snare and toms", "cymbals")
LANES = 12 + len(DRUM_KINDS)
"""What may start in a slot: twelve pitch classes, then the kinds of drums."""
PITCHES = 128
LEVELS = ("notes", "loudness", "length")
"""log(1 + notes) / 4, mean velocity / 127, and the root of the mean share of the bar that a
note lasts; all cut off at 1, and 0 in an empty bar."""

ONSETS = SLOTS * LANES
BITS = ONSETS + PITCHES + len(INSTRUMENTS)
"""Values of a bar that are yes or no."""
WIDTH = BITS + len(LEVELS)
"""Values of a bar, in this order: onsets slot by slot, pitches, instruments, levels."""

_BASS_DRUMS = (35, 36)
# General MIDI's hi-hats, cymbals, tambourine, cowbell, shakers and triangles, and the edges
# of the Roland TD-11's hi-hat.
_CYMBALS = (*(22, 26, 42, 44, 46, 49, 51, 52, 53, 54, 55, 56, 57, 59, 69, 70), *(80, 81, 82))
DRUM_KIND = np.array(
    [0 if key in _BASS_DRUMS else 2 if key in _CYMBALS else 1 for key in range(PITCHES)], np.int64
)
"""(128,) index into DRUM_KINDS of each drum key."""

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Sketch:
    """What the bars of a piece do; ValueError when the arrays are no sketch."""

    onsets: Floats
    """(B, S, L) what starts in each slot."""
    pitches: Floats
    """(B, P) the pitches used, drums left out."""
    instruments: Floats
    """(B, I) the instruments that start a note."""
    levels: Floats
    """(B, len(LEVELS)) number of notes, loudness, length."""
    meters: tuple[tuple[int, int], ...] = ()
    """Numerator and denominator of each bar; empty when they are not known."""

    def __post_init__(self) -> None:
        """Check shapes and values."""
        bars = len(self.onsets)
        for name, shape in (
            ("onsets", (bars, SLOTS, LANES)),
            ("pitches", (bars, PITCHES)),
            ("instruments", (bars, len(INSTRUMENTS))),
            ("levels", (bars, len(LEVELS))),
        ):
            array = getattr(self, name)
            if array.shape != shape:
                raise PartimentoError(
                    f"{name} of a sketch must have shape {shape}, got {array.shape}"
                )
            # Not below 0 and not above 1 is also true of what is not a number.
            if not ((array >= 0) & (array <= 1)).all():
                raise PartimentoError(f"{name} of a sketch must lie between 0 and 1")
        if self.meters and len(self.meters) != bars:
            raise PartimentoError(
                f"a sketch must have one meter for each of its {bars} bars, got {len(self.meters)}"
            )

    @property
    def bars(self) -> int:
        """Number of bars."""
        return len(self.onsets)

    def values(self) -> Floats:
        """(B, WIDTH) all values of each bar side by side."""
        parts = (self.onsets.reshape(self.bars, ONSETS), self.pitches, self.instruments)
        return np.concatenate([*parts, self.levels], 1)

    @classmethod
    def of_values(cls, values: Floats, meters: Sequence[tuple[int, int]] = ()) -> "Sketch":
        """The sketch whose values (B, WIDTH) these are."""
        if values.ndim != 2 or values.shape[1] != WIDTH:
            raise PartimentoError(f"a bar of a sketch has {WIDTH} values, got shape {values.shape}")
        edges = np.cumsum([ONSETS, PITCHES, len(INSTRUMENTS)])
        onsets, pitches, instruments, levels = np.split(values.astype(np.float32), edges, 1)
        shaped = onsets.reshape(-1, SLOTS, LANES)
        return cls(shaped, pitches, instruments, levels, tuple(meters))

    def transposed(self, semitones: int) -> "Sketch":
        """Moved up by semitones: drums stay, and what leaves the 128 pitches is lost."""
        return Sketch.of_values(transpose_values(self.values(), semitones), self.meters)

    def part(self, first: int, end: int) -> "Sketch":
        """The bars from `first` up to and without `end`."""
        return Sketch.of_values(self.values()[first:end], self.meters[first:end])


def join(sketches: Sequence[Sketch]) -> Sketch:
    """One sketch of several, bar after bar; its meters are known if all of theirs are."""
    values = np.concatenate([np.zeros((0, WIDTH), np.float32), *(s.values() for s in sketches)])
    meters = tuple(meter for sketch in sketches for meter in sketch.meters)
    return Sketch.of_values(values, meters if len(meters) == len(values) else ())


def transpose_values(values: Floats, semitones: int) -> Floats:
    """Values (B, WIDTH) of bars moved up by semitones, as `Sketch.transposed`."""
    moved = values.copy()
    onsets = moved[:, :ONSETS].reshape(-1, SLOTS, LANES)  # a view
    onsets[..., :12] = np.roll(onsets[..., :12], semitones, -1)
    pitches = moved[:, ONSETS : ONSETS + PITCHES]
    pitches[:] = np.roll(pitches, semitones, -1)
    if semitones > 0:
        pitches[:, :semitones] = 0
    elif semitones < 0:
        pitches[:, semitones:] = 0
    return moved


def gather_values(notes: Notes, lengths: Ints) -> Floats:
    """(B, WIDTH) the values of the sketch that notes make in bars of lengths (B,) in ticks."""
    bars = len(lengths)
    values = np.zeros((bars, WIDTH), np.float32)
    slot = np.minimum(notes.tick * SLOTS // lengths[notes.bar], SLOTS - 1)
    is_drum = notes.instrument == DRUMS
    lane = np.where(is_drum, 12 + DRUM_KIND[notes.pitch], notes.pitch % 12)
    values[notes.bar, slot * LANES + lane] = 1
    pitched = ~is_drum
    values[notes.bar[pitched], ONSETS + notes.pitch[pitched]] = 1
    values[notes.bar, ONSETS + PITCHES + notes.instrument] = 1
    count = np.bincount(notes.bar, minlength=bars)
    per_note = 1 / np.maximum(count, 1)
    loudness = np.bincount(notes.bar, notes.velocity / 127, bars) * per_note
    share = np.bincount(notes.bar, notes.ticks / lengths[notes.bar], bars) * per_note
    values[:, BITS] = np.minimum(np.log1p(count) / 4, 1)
    values[:, BITS + 1] = np.minimum(loudness, 1)
    values[:, BITS + 2] = np.minimum(np.sqrt(share), 1)
    return values
