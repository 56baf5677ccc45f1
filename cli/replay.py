"""`partimento replay`: make a piece again from the settings stored in its file."""

from pathlib import Path
from typing import Annotated

import typer

from partimento.cli.compiling import compile_notice
from partimento.cli.console import fail


def command(
    file: Annotated[Path, typer.Argument(help="MIDI file that this program made.")],
    out: Annotated[Path | None, typer.Argument(help="Where to; FILE-replay.mid.")] = None,
    checkpoint: Annotated[
        Path | None, typer.Option(help="Weights; the shipped ones by default.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite.")] = False,
) -> None:
    """Make a piece again, to the byte, from the settings stored in its file.

    Example: partimento replay out.mid again.mid
    """
    from partimento.cli.destinations import check_writable

    path = file.with_stem(f"{file.stem}-replay") if out is None else out
    check_writable([path], force)
    with compile_notice():
        _replay(file, path, checkpoint)
    typer.echo(path)


def _replay(file: Path, path: Path, checkpoint: Path | None) -> None:
    """Read the settings, decode and write."""
    from partimento.music.midi.reader import read_midi
    from partimento.music.midi.writer import write_midi
    from partimento.sampling.engines import check_engine, load_engine
    from partimento.sampling.generate import replay
    from partimento.sampling.provenance import read_provenance

    provenance = read_provenance(read_midi(file)[0])
    if provenance is None:
        fail(f"{file}: holds no settings; only files made by partimento can be replayed")
    name, precision = check_engine(provenance.engine, provenance.precision)
    engine = load_engine(checkpoint, name, precision)
    if engine.checkpoint != provenance.checkpoint:
        fail(
            f"{file} was made with the weights {provenance.checkpoint}, these are "
            f"{engine.checkpoint}; give the right ones with --checkpoint"
        )
    write_midi(replay(provenance, engine).score, path)
