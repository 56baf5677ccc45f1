"""What is compared on held-out music: checkpoints, the n-grams beside them, and on which pieces."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from partimento.evaluation.comparison import Result, better, differences, fit_ngram
from partimento.evaluation.scorers import checking_scorer, ngram_scorer
from partimento.training.corpus import Piece
from partimento.training.likelihood import Predictor, likelihood_by_style

ORDER = 5
"""Tokens that the n-gram looks at, the predicted one included."""


class Watch(Protocol):
    """Passes pieces on and shows how far they are."""

    def __call__(self, pieces: Sequence[Piece], label: str) -> Iterable[Piece]:
        """The pieces."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A checkpoint under evaluation."""

    name: str
    predict: Predictor
    about: Mapping[str, object]
    """Where the weights come from, as JSON values."""

    def evaluate(self, pieces: Sequence[Piece], max_tokens: int, watch: Watch) -> Result:
        """Score the first tokens of each piece."""
        scorer = checking_scorer(self.predict)
        sums = likelihood_by_style(scorer, watch(pieces, self.name), max_tokens)
        return Result(self.name, sums)


def distinct_names(paths: Sequence[Path]) -> list[str]:
    """File names, or folder and file name where those are not all different."""
    stems = [path.stem for path in paths]
    if len(set(stems)) == len(stems):
        return stems
    return [f"{path.absolute().parent.name}/{path.stem}" for path in paths]


def first_of_each_style(pieces: Iterable[Piece], limit: int | None) -> list[Piece]:
    """The first pieces of each style; all of them without a limit."""
    counts: dict[str | None, int] = {}
    chosen = []
    for piece in pieces:
        count = counts[piece.entry.style] = counts.get(piece.entry.style, 0) + 1
        if limit is None or count <= limit:
            chosen.append(piece)
    return chosen


def ngram_results(
    training: Sequence[Piece], pieces: Sequence[Piece], max_tokens: int, watch: Watch
) -> Iterator[Result]:
    """The n-gram baselines, fitted on the training pieces as they are and on their transpositions.

    The second one takes gigabytes while it is fitted, so the first one is gone by then.
    """
    for name, transposed in ((f"{ORDER}-gram", False), (f"{ORDER}-gram x12", True)):
        ngram = fit_ngram(watch(training, name), ORDER, transposed)
        yield Result(name, likelihood_by_style(ngram_scorer(ngram), pieces, max_tokens))
        del ngram


def references(results: Sequence[Result], ngrams: Sequence[Result]) -> list[Result]:
    """What the first model is compared with: the better n-gram, and every other model."""
    return [*([better(ngrams, f"{ORDER}-gram")] if ngrams else []), *results[1:]]


def baseline_report(results: Sequence[Result], ngrams: Sequence[Result]) -> dict[str, object]:
    """The n-grams, and the first model's differences from each reference, as JSON values."""
    compared = {
        reference.name: {
            name: round(value, 4) for name, value in differences(results[0], reference).items()
        }
        for reference in references(results, ngrams)
    }
    return {"baselines": [result.to_dict() for result in ngrams], "differences": compared}
