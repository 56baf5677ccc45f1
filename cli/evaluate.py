"""`partimento evaluate`: how well models predict held-out music, and what they write."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from partimento.cli.console import fail
from partimento.cli.display import show_json, show_table, track

if TYPE_CHECKING:
    from partimento.evaluation.comparison import Result
    from partimento.evaluation.generated import Sample
    from partimento.training.corpus import Corpus, Piece

ORDER = 5
"""Tokens that the n-gram looks at, the predicted one included."""


class HeldOut(StrEnum):
    """Parts of a corpus that are not trained on."""

    valid = "valid"
    test = "test"


class Baseline(StrEnum):
    """What the models are compared with."""

    ngram = "ngram"
    none = "none"


@dataclass(frozen=True)
class Scope:
    """Which music is held out."""

    split: Annotated[HeldOut, typer.Option(help="Held-out part to evaluate on.")] = HeldOut.valid
    pieces: Annotated[
        int | None, typer.Option(min=1, help="Pieces of each style; all by default.")
    ] = None
    max_tokens: Annotated[
        int, typer.Option(min=2, help="Tokens of a piece to look at, from its start.")
    ] = 2048
    ensemble: Annotated[
        bool, typer.Option("--ensemble", help="Tell the models which instruments play.")
    ] = False


@dataclass(frozen=True)
class Compared:
    """What predicts it."""

    checkpoint: Annotated[
        Path | None,
        typer.Option(help="File of the model's weights; those of the program by default."),
    ] = None
    baseline: Annotated[
        Baseline, typer.Option(help="ngram: 5-grams trained in this run, or none.")
    ] = Baseline.ngram
    compare: Annotated[
        list[Path] | None, typer.Option(help="Another checkpoint; may be repeated.")
    ] = None


def command(
    data: Annotated[
        Path, typer.Option(help="Folder of MIDI files, as for train.", exists=True, file_okay=False)
    ],
    scope: Scope,
    compared: Compared,
    generated: Annotated[
        int, typer.Option(min=0, help="Pieces to generate over all styles and measure.")
    ] = 0,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the generated pieces.")] = 0,
    cache: Annotated[Path, typer.Option(help="Folder for the tokenised corpus.")] = Path("cache"),
    threads: Annotated[int | None, typer.Option(min=1, help="CPU threads; all by default.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
) -> None:
    """Measure nats a note and a token on held-out music, by style, next to baselines.

    With --generated also what generated pieces are like beside the ends of held-out ones.

    Example: partimento evaluate --data my_midi --split valid --generated 24
    """
    import torch

    from partimento.model.checkpoint import shipped_checkpoint
    from partimento.training.corpus import load_corpus

    if threads is not None:
        torch.set_num_threads(threads)
    checkpoint = compared.checkpoint or shipped_checkpoint()
    paths = [checkpoint, *(compared.compare or [])]
    models = [_Model(path, name) for path, name in zip(paths, _names(paths), strict=True)]
    corpus = load_corpus(data, cache)
    held_out = _first(corpus.split(scope.split.value), scope.pieces)
    if not held_out:
        fail(f"{data}: the {scope.split.value} split is empty; choose another --split")
    results = [
        model.evaluate(held_out, scope.max_tokens, scope.ensemble, quiet) for model in models
    ]
    ngrams = (
        _ngrams(corpus, held_out, scope.max_tokens, quiet)
        if compared.baseline is Baseline.ngram
        else []
    )
    samples = _samples(checkpoint, generated, seed, corpus, held_out, quiet) if generated else []
    if as_json:
        content = {
            "data": str(data),
            "fingerprint": corpus.fingerprint,
            "split": scope.split.value,
            "max_tokens": scope.max_tokens,
            "ensemble": scope.ensemble,
            "models": [
                {**model.describe(), **result.to_dict()}
                for model, result in zip(models, results, strict=True)
            ],
            **_baseline_report(results, ngrams),
        }
        if samples:
            content["generated"] = _counts(samples[0]) | samples[0].to_dict()
            content["held_out"] = samples[1].to_dict()
        show_json(content)
        return
    typer.echo(
        f"{scope.split.value} split of {data}: {len(held_out)} pieces, "
        f"up to {scope.max_tokens:,} tokens each; nats a note"
    )
    _show_likelihoods(results, ngrams)
    if samples:
        _show_samples(*samples)


class _Model:
    """A checkpoint under evaluation; refused at once when it cannot be read."""

    def __init__(self, path: Path, name: str) -> None:
        from partimento.model.loading import load_model

        self.path = path
        self.name = name
        self.model, self.header = load_model(path)

    def evaluate(
        self, pieces: "list[Piece]", max_tokens: int, tells_ensemble: bool, quiet: bool
    ) -> "Result":
        """Score the pieces."""
        from partimento.evaluation.comparison import Result
        from partimento.evaluation.scorers import checking_scorer
        from partimento.training.likelihood import likelihood_by_style, predictor

        scorer = checking_scorer(predictor(self.model, tells_ensemble=tells_ensemble))
        return Result(
            self.name, likelihood_by_style(scorer, track(pieces, self.name, quiet), max_tokens)
        )

    def describe(self) -> dict[str, object]:
        """Where the weights come from."""
        return {
            "path": str(self.path),
            "step": self.header.step,
            "parameters": sum(p.numel() for p in self.model.parameters()),
            "trained_on": self.header.data,
        }


def _names(paths: Sequence[Path]) -> list[str]:
    """File names, or folder and file name where those are not all different."""
    stems = [path.stem for path in paths]
    if len(set(stems)) == len(stems):
        return stems
    return [f"{path.absolute().parent.name}/{path.stem}" for path in paths]


def _first(pieces: "list[Piece]", limit: int | None) -> "list[Piece]":
    """The first pieces of each style."""
    counts: dict[str | None, int] = {}
    chosen = []
    for piece in pieces:
        count = counts[piece.entry.style] = counts.get(piece.entry.style, 0) + 1
        if limit is None or count <= limit:
            chosen.append(piece)
    return chosen


def _ngrams(
    corpus: "Corpus", pieces: "list[Piece]", max_tokens: int, quiet: bool
) -> "list[Result]":
    """The n-gram baselines, fitted on the pieces as they are and on their transpositions."""
    from partimento.evaluation.comparison import Result, fit_ngram
    from partimento.evaluation.scorers import ngram_scorer
    from partimento.training.likelihood import likelihood_by_style

    train = corpus.split("train")
    results = []
    for name, transposed in ((f"{ORDER}-gram", False), (f"{ORDER}-gram x12", True)):
        scorer = ngram_scorer(fit_ngram(track(train, name, quiet), ORDER, transposed))
        results.append(Result(name, likelihood_by_style(scorer, pieces, max_tokens)))
        del scorer  # the transposed one takes gigabytes while it is fitted
    return results


def _samples(
    checkpoint: Path,
    count: int,
    seed: int,
    corpus: "Corpus",
    held_out: "list[Piece]",
    quiet: bool,
) -> "list[Sample]":
    """Generated pieces and the held-out ones, both compared with the training pieces."""
    from partimento.evaluation.generated import (
        compare_with_training,
        draw_requests,
        measure_generated,
        measure_held_out,
    )
    from partimento.sampling.engines import load_engine

    engine = load_engine(checkpoint)
    batches = draw_requests(count, seed)
    samples = [
        measure_generated(track(batches, "generate", quiet), engine),
        measure_held_out(track(held_out, "measure", quiet)),
    ]
    compare_with_training(samples, track(corpus.split("train"), "compare", quiet))
    return samples


def _references(results: "list[Result]", ngrams: "list[Result]") -> "list[Result]":
    """What the first model is compared with: the better n-gram, and every other model."""
    from partimento.evaluation.comparison import better

    return [*([better(ngrams, f"{ORDER}-gram")] if ngrams else []), *results[1:]]


def _baseline_report(results: "list[Result]", ngrams: "list[Result]") -> dict[str, object]:
    from partimento.evaluation.comparison import differences

    compared = {
        reference.name: {
            name: round(value, 4) for name, value in differences(results[0], reference).items()
        }
        for reference in _references(results, ngrams)
    }
    return {"baselines": [result.to_dict() for result in ngrams], "differences": compared}


def _show_likelihoods(results: "list[Result]", ngrams: "list[Result]") -> None:
    """Print a row a style; differences are the first model's, below 0 is better."""
    from partimento.evaluation.comparison import differences

    first = results[0]
    references = _references(results, ngrams)
    compared = [differences(first, reference) for reference in references]
    columns = ["style", "pieces", "notes", first.name, "a token", "illegal"]
    columns += [result.name for result in [*ngrams, *results[1:]]]
    columns += [f"vs {reference.name}" for reference in references]
    rows = []
    for style in [*sorted(first.styles, key=lambda s: -first.styles[s].notes), "total"]:
        sums = first.total if style == "total" else first.styles[style]
        row = [style, f"{sums.pieces:,}", f"{sums.notes:,}", f"{sums.nats_per_note:.3f}"]
        row += [f"{sums.nats_per_token:.3f}", f"{sums.forbidden_share:.2%}"]
        for other in [*ngrams, *results[1:]]:
            theirs = other.total if style == "total" else other.styles[style]
            row.append(f"{theirs.nats_per_note:.3f}")
        rows.append([*row, *(f"{difference[style]:+.1%}" for difference in compared)])
    show_table(columns, rows)
    if len(ngrams) > 1:
        typer.echo(f"vs {ORDER}-gram: the better of the two in each style")


def _counts(sample: "Sample") -> dict[str, object]:
    return {"valid_files": sample.valid_files, "exact_bars": sample.exact_bars}


def _show_samples(generated: "Sample", held_out: "Sample") -> None:
    """Print the mean of every measure, generated beside held-out."""
    from dataclasses import asdict

    typer.echo(
        f"\n{generated.pieces} generated pieces: {generated.valid_files} valid files, "
        f"{generated.exact_bars} with exactly the asked bars; "
        "means over the styles, beside the ends of the held-out pieces"
    )
    rows = [
        (name.replace("_", " "), f"{ours:.3f}", f"{theirs:.3f}")
        for (name, ours), theirs in zip(
            asdict(generated.mean()).items(), asdict(held_out.mean()).values(), strict=True
        )
    ]
    ours, theirs = generated.mean_shares(), held_out.mean_shares()
    rows += [
        (f"known passages of {length} notes", f"{ours[length]:.3f}", f"{theirs[length]:.3f}")
        for length in ours
    ]
    longest, others = (max(sample.longest().values()) for sample in (generated, held_out))
    rows.append(("longest known passage", str(longest), str(others)))
    show_table(("measure", "generated", "held-out"), rows)
    typer.echo("known passages: share of the notes in passages that the training music has too")
