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

from partimento.cli.compiling import compile_notice
from partimento.cli.destinations import Destination, Renderings, check_destinations, destinations
from partimento.cli.display import warn
from partimento.cli.options import MAX_PIECES, Asked, Computing, SoundFiles
from partimento.cli.piece_facts import describe, sentence, warn_of_runs
from partimento.cli.piping import is_stream, source_of, write_out
from partimento.request.presets import Manner
from partimento.request.request import Request
from partimento.request.settings import OUTPUT, settings_of

if TYPE_CHECKING:
    from partimento.request.merging import Wishes
    from partimento.request.words import Reading
    from partimento.sampling.generate import Piece, Wish

STOPPED = 130
"""Exit code after Ctrl-C, as shells have it."""


SETTINGS = settings_of(Manner, Request)
"""What the command takes for a piece."""


@dataclass(frozen=True)
class Output:
    """What is written and said."""

    num: Annotated[
        int, typer.Option("--num", "-n", help="Pieces to write, 1 to 9999.", rich_help_panel=OUTPUT)
    ] = 1
    roll: Annotated[
        Path | None,
        typer.Option(help="Write a piano roll too: .png or .svg.", rich_help_panel=OUTPUT),
    ] = None
    score: Annotated[
        Path | None,
        typer.Option(
            help="Write sheet music too: .musicxml, .svg or .pdf.", rich_help_panel=OUTPUT
        ),
    ] = None
    sketch_roll: Annotated[
        Path | None,
        typer.Option(
            help="Write the sketch that was followed too: as picture (.png .svg) or file to give "
            "back (.npz .json).",
            rich_help_panel=OUTPUT,
        ),
    ] = None
    force: Annotated[
        bool, typer.Option("--force", help="Replace files that exist.", rich_help_panel=OUTPUT)
    ] = False
    as_json: Annotated[
        bool,
        typer.Option(
            "--json", help="Print facts as JSON, an object a piece.", rich_help_panel=OUTPUT
        ),
    ] = False
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print the paths only.", rich_help_panel=OUTPUT)
    ] = False

    def check(self) -> None:
        """Raise BadParameter for a number of pieces that is out of range."""
        if not 1 <= self.num <= MAX_PIECES:
            raise typer.BadParameter(f"--num must be in [1, {MAX_PIECES}], got {self.num}")

    def renderings(self, sound: SoundFiles) -> Renderings:
        """What else than MIDI is written of each piece."""
        endings = tuple(f".{name}" for name in sound.formats)
        return Renderings(
            *(endings, self.roll, self.score, sound.soundfont, sound.loudness, self.sketch_roll)
        )


def command(
    asked: Asked,
    output: Output,
    sound: SoundFiles,
    computing: Computing,
    out: Annotated[
        Path | None,
        typer.Argument(
            help="MIDI file to write, or - for standard output; named after the seed by default."
        ),
    ] = None,
) -> None:
    """Write a piece of music as a MIDI file.

    Example: generate --temperature 1.2 --top-p 0.95 out.mid
    """
    from partimento.request.merging import combine

    wishes = combine([asked])
    output.check()
    if "without_primer" in asked and wishes.request.primer is None:
        raise typer.BadParameter("--without-primer needs a --primer")
    computing.check()
    with compile_notice(output.quiet):
        _run(wishes, out, output, sound, computing)


def _run(
    wishes: "Wishes", out: Path | None, output: Output, sound: SoundFiles, computing: Computing
) -> None:
    """Decode, write and report."""
    from partimento.sampling.draw import derive_seed
    from partimento.sampling.generate import generate_each
    from partimento.sampling.resolution import random_seed
    from partimento.sampling.sketching import asking_for_sketch

    request, reading = wishes.request, wishes.reading
    if not output.quiet:
        _tell_reading(request, reading)
    if output.sketch_roll is not None:
        request = asking_for_sketch(request)
    seed = random_seed() if request.seed is None else request.seed
    renderings = replace(output.renderings(sound), layers=request.layers or 0)
    places = destinations(out, seed, output.num, renderings)
    check_destinations(places, output.force)
    single = _wish(request, "without_primer" not in wishes.beside)
    asked = [
        replace(single, request=replace(request, seed=derive_seed(seed, index)))
        for index in range(output.num)
    ]
    engine = computing.load()
    bars = request.bars * output.num
    with stop_on_interrupt() as stopped, bar_progress(bars, output.quiet) as on_bar:
        pieces = generate_each(asked, engine, on_bar, lambda: bool(stopped))
    finished = [
        (place, piece) for place, piece in zip(places, pieces, strict=True) if piece is not None
    ]
    write_pieces(finished, output, engine.checkpoint, reading)
    if stopped:
        message = "stopped; wrote the finished bars" if finished else "stopped before the first bar"
        typer.echo(message, err=True)
        raise typer.Exit(STOPPED)


def _tell_reading(request: Request, reading: "Reading | None") -> None:
    """Say on stderr what was understood of a prompt and what became of the chords."""
    if reading is not None:
        from partimento.request.words.meaning import advice

        typer.echo("\n".join([reading.summary(), *advice(reading.ignored)]), err=True)
    if request.chords is not None:
        told = "" if reading is None else " ".join(reading.conflicts)
        notes = [note for note in request.chords.notes if note not in told]
        if notes:
            typer.echo(f"chords: {', '.join(notes)}", err=True)


def _wish(request: Request, keeps_primer: bool) -> "Wish":
    """The wish for a piece, with the files that it names read."""
    from partimento.sampling.generate import Wish

    primer = sketch = None
    if request.primer is not None:
        from partimento.sampling.primer import read_primer

        primer = read_primer(source_of(request.primer), request.primer_bars, request.primer_pedal)
        for warning in primer.warnings:
            warn(warning)
    if request.sketch is not None:
        from partimento.sampling.sketch_reading import find_sketch

        sketch = find_sketch(source_of(request.sketch))
        for warning in sketch.warnings:
            warn(warning)
    return Wish(request, primer, keeps_primer, sketch)


def write_midi_files(finished: "list[tuple[Destination, Piece]]") -> None:
    """Write all MIDI files before the first rendering: what took long to make is safe first."""
    from partimento.music.midi.writer import midi_bytes, write_midi

    for place, piece in finished:
        if is_stream(place.midi):
            write_out(midi_bytes(piece.performance))
        else:
            write_midi(piece.performance, place.midi)


def write_pieces(
    finished: "list[tuple[Destination, Piece]]",
    output: Output,
    checkpoint: str,
    reading: "Reading | None" = None,
) -> None:
    """Write the files of the pieces and say so."""
    write_midi_files(finished)
    for place, piece in finished:
        place.render(piece, output.force)
        # Beside a MIDI file on standard output, facts would spoil it.
        is_apart = is_stream(place.midi)
        if output.as_json:
            facts = json.dumps(describe(piece, place, checkpoint, reading))
            typer.echo(facts, err=is_apart)
        elif not output.quiet:
            typer.echo(sentence(piece, place), err=is_apart)
        elif not is_apart:
            typer.echo("\n".join(map(str, place.paths)))
    warn_of_runs(finished)


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
def bar_progress(bars: int, quiet: bool) -> Iterator[Callable[[int, int], None] | None]:
    """Yield what counts the finished bars of all pieces on stderr, when that is a terminal."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("bars", total=bars)
        yield lambda piece, finished: progress.advance(task)
