"""Held-out likelihood of several models side by side: networks and the n-gram baselines."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from partimento.evaluation.ngram import NGram
from partimento.tokenizer.vocabulary import TokenArray
from partimento.training.corpus import Piece
from partimento.training.excerpts import drop_chords, transpose
from partimento.training.likelihood import Likelihood, total

SHIFTS = range(-5, 7)
"""Semitones of the twelve copies of a piece, as the network's training draws them."""


@dataclass(frozen=True, slots=True)
class Result:
    """What one model says of the held-out pieces."""

    name: str
    styles: Mapping[str, Likelihood]

    @property
    def total(self) -> Likelihood:
        """The sums over all styles."""
        return total(dict(self.styles))

    def to_dict(self) -> dict[str, object]:
        """Figures by style and in total, as JSON values."""
        styles = {name: _figures(sums) for name, sums in sorted(self.styles.items())}
        return {"name": self.name, "total": _figures(self.total), "styles": styles}


def _figures(sums: Likelihood) -> dict[str, object]:
    return {
        "pieces": sums.pieces,
        "notes": sums.notes,
        "tokens": sums.tokens,
        "nats_per_note": round(sums.nats_per_note, 4),
        "nats_per_token": round(sums.nats_per_token, 4),
        "forbidden_share": round(sums.forbidden_share, 6),
    }


def better(results: Iterable[Result], name: str) -> Result:
    """The best of several models on each style, as a baseline that is hard to beat."""
    results = list(results)
    styles = {
        style: min((r.styles[style] for r in results), key=lambda sums: sums.nats)
        for style in results[0].styles
    }
    return Result(name, styles)


def differences(result: Result, baseline: Result) -> dict[str, float]:
    """Relative difference in nats per note by style and as `total`; below 0 is better."""
    pairs = [(name, sums, baseline.styles[name]) for name, sums in sorted(result.styles.items())]
    pairs.append(("total", result.total, baseline.total))
    return {name: ours.nats / max(theirs.nats, 1e-9) - 1 for name, ours, theirs in pairs}


def fit_ngram(pieces: Iterable[Piece], order: int, transposed: bool) -> NGram:
    """Count the n-grams of whole pieces, without chord lines as the held-out ones are.

    With `transposed` every piece counts in up to twelve transpositions. On the full corpus that
    takes about a minute and 2 GB, without it a few seconds.
    """
    sequences = (drop_chords(piece.tokens) for piece in pieces)
    if not transposed:
        return NGram.fit(sequences, order)
    return NGram.fit((copy for tokens in sequences for copy in transpositions(tokens)), order)


def transpositions(tokens: TokenArray) -> Iterator[TokenArray]:
    """The different ones of a piece's twelve transpositions; drums have one."""
    previous = None
    for shift in SHIFTS:
        # A shift that leaves the range of pitches is shortened: equal copies are neighbours.
        copy = transpose(tokens, shift)
        if previous is None or not np.array_equal(copy, previous):
            yield copy
        previous = copy
