"""Passages read from tokens are those of the scores that the tokens mean."""

from collections.abc import Callable

import numpy as np
import pytest

from partimento.music.passages import lines_of, passage_hashes
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.decoding import decode
from partimento.tokenizer.token_passages import passages_of_tokens
from partimento.tokenizer.vocabulary import TokenArray

LegalWalk = Callable[..., TokenArray]


@pytest.mark.parametrize("length", [2, 5])
def test_the_passages_of_tokens_are_those_of_their_scores(
    length: int, legal_walk: LegalWalk
) -> None:
    # Two instruments and drums: of more than 48 lines the cursor keeps the last ones as one.
    without = range(v.INSTRUMENT + 2, v.INSTRUMENT + v.DRUMS)
    pieces = [legal_walk(seed, 400, without=without) for seed in range(4)]
    found = passages_of_tokens(np.concatenate(pieces), length)
    lines = [line for piece in pieces for line in lines_of(decode(piece))]
    expected = np.concatenate([passage_hashes(line.steps, length) for line in lines])
    assert len(expected) > 20
    assert sorted(found) == sorted(expected)
    assert len(passages_of_tokens(np.array([v.BOS], np.uint16), length)) == 0
