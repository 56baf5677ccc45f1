"""Scorers: a network token by token with what it expects in vain, and an n-gram."""

import math

import numpy as np
import pytest
import torch

from partimento.evaluation.comparison import fit_ngram
from partimento.evaluation.scorers import checking_scorer, legal_tokens, ngram_scorer
from partimento.model.transformer import Transformer
from partimento.music.score import Chord, Key, Meter, Note, Score, Track
from partimento.tokenizer import cursor as c
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.encoding import encode
from partimento.tokenizer.features import FEATURES, SOUNDING_WIDTH, write_features
from partimento.tokenizer.grammar import allowed
from partimento.tokenizer.walk import advance
from partimento.training.corpus import Entry, Piece
from partimento.training.likelihood import (
    likelihood_by_style,
    model_scorer,
    predictor,
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


@pytest.mark.parametrize("total_bars", [0, 4])
def test_a_network_is_scored_as_it_would_decode_token_by_token(
    tiny_model: Transformer, total_bars: int
) -> None:
    tokens = tune(4, "folk").tokens
    cursor = c.new_cursor(total_bars)
    ids = np.zeros(len(FEATURES), np.int16)
    sounding = np.zeros(SOUNDING_WIDTH, np.uint8)
    mask = np.zeros(v.SIZE, np.uint8)
    state = None
    nats, forbidden = [], []
    for token, following in zip(tokens.tolist(), tokens[1:].tolist(), strict=False):
        advance(cursor, token)
        write_features(cursor, ids, sounding)
        with torch.no_grad():
            logits, state = tiny_model.step(
                torch.tensor([token]),
                torch.from_numpy(ids)[None],
                torch.from_numpy(sounding)[None],
                state,
            )
        shares = torch.softmax(logits[0].double(), -1).numpy()
        allowed(cursor, mask)
        nats.append(-math.log(shares[following]))
        forbidden.append(float(shares[mask == 0].sum()))
    scores = checking_scorer(predictor(tiny_model, total_bars))(tokens)
    assert scores.nats == pytest.approx(nats, abs=1e-4)
    assert scores.forbidden is not None
    if total_bars == 0:
        assert scores.forbidden == pytest.approx(forbidden, abs=1e-5)
    plain = model_scorer(tiny_model, total_bars)(tokens)
    assert plain.forbidden is None
    assert np.array_equal(plain.nats, scores.nats)


def test_every_token_of_a_piece_is_legal_where_it_stands() -> None:
    tokens = tune(3, "folk", chords=True).tokens
    legal = legal_tokens(tokens)
    assert legal.shape == (len(tokens), v.SIZE)
    assert legal[np.arange(len(tokens)), tokens].all()
    assert legal[0].sum() == 1
    assert legal[1, v.METER]
    assert not legal[1, v.PITCH + 60]


def test_nats_of_an_ngram_are_its_logarithms_after_the_first_token() -> None:
    tokens = tune(2, "folk").tokens
    ngram = fit_ngram([tune(2, "folk")], 2, transposed=False)
    scores = ngram_scorer(ngram)(tokens)
    assert scores.nats == pytest.approx(-ngram.log_probabilities(tokens)[1:])
    assert scores.forbidden is None
    assert likelihood_by_style(ngram_scorer(ngram), [tune(2, "folk")])["folk"].nats > 0
