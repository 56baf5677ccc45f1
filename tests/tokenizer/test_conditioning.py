"""What the network is told of a piece: its instruments, and how many lines each has."""

from collections.abc import Callable

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.conditioning import (
    CONDITIONING_WIDTH,
    MOST_LINES,
    count_lines,
    nothing_told,
    tell_ensemble,
)
from partimento.tokenizer.vocabulary import TokenArray

LegalWalk = Callable[..., TokenArray]
PLAYERS = len(v.INSTRUMENTS)


@given(st.integers(0, 2**32 - 1))
def test_lines_are_those_of_the_fullest_bar(legal_walk: LegalWalk, seed: int) -> None:
    tokens = legal_walk(seed, 150)
    most = [0] * PLAYERS
    here = [0] * PLAYERS
    for token in tokens.tolist():
        if token in (v.BAR, v.FILL):
            here = [0] * PLAYERS
        elif v.INSTRUMENT <= token < v.KEY:
            here[token - v.INSTRUMENT] += 1
            most = [max(pair) for pair in zip(most, here, strict=True)]
    assert count_lines(tokens).tolist() == most


def test_no_tokens_have_no_lines() -> None:
    assert count_lines(np.zeros(0, np.uint16)).tolist() == [0] * PLAYERS


def test_an_ensemble_is_who_plays_and_how_many_lines_each() -> None:
    lines = np.zeros(PLAYERS, np.int64)
    lines[[0, 13, 29]] = 2, 1, 9
    is_open = np.zeros(PLAYERS, np.bool_)
    is_open[0] = True
    told = tell_ensemble(lines, is_open)
    assert told.shape == nothing_told().shape == (CONDITIONING_WIDTH,)
    expected = {0, 13, 29, PLAYERS + 13, MOST_LINES * PLAYERS + 29}
    assert set(np.flatnonzero(told).tolist()) == expected
    assert set(np.flatnonzero(tell_ensemble(lines)).tolist()) == expected | {2 * PLAYERS}
    assert not nothing_told().any()
