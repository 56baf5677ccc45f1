"""`partimento generate`, and `generate` for short: write pieces of music as MIDI files."""

import json
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

from partimento.cli.console import fail, usage_error

if TYPE_CHECKING:
    from partimento.sampling.generate import Piece
    from partimento.sampling.request import Request

STOPPED = 130
"""Exit code after Ctrl-C, as shells have it."""


class Mode(StrEnum):
    """Named temperatures."""

    considered = "considered"
    expressive = "expressive"


class Schedule(StrEnum):
    """How the temperature changes over the bars."""

    constant = "constant"
    linear = "linear"
    cosine = "cosine"
    exponential = "exponential"


class EngineName(StrEnum):
    """What computes."""

    numba = "numba"
    torch = "torch"


WISHES, CHOICE, OUTPUT, COMPUTING = "What to write", "How to choose", "Output", "Computing"


def command(
    out: Annotated[
        Path | None, typer.Argument(help="MIDI file to write; named after the seed by default.")
    ] = None,
    bars: Annotated[
        int, typer.Option(help="Bars to write, 1 to 512; the piece closes.", rich_help_panel=WISHES)
    ] = 16,
    style: Annotated[
        str | None,
        typer.Option(help="Style, such as folk, chorale or jazz.", rich_help_panel=WISHES),
    ] = None,
    key: Annotated[
        str | None, typer.Option(help='Key, such as "F# minor" or Bb.', rich_help_panel=WISHES)
    ] = None,
    meter: Annotated[
        str | None, typer.Option(help="Meter, such as 3/4 or 6/8.", rich_help_panel=WISHES)
    ] = None,
    bpm: Annotated[
        float | None,
        typer.Option(help="Quarter notes a minute, 10 to 400.", rich_help_panel=WISHES),
    ] = None,
    instruments: Annotated[
        str | None,
        typer.Option(help='Instruments, such as "violin, cello".', rich_help_panel=WISHES),
    ] = None,
    chords: Annotated[
        str | None,
        typer.Option(
            help='Chords, one a bar and repeated: "Am F C G", or with beats: "C:2 G:2".',
            rich_help_panel=WISHES,
        ),
    ] = None,
    pitch_range: Annotated[
        str | None, typer.Option(help="Lowest and highest note: C3-C6.", rich_help_panel=WISHES)
    ] = None,
    lock_key: Annotated[
        bool, typer.Option("--lock-key", help="No note outside the key.", rich_help_panel=WISHES)
    ] = False,
    primer: Annotated[
        Path | None, typer.Option(help="MIDI file to go on from.", rich_help_panel=WISHES)
    ] = None,
    primer_bars: Annotated[
        int | None,
        typer.Option(help="First bars of the primer to use; all of them.", rich_help_panel=WISHES),
    ] = None,
    without_primer: Annotated[
        bool,
        typer.Option(
            "--without-primer", help="Write the new bars only.", rich_help_panel=WISHES
        ),
    ] = False,
    mode: Annotated[
        Mode | None,
        typer.Option(
            help="considered: temperature 0.7; expressive: 1.2.", rich_help_panel=CHOICE
        ),
    ] = None,
    temperature: Annotated[
        float | None,
        typer.Option(
            help="0 (always the likeliest) to 5; 1 by default.", rich_help_panel=CHOICE
        ),
    ] = None,
    temperature_end: Annotated[
        float | None,
        typer.Option(help="Temperature of the last bar; as the first.", rich_help_panel=CHOICE),
    ] = None,
    schedule: Annotated[
        Schedule | None,
        typer.Option(help="How it gets there; linear by default.", rich_help_panel=CHOICE),
    ] = None,
    top_k: Annotated[
        int | None,
        typer.Option(help="Only the k likeliest tokens, 1 to 384; off.", rich_help_panel=CHOICE),
    ] = None,
    top_p: Annotated[
        float,
        typer.Option(
            help="Only the likeliest tokens that hold this probability, up to 1 (off).",
            rich_help_panel=CHOICE,
        ),
    ] = 1.0,
    min_p: Annotated[
        float,
        typer.Option(
            help="No token below this share of the likeliest, from 0 (off) to below 1.",
            rich_help_panel=CHOICE,
        ),
    ] = 0.0,
    seed: Annotated[
        int | None,
        typer.Option(help="Same seed, same bytes; random by default.", rich_help_panel=CHOICE),
    ] = None,
    num: Annotated[
        int, typer.Option("--num", "-n", min=1, help="Pieces to write.", rich_help_panel=OUTPUT)
    ] = 1,
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite.", rich_help_panel=OUTPUT)
    ] = False,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="Facts as JSON, an object a piece.", rich_help_panel=OUTPUT),
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print the paths only.", rich_help_panel=OUTPUT)
    ] = False,
    checkpoint: Annotated[
        Path | None,
        typer.Option(help="Weights; the shipped ones by default.", rich_help_panel=COMPUTING),
    ] = None,
    engine: Annotated[
        EngineName, typer.Option(help="numba, or torch for a GPU.", rich_help_panel=COMPUTING)
    ] = EngineName.numba,
    device: Annotated[
        str, typer.Option(help="For torch: cpu, cuda or mps.", rich_help_panel=COMPUTING)
    ] = "cpu",
) -> None:
    """Write a piece of music as a MIDI file.

    Example: generate --temperature 1.2 --top-p 0.95 out.mid
    """
    from partimento.sampling.request import PRESETS, Request

    if temperature is None:
        temperature = 1.0 if mode is None else PRESETS[mode.value]["temperature"]
    try:
        request = Request(
            bars=bars,
            style=style,
            key=key,
            meter=meter,
            bpm=bpm,
            instruments=_names(instruments),
            chords=chords,
            primer=None if primer is None else str(primer),
            primer_bars=primer_bars,
            lock_key=lock_key,
            pitch_range=pitch_range,
            temperature=temperature,
            temperature_end=temperature_end,
            schedule=None if schedule is None else schedule.value,
            top_k=top_k,
            top_p=top_p,
            min_p=min_p,
            seed=seed,
        )
    except ValueError as error:
        raise usage_error(error) from None
    if without_primer and primer is None:
        raise typer.BadParameter("--without-primer needs a --primer")
    _run(request, out, num, force, without_primer, checkpoint, engine, device, as_json, quiet)


