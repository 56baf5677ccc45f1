"""The compiled decode loop: choose a token for each piece, read it, compute the next logits.

N rows (pieces under way), P slots, V vocabulary
"""

from typing import NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from partimento.sampling.engines.choice import choose, read
from partimento.sampling.engines.kernels import (
    Memory,
    Scratch,
    Slots,
    embed,
    new_memory,
    new_scratch,
    run_layers,
    write_logits,
)
from partimento.sampling.engines.packing import Weights
from partimento.sampling.engines.pieces import Piece, piece_at
from partimento.tokenizer import cursor as c
from partimento.tokenizer import vocabulary as v

FAILED = -1
"""Length written for a piece for which no token was possible."""


class Batch(NamedTuple):
    """Everything of the pieces that one thread decodes."""

    pieces: Piece
    memory: Memory
    scratch: Scratch
    slots: Slots
    """(N,) slot of each row, the first `count` of them under way."""
    tokens: npt.NDArray[np.uint16]
    """(P, steps) what the last call wrote for each slot."""
    lengths: npt.NDArray[np.int64]
    """(P,) how many tokens that was, or FAILED."""
    ids: c.Int16Array
    """(F,) features of one token."""
    sounding: c.ByteArray
    """(S,) what sounds at one token."""
    mask: c.ByteArray
    """(V,)"""


def new_batch(weights: Weights, pieces: Piece, rows: int, steps: int) -> Batch:
    """Room for the pieces, for `rows` rows in one pass and `steps` tokens in one call."""
    slots = len(pieces.counters)
    return Batch(
        pieces=pieces,
        memory=new_memory(weights, slots),
        scratch=new_scratch(weights, max(rows, slots)),
        slots=np.zeros(max(rows, slots), np.int64),
        tokens=np.zeros((slots, steps), np.uint16),
        lengths=np.zeros(slots, np.int64),
        ids=np.zeros(len(c.FEATURES), np.int16),
        sounding=np.zeros(c.SOUNDING_WIDTH, np.uint8),
        mask=np.zeros(v.SIZE, np.uint8),
    )


@numba.njit(cache=True, nogil=True)
def decode_steps(weights: Weights, batch: Batch, count: int, steps: int) -> int:
    """Write up to `steps` tokens to each of the first `count` rows; the rows still under way.

    Row n of the logits belongs to slots[n]. A piece that ends, or fails, leaves: the rows
    behind it move up. All in place.
    """
    logits, slots = batch.scratch.logits, batch.slots
    batch.lengths[:] = 0
    for step in range(steps):
        kept = 0
        for row in range(count):
            slot = slots[row]
            piece = piece_at(batch.pieces, slot)
            token = choose(piece, logits[row], batch.mask)
            if token < 0:
                batch.lengths[slot] = FAILED
                continue
            batch.tokens[slot, step] = token
            batch.lengths[slot] = step + 1
            _read(weights, batch, piece, token, kept)
            if token != v.EOS:
                slots[kept] = slot
                kept += 1
        count = kept
        if count == 0:
            break
        run_layers(weights, batch.memory, batch.scratch, slots, count)
        write_logits(weights, batch.scratch, count)
    return count


@numba.njit(cache=True, nogil=True)
def prefill(
    weights: Weights, batch: Batch, slot: int, tokens: npt.NDArray[np.uint16]
) -> npt.NDArray[np.float32]:
    """Read a prompt (T,) into an empty slot, in place, and return the logits (V,) after it.

    The pass runs over as many tokens at once as the scratch has rows; the result is the same
    bit for bit as token by token. The scratch's own logits are overwritten.
    """
    piece = piece_at(batch.pieces, slot)
    batch.memory.matrices[slot] = 0
    batch.memory.tail[slot] = 0
    most = len(batch.scratch.x)
    slots = np.full(most, slot, np.int64)
    rows = 0
    for start in range(0, len(tokens), most):
        rows = min(most, len(tokens) - start)
        for row in range(rows):
            _read(weights, batch, piece, np.int64(tokens[start + row]), row)
        run_layers(weights, batch.memory, batch.scratch, slots, rows)
    batch.scratch.x[0] = batch.scratch.x[rows - 1]
    write_logits(weights, batch.scratch, 1)
    return batch.scratch.logits[0].copy()


@numba.njit(cache=True, nogil=True)
def _read(weights: Weights, batch: Batch, piece: Piece, token: int, row: int) -> None:
    """Take a token into a piece and put its embedding into a row, in place."""
    read(piece, token)
    c.features(piece.cursor, batch.ids, batch.sounding)
    embed(weights, token, batch.ids, batch.sounding, batch.scratch.x, row)
