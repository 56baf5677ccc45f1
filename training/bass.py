"""Bass lines and chords of a rhythm section, from what the other instruments play and the chords.

A bar is arranged by itself; what is to be alike in all bars (a `Manner`) is drawn once.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from partimento.music.chord_qualities import STEPS_OF_QUALITY
from partimento.tokenizer import vocabulary as v
from partimento.training.strokes import Stroke, fitting_duration

LOWEST, HIGHEST = 28, 52
"""The octaves of a bass line, E1 to E3: notes outside are put into them."""
QUARTER, EIGHTH = 24, 12
KICKS = (35, 36)
"""The bass drums."""
VOICING = range(51, 66)
"""Where the notes of the piano's chords lie."""
COMPING = (
    ((0, 36), (36, 12)),
    ((12, 12), (60, 12)),
    ((24, 12), (72, 12)),
    ((36, 12), (84, 12)),
    ((0, 48), (48, 48)),
    ((0, 24), (60, 36)),
)
"""Rhythms of a bar of chords: onset and duration in ticks; the first is the Charleston's."""


@dataclass(frozen=True, slots=True)
class Label:
    """A chord of a bar's chord line."""

    start: int
    end: int
    """Ticks from the start of the bar."""
    root: int
    """Pitch class."""
    steps: tuple[int, ...]
    """Semitones of its notes above the root."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a bass plays throughout a piece."""

    rhythm: str
    """hand: as the left hand; kick: with the bass drum; eighths, quarters or halves."""
    is_short: bool
    """Notes last half of their place."""
    dynamic: int

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "Manner":
        """A manner at random."""
        rhythm = ("hand", "hand", "kick", "kick", "eighths", "quarters", "halves")
        return cls(
            rhythm[int(rng.integers(len(rhythm)))],
            bool(rng.random() < 0.25),
            v.DEFAULT_DYNAMIC + int(rng.integers(-1, 3)),
        )


def read_labels(start: Sequence[int]) -> list[Label]:
    """The chords among the tokens before the first line of a bar; 'no chord' is a gap."""
    labels = []
    tick = 0
    root: int | None = None
    steps: tuple[int, ...] = ()
    is_open = False
    for token in start:
        if v.ROOT <= token < v.QUALITY:
            root = token - v.ROOT
        elif v.QUALITY <= token < v.NO_CHORD:
            steps, is_open = STEPS_OF_QUALITY[v.CHORD_QUALITIES[token - v.QUALITY]], True
        elif token == v.NO_CHORD:
            root, is_open = None, True
        elif is_open and v.DURATION <= token < v.REST:
            end = tick + v.DURATIONS[token - v.DURATION]
            if root is not None:
                labels.append(Label(tick, end, root, steps))
            tick, is_open = end, False
    return labels


def supporting_bass(
    bar_ticks: int,
    low: Sequence[Stroke],
    drums: Sequence[Stroke],
    labels: Sequence[Label],
    manner: Manner,
) -> list[Stroke]:
    """A bass under a bar: the lowest notes of each half of it, in the manner's rhythm.

    `low` are strokes of the instruments that accompany; where they are silent, the root of the
    chord is played, and nothing where there is none either.
    """
    if manner.rhythm == "hand":
        own = sorted({stroke.onset for stroke in low if stroke.pitches[-1] < 60})
        onsets = [onset for onset in own if onset < bar_ticks] or [0]
    elif manner.rhythm == "kick":
        onsets = [s.onset for s in drums if any(pitch in KICKS for pitch in s.pitches)] or [0]
    else:
        step = {"eighths": EIGHTH, "quarters": QUARTER}.get(manner.rhythm, bar_ticks // 2)
        onsets = list(range(0, bar_ticks, step))
    notes = []
    for onset in onsets:
        pitch = _lowest(onset, bar_ticks, low, labels)
        if pitch is not None:
            notes.append((onset, folded(pitch)))
    return _held(notes, bar_ticks, manner)


def _lowest(
    onset: int, bar_ticks: int, low: Sequence[Stroke], labels: Sequence[Label]
) -> int | None:
    half = bar_ticks // 2
    first = onset // half * half
    struck = [s.pitches[-1] for s in low if first <= s.onset < first + half]
    if struck:
        return min(struck)
    label = _in_force(onset, labels)
    return None if label is None else label.root


def walking_bass(
    bar_ticks: int, labels: Sequence[Label], following: int | None, before: int, manner: Manner
) -> list[Stroke]:
    """A bass that walks in quarters: roots, notes of the chord, a step to the next root.

    `following` is the root of the next bar, `before` the note (MIDI) that the line comes from.
    """
    notes: list[tuple[int, int]] = []
    for onset in range(0, bar_ticks, QUARTER):
        label = _in_force(onset, labels)
        if label is None:
            continue
        coming = _in_force(onset + QUARTER, labels)
        target = None if coming is None else coming.root
        if onset + QUARTER >= bar_ticks:
            target = following
        if onset == 0 or onset - QUARTER < label.start:
            wished = [label.root]
        elif target is not None and target != label.root:
            # From a semitone above or below, as walking lines do.
            wished = [(target + 1) % 12, (target - 1) % 12]
        else:
            wished = [(label.root + step) % 12 for step in label.steps]
        near = [_nearest(before, pitch_class) for pitch_class in wished]
        moved = [pitch for pitch in near if pitch != before] or near
        before = min(moved, key=lambda pitch: (abs(pitch - before), pitch))
        notes.append((onset, before))
    return _held(notes, bar_ticks, manner)


def comping(
    bar_ticks: int, labels: Sequence[Label], rhythm: Sequence[tuple[int, int]], dynamic: int
) -> list[Stroke]:
    """Chords of a piano in the middle, in one of the rhythms."""
    strokes = []
    for onset, duration in rhythm:
        # A chord before the beat is the next one's.
        label = _in_force(min(onset + EIGHTH, bar_ticks - 1), labels)
        if label is None or onset + duration > bar_ticks:
            continue
        classes = {(label.root + step) % 12 for step in (label.steps[1:] + label.steps)[:3]}
        pitches = sorted((p for p in VOICING[:12] if p % 12 in classes), reverse=True)
        strokes.append(Stroke(onset, tuple(pitches), duration, dynamic))
    return strokes


def folded(pitch: int) -> int:
    """The nearest octave of a pitch within a bass line's.

    >>> folded(60), folded(24)
    (48, 36)
    """
    while pitch > HIGHEST:
        pitch -= 12
    while pitch < LOWEST:
        pitch += 12
    return pitch


def _nearest(before: int, pitch_class: int) -> int:
    """The note of a class that is nearest to another one, within a bass line's octaves."""
    found = range(LOWEST + (pitch_class - LOWEST) % 12, HIGHEST + 1, 12)
    return min(found, key=lambda pitch: (abs(pitch - before), pitch))


def _in_force(tick: int, labels: Sequence[Label]) -> Label | None:
    return next((label for label in labels if label.start <= tick < label.end), None)


def _held(notes: Sequence[tuple[int, int]], bar_ticks: int, manner: Manner) -> list[Stroke]:
    """Notes (onset, pitch) that last until the next one, or half as long."""
    ends = [*(onset for onset, _ in notes[1:]), bar_ticks]
    strokes = []
    for (onset, pitch), end in zip(notes, ends, strict=False):
        room = (end - onset) // 2 if manner.is_short and end - onset >= 2 else end - onset
        strokes.append(Stroke(onset, (pitch,), fitting_duration(room), manner.dynamic))
    return strokes
