"""`partimento evaluate`: how well models predict held-out music, and what they write."""

from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from partimento.cli import evaluate_sketches
from partimento.cli.console import fail
from partimento.cli.display import show_json, show_table, track

if TYPE_CHECKING:
    from partimento.evaluation.candidates import Candidate
    from partimento.evaluation.comparison import Result
    from partimento.evaluation.generated import Sample
    from partimento.training.corpus import Corpus, Piece


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
    sketches: evaluate_sketches.Sketches,
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

    With --generated also what generated pieces are like beside the ends of held-out ones, with
    --sketch-noise also what held-out music costs the model when it is told its sketch.

    Example: partimento evaluate --data my_midi --split valid --generated 24
    """
    from partimento.evaluation.candidates import ngram_results
    from partimento.music.facts import counted
    from partimento.training.corpus import load_corpus

    sketches.check()
    _use_threads(threads)
    paths = _paths(compared)
    candidates = _candidates(paths, scope.ensemble)
    sketched = evaluate_sketches.candidates(sketches, paths[0], scope.ensemble)
    corpus = load_corpus(data, cache)
    held_out = _held_out(corpus, scope, data)
    watch = partial(track, quiet=quiet)
    results = [candidate.evaluate(held_out, scope.max_tokens, watch) for candidate in candidates]
    told = [candidate.evaluate(held_out, scope.max_tokens, watch) for candidate in sketched]
    ngrams: list[Result] = []
    if compared.baseline is Baseline.ngram:
        ngrams += ngram_results(corpus.split("train"), held_out, scope.max_tokens, watch)
    samples: list[Sample] = []
    if generated:
        samples = _samples(paths[0], generated, seed, corpus, held_out, quiet)
    if as_json:
        about = {"data": str(data), "fingerprint": corpus.fingerprint, **_described(scope)}
        about["models"] = [
            {**candidate.about, **result.to_dict()}
            for candidate, result in zip(candidates, results, strict=True)
        ]
        show_json({**about, **_reports(results, ngrams, told, samples)})
        return
    typer.echo(
        f"{scope.split.value} split of {data}: {counted(len(held_out), 'piece')}, "
        f"up to {scope.max_tokens:,} tokens each; nats a note"
    )
    _show(results, ngrams, told, samples)


def _use_threads(threads: int | None) -> None:
    """Let torch compute in so many threads; None leaves it its own choice."""
    import torch

    if threads is not None:
        torch.set_num_threads(threads)


def _paths(compared: Compared) -> list[Path]:
    """The checkpoints, the one that the others are compared with first."""
    from partimento.model.checkpoint import shipped_checkpoint

    return [compared.checkpoint or shipped_checkpoint(), *(compared.compare or [])]


def _candidates(paths: list[Path], tells_ensemble: bool) -> "list[Candidate]":
    """The models of checkpoints; the first that cannot be read is refused before any is asked."""
    from partimento.evaluation.candidates import Candidate, distinct_names
    from partimento.model.loading import load_model
    from partimento.training.likelihood import predictor

    candidates = []
    for path, name in zip(paths, distinct_names(paths), strict=True):
        model, header = load_model(path)
        about = {
            "path": str(path),
            "step": header.step,
            "parameters": sum(p.numel() for p in model.parameters()),
            "trained_on": header.data,
        }
        predict = predictor(model, tells_ensemble=tells_ensemble)
        candidates.append(Candidate(name, predict, about))
    return candidates


def _held_out(corpus: "Corpus", scope: Scope, data: Path) -> "list[Piece]":
    """The pieces to evaluate on; an error when there are none."""
    from partimento.evaluation.candidates import first_of_each_style

    pieces = first_of_each_style(corpus.split(scope.split.value), scope.pieces)
    if not pieces:
        fail(f"{data}: the {scope.split.value} split is empty; choose another --split")
    return pieces


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


def _described(scope: Scope) -> dict[str, object]:
    """Which music was held out, as JSON values."""
    return {
        "split": scope.split.value,
        "max_tokens": scope.max_tokens,
        "ensemble": scope.ensemble,
    }


def _reports(
    results: "list[Result]", ngrams: "list[Result]", told: "list[Result]", samples: "list[Sample]"
) -> dict[str, object]:
    """What stands beside the models: baselines, told sketches, and generated pieces."""
    from partimento.evaluation.candidates import baseline_report

    report = baseline_report(results, ngrams)
    if told:
        report["sketches"] = evaluate_sketches.report(results[0], told)
    if samples:
        generated, held_out = samples
        counts = {"valid_files": generated.valid_files, "exact_bars": generated.exact_bars}
        report["generated"] = counts | generated.to_dict()
        report["held_out"] = held_out.to_dict()
    return report


def _show(
    results: "list[Result]", ngrams: "list[Result]", told: "list[Result]", samples: "list[Sample]"
) -> None:
    """Print the models beside their baselines, and what else was measured."""
    _show_likelihoods(results, ngrams)
    if told:
        evaluate_sketches.show(results[0], told)
    if samples:
        _show_samples(*samples)


def _show_likelihoods(results: "list[Result]", ngrams: "list[Result]") -> None:
    """Print a row a style; differences are the first model's, below 0 is better."""
    from partimento.evaluation.candidates import ORDER, references
    from partimento.evaluation.comparison import differences

    first = results[0]
    others = references(results, ngrams)
    compared = [differences(first, other) for other in others]
    columns = ["style", "pieces", "notes", first.name, "a token", "illegal"]
    columns += [result.name for result in [*ngrams, *results[1:]]]
    columns += [f"vs {other.name}" for other in others]
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
