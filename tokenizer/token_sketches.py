"""The notes and the sketch of the bars in a row of tokens, and where each token stands.

Computed from the tokens alone, all at once, so that training can do it for every batch.
T time, B bars.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from partimento.music.note_tables import Ints, Notes
from partimento.music.sketch import SLOTS, Floats, gather_values
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
    """Where the tokens of a row stand, and its bars.

    A row holds one piece or several, one after another, the last one cut off anywhere. A bar
    that is filled behind the end is one bar, wherever its tokens stand.
    """

    bar: Ints
    """(T,) number of the bar within the row, -1 outside of bars."""
    slot: Ints
    """(T,) sixteenth of the bar in which the NEXT token will stand, 16 at the bar's end."""
    tick: Ints
    """(T,) the same in ticks from the bar's start."""
    following: Ints
    """(B,) number of the next bar of the same piece, -1 where there is none."""
    piece: Ints
    """(B,) number of the piece within the row that each bar belongs to."""
    meters: Ints
    """(B,) index of each bar's meter."""
    is_whole: npt.NDArray[np.bool_]
    """(B,) whether all of a bar's tokens are in the row."""

    @property
    def bars(self) -> int:
        """Number of bars in the row."""
        return len(self.piece)

    @property
    def lengths(self) -> Ints:
        """(B,) length of each bar in ticks."""
        lengths: Ints = _BAR_TICKS[self.meters]
        return lengths


def place_tokens(tokens: TokenArray) -> Places:
    """Find where the tokens (T,) of a row stand; the row begins with BOS."""
    bar, piece, is_whole = _bars(tokens)
    moves = np.cumsum(_TICKS[tokens])
    opens_line = (tokens >= v.INSTRUMENT) & (tokens < v.KEY)
    opens = opens_line | (tokens == v.BOS) | (tokens == v.BAR) | (tokens == v.FILL)
    tick = moves - moves[_last(opens)]
    inside = bar >= 0
    meters = np.zeros(len(piece), np.int64)
    # A bar's last token decides: a change stands behind its BAR.
    meters[bar[inside]] = _meters(tokens)[inside]
    length = np.append(_BAR_TICKS[meters], 1)[bar]
    slot = np.where(inside, np.minimum(tick * SLOTS // length, SLOTS), 0)
    following = np.arange(1, len(piece) + 1)
    following[np.append(piece[1:] != piece[:-1], True)[: len(piece)]] = -1
    return Places(bar, slot, tick, following, piece, meters, is_whole)


def sketch_tokens(tokens: TokenArray, places: Places | None = None) -> Floats:
    """(B, WIDTH) the sketch values of the bars in a row of tokens (T,)."""
    places = place_tokens(tokens) if places is None else places
    return gather_values(note_table(tokens, places), places.lengths)


def note_table(tokens: TokenArray, places: Places) -> Notes:
    """The notes of a row whose length is in it, in the order of their tokens."""
    at = np.flatnonzero((tokens >= v.PITCH) & (tokens < v.DURATION))
    durations = np.flatnonzero((tokens >= v.DURATION) & (tokens < v.REST))
    closing = np.searchsorted(durations, at)
    at, closing = at[closing < len(durations)], closing[closing < len(durations)]
    lines = _lines(tokens)
    instrument = tokens[_last((tokens >= v.INSTRUMENT) & (tokens < v.KEY))[at]]
    return Notes(
        bar=places.bar[at],
        tick=places.tick[at],
        ticks=_TICKS[tokens[durations[closing]]],
        pitch=tokens[at].astype(np.int64) - v.PITCH,
        velocity=_VELOCITIES[_dynamics(tokens, lines)[at]],
        instrument=instrument.astype(np.int64) - v.INSTRUMENT,
        line=lines[at],
    )


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


def _lines(tokens: TokenArray) -> Ints:
    """(T,) number of the line of each token, -1 outside of lines.

    A line is known by its piece, its instrument and its number among the bar's lines of that
    instrument; the numbers have gaps.
    """
    at = np.flatnonzero((tokens >= v.INSTRUMENT) & (tokens < v.KEY))
    if not len(at):
        return np.full(len(tokens), -1, np.int64)
    instrument = tokens[at].astype(np.int64) - v.INSTRUMENT
    opened = np.cumsum((tokens == v.BAR) | (tokens == v.FILL))[at]
    piece = np.cumsum(tokens == v.BOS)[at]
    occurrence = _ranks(opened * len(v.INSTRUMENTS) + instrument)
    line = (piece * len(v.INSTRUMENTS) + instrument) * len(at) + occurrence
    latest = np.searchsorted(at, np.arange(len(tokens)), "right") - 1
    return np.where(latest >= 0, line[np.maximum(latest, 0)], -1)


def _dynamics(tokens: TokenArray, lines: Ints) -> Ints:
    """(T,) the dynamic in force: a line keeps its own from bar to bar."""
    # Sorted stably by line, each token reads what was last said before it in its line.
    order = np.argsort(lines, kind="stable")
    said = tokens[order].astype(np.int64) - v.DYNAMIC
    is_said = (said >= 0) & (said < len(v.DYNAMICS))
    last = _last(is_said)
    known = is_said[last] & (lines[order[last]] == lines[order])
    result = np.empty(len(tokens), np.int64)
    result[order] = np.where(known, said[last], v.DEFAULT_DYNAMIC)
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
