"""What the trainings of all parts share on the command line: the corpus, progress, Ctrl-C."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import typer

from partimento.cli.display import warn

if TYPE_CHECKING:
    from rich.progress import Progress

    from partimento.training.corpus import Corpus

SHOWN_PROBLEMS = 5
"""Files left out that are named on the screen; all of them are named in LEFT_OUT_FILE."""
LEFT_OUT_FILE = "left_out.txt"


def load_corpus_of(data: Path, cache: Path, local_rank: int, quiet: bool) -> "Corpus":
    """The corpus; one process of each machine tokenises it, the others read its cache."""
    from partimento.training.corpus import load_corpus
    from partimento.training.manifest import list_entries
    from partimento.training.processes import Processes

    # Before anyone waits: an error in the manifest ends all processes alike.
    list_entries(data)
    if local_rank > 0:
        Processes.current().wait()
        return load_corpus(data, cache)
    with progress_bar("tokenising {task.completed:,} of {task.total:,} files", quiet) as bar:
        task = None

        def show(done: int, total: int) -> None:
            nonlocal task
            if task is None:
                task = bar.add_task("tokenise", total=total)
            bar.update(task, completed=done)

        corpus = load_corpus(data, cache, on_progress=show)
    Processes.current().wait()
    return corpus


def describe_corpus(corpus: "Corpus", out: Path) -> None:
    """Say what there is to train on, and what was left out and why."""
    from partimento.music.facts import counted
    from partimento.music.files import write_whole
    from partimento.training.manifest import SPLITS

    pieces = {name: corpus.split(name) for name in SPLITS}
    tokens = sum(len(piece.tokens) for piece in pieces["train"])
    note(
        f"{counted(len(pieces['train']), 'piece')} to train on with {tokens:,} tokens, "
        f"{len(pieces['valid']):,} to validate, {len(pieces['test']):,} to test"
    )
    if not pieces["valid"]:
        warn("no piece to validate on, so the run is not evaluated")
    if not corpus.problems:
        return
    count = len(corpus.problems)
    out.mkdir(parents=True, exist_ok=True)
    write_whole(out / LEFT_OUT_FILE, "".join(f"{p}\n" for p in corpus.problems).encode())
    warn(f"{count:,} file{'s' if count > 1 else ''} left out, see {out / LEFT_OUT_FILE}")
    for problem in corpus.problems[:SHOWN_PROBLEMS]:
        typer.echo(f"  {problem}", err=True)
    if count > SHOWN_PROBLEMS:
        typer.echo(f"  and {count - SHOWN_PROBLEMS:,} more", err=True)


@contextmanager
def stop_signals() -> Iterator[list[int]]:
    """Collect SIGINT and SIGTERM instead of dying of them."""
    received: list[int] = []

    def collect(number: int, frame: FrameType | None) -> None:
        received.append(number)

    previous = {s: signal.signal(s, collect) for s in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield received
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


@contextmanager
def progress_bar(text: str, quiet: bool) -> "Iterator[Progress]":
    """A progress bar on stderr, when that is a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    with Progress(
        BarColumn(),
        TextColumn(text),
        console=Console(stderr=True),
        disable=quiet or not sys.stderr.isatty(),
    ) as bar:
        yield bar


def note(text: str, quiet: bool = False) -> None:
    if not quiet:
        typer.echo(text, err=True)
