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
from partimento.cli.compiling import compile_notice
from partimento.cli.destinations import Destination, Renderings, check_destinations, destinations

if TYPE_CHECKING:
    from partimento.request.request import Request
    from partimento.request.words import Reading
    from partimento.sampling.generate import Piece

STOPPED = 130
"""Exit code after Ctrl-C, as shells have it."""


@dataclass(frozen=True)
class Job:
    """Where pieces go and what computes them."""

    out: Path | None
    renderings: Renderings
    num: int
    force: bool
    keep_primer: bool
    checkpoint: Path | None
    engine: str
    precision: str | None
    device: str
    as_json: bool
    quiet: bool


def command(
    out: Annotated[
        Path | None, typer.Argument(help="MIDI file to write; named after the seed by default.")
    ] = None,
    prompt: o.Prompt = None,
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
    key_pull: o.KeyPull = None,
    seed: o.Seed = None,
    num: o.Num = 1,
    wav: o.Wav = False,
    flac: o.Flac = False,
    ogg: o.Ogg = False,
    mp3: o.Mp3 = False,
    soundfont: o.Soundfont = None,
    loudness: o.Loudness = None,
    roll: o.RollOption = None,
    score: o.ScoreOption = None,
    force: o.Force = False,
    as_json: o.AsJson = False,
    quiet: o.Quiet = False,
    checkpoint: o.Checkpoint = None,
    engine: o.EngineOption = o.EngineName.numba,
    precision: o.PrecisionOption = None,
    device: o.Device = "cpu",
) -> None:
    """Write a piece of music as a MIDI file.

    Example: generate --temperature 1.2 --top-p 0.95 out.mid
    """
    from partimento.request.request import PRESETS, Request

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
            "key_pull": key_pull,
            "seed": seed,
        }
    )
    if mode is not None:
        settings = {**PRESETS[mode.value], **settings}
    reading = None
    if prompt is None:
        request = Request.from_dict(settings)
    else:
        from partimento.request.words import read_request

        request, reading = read_request(prompt, settings)
    if not 1 <= num <= o.MAX_PIECES:
        raise typer.BadParameter(f"--num must be in [1, {o.MAX_PIECES}], got {num}")
    if without_primer and primer is None:
        raise typer.BadParameter("--without-primer needs a --primer")
    if engine is o.EngineName.numba and device != "cpu":
        raise typer.BadParameter(f"--device must be cpu with --engine numba, got {device}")
    if engine is o.EngineName.torch and precision is o.PrecisionName.int8:
        raise typer.BadParameter("--precision must be float32 with --engine torch, got int8")
    sound = {".wav": wav, ".flac": flac, ".ogg": ogg, ".mp3": mp3}
    with compile_notice(quiet):
        _run(
            request,
            reading,
            Job(
                out=out,
                renderings=Renderings(
                    sound=tuple(ending for ending, is_asked in sound.items() if is_asked),
                    roll=roll,
                    score=score,
                    soundfont=soundfont,
                    loudness=loudness,
                ),
                num=num,
                force=force,
                keep_primer=not without_primer,
                checkpoint=checkpoint,
                engine=engine.value,
                precision=precision and precision.value,
                device=device,
                as_json=as_json,
                quiet=quiet,
            ),
        )


def _run(request: "Request", reading: "Reading | None", job: Job) -> None:
    """Decode, write and report."""
    from partimento.music.midi.writer import write_midi
    from partimento.sampling.draw import derive_seed
    from partimento.sampling.engines import check_engine, load_engine
    from partimento.sampling.generate import generate, random_seed, read_primer

    if reading is not None and not job.quiet:
        typer.echo(reading.summary(), err=True)
    seed = random_seed() if request.seed is None else request.seed
    requests = [replace(request, seed=derive_seed(seed, index)) for index in range(job.num)]
    places = destinations(job.out, seed, job.num, job.renderings)
    check_destinations(places, job.force)
    primer = None
    if request.primer is not None:
        primer = read_primer(Path(request.primer), request.primer_bars)
    name, precision = check_engine(job.engine, job.precision)
    engine = load_engine(job.checkpoint, name, precision, job.device)
    bars = request.bars * job.num
    with stop_on_interrupt() as stopped, _progress(bars, job.quiet) as on_bar:
        pieces = generate(requests, engine, primer, job.keep_primer, on_bar, lambda: bool(stopped))
    by_seed = {piece.request.seed: piece for piece in pieces}
    finished = [
        (place, by_seed[r.seed])
        for place, r in zip(places, requests, strict=True)
        if r.seed in by_seed
    ]
    # All MIDI files before the first rendering: what took long to make is safe first.
    for place, piece in finished:
        write_midi(piece.score, place.midi)
    for place, piece in finished:
        place.render(piece.score, job.force)
        if job.as_json:
            typer.echo(json.dumps(describe(piece, place, engine.checkpoint, reading)))
        elif job.quiet:
            typer.echo("\n".join(map(str, place.paths)))
        else:
            typer.echo(sentence(piece, place))
    if stopped:
        message = "stopped; wrote the finished bars" if pieces else "stopped before the first bar"
        typer.echo(message, err=True)
        raise typer.Exit(STOPPED)


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


def describe(
    piece: "Piece", place: Destination, checkpoint: str, reading: "Reading | None"
) -> dict[str, object]:
    """The facts about a piece, as JSON keeps them."""
    return {
        "path": str(place.midi),
        "bars": piece.bars,
        "notes": piece.score.note_count,
        "tokens": piece.new_tokens,
        "music_seconds": round(piece.music_seconds, 3),
        "decode_seconds": round(piece.decode_seconds, 3),
        "tokens_per_second": round(piece.new_tokens / max(piece.decode_seconds, 1e-9), 1),
        "seed": piece.request.seed,
        "key": piece.key,
        "checkpoint": checkpoint,
        "files": [str(path) for path in place.paths],
        "prompt": piece.request.prompt,
        "understood": [] if reading is None else list(reading.understood),
        "overruled": [] if reading is None else list(reading.conflicts),
        "ignored": [] if reading is None else list(reading.ignored),
    }


def sentence(piece: "Piece", place: Destination) -> str:
    """The facts about a piece in a line, then its other files, a line each."""
    found = "no key" if piece.key is None else piece.key
    rate = piece.new_tokens / max(piece.decode_seconds, 1e-9)
    facts = (
        f"{place.midi}  {piece.bars} bars, {piece.score.note_count} notes, {found}, "
        f"{piece.music_seconds:.0f} s of music, {rate:,.0f} tokens/s, seed {piece.request.seed}"
    )
    return "\n".join([facts, *(str(path) for path, _ in place.rendered)])
