"""Held-out likelihood: sums that can be counted by hand, and a network scored token by token."""

import math

import numpy as np
import pytest

from partimento.music.score import Chord, Key, Meter, Note, Score, Track
from partimento.tokenizer.encoding import encode
from partimento.tokenizer.vocabulary import TokenArray
from partimento.training.corpus import Entry, Piece
from partimento.training.likelihood import (
    Likelihood,
    Scores,
    evaluation_tokens,
    likelihood_by_style,
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
