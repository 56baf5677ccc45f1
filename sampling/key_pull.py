"""The pull of the key: what the header names is what is heard.

A small network knows the scale of a key better than its centre: a piece that began as D minor may
settle in F major. So wherever a pitch may follow, each is weighed by how much its degree sounds
in music of the key, to a small power.

V vocabulary
"""

import numpy as np
from numpy.typing import NDArray

from partimento.music.key_finding import MAJOR_PROFILE, MINOR_PROFILE
from partimento.sampling.compilation import compiled
from partimento.sampling.filters import Logits
from partimento.tokenizer import vocabulary as v

Weights = NDArray[np.float32]


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
def pull_to_key(logits: Logits, key: int, weights: Weights) -> None:
    """Add the degrees' weights (2, 12) to the logits (V,) of the pitches, in place.

    `key` is an index of the vocabulary's keys. Masked tokens stay masked.
    """
    for pitch in range(128):
        logits[v.PITCH + pitch] += weights[key // 12, (pitch - key) % 12]
