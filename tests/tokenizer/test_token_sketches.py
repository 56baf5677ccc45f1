"""The sketch of tokens is that of the score which they mean, wherever they stand in a row."""

from collections.abc import Callable

import numpy as np
import pytest

from partimento.music.sketching import sketch_score
from partimento.tokenizer import cursor as c
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.decoding import decode
from partimento.tokenizer.features import FEATURES, SOUNDING_WIDTH, featurize
from partimento.tokenizer.token_sketches import place_tokens, sketch_tokens
from partimento.tokenizer.vocabulary import TokenArray
from partimento.tokenizer.walk import advance

LegalWalk = Callable[..., TokenArray]
TICK = [name for name, _ in FEATURES].index("tick")


@pytest.mark.parametrize("seed", range(12))
def test_the_sketch_of_tokens_is_that_of_their_score(seed: int, legal_walk: LegalWalk) -> None:
    # Two instruments and drums: of more than 48 lines the cursor keeps the last ones as one.
    tokens = legal_walk(seed, 400, without=range(v.INSTRUMENT + 2, v.INSTRUMENT + v.DRUMS))
    expected = sketch_score(decode(tokens)).values()
    found = sketch_tokens(tokens)
    # A score ends with the bar of its last onset.
    assert np.allclose(found[: len(expected)], expected, atol=1e-6)
    assert not found[len(expected) :].any()


@pytest.mark.parametrize("seed", range(6))
def test_places_agree_with_the_cursor(seed: int, legal_walk: LegalWalk) -> None:
    tokens = legal_walk(seed, 300)
    places = place_tokens(tokens)
    cursor = c.new_cursor()
    features = np.zeros((len(tokens), len(FEATURES)), np.int16)
    featurize(cursor, tokens, features, np.zeros((len(tokens), SOUNDING_WIDTH), np.uint8))
    c.reset(cursor, 0, 0)
    for place, token in enumerate(tokens.tolist()):
        advance(cursor, token)
        bar = int(cursor.scalars[c.BAR])
        if bar < 0 or token == v.EOS:
            assert places.bar[place] == -1
            continue
        assert places.bar[place] == bar
        assert min(places.tick[place], v.MAX_BAR_TICKS) == features[place, TICK]
        if v.INSTRUMENT <= token < v.KEY:
            assert places.lengths[bar] == cursor.scalars[c.LENGTH]


def test_pieces_in_one_row_keep_to_themselves(legal_walk: LegalWalk) -> None:
    pieces = [legal_walk(seed, 150) for seed in range(5)]
    row = np.concatenate(pieces)
    places = place_tokens(row)
    apart = [sketch_tokens(tokens) for tokens in pieces]
    assert np.array_equal(sketch_tokens(row, places), np.concatenate(apart))
    assert places.is_whole.all()
    ends = np.cumsum([len(values) for values in apart])
    assert places.piece.tolist() == [n for n, values in enumerate(apart) for _ in values]
    expected = np.arange(1, ends[-1] + 1)
    expected[ends - 1] = -1
    assert places.following.tolist() == expected.tolist()


def test_a_row_that_is_cut_off_says_which_bars_are_not_whole(legal_walk: LegalWalk) -> None:
    for seed in range(8):
        tokens = legal_walk(seed, 300)
        whole = sketch_tokens(tokens)
        for end in (len(tokens) // 3, len(tokens) // 2, len(tokens) - 1):
            places = place_tokens(tokens[:end])
            found = sketch_tokens(tokens[:end], places)
            kept = places.is_whole
            assert np.array_equal(found[kept], whole[: places.bars][kept])
            assert not kept.all()


def test_a_row_without_bars_has_no_sketch() -> None:
    header = np.array([v.BOS, v.METER, v.TEMPO], np.uint16)
    assert sketch_tokens(header).shape[0] == 0
    assert place_tokens(header).bar.tolist() == [-1, -1, -1]
