"""`partimento page`: a page to listen through a folder of pieces."""

from pathlib import Path
from typing import Annotated

import typer

from partimento.cli.console import fail
from partimento.cli.display import track, warn
from partimento.errors import FileTakenError

INDEX = "index.html"


def command(
    folder: Annotated[Path, typer.Argument(help="Folder of a batch, or of MIDI files.")],
    title: Annotated[
        str | None, typer.Option(help="Title of the page; by default the folder's name.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an older page.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
) -> None:
    """Write index.html into a folder: a page to play, sort, filter and star its pieces.

    Example: partimento page songs
    """
    if not folder.is_dir():
        fail(f"{folder}: no such folder; give the folder of a batch, or of MIDI files")
    check_page(folder, force)
    typer.echo(write_page(folder, title, force, quiet))


def check_page(folder: Path, force: bool) -> None:
    """Refuse to overwrite an older page unasked."""
    path = folder / INDEX
    if path.exists() and not force:
        raise FileTakenError(f"{path} exists")


def write_page(folder: Path, title: str | None, force: bool, quiet: bool) -> Path:
    """Write the page of a folder and return its path; over an older one only with `force`."""
    from partimento.music.facts import counted
    from partimento.music.files import replacing
    from partimento.page import collect, document

    collection = collect(folder, title, lambda records: track(records, "pieces", quiet))
    for warning in collection.warnings:
        warn(warning)
    unheard = [piece for piece in collection.pieces if piece.music is None]
    for piece in unheard:
        warn(f"{piece.name}: {piece.error or 'no MIDI file'}")
    if len(unheard) == len(collection.pieces):
        fail(f"{folder}: of {counted(len(unheard), 'piece')} none can be read")
    path = folder / INDEX
    with replacing(path, force=force) as temporary:
        temporary.write_text(document(collection), encoding="utf-8")
    return path
