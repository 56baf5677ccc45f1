"""`partimento render`: a file of music as sound, picture or sheet music."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from partimento.cli.destinations import sound_of
from partimento.cli.display import warn
from partimento.cli.piping import (
    MUSIC_FILE,
    is_stream,
    refuse_terminal,
    source_of,
    streamed,
)
from partimento.errors import PartimentoError

if TYPE_CHECKING:
    from partimento.music.score import Score


def command(
    file: Annotated[Path, typer.Argument(help=MUSIC_FILE)],
    out: Annotated[
        list[Path],
        typer.Argument(
            help="One or more files to write: sound (.wav .flac .ogg .mp3), piano roll "
            "(.png .svg), sheet music (.musicxml .pdf, and .svg with --view score) or MIDI (.mid); "
            "- is standard output."
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
    to: Annotated[
        str | None, typer.Option(help="What - is to be: wav, musicxml, mid, svg, ...")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace existing files.")] = False,
) -> None:
    """Write a file of music as sound, picture, sheet music or MIDI, by the ending of OUT.

    Example: partimento render out.mid out.wav out.png
    """
    from partimento.music.reading import read_score
    from partimento.rendering import write

    ending = None if to is None else f".{to.lstrip('.').lower()}"
    _check_streams(out, ending)
    _check_paths(out, ending)
    sound = sound_of(soundfont, loudness)
    score, warnings = read_score(source_of(file))
    for warning in warnings:
        warn(warning)
    name = ("" if is_stream(file) else file.stem) if title is None else title
    for path in out:
        _warn_of_controls(score, path, (ending or "") if is_stream(path) else path.suffix.lower())
        if is_stream(path):
            assert ending is not None
            with streamed(ending) as temporary:
                write(score, temporary, force=True, view=view, sound=sound, title=name)
        else:
            write(score, path, force=force, view=view, sound=sound, title=name)
            typer.echo(path, err=any(map(is_stream, out)))


def _check_streams(out: list[Path], ending: str | None) -> None:
    """Refuse a standard output that is named twice or without --to, and --to without it."""
    count = sum(map(is_stream, out))
    if count > 1:
        raise typer.BadParameter("- stands for standard output; name it once")
    if count and ending is None:
        raise typer.BadParameter("- has no ending; say what it is to be, such as --to wav")
    if not count and ending is not None:
        raise typer.BadParameter("--to is for standard output; name it by -")
    if count:
        refuse_terminal()


def _check_paths(out: list[Path], ending: str | None) -> None:
    """Refuse a file that cannot be written for its ending or for want of a package."""
    from partimento.rendering import check_path

    for path in out:
        try:
            check_path(
                path if ending is None or not is_stream(path) else f"standard-output{ending}"
            )
        except PartimentoError as error:
            raise typer.BadParameter(str(error)) from error


def _warn_of_controls(score: "Score", path: Path, ending: str) -> None:
    """Say which of the score's events a picture or sheet music does not show."""
    from partimento.music.facts import control_counts
    from partimento.music.formats import ROLL_ENDINGS, SCORE_ENDINGS

    controls = ", ".join(control_counts(score))
    if controls and ending in (*ROLL_ENDINGS, *SCORE_ENDINGS):
        warn(f"{path}: shows the notes alone, not {controls}")
