"""What the decoder is told of a sketch: a row of numbers for each bar and slot; numpy only.

B bars, W values of a sketch, C inputs of a row, H hidden width, D width of the decoder.

The row of a slot holds what starts in it and in the next three of its bar, what starts in the
first four of the next bar, the rest of the bar's values, and how noisy the sketch is. It
depends on bar and slot alone, so the decoder's share of it is computed once for a piece. A bar
without a sketch has zeros, and its share is zero.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from partimento.model.latent.autoencoder import LEAST_NOISE, MOST_NOISE, silu
from partimento.music.note_tables import Ints
from partimento.music.sketch import LANES, ONSETS, SLOTS, WIDTH, Floats

AHEAD = 4
"""Slots of this bar, from the one at hand on, and of the next bar that a row holds."""
ROWS = SLOTS + 1
"""Rows of a bar: one of each slot, and one of the bar's end."""
NEXT = AHEAD * LANES
"""First column of what starts in the next bar."""
WHOLE = 2 * AHEAD * LANES
"""First column of the values that hold for the whole bar."""
LEVEL = WHOLE + WIDTH - ONSETS
"""Column of the noise level, from -1 for the least to 1 for the most."""
KNOWN = LEVEL + 1
"""Column that says whether this bar has a sketch; the next says it of the following bar."""
INPUTS = KNOWN + 2
"""Numbers of a row."""
LOUDER = 1.25
"""How much more strongly than it was learned a sketch counts when pieces are written and it is told
without noise: what was learned of it is followed half-heartedly as yet. From the middle level on it
counts as it was learned: louder, pieces are less like real music (docs/experiments.md)."""

Bools = npt.NDArray[np.bool_]


def sketch_inputs(
    values: Floats, noise: Floats, known: Bools, following: Ints | None = None
) -> Floats:
    """(B, ROWS, C) what is told at each slot of bars with values (B, W).

    noise (B,) is the level of the noise in each bar's vector, known (B,) whether it has a
    sketch at all, following (B,) the number of the bar after it, -1 where there is none; by
    default the bars follow one another.
    """
    bars = len(values)
    following = np.append(np.arange(1, bars), -1)[:bars] if following is None else following
    values = np.where(known[:, None], values, 0).astype(np.float32)
    onsets = np.zeros((bars + 1, ROWS + AHEAD, LANES), np.float32)  # the last bar is none
    onsets[:-1, :SLOTS] = values[:, :ONSETS].reshape(bars, SLOTS, LANES)
    inputs = np.zeros((bars, ROWS, INPUTS), np.float32)
    for ahead in range(AHEAD):
        lanes = slice(ahead * LANES, (ahead + 1) * LANES)
        inputs[..., lanes] = onsets[:-1, ahead : ahead + ROWS]
    inputs[..., NEXT:WHOLE] = onsets[following, :AHEAD].reshape(bars, 1, AHEAD * LANES)
    inputs[..., WHOLE:LEVEL] = values[:, None, ONSETS:]
    inputs[..., LEVEL] = (told_level(noise) * known)[:, None]
    inputs[..., KNOWN] = known[:, None]
    inputs[..., KNOWN + 1] = np.append(known, False)[following][:, None]
    return inputs


def told_level(noise: Floats) -> Floats:
    """The logarithm of noise levels, mapped to -1 for the least and 1 for the most."""
    low, high = np.log(LEAST_NOISE), np.log(MOST_NOISE)
    log = np.log(np.clip(noise, LEAST_NOISE, MOST_NOISE))
    level: Floats = (2 * (log - low) / (high - low) - 1).astype(np.float32)
    return level


def sketch_rows(inputs: Floats, weights: Mapping[str, Floats], is_written: bool = False) -> Floats:
    """(B, ROWS, D) what is added to the decoder's input at each slot; zero without a sketch.

    weights: those of `SketchReader`, by its names; `is_written`: with the gain of pieces that are
    written.
    """
    hidden = silu(inputs @ weights["first.weight"].T + weights["first.bias"])
    gate = inputs[..., KNOWN:].max(-1, keepdims=True)
    rows: Floats = (hidden @ weights["last.weight"].T + weights["last.bias"]) * gate
    return rows * told_gain(inputs[..., LEVEL : LEVEL + 1]) if is_written else rows


def told_gain(level: Floats) -> Floats:
    """How many times as strongly a sketch told at levels counts when pieces are written."""
    gain: Floats = 1 - np.float32(LOUDER) * np.clip(level, -1, 0)
    return gain
