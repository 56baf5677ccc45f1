"""The compiled decode loop: choose a token for each piece, read it, compute the next logits.

N rows (pieces under way), P slots, V vocabulary
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from partimento.model.compiled.kernels import (
    Memory,
    Scratch,
    Slots,
    embed,
    new_memory,
    new_scratch,
    run_layers,
    write_logits,
)
from partimento.model.compiled.packing import Floats, Weights, zeros
from partimento.sampling.choice import choose, read
from partimento.sampling.compilation import compiled
from partimento.sampling.engines.told import told_at
from partimento.sampling.pieces import Piece, piece_at
from partimento.tokenizer import cursor as c
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.compilation import as_int, spliced
from partimento.tokenizer.features import FEATURES, SOUNDING_WIDTH, write_features

_ZERO = np.float32(0.0)

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
    told: Floats
    """(P, R, Dp) what the tokens of each piece are told, a table each, see `told`; Dp is 0 when
    no piece is told anything."""
    told_rows: npt.NDArray[np.int64]
    """(P,) how many rows each piece's table has."""
    mask: c.ByteArray
    """(V,)"""


def new_batch(weights: Weights, pieces: Piece, rows: int, steps: int, told_rows: int = 1) -> Batch:
    """Room for the pieces, for `rows` rows in one pass and `steps` tokens in one call.

    What they are told, in up to `told_rows` rows each, is still to be written.
    """
    slots = len(pieces.counters)
    is_told = len(weights.conditioning) > 0 or told_rows > 1
    width = weights.embedding.shape[1] if is_told else 0
    return Batch(
        pieces=pieces,
        memory=new_memory(weights, slots),
        scratch=new_scratch(weights, max(rows, slots)),
        slots=np.zeros(max(rows, slots), np.int64),
        tokens=np.zeros((slots, steps), np.uint16),
        lengths=np.zeros(slots, np.int64),
        ids=np.zeros(len(FEATURES), np.int16),
        sounding=np.zeros(SOUNDING_WIDTH, np.uint8),
        told=zeros((slots, told_rows, width), np.float32),
        told_rows=np.ones(slots, np.int64),
        mask=np.zeros(v.SIZE, np.uint8),
    )


@compiled
def run(
    weights: Weights,
    batch: Batch,
    prompt: npt.NDArray[np.uint16],
    slot: int,
    logits: Floats,
    count: int,
    steps: int,
) -> int:
    """Read a prompt into a slot if it has tokens, else write to the rows that are under way.

    The one entry point of both, so that what they share is compiled once. When a prompt (T,)
    is read, the logits (T, V) after each of its tokens are written too, unless `logits` is empty.
    """
    if len(prompt) > 0:
        _prefill(weights, batch, prompt, slot, logits)
        return count
    return int(_decode(weights, batch, count, steps))


@spliced
def _decode(weights: Weights, batch: Batch, count: int, steps: int) -> int:
    """Write up to `steps` tokens to each of the first `count` rows; the rows still under way.

    Row n of the logits belongs to slots[n]. A piece that ends, or fails, leaves: the rows
    behind it move up. All in place.
    """
    logits, slots = batch.scratch.logits, batch.slots
    batch.lengths[:] = 0
    for step in range(steps):
        kept = as_int(0)
        for row in range(count):
            slot = slots[row]
            piece = piece_at(batch.pieces, slot)
            token = choose(piece, logits[row], batch.mask)
            if token < 0:
                batch.lengths[slot] = FAILED
                continue
            batch.tokens[slot, step] = token
            batch.lengths[slot] = step + 1
            _read(weights, batch, piece, slot, token, kept)
            if token != v.EOS:
                slots[kept] = slot
                kept += 1
        count = kept
        if count == 0:
            break
        run_layers(weights, batch.memory, batch.scratch, slots, count)
        write_logits(weights, batch.scratch, count)
    return count


@spliced
def _prefill(
    weights: Weights, batch: Batch, prompt: npt.NDArray[np.uint16], slot: int, logits: Floats
) -> None:
    """Read a prompt (T,) into an empty slot; the logits after it are those of row 0. In place.

    A pass runs over as many tokens at once as the scratch has rows; the result is the same bit
    for bit as token by token.
    """
    piece = piece_at(batch.pieces, slot)
    batch.memory.matrices[slot] = _ZERO
    batch.memory.tail[slot] = _ZERO
    x = batch.scratch.x
    most = len(x)
    slots = np.empty(most, np.int64)
    slots[:] = slot
    rows = as_int(0)
    for start in range(0, len(prompt), most):
        rows = min(most, len(prompt) - start)
        for row in range(rows):
            _read(weights, batch, piece, slot, as_int(prompt[start + row]), row)
        run_layers(weights, batch.memory, batch.scratch, slots, rows)
        if len(logits) > 0:
            write_logits(weights, batch.scratch, rows)
            # Written out: numpy's assignment compiles a message about shapes, for seconds.
            for row in range(rows):
                for i in range(logits.shape[1]):
                    logits[start + row, i] = batch.scratch.logits[row, i]
    for i in range(x.shape[1]):
        x[0, i] = x[rows - 1, i]
    write_logits(weights, batch.scratch, as_int(1))


@spliced
def _read(weights: Weights, batch: Batch, piece: Piece, slot: int, token: int, row: int) -> None:
    """Take a token into the piece of a slot and put its embedding into a row, in place."""
    read(piece, token)
    write_features(piece.cursor, batch.ids, batch.sounding)
    told = batch.told[slot, told_at(piece.cursor.scalars, batch.told_rows[slot])]
    embed(weights, token, batch.ids, batch.sounding, told, batch.scratch.x, row)
