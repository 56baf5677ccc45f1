"""The pull of the chords: what stands in the chord line is what is heard.

The network writes to its chord labels, but not always: a tune may sing past them. So where chords
were asked for, each pitch is weighed by whether the chord in force has it, most of all on the
beat; between beats there is room for passing notes. A length by which a note would still sound in
a chord that lacks it loses as much as a strange note on the beat.

V vocabulary
"""

import numpy as np
from numpy.typing import NDArray

from partimento.music.chord_keys import CHORD_TONES
from partimento.music.metre import beat_ticks
from partimento.music.score import GRID_TICKS_PER_QUARTER
from partimento.sampling.compilation import compiled
from partimento.sampling.filters import Logits
from partimento.tokenizer import vocabulary as v

Weights = NDArray[np.float32]
Integers = NDArray[np.int32]

BETWEEN = 0.5
"""Power of the pull between beats, as a share of the power on the beat."""
STRANGE = 0.02
"""How much less often than a tone of the chord a note is heard that it lacks, at power 1."""
_ON_CHORD = 0.75
"""Share of notes on tones of the chord in music with chords, of which the pull leaves rests and
lengths alone."""

_DURATIONS = np.array(v.DURATIONS, np.int64)
_TONES = np.zeros((len(v.CHORD_QUALITIES), 12), np.uint8)
for _index, _quality in enumerate(v.CHORD_QUALITIES):
    _TONES[_index, list(CHORD_TONES[_quality])] = 1

BEATS = np.array([beat_ticks(meter, GRID_TICKS_PER_QUARTER) for meter in v.METERS], np.int32)
"""Ticks of a beat of each meter of the vocabulary."""


def chord_weights(power: float) -> Weights:
    """What the logit of each step above the root gains, by quality: (2, qualities, 12).

    The first half is for notes between beats, the second for notes on them.
    """
    weights = np.empty((2, len(v.CHORD_QUALITIES), 12), np.float32)
    for on_beat, strength in enumerate((BETWEEN * power, power)):
        strange = STRANGE**strength
        total = _ON_CHORD + (1 - _ON_CHORD) * strange
        for index, quality in enumerate(v.CHORD_QUALITIES):
            weights[on_beat, index] = np.log(strange / total)
            weights[on_beat, index, list(CHORD_TONES[quality])] = -np.log(total)
    return weights


@compiled
def pull_to_chord(
    logits: Logits, root: int, quality: int, is_on_beat: bool, weights: Weights
) -> None:
    """Add the weights (2, qualities, 12) of a chord to the logits (V,) of the pitches, in place.

    Masked tokens stay masked.
    """
    for pitch in range(128):
        logits[v.PITCH + pitch] += weights[1 if is_on_beat else 0, quality, (pitch - root) % 12]


@compiled
def pull_lengths(
    logits: Logits,
    pitches: Integers,
    chords: Integers,
    tick: int,
    following: tuple[int, int],
    weights: Weights,
) -> None:
    """Weigh lengths of pitches (N,) that start at a tick of a bar, in the logits (V,), in place.

    `chords` (ticks of the bar, 2) are roots and qualities, `following` those of the next bar's
    first chord; a root outside 0..11 is no chord.
    """
    own_root, own_quality = chords[tick, 0], chords[tick, 1]
    for index in range(len(_DURATIONS)):
        last = tick + _DURATIONS[index] - 1
        if last < len(chords):
            root, quality = chords[last, 0], chords[last, 1]
        else:
            root, quality = following
        if not 0 <= root < 12 or (root == own_root and quality == own_quality):
            continue
        for pitch in pitches:
            if not _TONES[quality, (pitch - root) % 12]:
                # What a strange note loses against one of the chord; root: a tone of every chord.
                step = (pitch - root) % 12
                logits[v.DURATION + index] += weights[1, quality, step] - weights[1, quality, 0]
                break
