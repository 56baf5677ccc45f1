"""What `partimento batch` does: check the input, make the pieces, say what became of them."""

import os
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from partimento.cli.batch_progress import Tally, watch
from partimento.cli.compiling import compile_notice
from partimento.cli.display import show_json, warn
from partimento.cli.generate import STOPPED, stop_on_interrupt
from partimento.cli.options import Computing
from partimento.cli.page import check_page, write_page

if TYPE_CHECKING:
    from partimento.batch.entries import Problem
    from partimento.batch.folder import OutputFolder
    from partimento.batch.items import Batch, Item
    from partimento.batch.records import Making
    from partimento.cli.batch import Run
    from partimento.rendering.audio.settings import Sound
    from partimento.sampling.engine import Engine


@dataclass(frozen=True)
class Job:
    """Where the pieces go and what makes them."""

    out: Path
    run: "Run"
    computing: Computing
    sound: "Sound"


def read(files: list[str], settings: Mapping[str, object], job: Job) -> "tuple[Batch, bool]":
    """Check all input before anything is written; the good part, and whether that is all."""
    from partimento.batch.folder import stored_seed
    from partimento.batch.items import make_batch
    from partimento.batch.reading import find_files, read_file
    from partimento.batch.settings import check_setting
    from partimento.sampling.resolution import random_seed

    options = {name: check_setting(name, value) for name, value in settings.items()}
    seed = job.run.seed
    check_setting("seed", seed)
    if seed is None and job.run.resume:
        seed = stored_seed(job.out)
    paths, problems = find_files(files, job.out)
    prompt_files = []
    for path in paths:
        file, file_problems = read_file(path)
        prompt_files.append(file)
        problems += file_problems
    batch = make_batch(prompt_files, random_seed() if seed is None else seed, options)
    problems += batch.problems
    _report(problems, batch, job.run.keep_going)
    return batch, not problems


def _report(problems: "list[Problem]", batch: "Batch", keep_going: bool) -> None:
    """Print every problem; an error of usage unless the good items are to be written."""
    for problem in problems:
        typer.echo(str(problem), err=True)
    for warning in batch.warnings:
        warn(warning)
    if not batch.items:
        raise typer.BadParameter("no piece is left to write" if problems else "nothing to write")
    if problems and not keep_going:
        count = f"{len(problems)} problems" if len(problems) > 1 else "1 problem"
        raise typer.BadParameter(f"{count}, nothing was written; --keep-going writes the rest")


def write(batch: "Batch", is_whole: bool, job: Job) -> None:
    """Make what is still to be made, and report; exit code 1 when anything is missing then."""
    from partimento.batch.folder import OutputFolder
    from partimento.batch.writing import check_tools

    only = None if job.run.only is None else _numbers(job.run.only, batch.size)
    formats = {name for item in batch.items for name in item.formats}
    check_tools(formats, job.sound.soundfont)
    may_replace = job.run.force or job.run.resume
    if job.run.page:
        check_page(job.out, may_replace)
    start = time.perf_counter()
    # Read the weights before the folder is touched: a bad checkpoint must cost nothing.
    engine, making = _load(batch, job)
    with OutputFolder(job.out) as folder, stop_on_interrupt() as stopped:
        pending = folder.begin(batch, making, only, job.run.resume, job.run.force)
        tally = Tally(0)
        if pending:
            with compile_notice(job.run.quiet), watch(pending, job.run.quiet) as tally:
                _make(pending, folder, engine, making, tally, job, lambda: bool(stopped))
    _summarise(batch, folder, tally, time.perf_counter() - start, bool(stopped), job)
    if stopped:
        typer.echo(f"stopped; --resume goes on, with --seed {batch.seed}", err=True)
        raise typer.Exit(STOPPED)
    if job.run.page:
        page = write_page(job.out, None, may_replace, job.run.quiet)
        if not job.run.as_json:
            typer.echo(page)
    if not is_whole or any(record.status == "failed" for record in folder.records.values()):
        raise typer.Exit(1)


