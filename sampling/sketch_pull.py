"""The pull of the sketch: where a bar's sketch says that notes start, and which, they are likelier.

The network reads the sketch, but follows it loosely. So in a bar with a sketch each choice of a
melodic line is weighed by what the sketch says of it: a note by whether anything starts in its slot
and by how likely its pitch is there; a rest, a length and the end of a line by the notes of the
sketch that it would leave out, where no earlier line has played any, and by where it would lead.
Pitches, and lengths, are weighed among each other: whether a note follows at all, the weights of
the slot decide.

B bars, S slots, C pitch classes, W values of a sketch, V vocabulary
"""

import math

import numpy as np
import numpy.typing as npt

from partimento.music.sketch import LANES, ONSETS, PITCHES, SLOTS, Floats
from partimento.sampling.compilation import compiled
from partimento.sampling.filters import Logits
from partimento.tokenizer import cursor as c
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.compilation import as_int, inner

POWER = 0.56
"""Power of the sketch's probabilities where it is followed most closely."""
FROM = 0.5
"""How closely a sketch must be followed for any pull: pieces that are held to what a flow drew are
less like real music (docs/experiments.md)."""
LEAST = 0.03
"""What is added to a probability: what a sketch leaves out is rare, not impossible."""
PASSING = 0.5
"""How much the slots count in which a line has nothing: others may still play there."""
LANDING = 0.5
"""How much the slot counts that a length or a rest leads to: from there a rest may follow too."""

START = 0
"""First column of the logarithms of the probability that something starts in a slot, (S + 1,), the
last for the first slot of the next bar."""
REST = START + SLOTS + 1
"""Of those that a line has nothing there, (S,)."""
CLASSES = REST + SLOTS
"""Of the pitch classes of each slot, (S, C)."""
USES = CLASSES + SLOTS * 12
"""Of the pitches of the bar, (128,)."""
PULLS = USES + PITCHES
"""Columns of a bar."""

NO_PULL = np.zeros((0, PULLS), np.float32)
"""Of a piece without a sketch."""

_DURATIONS = np.array(v.DURATIONS, np.int64)
_RESTS = np.array(v.RESTS, np.int64)


def sketch_pull(values: Floats, follow: float) -> Floats:
    """(B, PULLS) what choices gain in bars with the values (B, W) of a sketch followed so closely.

    None up to FROM, from there on more and more.
    """
    power = POWER * (follow - FROM) / (1 - FROM)
    if power <= 0:
        return NO_PULL
    onsets = values[:, :ONSETS].reshape(-1, SLOTS, LANES)[..., :12]
    uses = values[:, ONSETS : ONSETS + PITCHES]
    some = 1 - np.prod(1 - onsets, -1)  # (B, S)
    # A line has its share of what starts: all of it where it is alone, less where others play too.
    number = onsets.sum(-1)
    own = np.minimum(some, number / np.maximum(number.max(1, initial=1, keepdims=True), 1))
    table = np.zeros((len(values), PULLS), np.float32)
    start = np.log((some + LEAST) / (1 + LEAST))
    rest = np.log((1 - own + LEAST) / (1 + LEAST))
    table[:, START : START + SLOTS] = start
    table[:-1, START + SLOTS] = start[1:, 0]
    table[:, REST:CLASSES] = PASSING * rest
    table[:, CLASSES:USES] = np.log(onsets + LEAST).reshape(-1, SLOTS * 12)
    table[:, USES:] = np.log(uses + LEAST)
    table *= power
    return table


@compiled
def pull_to_sketch(logits: Logits, scalars: c.Int32Array, onsets: c.ByteArray, bar: Floats) -> None:
    """Weigh what may follow in a melodic line by the table (PULLS,) of its bar, in the logits (V,).

    In place; `scalars` are the cursor's, `onsets` (ticks,) say where earlier lines of the bar start
    notes. Masked tokens stay masked.
    """
    tick, length = as_int(scalars[c.TICK]), as_int(scalars[c.LENGTH])
    if tick >= length:
        return
    slot = tick * SLOTS // length
    passed = _passed(bar, onsets, length)
    if scalars[c.PHASE] == c.AFTER_PITCH:
        _weigh_pitches(logits, bar, slot, 0.0)
        lengths = logits[v.DURATION : v.REST]
        _weigh_lengths(lengths, _DURATIONS, bar, passed, (tick, length), 0.0)
        return
    start, rest = float(bar[START + slot]), float(passed[slot + 1] - passed[slot])
    _weigh_pitches(logits, bar, slot, start)
    for token in range(v.DYNAMIC, v.ROOT):
        logits[token] += np.float32(start)
    rests = logits[v.REST : v.INSTRUMENT]
    _weigh_lengths(rests, _RESTS, bar, passed, (tick, length), rest)
    left = passed[SLOTS] - passed[slot]
    for token in range(v.SIZE):
        is_line = v.INSTRUMENT <= token < v.KEY
        if is_line or token == v.BAR or token == v.EOS or token == v.FILL:
            logits[token] += left


@inner
def _passed(bar: Floats, onsets: c.ByteArray, length: int) -> Floats:
    """(S + 1,) what a line loses that has nothing in any slot before each one."""
    passed = np.zeros(SLOTS + 1, np.float32)
    for slot in range(SLOTS):
        passed[slot + 1] = bar[REST + slot]
    for tick in range(length):
        if onsets[tick]:
            passed[tick * SLOTS // length + 1] = 0
    for slot in range(SLOTS):
        passed[slot + 1] += passed[slot]
    return passed


@inner
def _weigh_pitches(logits: Logits, bar: Floats, slot: int, gain: float) -> None:
    """Weigh the pitches among each other by the slot's classes and the bar's pitches, in place;
    all together gain what is said."""
    weights = np.empty(PITCHES, np.float32)
    for pitch in range(PITCHES):
        weights[pitch] = bar[CLASSES + slot * 12 + pitch % 12] + bar[USES + pitch]
    _weigh(logits[v.PITCH : v.DURATION], weights, gain)


@inner
def _weigh_lengths(
    logits: Logits,
    ticks: npt.NDArray[np.int64],
    bar: Floats,
    passed: Floats,
    place: tuple[int, int],
    gain: float,
) -> None:
    """Weigh lengths (N,) in ticks among each other by what they pass and where they lead, in place;
    all together gain what is said. `place` is a tick and the length of the bar."""
    weights = np.empty(len(ticks), np.float32)
    tick, length = place
    slot = tick * SLOTS // length
    for index in range(len(ticks)):
        end = min((tick + ticks[index]) * SLOTS // length, SLOTS)
        left_out = passed[end] - passed[slot + 1] if end > slot else np.float32(0)
        # Beyond the first slot of the next bar nothing is said.
        leads = bar[START + end] if tick + ticks[index] <= length else np.float32(0)
        weights[index] = left_out + np.float32(LANDING) * leads
    _weigh(logits, weights, gain)


@inner
def _weigh(logits: Logits, weights: Floats, gain: float) -> None:
    """Add weights (N,) to logits (N,) of which all together gain what is said, in place."""
    most = logits.max()
    if most == -np.inf:
        return
    before, after = np.float32(0), np.float32(0)
    for index in range(len(logits)):
        share = np.float32(math.exp(logits[index] - most))
        before += share
        after += share * np.float32(math.exp(weights[index]))
    shift = np.float32(gain + math.log(before / after))
    for index in range(len(logits)):
        logits[index] += weights[index] + shift
