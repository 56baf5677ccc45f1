"""`partimento generate`, and `generate` for short: write pieces of music as MIDI files."""

import json
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

from partimento.cli import options as o
from partimento.cli.console import fail, usage_error

if TYPE_CHECKING:
    from partimento.sampling.generate import Piece
    from partimento.sampling.request import Request

STOPPED = 130
"""Exit code after Ctrl-C, as shells have it."""


@dataclass(frozen=True)
class Job:
    """Where pieces go and what computes them."""

    out: Path | None
    num: int
    force: bool
    keep_primer: bool
    checkpoint: Path | None
    engine: str
    precision: str
    device: str
    as_json: bool
    quiet: bool


def command(
    out: Annotated[
        Path | None, typer.Argument(help="MIDI file to write; named after the seed by default.")
    ] = None,
    bars: o.Bars = None,
    style: o.Style = None,
    key: o.Key = None,
    scale: o.Scale = None,
    lock_key: o.LockKey = False,
    meter: o.Meter = None,
    bpm: o.Bpm = None,
    instruments: o.Instruments = None,
    without: o.Without = None,
    chords: o.Chords = None,
    pitch_range: o.PitchRange = None,
    dynamic: o.Dynamic = None,
    primer: o.Primer = None,
    primer_bars: o.PrimerBars = None,
    without_primer: o.WithoutPrimer = False,
    mode: o.ModeOption = None,
    temperature: o.Temperature = None,
    temperature_end: o.TemperatureEnd = None,
    schedule: o.ScheduleOption = None,
    top_k: o.TopK = None,
    top_p: o.TopP = None,
    min_p: o.MinP = None,
    seed: o.Seed = None,
    num: o.Num = 1,
    force: o.Force = False,
    as_json: o.AsJson = False,
    quiet: o.Quiet = False,
    checkpoint: o.Checkpoint = None,
    engine: o.EngineOption = o.EngineName.numba,
    precision: o.PrecisionOption = o.PrecisionName.float32,
    device: o.Device = "cpu",
) -> None:
    """Write a piece of music as a MIDI file.

    Example: generate --temperature 1.2 --top-p 0.95 out.mid
    """
    from partimento.sampling.request import PRESETS, Request

    settings = o.given(
        {
            "bars": bars,
            "style": style,
            "key": key,
            "scale": scale,
            "lock_key": lock_key,
            "meter": meter,
            "bpm": bpm,
            "instruments": instruments,
            "without": without,
            "chords": chords,
            "pitch_range": pitch_range,
            "dynamic": dynamic,
            "primer": primer,
            "primer_bars": primer_bars,
            "temperature": temperature,
            "temperature_end": temperature_end,
            "schedule": schedule,
            "top_k": top_k,
            "top_p": top_p,
            "min_p": min_p,
            "seed": seed,
        }
    )
    if mode is not None:
        settings = {**PRESETS[mode.value], **settings}
    try:
        request = Request.from_dict(settings)
    except ValueError as error:
        raise usage_error(error) from None
    if without_primer and primer is None:
        raise typer.BadParameter("--without-primer needs a --primer")
    _run(
        request,
        Job(
            out=out,
            num=num,
            force=force,
            keep_primer=not without_primer,
            checkpoint=checkpoint,
            engine=engine.value,
            precision=precision.value,
            device=device,
            as_json=as_json,
            quiet=quiet,
        ),
    )


def _run(request: "Request", job: Job) -> None:
    """Decode, write and report."""
    from partimento.sampling.draw import derive_seed
    from partimento.sampling.engines import check_engine, load_engine
    from partimento.sampling.generate import generate, random_seed, read_primer
    from partimento.tokenizer.midi_writer import write_midi

    seed = random_seed() if request.seed is None else request.seed
    requests = [replace(request, seed=derive_seed(seed, index)) for index in range(job.num)]
    paths = output_paths(job.out, seed, job.num)
    check_writable(paths, job.force)
    primer = None
    if request.primer is not None:
        primer = read_primer(Path(request.primer), request.primer_bars)
    name, precision = check_engine(job.engine, job.precision)
    engine = load_engine(job.checkpoint, name, precision, job.device)
    bars = request.bars * job.num
    with stop_on_interrupt() as stopped, _progress(bars, job.quiet) as on_bar:
        pieces = generate(requests, engine, primer, job.keep_primer, on_bar, lambda: bool(stopped))
    by_seed = {piece.request.seed: piece for piece in pieces}
    for path, wanted in zip(paths, requests, strict=True):
        piece = by_seed.get(wanted.seed)
        if piece is not None:
            write_midi(piece.score, path)
            typer.echo(report(piece, path, engine.checkpoint, job.as_json, job.quiet))
    if stopped:
        message = "stopped; wrote the finished bars" if pieces else "stopped before the first bar"
        typer.echo(message, err=True)
        raise typer.Exit(STOPPED)


def output_paths(out: Path | None, seed: int, num: int) -> list[Path]:
    """One path a piece: numbered when there are several, named after the seed by default."""
    path = Path(f"partimento-{seed}.mid") if out is None else out
    if path.suffix.lower() not in (".mid", ".midi"):
        raise typer.BadParameter(f"the output must be a .mid file, got {path}")
    if num == 1:
        return [path]
    width = len(str(num))
    return [path.with_stem(f"{path.stem}-{index + 1:0{width}d}") for index in range(num)]


def check_writable(paths: list[Path], force: bool) -> None:
    """Refuse before anything is computed to overwrite a file or to write into no folder."""
    for path in paths:
        if not path.parent.is_dir():
            fail(f"{path.parent}: no such folder; create it first")
        if path.exists() and not force:
            fail(f"{path} exists; give another name, or --force to overwrite it")


@contextmanager
def stop_on_interrupt() -> Iterator[list[int]]:
    """Yield a list that is empty until Ctrl-C; a second Ctrl-C interrupts at once."""
    stopped: list[int] = []

    def stop(signum: int, frame: FrameType | None) -> None:
        if stopped:
            raise KeyboardInterrupt
        stopped.append(signum)

    previous = signal.signal(signal.SIGINT, stop)
    try:
        yield stopped
    finally:
        signal.signal(signal.SIGINT, previous)


@contextmanager
def _progress(bars: int, quiet: bool) -> Iterator[Callable[[int, int], None] | None]:
    """Yield what counts the finished bars of all pieces on stderr, when that is a terminal."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("bars", total=bars)
        yield lambda piece, finished: progress.advance(task)


def report(piece: "Piece", path: Path, checkpoint: str, as_json: bool, quiet: bool) -> str:
    """The line that describes a piece."""
    rate = piece.new_tokens / max(piece.decode_seconds, 1e-9)
    if as_json:
        return json.dumps(
            {
                "path": str(path),
                "bars": piece.bars,
                "notes": piece.score.note_count,
                "tokens": piece.new_tokens,
                "music_seconds": round(piece.music_seconds, 3),
                "decode_seconds": round(piece.decode_seconds, 3),
                "tokens_per_second": round(rate, 1),
                "seed": piece.request.seed,
                "key": piece.key,
                "checkpoint": checkpoint,
            }
        )
    if quiet:
        return str(path)
    found = "no key" if piece.key is None else piece.key
    return (
        f"{path}  {piece.bars} bars, {piece.score.note_count} notes, {found}, "
        f"{piece.music_seconds:.0f} s of music, {rate:,.0f} tokens/s, seed {piece.request.seed}"
    )
