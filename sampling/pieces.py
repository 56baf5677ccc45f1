"""Pieces under way, one a slot: everything but the model's state, as arrays for compiled code.

P slots, V vocabulary
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from partimento.sampling.draw import State, random_state
from partimento.sampling.plan import Plan
from partimento.tokenizer import cursor as c
from partimento.tokenizer.compilation import inner

# Columns of Piece.counters.
BAR_TOKENS, FORCED, FORCED_END, SAME_AS_LAST, SAME_AS_SECOND_LAST, LOOP = range(6)
COUNTERS = 6


class Piece(NamedTuple):
    """What the choice of the next token reads and changes; or P pieces, stacked."""

    cursor: c.Cursor
    plan: Plan
    random: State
    """(1,) state of the random numbers."""
    counters: npt.NDArray[np.int64]
    """(COUNTERS,) tokens of the open bar; next forced token and where they end; in a row until
    now, bars equal to the one before, and bars equal to the one before that; how far the
    piece is in a loop (0: it is not)."""
    hashes: npt.NDArray[np.uint64]
    """(3,) hash of the open bar, of the last bar and of the one before."""


def new_pieces(plans: Sequence[Plan], slots: int) -> Piece:
    """Stack of empty slots (P, ...), wide enough for each of the plans."""
    bars = max(int(plan.bars[1]) for plan in plans)
    forced = max(len(plan.forced) for plan in plans)
    widths = {"prompt": 0, "forced": forced, "forced_starts": bars + 1, "temperatures": bars}
    stacked = []
    for name, array in plans[0]._asdict().items():
        shape = (widths[name],) if name in widths else array.shape
        stacked.append(np.zeros((slots, *shape), array.dtype))
    return Piece(
        cursor=c.Cursor(*(np.zeros((slots, *a.shape), a.dtype) for a in c.new_cursor(0, 0))),
        plan=Plan(*stacked),
        random=np.zeros((slots, 1), np.uint64),
        counters=np.zeros((slots, COUNTERS), np.int64),
        hashes=np.zeros((slots, 3), np.uint64),
    )


def place(pieces: Piece, slot: int, plan: Plan, seed: int) -> None:
    """Put a new piece into a slot, in place; its prompt is still to be read."""
    for name in Plan._fields:
        stacked, array = getattr(pieces.plan, name), getattr(plan, name)
        if stacked.ndim == 2 and stacked.shape[1:] != array.shape:
            stacked[slot, : len(array)] = array[: stacked.shape[1]]
        else:
            stacked[slot] = array
    c.reset(c.Cursor(*(array[slot] for array in pieces.cursor)), int(plan.bars[1]), 0)
    pieces.random[slot] = random_state(seed)
    pieces.counters[slot] = 0
    pieces.hashes[slot] = 0


def progress(pieces: Piece) -> tuple[npt.NDArray[np.generic], ...]:
    """The stacked arrays (P, ...) that a prompt changes; pieces that share it may copy them."""
    return (*pieces.cursor, pieces.counters, pieces.hashes)


@inner
def piece_at(pieces: Piece, slot: int) -> Piece:
    """The piece of a slot, as views into the stack."""
    k, p = pieces.cursor, pieces.plan
    cursor = c.Cursor(
        k.scalars[slot], k.pending[slot], k.sounding[slot], k.chords[slot], k.onsets[slot],
        k.ringing[slot], k.slot_of[slot], k.occurrences[slot], k.slot_state[slot],
        k.slot_ringing[slot], k.history[slot], k.history_bars[slot], k.holes[slot],
    )  # fmt: skip
    plan = Plan(
        p.prompt[slot], p.header[slot], p.bars[slot], p.pitches[slot], p.lines[slot],
        p.limits[slot], p.forced[slot], p.forced_starts[slot], p.temperatures[slot],
        p.filters[slot], p.key_weights[slot],
    )  # fmt: skip
    return Piece(cursor, plan, pieces.random[slot], pieces.counters[slot], pieces.hashes[slot])
