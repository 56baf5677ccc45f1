"""Held-out likelihood: sums that can be counted by hand, and a network scored token by token."""

import math

import numpy as np
import pytest
import torch

from partimento.model.config import load_config
from partimento.model.transformer import Transformer
from partimento.music.score import Chord, Key, Meter, Note, Score, Track
from partimento.tokenizer import cursor as c
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.encoding import encode
from partimento.tokenizer.features import FEATURES, SOUNDING_WIDTH, write_features
from partimento.tokenizer.grammar import allowed
from partimento.tokenizer.vocabulary import TokenArray
from partimento.training.corpus import Entry, Piece
from partimento.training.likelihood import (
    Likelihood,
    Scores,
    evaluation_tokens,
    legal_tokens,
    likelihood_by_style,
    model_scorer,
    total,
)


def tune(bars: int, style: str | None = None, chords: bool = False) -> Piece:
    melody = Track(tuple(Note(24 * i, 60 + i % 7, 24) for i in range(3 * bars)), program=40)
    bass = Track(tuple(Note(72 * i, 40 + i % 5, 72) for i in range(bars)), program=42)
    score = Score(
        24,
        (melody, bass),
        meters=(Meter(0, 3, 4),),
        keys=(Key(0, 0, False),),
        chords=(Chord(0, 72 * bars, 0, "maj"),) if chords else (),
        style=style,
    )
    return Piece(Entry("tune.mid", style), encode(score).tokens, score.note_count)


def tiny_model() -> Transformer:
    torch.manual_seed(3)
    config = load_config(
        "base", FEATURES, SOUNDING_WIDTH, width=16, heads=2, layers=2, feed_forward_width=24
    )
    model = Transformer(config)
    torch.nn.init.normal_(model.head.weight, std=0.3)
    return model.eval()


def uniform(tokens: TokenArray) -> Scores:
    count = len(tokens) - 1
    return Scores(np.full(count, math.log(384)), np.full(count, 0.25))


def test_sums_of_a_uniform_guess_are_the_logarithm_for_each_token() -> None:
    pieces = [tune(2, "folk"), tune(4, "folk"), tune(3)]
    result = likelihood_by_style(uniform, pieces)
    assert list(result) == ["folk", "unknown"]
    folk = result["folk"]
    tokens = sum(len(piece.tokens) - 1 for piece in pieces[:2])
    assert (folk.pieces, folk.notes, folk.tokens) == (2, 8 + 16, tokens)
    assert folk.nats_per_token == pytest.approx(math.log(384))
    assert folk.nats_per_note == pytest.approx(math.log(384) * tokens / 24)
    assert folk.forbidden_share == pytest.approx(0.25)
    assert total(result).notes == 24 + 12
    assert total(result).pieces == 3


def test_a_scorer_that_does_not_know_the_grammar_counts_as_legal() -> None:
    result = likelihood_by_style(lambda t: Scores(np.ones(len(t) - 1)), [tune(2, "folk")])
    assert result["folk"].forbidden_share == 0


def test_only_the_first_tokens_and_pieces_count_when_limited() -> None:
    pieces = [tune(4, "folk"), tune(2, "folk"), tune(2, "jazz")]
    result = likelihood_by_style(uniform, pieces, max_tokens=12, pieces_per_style=1)
    assert {style: (sums.pieces, sums.tokens) for style, sums in result.items()} == {
        "folk": (1, 11),
        "jazz": (1, 11),
    }


def test_nothing_costs_nothing() -> None:
    empty = Likelihood()
    assert (empty.nats_per_note, empty.nats_per_token, empty.forbidden_share) == (0, 0, 0)


def test_evaluation_leaves_out_the_chord_line() -> None:
    assert np.array_equal(
        evaluation_tokens(tune(4, "folk", chords=True), 10_000), tune(4, "folk").tokens
    )


@pytest.mark.parametrize("total_bars", [0, 4])
def test_a_network_is_scored_as_it_would_decode_token_by_token(total_bars: int) -> None:
    model = tiny_model()
    tokens = tune(4, "folk").tokens
    cursor = c.new_cursor(total_bars)
    ids = np.zeros(len(FEATURES), np.int16)
    sounding = np.zeros(SOUNDING_WIDTH, np.uint8)
    mask = np.zeros(v.SIZE, np.uint8)
    state = None
    nats, forbidden = [], []
    for token, following in zip(tokens.tolist(), tokens[1:].tolist(), strict=False):
        c.advance(cursor, token)
        write_features(cursor, ids, sounding)
        with torch.no_grad():
            logits, state = model.step(
                torch.tensor([token]),
                torch.from_numpy(ids)[None],
                torch.from_numpy(sounding)[None],
                state,
            )
        shares = torch.softmax(logits[0].double(), -1).numpy()
        allowed(cursor, mask)
        nats.append(-math.log(shares[following]))
        forbidden.append(float(shares[mask == 0].sum()))
    scores = model_scorer(model, total_bars, measure_forbidden=True)(tokens)
    assert scores.nats == pytest.approx(nats, abs=1e-4)
    assert scores.forbidden is not None
    if total_bars == 0:
        assert scores.forbidden == pytest.approx(forbidden, abs=1e-5)
    assert model_scorer(model, total_bars)(tokens).forbidden is None


def test_every_token_of_a_piece_is_legal_where_it_stands() -> None:
    tokens = tune(3, "folk", chords=True).tokens
    legal = legal_tokens(tokens)
    assert legal.shape == (len(tokens), v.SIZE)
    assert legal[np.arange(len(tokens)), tokens].all()
    assert legal[0].sum() == 1
    assert legal[1, v.METER]
    assert not legal[1, v.PITCH + 60]
