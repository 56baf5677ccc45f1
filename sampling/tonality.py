"""The pull of the key: what the header names is what is heard.

A small network knows the scale of a key better than its centre: a piece that began as D minor may
settle in F major. So wherever a pitch may follow, each is weighed by how much its degree sounds
in music of the key, to a small power. The probability of all pitches together stays what it was:
rests, lengths and lines are left alone.

V vocabulary
"""

import math

import numpy as np

from partimento.sampling.compilation import compiled
from partimento.sampling.filters import MASKED, Logits
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.harmony import MAJOR_PROFILE, MINOR_PROFILE

_WEIGHTS = np.log(np.array([MAJOR_PROFILE, MINOR_PROFILE]))
"""(2, 12): logarithm of the share of each degree above the tonic, major and minor."""


@compiled
def pull_to_key(logits: Logits, key: int, power: float) -> None:
    """Multiply each pitch's probability by its degree's share of the key to a power, in place.

    The logits (V,) of all pitches are then moved together, so that their summed probability is
    the same as before. `key` is an index of the vocabulary's keys; masked tokens stay masked.
    """
    largest = MASKED
    for pitch in range(v.PITCH, v.PITCH + 128):
        largest = max(largest, logits[pitch])
    if power == 0.0 or largest == MASKED:
        return
    weights = power * _WEIGHTS[key // 12]
    before, after = 0.0, 0.0
    for pitch in range(128):
        share = math.exp(np.float64(logits[v.PITCH + pitch]) - np.float64(largest))
        before += share
        after += share * math.exp(weights[(pitch - key) % 12])
    shift = math.log(before / after)
    for pitch in range(128):
        logits[v.PITCH + pitch] += np.float32(weights[(pitch - key) % 12] + shift)
