"""The pull of the lines: leaps and syncopation, which no sketch says, as often as they are asked.

A sketch knows no lines, so what a line does between two notes is asked of the choice itself. A
pitch is weighed by whether it leaps, a length off the beat by whether it rings past the next one:
by what the piece so far lacks of the share that is asked for, or has too much.

V vocabulary
"""

import math
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from partimento.music.attributes import LEAP, usual_measure
from partimento.sampling.compilation import compiled
from partimento.sampling.filters import Logits
from partimento.tokenizer import cursor as c
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.compilation import inner

Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int32]

AIMS = ("leaps", "syncopation")
"""Attributes that are shares of what lines do."""
LEAPS, SYNCOPATION = range(len(AIMS))
NO_AIMS = np.full(len(AIMS), -1, np.float32)
"""Where none of them is asked for."""
COUNTS = 2 * len(AIMS)
"""Numbers that are counted of a piece: of each attribute, what has it and what could."""

POWER = 2.0
"""Power by which the odds of what is lacking rise."""
_USUAL = np.array([usual_measure(name, 0.5) for name in AIMS], np.float32)
_PRIOR = 8.0
"""Moves, or notes, of usual music that count as heard before the first one."""
_LEAST = 0.01
"""Added to shares and what they leave, so that the first notes decide little."""
_MOST = 4.0
"""Most that a logit gains or loses."""

_DURATIONS = np.array(v.DURATIONS, np.int64)


def line_aims(attributes: Mapping[str, float]) -> Floats:
    """(AIMS,) the shares that attributes ask for, ranks by name; negative where none is asked."""
    asked = [attributes.get(name) for name in AIMS]
    return np.array(
        [-1.0 if x is None else usual_measure(n, x) for n, x in zip(AIMS, asked, strict=True)],
        np.float32,
    )


@compiled
def pull_lines(
    logits: Logits, scalars: c.Int32Array, last: int, beat: int, aims: Floats, counts: Floats
) -> None:
    """Weigh what may follow in a melodic line by aims (AIMS,) and counts so far (COUNTS,).

    In the logits (V,), in place; `scalars` are the cursor's, `last` the top pitch of the line's
    last event, -1 where there was none, `beat` its ticks. Masked tokens stay masked.
    """
    is_open = scalars[c.PHASE] == c.AFTER_PITCH
    if is_open and aims[SYNCOPATION] >= 0:
        left = beat - scalars[c.TICK] % beat
        if left < beat:
            gain = _gain(aims, counts, SYNCOPATION)
            _weigh_late(logits[v.DURATION : v.REST], left, gain)
    if not is_open and last >= 0 and aims[LEAPS] >= 0:
        _weigh_leaps(logits[v.PITCH : v.DURATION], last, _gain(aims, counts, LEAPS))


@inner
def count_event(
    counts: Floats, scalars: c.Int32Array, pitches: Integers, last: int, beat: int, ticks: int
) -> None:
    """Count an event of pitches (N,), the highest first, that lasts some ticks, in place."""
    if last >= 0 and pitches[0] != last:
        if abs(pitches[0] - last) > LEAP:
            counts[2 * LEAPS] += np.float32(1)
        counts[2 * LEAPS + 1] += np.float32(1)
    left = beat - scalars[c.TICK] % beat
    if left < beat and ticks > left:
        counts[2 * SYNCOPATION] += np.float32(len(pitches))
    counts[2 * SYNCOPATION + 1] += np.float32(len(pitches))


@inner
def _gain(aims: Floats, counts: Floats, which: int) -> float:
    """What the logit of that which an attribute counts gains."""
    heard = (counts[2 * which] + _PRIOR * _USUAL[which]) / (counts[2 * which + 1] + _PRIOR)
    aim = float(aims[which])
    gain = POWER * (_log_odds(aim) - _log_odds(heard))
    return max(-_MOST, min(_MOST, gain))


@inner
def _log_odds(share: float) -> float:
    return math.log((share + _LEAST) / (1 - share + _LEAST))


@inner
def _weigh_leaps(logits: Logits, last: int, gain: float) -> None:
    """Weigh the pitches (128,) by whether they leap from the last one; together they stay as
    likely. In place."""
    leaps = np.zeros(len(logits), np.bool_)
    for pitch in range(len(logits)):
        leaps[pitch] = abs(pitch - last) > LEAP
    _weigh(logits, leaps, gain)


@inner
def _weigh_late(logits: Logits, left: int, gain: float) -> None:
    """Weigh the lengths (N,) by whether they ring past the next beat; together they stay as
    likely. In place."""
    late = np.zeros(len(logits), np.bool_)
    for index in range(len(logits)):
        late[index] = _DURATIONS[index] > left
    _weigh(logits, late, gain)


@inner
def _weigh(logits: Logits, chosen: npt.NDArray[np.bool_], gain: float) -> None:
    most = logits.max()
    if most == -np.inf:
        return
    before, after = np.float32(0), np.float32(0)
    factor = np.float32(math.exp(gain))
    for index in range(len(logits)):
        share = np.float32(math.exp(logits[index] - most))
        before += share
        after += share * factor if chosen[index] else share
    shift = np.float32(math.log(before / after))
    for index in range(len(logits)):
        logits[index] += shift + np.float32(gain) if chosen[index] else shift
