"""The pull of the key: what the header names is what is heard.

A small network knows the scale of a key better than its centre: a piece that began as D minor may
settle in F major. So wherever a pitch may follow, each is weighed by how much its degree sounds
in music of the key, to a small power. And because what a piece has wandered off by adds up, each
is weighed too by what its degree lacks, or has too much of, in the piece so far.

V vocabulary
"""

import math

import numpy as np
from numpy.typing import NDArray

from partimento.music.key_finding import MAJOR_PROFILE, MINOR_PROFILE
from partimento.sampling.compilation import compiled
from partimento.sampling.filters import Logits
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.compilation import inner

Weights = NDArray[np.float32]

RETURN = 3.0
"""Power by which a lacking degree gains, as a multiple of the power of the key itself."""
MEMORY = 0.95
"""What a bar leaves of the ticks before it: a piece that goes on is judged by its last 20 bars."""

_PROFILES = np.array([MAJOR_PROFILE, MINOR_PROFILE], np.float32)
_PROFILES /= _PROFILES.sum(axis=1, keepdims=True)
_PRIOR = 192.0
"""Ticks of music in the key that count as heard before the first note: two bars of one voice."""
_LEAST = 0.02
"""Added to the shares that are compared, so that rare degrees are not pulled by chance."""


def key_weights(power: float) -> Weights:
    """What the logit of each degree above the tonic gains: (2, 12), major and minor keys.

    Where the degrees are as frequent as in music of the key, the probability of all pitches
    together stays what it is, so rests and lengths are left alone.
    """
    profiles = np.array([MAJOR_PROFILE, MINOR_PROFILE])
    profiles /= profiles.sum(axis=1, keepdims=True)
    total = (profiles * profiles**power).sum(axis=1, keepdims=True)
    return np.asarray(power * np.log(profiles) - np.log(total), np.float32)


@compiled
def pull_to_key(logits: Logits, key: int, weights: Weights, power: float, heard: Weights) -> None:
    """Add the degrees' weights (2, 12), and what they lack, to the logits (V,) of the pitches.

    In place. `key` is an index of the vocabulary's keys; `heard` (12,) are the ticks of each
    pitch class so far, and `power` is that of what they lack. Masked tokens stay masked.
    """
    gains = np.empty(12, np.float32)
    total = np.float32(_PRIOR) + heard.sum()
    before = np.float32(0.0)
    for degree in range(12):
        usual = _PROFILES[key // 12, degree]
        share = (heard[(key + degree) % 12] + np.float32(_PRIOR) * usual) / total
        gain = power * math.log((usual + _LEAST) / (share + _LEAST))
        # Where pitches go on as they were, their probability together stays what it is.
        before += share * np.float32(math.exp(gain))
        gains[degree] = weights[key // 12, degree] + gain
    gains -= np.float32(math.log(before))
    for pitch in range(128):
        logits[v.PITCH + pitch] += gains[(pitch - key) % 12]


@inner
def hear_event(heard: Weights, pitches: NDArray[np.int32], ticks: int) -> None:
    """Add an event of some pitches (N,) to the ticks of each pitch class (12,), in place."""
    for pitch in pitches:
        heard[pitch % 12] += np.float32(ticks)
