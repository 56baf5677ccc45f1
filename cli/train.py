"""`partimento train`: learn from a folder of MIDI files."""

import signal
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from partimento.cli import train_latent
from partimento.cli.training_run import (
    describe_corpus,
    load_corpus_of,
    note,
    progress_bar,
    stop_signals,
)
from partimento.errors import PartimentoError, SettingError

if TYPE_CHECKING:
    from partimento.training.corpus import Corpus
    from partimento.training.curve import Status
    from partimento.training.loop import Run
    from partimento.training.plan import TrainingPlan


def command(
    data: Annotated[Path, typer.Option(help="Folder of MIDI files.", exists=True, file_okay=False)],
    out: Annotated[
        Path,
        typer.Option(help="Folder for the state, the curve and the checkpoint.", file_okay=False),
    ],
    length: train_latent.Length,
    config: Annotated[str, typer.Option(help="Name of a shipped config, or a yaml file.")] = "base",
    start: Annotated[
        str | None,
        typer.Option(
            help="Checkpoint whose model is trained on, or `shipped`; random weights by default.",
            metavar="<path>",
        ),
    ] = None,
    autoencoder: Annotated[
        Path | None,
        typer.Option(
            help="Trained autoencoder: whose vectors a flow learns, or whose sketches a model "
            "is told; for a model the shipped one by default.",
            dir_okay=False,
        ),
    ] = None,
    cache: Annotated[Path, typer.Option(help="Folder for the tokenised corpus.")] = Path("cache"),
    threads: Annotated[int | None, typer.Option(help="CPU threads; all by default.")] = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Only errors and the checkpoint's path.")
    ] = False,
) -> None:
    """Train a model on a folder of MIDI files, with or without a manifest.jsonl.

    Prints the path of the checkpoint. Ctrl-C saves, and the same command resumes; a longer
    --minutes or --steps trains on. Under torchrun it uses all processes. The configs
    `autoencoder` and `flow` train what sketches a piece, `further` a model that hears sketches.

    Example: partimento train --data my_midi --config fine-tune --start shipped --out runs/mine
    """
    length.check()
    if threads is not None and threads < 1:
        raise SettingError("threads", f"must be at least 1, got {threads}")
    try:
        latent = train_latent.plan(config, length, start, autoencoder)
        plan = _plan(config, length, start, autoencoder) if latent is None else None
    except PartimentoError as error:
        raise typer.BadParameter(str(error)) from error
    if threads is not None:
        import torch

        torch.set_num_threads(threads)
    if latent is not None:
        train_latent.run(latent, data, out, cache, quiet)
    elif plan is not None:
        _run(plan, data, out, cache, quiet)


def _plan(
    config: str, length: train_latent.Length, start: str | None, autoencoder: Path | None
) -> "TrainingPlan":
    """What there is to train; PartimentoError says what is wrong."""
    from partimento.model.checkpoint import shipped_checkpoint
    from partimento.training.plan import has_length, plan_training

    first = None if start is None else shipped_checkpoint() if start == "shipped" else Path(start)
    if length.steps is None and length.minutes is None and not has_length(config):
        raise PartimentoError(
            f"config {config} sets no length of the run; give --minutes or --steps"
        )
    steps, minutes, seed = length.steps, length.minutes, length.seed
    return plan_training(config, first, steps, minutes, seed, autoencoder)


def _run(plan: "TrainingPlan", data: Path, out: Path, cache: Path, quiet: bool) -> None:
    """Train what was planned, in all processes, and print the path of the checkpoint."""
    from partimento.training.loop import CHECKPOINT_FILE, Run
    from partimento.training.processes import Processes, joined

    with joined() as local_rank:
        quiet = quiet or Processes.current().rank > 0
        corpus = load_corpus_of(data, cache, local_rank, quiet)
        run = Run(plan.model, plan.settings, corpus, out, plan.start, plan.autoencoder)
        if not quiet:
            describe_corpus(corpus, out)
        checkpoint = out / CHECKPOINT_FILE
        if run.is_finished:
            note(
                f"this run is finished: {run.step:,} steps, {run.tokens:,} tokens; "
                "train on with a longer --minutes or --steps, or begin anew in another --out",
                quiet,
            )
            if run.processes.rank == 0 and not checkpoint.is_file():
                run.export()
        else:
            _drive(run, quiet)
        if run.processes.rank == 0:
            _keep_passages(checkpoint, corpus, plan.start, quiet)
            typer.echo(checkpoint)


def _keep_passages(checkpoint: Path, corpus: "Corpus", start: Path | None, quiet: bool) -> None:
    """Write what the weights were trained on beside them, so that pieces can be compared."""
    from partimento.model.checkpoint import read_header
    from partimento.model.known_music import known_music
    from partimento.training.passages import passages_of, save_passages

    if known_music(checkpoint, read_header(checkpoint).data) is None:
        note("indexing the passages of the training music", quiet)
        known = passages_of(corpus.split("train"), [corpus.fingerprint])
        save_passages(checkpoint, known, start)


def _drive(run: "Run", quiet: bool) -> None:
    """Train to the end; after Ctrl-C or SIGTERM, save and exit with the shell's code for it."""
    if run.step:
        note(f"resuming at step {run.step:,}, {run.progress:.0%} done", quiet)
    with (
        stop_signals() as received,
        progress_bar(
            "step {task.fields[step]:,}  loss {task.fields[loss]}  "
            "{task.fields[rate]} tokens/s  {task.fields[left]} left",
            quiet,
        ) as bar,
    ):
        task = bar.add_task("train", total=1, step=run.step, loss="-", rate="-", left="-")
        bar.update(task, completed=run.progress)
        for status in run.train(lambda: bool(received)):
            bar.update(
                task,
                completed=status.progress,
                step=status.step,
                loss=f"{status.loss:.3f}",
                rate=f"{status.tokens_per_second:,.0f}",
                left=timedelta(seconds=round(status.seconds_left)),
            )
            if status.evaluation is not None and not quiet:
                bar.console.print(_evaluation_line(status), highlight=False, soft_wrap=True)
    # Any process may have been asked; all stopped then.
    if not run.is_finished:
        note(
            f"stopped at step {run.step:,}, {run.progress:.0%} done; the state is saved, "
            "the same command resumes",
            quiet,
        )
        raise typer.Exit(128 + (received[0] if received else signal.SIGINT))


def _evaluation_line(status: "Status") -> str:
    evaluation = sorted((status.evaluation or {}).items())
    figures = "  ".join(f"{style} {sums.nats_per_note:.2f}" for style, sums in evaluation)
    return (
        f"step {status.step:,}, {status.tokens:,} tokens, "
        f"{timedelta(seconds=round(status.seconds))}; held-out nats a note: {figures}"
    )
