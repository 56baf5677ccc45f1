"""Baselines beside networks: transposed copies, the better of two, relative differences."""

import json

import numpy as np
import pytest

from partimento.evaluation.comparison import (
    SHIFTS,
    Result,
    better,
    differences,
    fit_ngram,
    transpositions,
)
from partimento.evaluation.scorers import ngram_scorer
from partimento.music.score import Chord, Key, Meter, Note, Score, Track
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.encoding import encode
from partimento.tokenizer.vocabulary import TokenArray
from partimento.training.corpus import Entry, Piece
from partimento.training.likelihood import Likelihood


def tokens_of(*pitches: int, is_drum: bool = False, chords: bool = False) -> TokenArray:
    notes = tuple(Note(24 * i, pitch, 24) for i, pitch in enumerate(pitches))
    return encode(
        Score(
            24,
            (Track(notes, program=0 if is_drum else 40, is_drum=is_drum),),
            meters=(Meter(0, 4, 4),),
            keys=() if is_drum else (Key(0, 0, False),),
            chords=(Chord(0, 24 * len(notes), 0, "maj"),) if chords else (),
        )
    ).tokens


def piece(tokens: TokenArray, style: str = "folk") -> Piece:
    return Piece(Entry("tune.mid", style), tokens, int((tokens < v.DURATION).sum()))


def pitches(tokens: TokenArray) -> list[int]:
    return (tokens[(tokens >= v.PITCH) & (tokens < v.DURATION)] - v.PITCH).tolist()


def test_a_tune_has_twelve_transpositions_one_of_which_is_itself() -> None:
    tokens = tokens_of(60, 64, 67)
    copies = list(transpositions(tokens))
    assert [pitches(copy) for copy in copies] == [
        [60 + shift, 64 + shift, 67 + shift] for shift in SHIFTS
    ]
    assert sum(np.array_equal(copy, tokens) for copy in copies) == 1
    assert len({int(copy[1]) for copy in copies}) == 12  # the key moves along


def test_drums_have_one_transposition() -> None:
    tokens = tokens_of(36, 38, 36, is_drum=True)
    (only,) = transpositions(tokens)
    assert np.array_equal(only, tokens)


def test_shifts_that_the_range_shortens_to_the_same_count_once() -> None:
    copies = [pitches(copy) for copy in transpositions(tokens_of(12, 60, 113))]
    assert copies == [[12, 60, 113], [13, 61, 114], [14, 62, 115]]


def test_an_ngram_of_transpositions_knows_a_tune_in_another_key() -> None:
    tune = (60, 62, 64, 65, 67, 65, 64, 62) * 4
    train = [piece(tokens_of(*tune, chords=True))]
    moved = tokens_of(*(pitch + 3 for pitch in tune))
    plain = ngram_scorer(fit_ngram(train, 3, transposed=False))(moved).nats
    transposed = ngram_scorer(fit_ngram(train, 3, transposed=True))(moved).nats
    assert transposed[5:].sum() < plain[5:].sum() / 2
    assert len(plain) == len(moved) - 1


def test_an_ngram_is_fitted_without_the_chord_lines() -> None:
    tune = (60, 62, 64, 65) * 4
    with_chords, without = (
        fit_ngram([piece(tokens_of(*tune, chords=chords))], 4, transposed=False)
        for chords in (True, False)
    )
    probe = tokens_of(*tune)
    assert np.array_equal(with_chords.log_probabilities(probe), without.log_probabilities(probe))


A = Result("a", {"folk": Likelihood(10.0, 5, 20, 1), "jazz": Likelihood(30.0, 10, 40, 2)})
B = Result("b", {"folk": Likelihood(20.0, 5, 20, 1), "jazz": Likelihood(24.0, 10, 40, 2)})


def test_the_better_of_two_is_chosen_style_by_style() -> None:
    best = better([A, B], "best")
    assert {style: sums.nats for style, sums in best.styles.items()} == {"folk": 10, "jazz": 24}
    assert best.total.nats == 34
    assert best.total.notes == 15


def test_a_difference_is_relative_and_negative_when_better() -> None:
    assert differences(A, B) == pytest.approx({"folk": -0.5, "jazz": 0.25, "total": -4 / 44})


def test_the_figures_of_a_result_are_json() -> None:
    figures = json.loads(json.dumps(A.to_dict()))
    assert figures["name"] == "a"
    assert figures["total"]["nats_per_note"] == round(40 / 15, 4)
    assert figures["styles"]["jazz"] == {
        "pieces": 2,
        "notes": 10,
        "tokens": 40,
        "nats_per_note": 3.0,
        "nats_per_token": 0.75,
        "forbidden_share": 0.0,
    }
