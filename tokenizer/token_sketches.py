"""The sketch of the bars in a row of tokens, and the bar and slot that each token stands in.

Computed from the tokens alone, all at once, so that training can do it for every batch.
T time, B bars.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from partimento.music.sketch import SLOTS, BarNotes, Floats, Ints, gather_values
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.vocabulary import TokenArray

_TICKS = np.zeros(v.SIZE, np.int64)
"""How far each token moves its line's cursor."""
_TICKS[v.DURATION : v.REST] = v.DURATIONS
_TICKS[v.REST : v.INSTRUMENT] = v.RESTS
_BAR_TICKS = np.array(v.BAR_TICKS, np.int64)
_VELOCITIES = np.array(v.VELOCITIES, np.int64)


@dataclass(frozen=True, eq=False)
class Places:
    """Where the tokens of a row stand, and which of its bars are whole.

    A row holds one piece or several, one after another, the last one cut off anywhere. A bar
    that is filled behind the end is one bar, wherever its tokens stand.
    """

    bar: Ints
    """(T,) number of the bar within the row, -1 outside of bars."""
    following: Ints
    """(B,) number of the next bar of the same piece, -1 where there is none."""
    piece: Ints
    """(B,) number of the piece within the row that each bar belongs to."""
    slot: Ints
    """(T,) sixteenth of the bar in which the NEXT token will stand, 16 at the bar's end."""
    tick: Ints
    """(T,) the same in ticks from the bar's start."""
    length: Ints
    """(T,) ticks of the bar, by the meter in force."""
    is_whole: npt.NDArray[np.bool_]
    """(B,) whether all of a bar's tokens are in the row."""

    @property
    def bars(self) -> int:
        """Number of bars in the row."""
        return len(self.is_whole)


