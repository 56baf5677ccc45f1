"""What a decode loop must keep to, as plain arrays that compiled code reads.

A piece is written in *steps*: a step is a new bar, opened by BAR, or the filling of a bar that a
HOLE left out, opened by FILL. What is asked of a step is a *rule*; steps may share one.

S steps, R rules, B bars
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from partimento.model.latent.conditioning import INPUTS, ROWS
from partimento.tokenizer import cursor as c
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.compilation import inner
from partimento.tokenizer.vocabulary import TokenArray

FREE = -1
"""Header value that the model chooses."""
SKIP = -2
"""Header value that is left out."""

VOICES = 4
"""Lines of a choir whose voices are led."""

Integers = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]

NO_SKETCH = np.zeros((0, ROWS, INPUTS), np.float32)
"""The sketch of a piece that follows none."""


class Rule(NamedTuple):
    """What holds in a step; in a plan R of them, stacked: (R, ...)."""

    pitches: npt.NDArray[np.uint8]
    """(2, 128) whether a pitch is allowed: melodic lines, drums."""
    key_weights: Floats
    """(2, 12) what the logit of each degree of a major or minor key gains."""
    key_return: Floats
    """() power by which a degree gains that the piece lacks so far."""
    chord_weights: Floats
    """(2, qualities, 12) what the logit of each step above a chord's root gains, between beats
    and on them."""
    most_lines: Integers
    """(instruments,) most lines of each instrument."""
    least_lines: Integers
    """(instruments,) least lines of each instrument; every one of them must sound."""
    may_rest: Flags
    """() whether such a line may be silent after two bars in which it sounded."""
    lowest: Integers
    """(instruments,) lowest pitch of each instrument."""
    highest: Integers
    """(instruments,) highest pitch of each instrument."""
    most_together: Integers
    """() most lines of all instruments together."""
    may_ring: Flags
    """() whether notes may ring over the bar line."""
    may_label: Flags
    """() whether the model may write chord labels."""
    must_sound: Flags
    """() whether the bar may not be silent."""
    must_close: Flags
    """() whether the bar closes on the key's chord."""
    top_k: Integers
    """() 0: off."""
    top_p: npt.NDArray[np.float64]
    """()"""
    min_p: npt.NDArray[np.float64]
    """()"""
    breaks_loops: Flags
    """() whether a bar after equal ones is written with a higher temperature."""
    leads_voices: Flags
    """() whether lines are voices of a choir, kept by `voice_leading`."""
    voice_ranges: Integers
    """(VOICES, 2) lowest and highest pitch of the first, second ... line, where voices are led."""


class Plan(NamedTuple):
    """All that is asked of a piece; `constraints.constrain` applies it.

    Where pieces are stacked (`pieces.Piece`), each field is, the numbers too: (P,).
    """

    prompt: TokenArray
    """(P,) tokens that the piece starts with: BOS, or the whole primer."""
    header: Integers
    """(4,) index of style, key, meter and tempo, or FREE or SKIP."""
    total_bars: int
    """Bars of the whole piece, those of the prompt and those left out included."""
    first_bar: int
    """Number of the prompt's first bar in the piece that it was cut from."""
    steps_before: int
    """Steps that the prompt holds."""
    forced: TokenArray
    """(N,) tokens that steps must open with: changes, chord labels, whole lines."""
    forced_starts: Integers
    """(S + 1,) where the tokens of each step start in `forced`."""
    temperatures: Floats
    """(S,)"""
    rule_of: Integers
    """(S,) index of each step's rule."""
    rules: Rule
    """(R, ...)"""
    told: Floats
    """(1, C) what the network is told of the piece beside each token."""
    sketch: Floats
    """(B, ROWS, INPUTS) what it is told in the slots of the bars, the prompt's first bar first, as
    `conditioning.sketch_inputs` says; bars beyond have no sketch."""
    pulled_bars: int
    """How many bars the choice is held to their sketch in, from the prompt's first bar on."""
    pull: Floats
    """(pulled_bars, PULLS) what that weighs, as `sketch_pull.sketch_pull` says."""
    aims: Floats
    """(AIMS,) what lines are to do, as `line_pull.line_aims` says."""

    def prompt_key(self) -> tuple[object, ...]:
        """All that the state after the prompt depends on, and nothing else."""
        sketched = self.sketch[: int((self.prompt == v.BAR).sum())]
        told = (self.told.tobytes(), sketched.tobytes())
        return (self.prompt.tobytes(), self.total_bars, self.first_bar, *told)


def stack_rules(rules: Sequence[Rule]) -> tuple[Integers, Rule]:
    """The rules of some steps as indices (S,) and the distinct ones, stacked."""
    distinct = list({id(rule): rule for rule in rules}.values())
    place = {id(rule): index for index, rule in enumerate(distinct)}
    stacked = Rule(*(np.stack(values) for values in zip(*distinct, strict=True)))
    return np.array([place[id(rule)] for rule in rules], np.int32), stacked


def is_opener(tokens: TokenArray) -> Flags:
    """Which of some tokens (T,) open a step."""
    return np.isin(tokens, (v.BAR, v.FILL))


@inner
def step_at(scalars: Integers, steps_before: int) -> int:
    """Index of the step that is open; negative in the header and in the prompt's bars."""
    return int(scalars[c.BARS] + scalars[c.FILLED] - steps_before - 1)
