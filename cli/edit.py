"""`partimento edit`: some bars or lines of a piece written anew, everything else as it is."""

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from partimento.cli.compiling import compile_notice
from partimento.cli.destinations import Destination, check_destinations, destinations
from partimento.cli.diff import summary
from partimento.cli.display import warn
from partimento.cli.generate import (
    STOPPED,
    Output,
    bar_progress,
    stop_on_interrupt,
    write_midi_files,
)
from partimento.cli.options import Asked, Computing, SoundFiles
from partimento.cli.piece_facts import describe, sentence
from partimento.cli.piping import MUSIC_FILE, is_stream, require_named, source_of
from partimento.request.edit import EDIT_SETTINGS, WISHES_OF_NEW, Edit
from partimento.request.reworking import MODE

if TYPE_CHECKING:
    from partimento.sampling.editing.edit import Alternative
    from partimento.sampling.generate import Piece

SETTINGS = {**EDIT_SETTINGS, **WISHES_OF_NEW, **MODE}
"""What the command takes for an edit."""


def command(
    file: Annotated[Path, typer.Argument(help=MUSIC_FILE)],
    asked: Asked,
    output: Output,
    sound: SoundFiles,
    computing: Computing,
    out: Annotated[
        Path | None,
        typer.Argument(help="MIDI file to write, or - for standard output; FILE-edit by default."),
    ] = None,
) -> None:
    """Write some bars or lines of a piece anew and keep everything else, event for event.

    Lines are named as they are in the file, by their number in `partimento info`, or by their
    instrument: "piano 2". The wishes for a piece hold for what is new.

    Example: partimento edit in.mid out.mid --fill 5-8 --line violin
    """
    edit = Edit.from_dict({name: asked[name] for name in EDIT_SETTINGS if name in asked})
    wishes = {name: value for name, value in asked.items() if name not in EDIT_SETTINGS}
    edit_file(file, out, "edit", edit, wishes, output, sound, computing)


def edit_file(
    file: Path,
    out: Path | None,
    suffix: str,
    edit: Edit,
    wishes: Asked,
    output: Output,
    sound: SoundFiles,
    computing: Computing,
) -> None:
    """Edit a file; the suffix is that of the output's name when it has none."""
    output.check()
    require_named(out, file)
    if output.sketch_roll is not None:
        raise typer.BadParameter(
            "--sketch-roll shows the sketch of a whole piece, and an edit follows one in what is "
            "new; `partimento sketch` shows that of the file"
        )
    computing.check()
    path = file.with_name(f"{file.stem}-{suffix}.mid") if out is None else out
    with compile_notice(output.quiet):
        alternatives, places = _prepared(file, edit, wishes, path, output, sound)
        _run(alternatives, places, output, computing)


def _prepared(
    file: Path, edit: Edit, wishes: Asked, out: Path, output: Output, sound: SoundFiles
) -> "tuple[list[Alternative], list[Destination]]":
    """What to make and where it goes, checked before anything is computed."""
    from partimento.sampling.draw import derive_seed
    from partimento.sampling.editing.edit import Alternative, check, request_for
    from partimento.sampling.editing.original import read_original
    from partimento.sampling.resolution import random_seed
    from partimento.sampling.sketch_reading import find_sketch

    original = read_original(source_of(file))
    for warning in original.warnings:
        warn(warning)
    request = request_for(wishes, original)
    sketch = None
    if request.sketch is not None:
        found = find_sketch(source_of(request.sketch))
        sketch = found.sketch
        for warning in found.warnings:
            warn(warning)
    seed = random_seed() if request.seed is None else request.seed
    alternatives = [
        Alternative(original, edit, replace(request, seed=derive_seed(seed, index)), sketch)
        for index in range(output.num)
    ]
    check(alternatives[0])
    places = destinations(out, seed, output.num, output.renderings(sound))
    check_destinations(places, output.force)
    return alternatives, places


def _run(
    alternatives: "list[Alternative]",
    places: list[Destination],
    output: Output,
    computing: Computing,
) -> None:
    """Decode, write and report."""
    from partimento.sampling.editing.edit import check, edit_pieces

    engine = computing.load()
    bars = sum(map(check, alternatives))
    with stop_on_interrupt() as stopped, bar_progress(bars, output.quiet) as on_bar:
        pieces = edit_pieces(alternatives, engine, on_bar, lambda: bool(stopped))
    finished = [
        (place, piece) for place, piece in zip(places, pieces, strict=True) if piece is not None
    ]
    write_midi_files(finished)
    for place, piece in finished:
        place.render(piece, output.force)
        _report(place, piece, alternatives[0], engine.checkpoint, output)
    if stopped:
        message = "stopped; wrote what was finished" if finished else "stopped; nothing is written"
        typer.echo(message, err=True)
        raise typer.Exit(STOPPED)


def _report(
    place: Destination,
    piece: "Piece",
    alternative: "Alternative",
    checkpoint: str,
    output: Output,
) -> None:
    """Say what was written, and what is different from the original."""
    from partimento.music.difference import compare
    from partimento.sampling.provenance import without_provenance

    is_apart = is_stream(place.midi)  # beside a MIDI file on standard output, facts would spoil it
    difference = compare(alternative.original.score, without_provenance(piece.score))
    if output.as_json:
        facts = describe(piece, place, checkpoint, None)
        changed = {"edit": alternative.edit.to_dict(), "changed_bars": difference.changed_bars}
        typer.echo(json.dumps({**facts, **changed}), err=is_apart)
    elif not output.quiet:
        typer.echo(sentence(piece, place), err=is_apart)
        typer.echo(f"  {summary(difference) or 'nothing is different'}", err=is_apart)
    elif not is_apart:
        typer.echo("\n".join(map(str, place.paths)))
