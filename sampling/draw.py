"""From logits to one token: the draw by their softmax, and the random numbers behind it.

Nothing here overflows for logits up to 1e4 or any mask of -inf: the largest logit is
subtracted first and sums are kept in float64. "No token is possible" is a return value, -1.

V vocabulary
"""

import math

import numpy as np
from numpy.typing import NDArray

from partimento.errors import SettingError
from partimento.sampling.compilation import compiled
from partimento.sampling.filters import argmax

State = NDArray[np.uint64]

SEED_BITS = 53
"""Seeds are 0..2**53 - 1: every JSON reader keeps them exact."""

# SplitMix64: G. Steele, D. Lea and C. Flood, "Fast splittable pseudorandom number generators",
# OOPSLA 2014. numba can also use a numpy Generator with the same numbers, but unwrapping one
# costs 10 us a call, and a batch of them cannot be passed. Here the state of a piece is one
# integer, a batch's states are one array, and wrapping integer arithmetic is the same on every
# platform.
_GAMMA = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_SHIFT_30, _SHIFT_27, _SHIFT_31, _SHIFT_11 = (np.uint64(bits) for bits in (30, 27, 31, 11))


@compiled
def draw(logits: NDArray[np.float32], uniform: float) -> int:
    """Id that a uniform number in [0, 1) picks from logits (V,), by their softmax.

    It is the first token at which the running sum of probabilities exceeds `uniform`, so a
    masked token is never drawn. -1 when all are masked, or a logit is nan or +inf. Holds one
    buffer (V,).
    """
    best = argmax(logits)
    if best < 0:
        return -1
    largest = np.float64(logits[best])
    weights = np.zeros(logits.shape[0], np.float64)
    total = 0.0
    for i in range(logits.shape[0]):
        if logits[i] != -np.inf:
            weights[i] = math.exp(np.float64(logits[i]) - largest)
            total += weights[i]
    if not math.isfinite(total):
        return -1
    # Both sums run in the same order, and a product with a number below 1 rounds below the
    # total, so some token exceeds the target; a weight of zero never does.
    target = uniform * total
    reached = 0.0
    for i in range(logits.shape[0]):
        reached += weights[i]
        if reached > target:
            return i
    return -1


@compiled
def _mix(bits: np.uint64) -> np.uint64:
    """Scramble 64 bits, one to one (the output function of SplitMix64)."""
    bits = (bits ^ (bits >> _SHIFT_30)) * _MIX_1
    bits = (bits ^ (bits >> _SHIFT_27)) * _MIX_2
    return bits ^ (bits >> _SHIFT_31)


@compiled
def next_uniform(state: State) -> float:
    """Next number in [0, 1), a multiple of 2**-53; advances the state (1,) in place."""
    state[0] += _GAMMA
    return float(np.float64(_mix(state[0]) >> _SHIFT_11) * 2.0**-53)


def random_state(seed: int) -> State:
    """State (1,) of the random numbers of one piece, for `next_uniform`."""
    if not 0 <= seed < 2**SEED_BITS:
        raise SettingError("seed", f"must be in 0..2**{SEED_BITS} - 1, got {seed}")
    return np.array([seed], np.uint64)


def derive_seed(seed: int, index: int) -> int:
    """Seed of piece `index` of a run: piece 0 has the run's seed, later ones a hash of both.

    So any piece of a run is made again alone from its own seed.

    >>> derive_seed(7, 0), derive_seed(7, 1)
    (7, 4722888375107927)
    """
    if not 0 <= seed < 2**SEED_BITS:
        raise SettingError("seed", f"must be in 0..2**{SEED_BITS} - 1, got {seed}")
    if index < 0:
        raise ValueError(f"index must not be negative, got {index}")
    if index == 0:
        return seed
    hashed = int(_mix(np.uint64(seed))) + index * int(_GAMMA)
    return int(_mix(np.uint64(hashed % 2**64))) >> (64 - SEED_BITS)