def _names(instruments: str | None) -> tuple[str, ...] | None:
    if instruments is None:
        return None
    return tuple(name.strip() for name in instruments.split(",") if name.strip())


def _run(
    request: "Request",
    out: Path | None,
    num: int,
    force: bool,
    without_primer: bool,
    checkpoint: Path | None,
    engine_name: EngineName,
    device: str,
    as_json: bool,
    quiet: bool,
) -> None:
    """Decode, write and report."""
    from dataclasses import replace

    from partimento.sampling.draw import derive_seed
    from partimento.sampling.engines import check_engine, load_engine
    from partimento.sampling.generate import generate, random_seed, read_primer
    from partimento.tokenizer.midi_writer import write_midi

    seed = random_seed() if request.seed is None else request.seed
    requests = [replace(request, seed=derive_seed(seed, index)) for index in range(num)]
    paths = output_paths(out, seed, num)
    check_writable(paths, force)
    primer = None if request.primer is None else read_primer(
        Path(request.primer), request.primer_bars
    )
    name, precision = check_engine(engine_name.value, "float32")
    engine = load_engine(checkpoint, name, precision, device)
    with stop_on_interrupt() as stopped, _progress(request.bars * num, quiet) as on_bar:
        pieces = generate(
            requests, engine, primer, not without_primer, on_bar, lambda: bool(stopped)
        )
    by_seed = {piece.request.seed: piece for piece in pieces}
    for path, wanted in zip(paths, requests, strict=True):
        piece = by_seed.get(wanted.seed)
        if piece is None:
            continue
        write_midi(piece.score, path)
        typer.echo(report(piece, path, engine.checkpoint, num, as_json, quiet))
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


def report(
    piece: "Piece", path: Path, checkpoint: str, num: int, as_json: bool, quiet: bool
) -> str:
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
