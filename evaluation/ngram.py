"""Interpolated modified Kneser-Ney n-gram over tokens, the baseline beside the networks.

S. F. Chen and J. Goodman, "An empirical study of smoothing techniques for language modeling",
Harvard TR-10-98, 1998, section 3. An n-gram is one integer: the tokens side by side, the
latest in the lowest bits, so that sorted keys stand grouped by context.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from partimento.errors import PartimentoError, SettingError
from partimento.tokenizer.vocabulary import SIZE

Keys = NDArray[np.uint64]
Counts = NDArray[np.int64]
Shares = NDArray[np.float32]

_BLOCK = 1 << 25
"""Keys that are sorted at a time: 256 MB."""
_FALLBACK_DISCOUNTS = (0.5, 1.0, 1.5)
"""For data too small to estimate them; the values are KenLM's (K. Heafield and others, 2013)."""


@dataclass(frozen=True, slots=True)
class _Level:
    """All k-grams of one order k that occur in the training data."""

    grams: Keys
    shares: Shares
    """Discounted share of each k-gram among those with its context."""
    contexts: Keys
    """The first k - 1 tokens of the k-grams, each once."""
    left_over: Shares
    """What the discounts leave of each context for the next lower order."""


@dataclass(frozen=True, slots=True)
class NGram:
    """A trained model; `fit` makes one."""

    order: int
    vocabulary_size: int
    levels: tuple[_Level, ...]
    """Orders 1 to `order`."""

    @classmethod
    def fit(
        cls,
        sequences: Iterable[ArrayLike],
        order: int = 5,
        vocabulary_size: int = SIZE,
    ) -> "NGram":
        """Count the n-grams of token sequences and estimate the discounts of every order.

        Sequences are read one by one, so a generator may transpose them. Memory grows with
        the different n-grams: about 24 bytes for each of every order. ValueError for an order
        whose n-grams do not fit into 64 bits (7 is the highest with 384 tokens), for a token
        outside the vocabulary and when there is no token at all.
        """
        bits = _bits(vocabulary_size)
        if not 1 <= order <= 63 // bits:
            raise SettingError("order", f"must be in 1..{63 // bits}, got {order}")
        keys, counts = _count(sequences, order, vocabulary_size)
        if not len(keys):
            raise PartimentoError("no tokens to fit an n-gram on; the list of sequences is empty")
        levels = []
        for k in range(order, 0, -1):
            levels.append(_level(keys, counts, bits))
            # From here down a k-gram counts once for each different token before it.
            mask = np.uint64((1 << bits * (k - 1)) - 1)
            keys, counts = _run_lengths(np.sort(keys & mask))
        return cls(order, vocabulary_size, tuple(reversed(levels)))

    def log_probabilities(self, tokens: ArrayLike) -> NDArray[np.float64]:
        """Log-probability in nats of each token given all before it, the first one included."""
        keys = _keys(tokens, self.order, self.vocabulary_size)
        bits = _bits(self.vocabulary_size)
        result = np.full(len(keys), 1 / self.vocabulary_size)
        for k, level in enumerate(self.levels, start=1):
            grams = keys & np.uint64((1 << bits * k) - 1)
            shares = _look_up(level.grams, level.shares, grams, 0.0)
            left_over = _look_up(level.contexts, level.left_over, grams >> np.uint64(bits), 1.0)
            result = shares + left_over * result
        logarithms: NDArray[np.float64] = np.log(result)
        return logarithms


def _bits(vocabulary_size: int) -> int:
    """Bits of a token; the vocabulary's size itself is the id of 'before the beginning'."""
    return vocabulary_size.bit_length()


def _keys(tokens: ArrayLike, order: int, vocabulary_size: int) -> Keys:
    """The n-gram that ends at each token of a sequence."""
    array = np.asarray(tokens)
    if len(array) and not 0 <= int(array.min()) <= int(array.max()) < vocabulary_size:
        raise PartimentoError(
            f"tokens must be in 0..{vocabulary_size - 1}, got {array.min()}..{array.max()}"
        )
    bits = _bits(vocabulary_size)
    padded = np.full(len(array) + order - 1, vocabulary_size, dtype=np.uint64)
    padded[order - 1 :] = array
    keys = np.zeros(len(array), dtype=np.uint64)
    for start in range(order):
        keys <<= np.uint64(bits)
        keys |= padded[start : start + len(array)]
    return keys


def _count(sequences: Iterable[ArrayLike], order: int, vocabulary_size: int) -> tuple[Keys, Counts]:
    """Every different n-gram, sorted, and how often it occurs."""
    total: tuple[Keys, Counts] = (np.zeros(0, np.uint64), np.zeros(0, np.int64))
    block: list[Keys] = []
    waiting = 0
    for sequence in sequences:
        block.append(_keys(sequence, order, vocabulary_size))
        waiting += len(block[-1])
        if waiting >= _BLOCK:
            total = _merge(*total, *_run_lengths(np.sort(np.concatenate(block))))
            block, waiting = [], 0
    if block:
        total = _merge(*total, *_run_lengths(np.sort(np.concatenate(block))))
    return total


def _run_lengths(keys: Keys) -> tuple[Keys, Counts]:
    """Different values of sorted keys and how often each occurs."""
    starts = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]])[: len(keys)])
    return keys[starts], np.diff(starts, append=len(keys))


def _merge(keys: Keys, counts: Counts, more: Keys, more_counts: Counts) -> tuple[Keys, Counts]:
    """Union of two counts, both sorted by key."""
    places = np.searchsorted(keys, more)
    known = np.zeros(len(more), dtype=bool)
    inside = places < len(keys)
    known[inside] = keys[places[inside]] == more[inside]
    counts[places[known]] += more_counts[known]
    new = ~known
    return (
        np.insert(keys, places[new], more[new]),
        np.insert(counts, places[new], more_counts[new]),
    )


def _level(keys: Keys, counts: Counts, bits: int) -> _Level:
    """Discounted shares of one order's k-grams and what each context leaves over."""
    discounts = np.array([0.0, *_discounts(counts)])[np.minimum(counts, 3)]
    contexts, followers = _run_lengths(keys >> np.uint64(bits))
    starts = np.cumsum(followers) - followers
    totals = np.add.reduceat(counts, starts)
    return _Level(
        grams=keys,
        shares=((counts - discounts) / np.repeat(totals, followers)).astype(np.float32),
        contexts=contexts,
        left_over=(np.add.reduceat(discounts, starts) / totals).astype(np.float32),
    )


def _discounts(counts: Counts) -> tuple[float, float, float]:
    """What is taken from counts of one, two, and three or more (Chen and Goodman, equation 26)."""
    once, twice, thrice, four_times = (int((counts == n).sum()) for n in (1, 2, 3, 4))
    if not (once and twice and thrice):
        return _FALLBACK_DISCOUNTS
    y = once / (once + 2 * twice)
    discounts = (
        1 - 2 * y * twice / once,
        2 - 3 * y * thrice / twice,
        3 - 4 * y * four_times / thrice,
    )
    if any(not 0 < discount <= n for n, discount in enumerate(discounts, start=1)):
        return _FALLBACK_DISCOUNTS
    return discounts


def _look_up(keys: Keys, values: Shares, wanted: Keys, default: float) -> NDArray[np.float64]:
    """The value of each wanted key, or the default."""
    places = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[places] == wanted, values[places], default).astype(np.float64)
