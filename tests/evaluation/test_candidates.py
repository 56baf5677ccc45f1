"""What is compared: names that differ, the first pieces of each style, references."""

import math
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pytest
import torch

from partimento.evaluation.candidates import (
    Candidate,
    baseline_report,
    distinct_names,
    first_of_each_style,
    references,
)
from partimento.evaluation.comparison import Result
from partimento.music.score import Note, Score, Track
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.encoding import encode
from partimento.tokenizer.vocabulary import TokenArray
from partimento.training.corpus import Entry, Piece
from partimento.training.likelihood import Likelihood


def result(name: str, folk: float, jazz: float) -> Result:
    styles = {
        style: Likelihood(pieces=1, notes=10, tokens=30, nats=nats)
        for style, nats in (("folk", folk), ("jazz", jazz))
    }
    return Result(name, styles)


def piece(name: str, style: str | None) -> Piece:
    return Piece(Entry(name, style, "valid"), np.zeros(1, np.uint16), 0)


def test_checkpoints_of_one_name_are_called_by_their_folders_too() -> None:
    assert distinct_names([Path("a/x.safetensors"), Path("b/y.safetensors")]) == ["x", "y"]
    assert distinct_names([Path("a/x.safetensors"), Path("b/x.safetensors")]) == ["a/x", "b/x"]


def test_a_limit_counts_each_style_for_itself() -> None:
    pieces = [piece("1", "folk"), piece("2", "folk"), piece("3", None), piece("4", "jazz")]
    assert [p.entry.path for p in first_of_each_style(pieces, 1)] == ["1", "3", "4"]
    assert first_of_each_style(pieces, None) == pieces


def test_the_first_model_is_compared_with_the_better_ngram_of_each_style() -> None:
    results = [result("ours", 9, 12), result("other", 10, 10)]
    ngrams = [result("5-gram", 18, 30), result("5-gram x12", 20, 24)]
    assert [found.name for found in references(results, ngrams)] == ["5-gram", "other"]
    assert [found.name for found in references(results, [])] == ["other"]
    report = baseline_report(results, ngrams)
    assert report["differences"] == {
        "5-gram": {"folk": -0.5, "jazz": -0.5, "total": -0.5},
        "other": {"folk": -0.1, "jazz": 0.2, "total": 0.05},
    }


def test_a_candidate_scores_the_first_tokens_of_each_piece() -> None:
    def predict(tokens: TokenArray) -> torch.Tensor:
        return torch.full((len(tokens) - 1, v.SIZE), -math.log(v.SIZE))

    notes = tuple(Note(24 * i, 60 + i, 24) for i in range(8))
    tokens = encode(Score(24, (Track(notes, program=40),))).tokens
    pieces = [Piece(Entry("1", "folk", "valid"), tokens, len(notes))]
    labels = []

    def watch(pieces: Sequence[Piece], label: str) -> Iterable[Piece]:
        labels.append(label)
        return pieces

    found = Candidate("even", predict, {}).evaluate(pieces, 9, watch)
    assert (found.name, labels) == ("even", ["even"])
    assert found.total.tokens == 8
    assert found.total.nats_per_token == pytest.approx(math.log(v.SIZE))
