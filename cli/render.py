"""`partimento render`: a MIDI file as sound, picture or sheet music."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from partimento.cli.destinations import sound_of
from partimento.cli.display import warn
from partimento.errors import PartimentoError


def command(
    file: Annotated[Path, typer.Argument(help="MIDI file.")],
    out: Annotated[
        list[Path],
        typer.Argument(
            help="One or more files to write: sound (.wav .flac .ogg .mp3), piano roll "
            "(.png .svg) or sheet music (.musicxml .pdf, and .svg with --view score)."
        ),
    ],
    view: Annotated[
        Literal["roll", "score"], typer.Option(help="What a .svg shows: piano roll or sheet music.")
    ] = "roll",
    soundfont: Annotated[
        Path | None,
        typer.Option(help="SoundFont 2 file to play with; a General MIDI one by default."),
    ] = None,
    loudness: Annotated[
        float | None,
        typer.Option(help="LUFS of a piece played mf, -50 to -5; softer pieces stay softer."),
    ] = None,
    title: Annotated[
        str | None,
        typer.Option(help="Title of pictures and sheet music; by default the file's name."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace existing files.")] = False,
) -> None:
    """Write a MIDI file as sound, picture or sheet music, by the ending of OUT.

    Example: partimento render out.mid out.wav out.png
    """
    from partimento.music.reading import read_score
    from partimento.rendering import check_path, write

    for path in out:
        try:
            check_path(path)
        except PartimentoError as error:
            raise typer.BadParameter(str(error)) from error
    sound = sound_of(soundfont, loudness)
    score, warnings = read_score(file)
    for warning in warnings:
        warn(warning)
    name = file.stem if title is None else title
    for path in out:
        write(score, path, force=force, view=view, sound=sound, title=name)
        typer.echo(path)
