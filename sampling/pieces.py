"""Pieces under way, one a slot: everything but the model's state, as arrays for compiled code.

P slots, V vocabulary
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from partimento.sampling.draw import State, random_state
from partimento.sampling.line_pull import COUNTS
from partimento.sampling.plan import Plan, Rule
from partimento.tokenizer import cursor as c
from partimento.tokenizer.compilation import inner

# Columns of Piece.counters.
COUNTERS = ("step_tokens", "forced", "forced_end", "same_as_last", "same_as_second_last", "loop")
STEP_TOKENS, FORCED, FORCED_END, SAME_AS_LAST, SAME_AS_SECOND_LAST, LOOP = range(len(COUNTERS))


class Piece(NamedTuple):
    """What the choice of the next token reads and changes; or P pieces, stacked."""

    cursor: c.Cursor
    plan: Plan
    random: State
    """(1,) state of the random numbers."""
    counters: npt.NDArray[np.int64]
    """(len(COUNTERS),) tokens of the open step; next forced token and where they end; in a row
    until now, bars equal to the one before, and bars equal to the one before that; how far the
    piece is in a loop (0: it is not)."""
    hashes: npt.NDArray[np.uint64]
    """(3,) hash of the open bar, of the last bar and of the one before."""
    heard: npt.NDArray[np.float32]
    """(12,) ticks of each pitch class so far; of bars long past, fewer."""
    counts: npt.NDArray[np.float32]
    """(COUNTS,) what lines did so far, as `line_pull.count_event` counts it."""


def new_pieces(plans: Sequence[Plan], slots: int) -> Piece:
    """Stack of empty slots (P, ...), wide enough for each of the plans."""
    return Piece(
        cursor=_room_for([c.new_cursor(0, 0)], slots),
        plan=_room_for([_compact(plan) for plan in plans], slots),
        random=np.zeros((slots, 1), np.uint64),
        counters=np.zeros((slots, len(COUNTERS)), np.int64),
        hashes=np.zeros((slots, 3), np.uint64),
        heard=np.zeros((slots, 12), np.float32),
        counts=np.zeros((slots, COUNTS), np.float32),
    )


def place(pieces: Piece, slot: int, plan: Plan, seed: int) -> None:
    """Put a new piece into a slot, in place; its prompt is still to be read."""
    _put(pieces.plan, slot, _compact(plan))
    c.reset(c.Cursor(*(array[slot] for array in pieces.cursor)), plan.total_bars, plan.first_bar)
    pieces.random[slot] = random_state(seed)
    pieces.counters[slot] = 0
    pieces.hashes[slot] = 0
    pieces.heard[slot] = 0
    pieces.counts[slot] = 0


def progress(pieces: Piece) -> tuple[npt.NDArray[np.generic], ...]:
    """The stacked arrays (P, ...) that a prompt changes; pieces that share it may copy them."""
    return (*pieces.cursor, pieces.counters, pieces.hashes, pieces.heard, pieces.counts)


def _compact(plan: Plan) -> Plan:
    """A plan without what the choice of tokens has no need of."""
    return plan._replace(prompt=plan.prompt[:0], sketch=plan.sketch[:0])


def _room_for(tuples: Sequence[Any], slots: int) -> Any:
    """Named tuples of arrays and numbers as one of zeros (P, ...), as long as the longest."""
    fields = []
    for values in zip(*tuples, strict=True):
        if isinstance(values[0], tuple):
            fields.append(_room_for(values, slots))
            continue
        arrays = [np.asarray(value) for value in values]
        shape = np.max([array.shape for array in arrays], axis=0).astype(int)
        fields.append(np.zeros((slots, *shape), arrays[0].dtype))
    return type(tuples[0])(*fields)


def _put(room: Any, slot: int, values: Any) -> None:
    """Put the arrays and numbers of a named tuple at the start of their room, in place."""
    for rows, value in zip(room, values, strict=True):
        if isinstance(value, tuple):
            _put(rows, slot, value)
        elif np.ndim(value):
            rows[slot, : len(value)] = value
        else:
            rows[slot] = value


@inner
def piece_at(pieces: Piece, slot: int) -> Piece:
    """The piece of a slot, as views into the stack."""
    return Piece(
        cursor=_cursor_at(pieces.cursor, slot),
        plan=_plan_at(pieces.plan, slot),
        random=pieces.random[slot],
        counters=pieces.counters[slot],
        hashes=pieces.hashes[slot],
        heard=pieces.heard[slot],
        counts=pieces.counts[slot],
    )


@inner
def _cursor_at(stack: c.Cursor, slot: int) -> c.Cursor:
    return c.Cursor(
        scalars=stack.scalars[slot],
        pending=stack.pending[slot],
        sounding=stack.sounding[slot],
        chords=stack.chords[slot],
        onsets=stack.onsets[slot],
        ringing=stack.ringing[slot],
        slot_of=stack.slot_of[slot],
        occurrences=stack.occurrences[slot],
        slot_state=stack.slot_state[slot],
        slot_ringing=stack.slot_ringing[slot],
        history=stack.history[slot],
        history_bars=stack.history_bars[slot],
        holes=stack.holes[slot],
        echo_tables=stack.echo_tables[slot],
        echo_entries=stack.echo_entries[slot],
        echo_lines=stack.echo_lines[slot],
        echo_counts=stack.echo_counts[slot],
    )


@inner
def _plan_at(stack: Plan, slot: int) -> Plan:
    return Plan(
        prompt=stack.prompt[slot],
        header=stack.header[slot],
        total_bars=stack.total_bars[slot],  # type: ignore[index]  # stacked, they are arrays
        first_bar=stack.first_bar[slot],  # type: ignore[index]  # stacked, they are arrays
        steps_before=stack.steps_before[slot],  # type: ignore[index]  # stacked, they are arrays
        forced=stack.forced[slot],
        forced_starts=stack.forced_starts[slot],
        temperatures=stack.temperatures[slot],
        rule_of=stack.rule_of[slot],
        rules=_rules_at(stack.rules, slot),
        told=stack.told[slot],
        sketch=stack.sketch[slot],
        pulled_bars=stack.pulled_bars[slot],  # type: ignore[index]  # stacked, they are arrays
        pull=stack.pull[slot],
        aims=stack.aims[slot],
    )


@inner
def _rules_at(stack: Rule, slot: int) -> Rule:
    return Rule(
        pitches=stack.pitches[slot],
        key_weights=stack.key_weights[slot],
        key_return=stack.key_return[slot],
        chord_weights=stack.chord_weights[slot],
        most_lines=stack.most_lines[slot],
        least_lines=stack.least_lines[slot],
        may_rest=stack.may_rest[slot],
        lowest=stack.lowest[slot],
        highest=stack.highest[slot],
        most_together=stack.most_together[slot],
        may_ring=stack.may_ring[slot],
        may_label=stack.may_label[slot],
        must_sound=stack.must_sound[slot],
        must_close=stack.must_close[slot],
        top_k=stack.top_k[slot],
        top_p=stack.top_p[slot],
        min_p=stack.min_p[slot],
        breaks_loops=stack.breaks_loops[slot],
        leads_voices=stack.leads_voices[slot],
        voice_ranges=stack.voice_ranges[slot],
    )