def place_tokens(tokens: TokenArray) -> Places:
    """Find where the tokens (T,) of a row stand; the row begins with BOS."""
    bar, piece, is_whole = _bars(tokens)
    moves = np.cumsum(_TICKS[tokens])
    opens_line = (tokens >= v.INSTRUMENT) & (tokens < v.KEY)
    opens = opens_line | (tokens == v.BOS) | (tokens == v.BAR) | (tokens == v.FILL)
    tick = moves - moves[_last(opens)]
    length = _BAR_TICKS[_meters(tokens)]
    slot = np.minimum(tick * SLOTS // length, SLOTS)
    following = np.arange(1, len(piece) + 1)
    following[np.append(piece[1:] != piece[:-1], True)[: len(piece)]] = -1
    return Places(bar, following, piece, slot, tick, length, is_whole)


def sketch_tokens(tokens: TokenArray, places: Places | None = None) -> Floats:
    """(B, WIDTH) the sketch values of the bars in a row of tokens (T,)."""
    places = place_tokens(tokens) if places is None else places
    return gather_values(_notes(tokens, places), places.bars)


def _bars(tokens: TokenArray) -> tuple[Ints, Ints, npt.NDArray[np.bool_]]:
    """Bar of each token, piece of each bar, and which bars are whole."""
    numbers = np.cumsum(tokens == v.BAR) - 1
    total = int(numbers[-1]) + 1 if len(tokens) else 0
    opened = numbers.copy()
    holes, fills = np.flatnonzero(tokens == v.HOLE), np.flatnonzero(tokens == v.FILL)
    # Fillings come in the order of the holes; only the row's last piece may lack some.
    opened[fills] = numbers[holes[: len(fills)]]
    inside = (tokens == v.BAR) | (tokens == v.FILL)
    outside = (tokens == v.BOS) | (tokens == v.EOS) | (tokens == v.PAD)
    at = _last(inside | outside)
    bar = np.where(inside[at], opened[at], -1)
    piece = np.cumsum(tokens == v.BOS)[tokens == v.BAR] - 1
    is_whole = np.ones(total, np.bool_)
    is_whole[numbers[holes[len(fills) :]]] = False
    if len(tokens) and bar[-1] >= 0:
        is_whole[bar[-1]] = False
    return bar, piece, is_whole


def _meters(tokens: TokenArray) -> Ints:
    """(T,) index of the meter in force after each token; a filling has its hole's."""
    is_meter = (tokens >= v.METER) & (tokens < v.TEMPO)
    said = np.where(is_meter, tokens.astype(np.int64) - v.METER, 0)
    in_force = said[_last(is_meter)]
    holes, fills = np.flatnonzero(tokens == v.HOLE), np.flatnonzero(tokens == v.FILL)
    said[fills] = in_force[holes[: len(fills)]]
    is_meter[fills] = True
    meters: Ints = said[_last(is_meter)]
    return meters


def _notes(tokens: TokenArray, places: Places) -> BarNotes:
    """The notes whose length is in the row."""
    is_pitch = (tokens >= v.PITCH) & (tokens < v.DURATION)
    at = np.flatnonzero(is_pitch)
    durations = np.flatnonzero((tokens >= v.DURATION) & (tokens < v.REST))
    closing = np.searchsorted(durations, at)
    at, closing = at[closing < len(durations)], closing[closing < len(durations)]
    ticks = _TICKS[tokens[durations[closing]]]
    opens_line = (tokens >= v.INSTRUMENT) & (tokens < v.KEY)
    lines = _last(opens_line)[at]
    return BarNotes(
        bar=places.bar[at],
        slot=np.minimum(places.slot[at], SLOTS - 1),
        pitch=tokens[at].astype(np.int64) - v.PITCH,
        instrument=tokens[lines].astype(np.int64) - v.INSTRUMENT,
        velocity=_VELOCITIES[_dynamics(tokens, places)[at]],
        share=ticks / places.length[at],
    )


def _dynamics(tokens: TokenArray, places: Places) -> Ints:
    """(T,) the dynamic in force: a line keeps its own from bar to bar."""
    at = np.flatnonzero((tokens >= v.INSTRUMENT) & (tokens < v.KEY))
    played = tokens[at].astype(np.int64) - v.INSTRUMENT
    opened = np.cumsum((tokens == v.BAR) | (tokens == v.FILL))[at]
    groups = opened * v.DRUMS + opened + played  # one for each instrument of each bar
    occurrence = _ranks(groups)
    piece = np.cumsum(tokens == v.BOS)[at]
    line = (piece * (v.DRUMS + 1) + played) * len(tokens) + occurrence
    dynamic = np.flatnonzero((tokens >= v.DYNAMIC) & (tokens < v.ROOT))
    # All lines sorted stably by what line they are: then each reads what stands before it.
    of_token = np.searchsorted(at, np.arange(len(tokens)), "right") - 1
    result = np.full(len(tokens), v.DEFAULT_DYNAMIC, np.int64)
    if not len(at) or not len(dynamic):
        return result
    keys = np.where(of_token >= 0, line[np.maximum(of_token, 0)], -1)
    order = np.argsort(keys, kind="stable")
    is_said = np.zeros(len(tokens), np.bool_)
    is_said[dynamic] = True
    last = np.maximum.accumulate(np.where(is_said[order], np.arange(len(order)), -1))
    known = (last >= 0) & (keys[order[last]] == keys[order])
    said = tokens[order[last]].astype(np.int64) - v.DYNAMIC
    result[order[known]] = said[known]
    return result


def _ranks(groups: Ints) -> Ints:
    """(N,) how many earlier entries equal each entry."""
    order = np.argsort(groups, kind="stable")
    found = groups[order]
    starts = np.flatnonzero(np.append(True, found[1:] != found[:-1]))
    lengths = np.diff(np.append(starts, len(found)))
    ranks = np.empty(len(groups), np.int64)
    ranks[order] = np.arange(len(groups)) - np.repeat(starts, lengths)
    return ranks


def _last(marks: npt.NDArray[np.bool_]) -> Ints:
    """(T,) index of the last mark at or before each place, 0 before the first."""
    found: Ints = np.maximum.accumulate(np.where(marks, np.arange(len(marks)), 0))
    return found
