"""The choice of the next token of a piece: the one place where a token is decided.

Both engines call `choose` on the model's logits and then `read` on the token, compiled:

    forced?  -> the plan's tokens right after a BAR: no logits, no random number
    grammar -> constraints -> a bar that is too long must end -> the pull of the key
    -> temperature of the bar, top-k, top-p, min-p -> softmax -> draw

**Loops.** Music repeats itself, so repetition is left alone until the last bars are literally
identical: three equal bars in a row, or a pattern of two bars three times. Then the next bar is
written with the temperature 1.5 times as high, and 1.5 times more for each further bar (or
pattern) that the loop goes on, up to 5. A temperature below 0.7, also the greedy 0, counts
as 0.7 for that bar, and narrow filters open to top-k 8, top-p 0.8 and min-p 0.1: a loop ends
that a greedy choice would never leave. The bar after that has the player's settings again.
"""

import numpy as np
import numpy.typing as npt

from partimento.sampling.compilation import compiled
from partimento.sampling.constraints import constrain
from partimento.sampling.draw import draw, next_uniform
from partimento.sampling.filters import Logits, apply_mask, filter_logits
from partimento.sampling.key_pull import pull_to_key
from partimento.sampling.pieces import (
    BAR_TOKENS,
    FORCED,
    FORCED_END,
    LOOP,
    SAME_AS_LAST,
    SAME_AS_SECOND_LAST,
    Piece,
    piece_at,
)
from partimento.tokenizer import cursor as c
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.compilation import inner
from partimento.tokenizer.features import write_features
from partimento.tokenizer.grammar import allowed

MAX_BAR_TOKENS = 2000
"""A bar of more tokens must end; the longest of the corpus has 1,100."""

LOOP_FACTOR = 1.5
"""The temperature of a bar after a loop, times this for each repetition too many."""
LOOP_TEMPERATURES = (0.7, 5.0)
"""Least temperature before the factor, and most after it."""
LOOP_FILTERS = (8, 0.8, 0.1)
"""Least top-k, least top-p and most min-p of a bar after a loop."""

# FNV-1a, 64 bits: http://www.isthe.com/chongo/tech/comp/fnv/
_HASH_START = np.uint64(0xCBF29CE484222325)
_HASH_PRIME = np.uint64(0x100000001B3)


@inner
def choose(piece: Piece, logits: Logits, mask: c.ByteArray) -> int:
    """Id of the next token of a piece; -1 when none is possible, which is a bug.

    Changes the logits (V,) and the scratch mask (V,) in place, and advances the piece's random
    numbers by one, unless the token was forced. The token is still to be read.
    """
    counters = piece.counters
    if counters[FORCED] < counters[FORCED_END]:
        # Through int64: an unsigned number and a signed one would meet as a float.
        token = int(np.int64(piece.plan.forced[counters[FORCED]]))
        counters[FORCED] += 1
        return token
    allowed(piece.cursor, mask)
    constrain(piece.cursor, piece.plan, mask)
    _open_after_prompt(piece, mask)
    if counters[BAR_TOKENS] >= MAX_BAR_TOKENS:
        _end_bar(mask)
    apply_mask(logits, mask)
    key = piece.cursor.scalars[c.KEY]
    if key >= 0 and piece.cursor.scalars[c.INSTRUMENT] != v.DRUMS:
        pull_to_key(logits, key, piece.plan.key_weights)
    bar = max(piece.cursor.scalars[c.BAR], 0)
    temperature = float(piece.plan.temperatures[bar])
    top_k = int(piece.plan.filters[0])
    top_p, min_p = piece.plan.filters[1], piece.plan.filters[2]
    if counters[LOOP] > 0:
        least, most = LOOP_TEMPERATURES
        temperature = min(max(temperature, least) * LOOP_FACTOR ** counters[LOOP], most)
        top_k = max(top_k, LOOP_FILTERS[0]) if top_k > 0 else 0
        top_p = max(top_p, LOOP_FILTERS[1])
        min_p = min(min_p, LOOP_FILTERS[2])
    filter_logits(logits, temperature, top_k, top_p, min_p)
    return int(draw(logits, next_uniform(piece.random)))


