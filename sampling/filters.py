"""Logit filters, applied in this order: mask, temperature, top-k, top-p, min-p; then the draw.

Each works in place on one contiguous float32 vector (V,) of logits and says "no" with -inf.
They are compiled by numba, so that a decode loop calls them without leaving compiled code, and
they are the only implementation. Of equal logits the lower id ranks first, so top-k and top-p
keep exactly as many tokens as they say. Always pass temperature, p and min_p as floats and k as
an int: each new type compiles anew.

The order matters: top-p and min-p see the probabilities that the temperature made, so a high
temperature widens what they keep; top-p counts its share among the tokens that top-k left;
min-p compares to the largest probability, which no earlier filter removes.

V vocabulary
"""

import math

import numpy as np
from numpy.typing import NDArray

from partimento.sampling.compilation import compiled
from partimento.tokenizer.compilation import inner

Logits = NDArray[np.float32]
Integers = NDArray[np.int64]
Mask = NDArray[np.bool_] | NDArray[np.uint8]

MASKED = np.float32(-np.inf)


@compiled
def apply_mask(logits: Logits, allowed: Mask) -> None:
    """Mask, in place, every token whose `allowed` (V,) is zero or False."""
    for i in range(logits.shape[0]):
        if not allowed[i]:
            logits[i] = MASKED


@compiled
def argmax(logits: Logits) -> int:
    """Id of the largest logit, the lowest id on ties; -1 when all are masked."""
    best = -1
    largest = MASKED
    for i in range(logits.shape[0]):
        if logits[i] > largest:
            best = i
            largest = logits[i]
    return best


@compiled
def apply_temperature(logits: Logits, temperature: float) -> None:
    """Divide the logits, in place, by the temperature; 0 keeps only the largest logit.

    The largest logit is moved to 0 first, which changes no probability and keeps any
    temperature above 0, however small, from overflowing. 1 changes nothing.
    """
    if temperature == 1.0:
        return
    best = argmax(logits)
    if best < 0:
        return
    if temperature == 0.0:
        logits[:] = MASKED
        logits[best] = np.float32(0.0)
        return
    largest = np.float64(logits[best])
    for i in range(logits.shape[0]):
        logits[i] = np.float32((np.float64(logits[i]) - largest) / temperature)


@compiled
def keep_top_k(logits: Logits, k: int) -> None:
    """Keep, in place, exactly the k largest logits; k = 0 or k >= V changes nothing.

    With fewer than k tokens left unmasked, all of them stay.
    """
    if k <= 0 or k >= logits.shape[0]:
        return
    weights = np.empty(logits.shape[0], np.int64)
    for i in range(logits.shape[0]):
        weights[i] = 1 if logits[i] > MASKED else 0
    _keep_until(logits, weights, k)


@compiled
def keep_top_p(logits: Logits, p: float) -> None:
    """Keep, in place, the smallest set of tokens whose probability reaches p in (0, 1].

    1 changes nothing. Probabilities are summed in steps of 2**-52 of the largest one.
    """
    best = argmax(logits)
    if p >= 1.0 or best < 0 or logits[best] == np.inf:  # infinite has no probability to sum
        return
    largest = np.float64(logits[best])
    weights = np.zeros(logits.shape[0], np.int64)
    for i in range(logits.shape[0]):
        if logits[i] > MASKED:
            weights[i] = np.int64(math.exp(np.float64(logits[i]) - largest) * 2.0**52)
    total = 0
    for i in range(logits.shape[0]):
        total += weights[i]
    _keep_until(logits, weights, math.ceil(p * total))


@compiled
def keep_min_p(logits: Logits, min_p: float) -> None:
    """Mask, in place, tokens less likely than min_p in [0, 1) times the likeliest.

    0 changes nothing.
    """
    best = argmax(logits)
    if min_p <= 0.0 or best < 0:
        return
    floor = np.float64(logits[best]) + math.log(min_p)
    for i in range(logits.shape[0]):
        if logits[i] < floor:
            logits[i] = MASKED


@compiled
def filter_logits(
    logits: Logits, temperature: float, top_k: int, top_p: float, min_p: float
) -> None:
    """Apply temperature, top-k, top-p and min-p, in place and in this order, after any mask.

    The values that change nothing are 1, 0, 1 and 0.
    """
    apply_temperature(logits, temperature)
    if temperature == 0.0:
        return
    keep_top_k(logits, top_k)
    keep_top_p(logits, top_p)
    keep_min_p(logits, min_p)


# Top-k and top-p are one question: how many tokens, in order of rank, until k of them, or a
# share of probability, is reached? Bisecting the value of the last kept logit costs 32
# vectorised passes, 2 us at V = 384 whatever the logits; there a sort took 22 and a heap 2 to
# 50. Weights are integers: their sums are exact in any order, so ties and borders do not hang
# on rounding.


@inner
def _keep_until(logits: Logits, weights: Integers, enough: int) -> None:
    """Keep, in place, the largest logits until their weights (V,) reach `enough`; mask the rest.

    Keeps all when they do not reach it.
    """
    # Floats compare like their bits read as integers, once those of negative ones are flipped;
    # -0.0 equals 0.0.
    bits = logits.view(np.int32)
    keys = np.empty(logits.shape[0], np.int64)
    for i in range(logits.shape[0]):
        keys[i] = bits[i] if bits[i] >= 0 else bits[i] ^ 0x7FFFFFFF
        if logits[i] == 0.0:
            keys[i] = 0
    low, high = -(2**31), 2**31
    if _weight_from(keys, weights, low) < enough:
        return
    while high - low > 1:  # the weight from `low` is enough, the weight from `high` is not
        middle = (low + high) // 2
        if _weight_from(keys, weights, middle) >= enough:
            low = middle
        else:
            high = middle
    reached = _weight_from(keys, weights, high)
    for i in range(logits.shape[0]):
        if keys[i] == low and reached < enough:
            reached += weights[i]
        elif keys[i] <= low:
            logits[i] = MASKED


@inner
def _weight_from(keys: Integers, weights: Integers, key: int) -> int:
    """Sum of the weights (V,) whose key is at least `key`."""
    total = 0
    for i in range(keys.shape[0]):
        total += weights[i] if keys[i] >= key else 0
    return total