def _load(batch: "Batch", job: Job) -> "tuple[Engine, Making]":
    """The engine, and what else decides the bytes of all pieces."""
    from partimento.batch.orders import sketcher_of
    from partimento.batch.records import Making, file_sha256
    from partimento.batch.writing import has_sound

    engine = job.computing.load()
    font = loudness = None
    if any(has_sound(item.formats) for item in batch.items):
        loudness = job.sound.loudness
        if job.sound.soundfont is not None:
            font = file_sha256(job.sound.soundfont)
    sketcher = sketcher_of([item.wish for item in batch.items], engine)
    made_by = (engine.checkpoint, engine.name, engine.precision)
    return engine, Making(*made_by, batch.seed, font, loudness, sketcher)


def _make(
    pending: "list[Item]",
    folder: "OutputFolder",
    engine: "Engine",
    making: "Making",
    tally: Tally,
    job: Job,
    should_stop: Callable[[], bool],
) -> None:
    """Make the pieces here or on a cluster."""
    if job.run.ray is not None:
        from partimento.batch.cluster import Cluster, run_on_ray
        from partimento.model.checkpoint import shipped_checkpoint
        from partimento.model.known_music import passages_file

        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # no report goes out unasked
        checkpoint = job.computing.checkpoint or shipped_checkpoint()
        cluster = Cluster(
            job.run.ray,
            job.run.ray_cpus,
            checkpoint,
            passages_file(checkpoint),
            job.computing.device,
            job.sound,
        )
        with redirect_stdout(sys.stderr):  # Ray prints of workers that die
            run_on_ray(pending, folder, cluster, making, tally, should_stop, job.run.group)
        return
    from partimento.batch.running import run
    from partimento.processors import available_cores

    run(
        pending,
        folder,
        engine,
        making,
        tally,
        should_stop,
        cores=available_cores(),
        sound=job.sound,
        group_size=job.run.group,
    )


def _numbers(text: str, size: int) -> frozenset[int]:
    """The numbers that --only names: 7 or 3,7-9."""
    numbers: set[int] = set()
    for part in text.split(","):
        low, dash, high = part.strip().partition("-")
        if not low.isdecimal() or (dash and not high.isdecimal()):
            raise typer.BadParameter(f"--only must be numbers such as 7 or 3,7-9, got {text}")
        first, last = int(low), int(high) if dash else int(low)
        if not 1 <= first <= last <= size:
            raise typer.BadParameter(f"--only must lie in 1-{size}, got {part.strip()}")
        numbers.update(range(first, last + 1))
    return frozenset(numbers)


def _summarise(
    batch: "Batch",
    folder: "OutputFolder",
    tally: Tally,
    seconds: float,
    is_stopped: bool,
    job: Job,
) -> None:
    """Print what the folder holds now."""
    from partimento.batch.records import BATCH_FILE
    from partimento.music.facts import counted

    records = folder.records.values()
    done = [record for record in records if record.status == "done"]
    failed = len(records) - len(done)
    path = job.out / BATCH_FILE
    if job.run.as_json:
        show_json(
            {
                "record": str(path),
                "seed": batch.seed,
                "pieces": batch.size,
                "done": len(done),
                "made": tally.made,
                "failed": failed,
                "stopped": is_stopped,
                "bars": sum(record.bars or 0 for record in done),
                "notes": sum(record.notes or 0 for record in done),
                "music_seconds": round(sum(record.music_seconds or 0 for record in done), 3),
                "seconds": round(seconds, 3),
                "tokens_per_second": round(tally.tokens_per_second, 1),
            }
        )
        return
    kept = len(done) - tally.made
    parts = [f"{len(done)} of {counted(batch.size, 'piece')}"]
    parts += [f"{kept} from before"] * bool(kept) + [f"{failed} failed"] * bool(failed)
    typer.echo(f"{path}  {', '.join(parts)}, seed {batch.seed}")
