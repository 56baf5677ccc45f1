"""`partimento train`: learn from a folder of MIDI files."""

import os
import signal
import sys
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from partimento.training.loop import Run

HELP = """Train a model on a folder of MIDI files, with or without a manifest.jsonl.

Run it again with the same settings to resume; Ctrl-C saves first. Under torchrun it uses
all processes.

Example: partimento train --data my_midi --config base --minutes 120 --out runs/mine
"""


def command(
    data: Annotated[Path, typer.Option(help="Folder of MIDI files.", exists=True, file_okay=False)],
    out: Annotated[Path, typer.Option(help="Folder for the state, the curve and the checkpoint.")],
    config: Annotated[str, typer.Option(help="Name of a shipped config, or a yaml file.")] = "base",
    minutes: Annotated[float | None, typer.Option(help="Length of the run in minutes.")] = None,
    steps: Annotated[int | None, typer.Option(help="Length of the run in gradient steps.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of the weights and batches.")] = None,
    cache: Annotated[Path, typer.Option(help="Folder for the tokenised corpus.")] = Path("cache"),
    threads: Annotated[int | None, typer.Option(help="CPU threads; all by default.")] = None,
    quiet: Annotated[bool, typer.Option(help="No progress display.")] = False,
) -> None:
    """Train a model on a folder of MIDI files."""
    import torch
    import torch.distributed as dist

    from partimento.model.config import load_config, read_section
    from partimento.tokenizer.cursor import FEATURES, SOUNDING_WIDTH
    from partimento.training.corpus import load_corpus
    from partimento.training.loop import Run, TrainingConfig

    model_config = load_config(config, FEATURES, SOUNDING_WIDTH)
    settings = TrainingConfig.from_dict(read_section(config, "training"))
    if steps is not None or minutes is not None:
        settings = replace(settings, steps=steps, minutes=minutes)
    if seed is not None:
        settings = replace(settings, seed=seed)
    if threads is not None:
        torch.set_num_threads(threads)
    if "WORLD_SIZE" in os.environ:
        dist.init_process_group("gloo")
    try:
        corpus = load_corpus(data, cache)
        run = Run(model_config, settings, corpus, out)
        _drive(run, quiet or run.rank > 0)
        if run.rank == 0:
            typer.echo(run.export())
    finally:
        if dist.is_initialized():
            dist.destroy_process_group()


def _drive(run: "Run", quiet: bool) -> None:
    """Train to the end or to Ctrl-C, showing how it goes."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    stopped = False

    def stop(signum: int, frame: FrameType | None) -> None:
        nonlocal stopped
        stopped = True

    previous = {s: signal.signal(s, stop) for s in (signal.SIGINT, signal.SIGTERM)}
    console = Console(stderr=True)
    columns = (
        BarColumn(),
        TextColumn("step {task.fields[step]}  loss {task.fields[loss]:.3f}"),
        TextColumn("{task.fields[rate]:,.0f} tokens/s"),
        TimeRemainingColumn(),
    )
    try:
        with Progress(*columns, console=console, disable=quiet or not sys.stderr.isatty()) as bar:
            task = bar.add_task("train", total=1.0, step=run.step, loss=0.0, rate=0.0)
            for status in run.train(lambda: stopped):
                bar.update(
                    task,
                    completed=status.progress,
                    step=status.step,
                    loss=status.loss,
                    rate=status.tokens_per_second,
                )
                if status.evaluation is not None and not quiet:
                    figures = "  ".join(
                        f"{style} {likelihood.nats_per_note:.2f}"
                        for style, likelihood in sorted(status.evaluation.items())
                    )
                    bar.console.print(
                        f"step {status.step}, {status.tokens / 1e6:.1f}M tokens, "
                        f"held-out nats a note: {figures}",
                        highlight=False,
                    )
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
    if stopped and not quiet:
        console.print("stopped; the same command resumes", highlight=False)
