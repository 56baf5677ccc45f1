"""What the network is told of a piece beyond its tokens, as a vector of numbers.

The vector is made of blocks side by side; new ones come at the end, and a block of which nothing
is told is zero. A checkpoint reads as many entries as there were when it was trained.

The ensemble says which instruments play and how many lines of each a bar may have. It is known
before the first note, while the tokens name an instrument only when its line begins.
"""

import numpy as np
import numpy.typing as npt

from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.vocabulary import TokenArray

MOST_LINES = 4
"""Numbers of lines that are told apart; the last one is 'so many or more'."""
ENSEMBLE_WIDTH = len(v.INSTRUMENTS) * (1 + MOST_LINES)
"""Of each instrument: whether it plays, and which of the numbers of lines it has."""
CONDITIONING_WIDTH = ENSEMBLE_WIDTH
"""Entries of the whole vector."""

Vector = npt.NDArray[np.float32]


def count_lines(tokens: TokenArray) -> npt.NDArray[np.int64]:
    """(instruments,) the most lines of each instrument that a bar of tokens (T,) has."""
    bars = np.cumsum((tokens == v.BAR) | (tokens == v.FILL))
    starts = (tokens >= v.INSTRUMENT) & (tokens < v.KEY)
    width = len(v.INSTRUMENTS)
    lines = bars[starts] * width + tokens[starts].astype(np.int64) - v.INSTRUMENT
    counts = np.bincount(lines, minlength=(int(bars[-1]) + 1) * width if len(bars) else width)
    most: npt.NDArray[np.int64] = counts.reshape(-1, width).max(0)
    return most


def tell_ensemble(
    lines: npt.NDArray[np.int64], is_open: npt.NDArray[np.bool_] | None = None
) -> Vector:
    """The conditioning vector of an ensemble with so many lines of each instrument.

    Of the instruments that `is_open` marks, the number of lines is left open.
    """
    vector = np.zeros((1 + MOST_LINES, len(v.INSTRUMENTS)), np.float32)
    (playing,) = np.nonzero(lines)
    vector[0, playing] = 1
    if is_open is not None:
        playing = playing[~is_open[playing]]
    vector[np.minimum(lines[playing], MOST_LINES), playing] = 1
    return np.concatenate([vector.ravel(), np.zeros(CONDITIONING_WIDTH - vector.size, np.float32)])


def nothing_told() -> Vector:
    """The conditioning vector of a piece of which nothing is told."""
    return np.zeros(CONDITIONING_WIDTH, np.float32)
