"""`partimento train` for what stands above the tokens: the autoencoder of bars and the flow."""

import signal
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

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
    from partimento.training.latent.config import LatentTraining
    from partimento.training.latent.run import LatentRun, Task

PARTS = ("autoencoder", "flow")


@dataclass(frozen=True)
class Length:
    """What the command line says of the run; None leaves it to the config."""

    minutes: Annotated[
        float | None,
        typer.Option(help="Length of the run in minutes; what the config says by default."),
    ] = None
    steps: Annotated[
        int | None, typer.Option(help="Length of the run in gradient steps, instead of minutes.")
    ] = None
    seed: Annotated[
        int | None,
        typer.Option(help="Seed of the weights and batches; what the config says by default."),
    ] = None

    def check(self) -> None:
        """Refuse what no run can be."""
        for name, value, least in (("steps", self.steps, 1), ("seed", self.seed, 0)):
            if value is not None and value < least:
                raise SettingError(name, f"must be at least {least}, got {value}")
        if self.minutes is not None and not self.minutes > 0:
            raise SettingError("minutes", f"must be above 0, got {self.minutes}")
        if self.steps is not None and self.minutes is not None:
            raise typer.BadParameter(
                "--steps and --minutes are two lengths of a run; give one of them"
            )


class Plan(NamedTuple):
    """A training of a latent part, all of whose settings were checked."""

    config: str
    settings: "LatentTraining"
    autoencoder: Path | None
    """Whose vectors a flow learns."""


def plan(config: str, length: Length, start: str | None, autoencoder: Path | None) -> Plan | None:
    """What there is to train; None when the config is one of a model.

    PartimentoError when the config or the options do not belong together.
    """
    from partimento.model.config_files import read_sections

    sections = read_sections(config)
    parts = [part for part in PARTS if part in sections]
    if not parts:
        return None
    if (parts == ["flow"]) != (autoencoder is not None):
        raise PartimentoError(
            "give --autoencoder, the file that `partimento train --config autoencoder` wrote"
            if parts == ["flow"]
            else f"--autoencoder is for a flow or a model, and {config} is none; leave it out"
        )
    if len(parts) > 1:
        raise PartimentoError(f"{config}: has sections of {' and '.join(parts)}; keep one")
    if start is not None:
        raise PartimentoError(f"--start is for models, and {config} is none; leave it out")
    return Plan(config, _settings(config, length), autoencoder)


def run(plan: Plan, data: Path, out: Path, cache: Path, quiet: bool) -> None:
    """Train what was planned and print the path of what was trained."""
    from partimento.training.latent.run import LatentRun

    corpus = load_corpus_of(data, cache, 0, quiet)
    if not quiet:
        describe_corpus(corpus, out)
    trained = LatentRun(_task(plan, corpus), plan.settings, out)
    if trained.is_finished:
        text = f"this run is finished: {trained.step:,} steps; train on with a longer --minutes"
        note(text, quiet)
    else:
        _drive(trained, quiet)
    typer.echo(trained.checkpoint)


def _settings(config: str, length: Length) -> "LatentTraining":
    """The config's settings with those of the command line; PartimentoError says what is wrong."""
    from partimento.model.config_files import read_section
    from partimento.training.latent.config import LatentTraining

    values = read_section(config, "training")
    if length.steps is not None or length.minutes is not None:
        values |= {"steps": length.steps, "minutes": length.minutes}
    if length.seed is not None:
        values["seed"] = length.seed
    return LatentTraining.from_dict(values)


def _task(plan: Plan, corpus: "Corpus") -> "Task":
    """What there is to learn; sketches every bar of the corpus."""
    from partimento.model.checkpoint import file_hash
    from partimento.model.config_files import read_section
    from partimento.model.latent.autoencoder import Autoencoder, AutoencoderConfig
    from partimento.model.latent.flow import FlowConfig
    from partimento.training.latent.autoencoding import Autoencoding
    from partimento.training.latent.bars import collect_bars
    from partimento.training.latent.flowing import Flowing

    train, valid = (collect_bars(corpus.split(split)) for split in ("train", "valid"))
    if plan.autoencoder is None:
        shape = AutoencoderConfig.from_dict(read_section(plan.config, "autoencoder"))
        return Autoencoding(shape, plan.settings, train, valid)
    trained = Autoencoder.load(plan.autoencoder)
    values = {**read_section(plan.config, "flow"), "latent": trained.config.latent}
    flow = FlowConfig.from_dict(values)
    return Flowing(flow, plan.settings, trained, train, valid, file_hash(plan.autoencoder))


def _drive(run: "LatentRun", quiet: bool) -> None:
    """Train to the end; after Ctrl-C or SIGTERM, save and exit with the shell's code for it."""
    if run.step:
        note(f"resuming at step {run.step:,}, {run.progress:.0%} done", quiet)
    text = "step {task.fields[step]:,}  loss {task.fields[loss]}  {task.fields[left]} left"
    with stop_signals() as received, progress_bar(text, quiet) as bar:
        task = bar.add_task("train", total=1, step=run.step, loss="-", left="-")
        for step in run.train(lambda: bool(received)):
            left = timedelta(seconds=round(step.seconds_left))
            loss = f"{step.loss:.3f}"
            bar.update(task, completed=step.progress, step=step.step, loss=loss, left=left)
            if step.figures and not quiet:
                spent = timedelta(seconds=round(step.seconds))
                figures = ", ".join(f"{name} {x:.3f}" for name, x in step.figures.items())
                line = f"step {step.step:,}, {spent}; held-out {figures}"
                bar.console.print(line, highlight=False, soft_wrap=True)
    if not run.is_finished:
        note(
            f"stopped at step {run.step:,}, {run.progress:.0%} done; the state is saved, "
            "the same command resumes",
            quiet,
        )
        raise typer.Exit(128 + (received[0] if received else signal.SIGINT))