@inner
def read(piece: Piece, token: int) -> None:
    """Take a token into the piece, in place: cursor, forced tokens, and the watch for loops."""
    counters = piece.counters
    if token == v.BAR:
        if piece.cursor.scalars[c.BARS] > 0:
            _close_bar(piece)
        piece.hashes[0] = _HASH_START
        counters[BAR_TOKENS] = 0
    else:
        piece.hashes[0] = (piece.hashes[0] ^ np.uint64(token)) * _HASH_PRIME
        counters[BAR_TOKENS] += 1
    c.advance(piece.cursor, token)
    if token == v.BAR:
        bar = piece.cursor.scalars[c.BAR]
        counters[FORCED] = piece.plan.forced_starts[bar]
        counters[FORCED_END] = piece.plan.forced_starts[bar + 1]


@inner
def _close_bar(piece: Piece) -> None:
    """Compare the bar that ends to the two before it, in place."""
    counters, hashes = piece.counters, piece.hashes
    for column, before in ((SAME_AS_LAST, 1), (SAME_AS_SECOND_LAST, 2)):
        counters[column] = counters[column] + 1 if hashes[0] == hashes[before] else 0
    hashes[2] = hashes[1]
    hashes[1] = hashes[0]
    # A A A: two bars are like the last one. A B A B A B: four are like the second last.
    loop = max(counters[SAME_AS_LAST] - 1, counters[SAME_AS_SECOND_LAST] // 2 - 1)
    counters[LOOP] = max(loop, 0)


@inner
def _open_after_prompt(piece: Piece, mask: c.ByteArray) -> None:
    """Keep only BAR, in place, as soon as the last bar of a primer may end: it is complete."""
    before = piece.plan.bars[0]
    if mask[v.BAR] and before > 0 and piece.cursor.scalars[c.BARS] == before:
        mask[:] = 0
        mask[v.BAR] = 1


@inner
def _end_bar(mask: c.ByteArray) -> None:
    """Keep what ends the bar or else what ends the open event, where there is such a token."""
    ends = mask[v.BAR] or mask[v.EOS] or mask[v.FILL]
    closes = mask[v.DURATION : v.REST].any()
    for token in range(v.SIZE):
        is_end = token == v.BAR or token == v.EOS or token == v.FILL
        is_length = v.DURATION <= token < v.REST
        if (ends and not is_end) or (not ends and closes and not is_length):
            mask[token] = 0


@compiled
def choose_tokens(
    pieces: Piece,
    slots: npt.NDArray[np.int64],
    logits: npt.NDArray[np.float32],
    mask: c.ByteArray,
    tokens: npt.NDArray[np.int64],
) -> None:
    """`choose` for the pieces in some slots (N,) from logits (N, V), into tokens (N,)."""
    for row in range(len(slots)):
        tokens[row] = choose(piece_at(pieces, slots[row]), logits[row], mask)


@compiled
def read_tokens(
    pieces: Piece,
    slots: npt.NDArray[np.int64],
    tokens: npt.NDArray[np.int64],
    ids: c.Int16Array,
    sounding: c.ByteArray,
) -> None:
    """`read` tokens (N,) into the pieces of slots (N,), and write what the model sees beside
    each: features (N, F) and sounding entries (N, S), all in place."""
    for row in range(len(slots)):
        piece = piece_at(pieces, slots[row])
        read(piece, tokens[row])
        write_features(piece.cursor, ids[row], sounding[row])


def describe(pieces: Piece, slot: int) -> str:
    """Where the piece of a slot stands, for an error message."""
    state = pieces.cursor.scalars[slot]
    return (
        f"{c.PHASES[state[c.PHASE]]}, bar {state[c.BAR] + 1} of {pieces.plan.bars[slot, 1]}, "
        f"tick {state[c.TICK]} of {state[c.LENGTH]}, line {state[c.LINE]}"
    )
