"""`partimento replay`: make a piece again from the settings stored in its file."""

from pathlib import Path
from typing import Annotated

import typer

from partimento.cli.compiling import compile_notice
from partimento.cli.console import fail
from partimento.cli.display import warn
from partimento.cli.piping import (
    is_stream,
    refuse_terminal,
    require_named,
    source_of,
    write_out,
)


def command(
    file: Annotated[
        Path, typer.Argument(help="MIDI file that this program made; - is standard input.")
    ],
    out: Annotated[
        Path | None, typer.Argument(help="MIDI file to write; FILE-replay.mid by default.")
    ] = None,
    checkpoint: Annotated[
        Path | None,
        typer.Option(help="File of the model's weights; those of the program by default."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that exists.")] = False,
) -> None:
    """Make a piece again, to the byte, from the settings stored in its file.

    A warning says so when another version of the program made it and the bytes may differ.

    Example: partimento replay out.mid again.mid
    """
    from partimento.cli.destinations import check_writable

    require_named(out, file)
    path = file.with_stem(f"{file.stem}-replay") if out is None else out
    if is_stream(path):
        refuse_terminal()
    else:
        check_writable([path], force)
    with compile_notice():
        _replay(file, path, checkpoint)
    if not is_stream(path):
        typer.echo(path)


def _replay(file: Path, path: Path, checkpoint: Path | None) -> None:
    """Read the settings, decode and write."""
    from partimento.music.midi.writer import midi_bytes, write_midi
    from partimento.music.reading import read_score
    from partimento.sampling.editing.edit import replay_edit
    from partimento.sampling.engine import check_engine
    from partimento.sampling.engines import load_engine
    from partimento.sampling.provenance import FORMAT, read_provenance
    from partimento.sampling.replaying import replay
    from partimento.sampling.sketcher import load_sketcher

    provenance = read_provenance(read_score(source_of(file))[0])
    if provenance is None:
        fail(f"{file}: holds no settings; only files made by partimento can be replayed")
    name, precision = check_engine(provenance.engine, provenance.precision)
    engine = load_engine(checkpoint, name, precision)
    if engine.checkpoint != provenance.checkpoint:
        fail(
            f"{file} was made with the weights {provenance.checkpoint}, these are "
            f"{engine.checkpoint}; give the right ones with --checkpoint"
        )
    if provenance.sketcher is not None and load_sketcher().name != provenance.sketcher:
        fail(
            f"{file} follows a sketch of the weights {provenance.sketcher}, these are "
            f"{load_sketcher().name}; only the version that made it can replay it"
        )
    if provenance.format != FORMAT:
        warn(
            f"{file} was made by version {provenance.version}, whose pieces come out otherwise in "
            "this one: the same bytes are not promised"
        )
    make = replay if provenance.edit is None else replay_edit
    score = make(provenance, engine).performance
    if is_stream(path):
        write_out(midi_bytes(score))
    else:
        write_midi(score, path)
