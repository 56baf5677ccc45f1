"""`partimento show`: a file of music as a piano roll in the terminal."""

from pathlib import Path
from typing import Annotated

import typer

from partimento.cli.display import warn
from partimento.cli.piping import MUSIC_FILE, file_name, source_of

PLAIN_WIDTH = 100
"""Columns where the output is no terminal and COLUMNS is not set."""


def command(
    file: Annotated[Path, typer.Argument(help=MUSIC_FILE)],
    width: Annotated[
        int | None,
        typer.Option(min=40, help="Columns to use; the terminal's by default."),
    ] = None,
) -> None:
    """Show a file of music as a piano roll in the terminal, as wide as that is.

    Example: partimento show out.mid
    """
    import os
    import sys

    from rich.console import Console

    from partimento.music.reading import read_score
    from partimento.rendering.roll.terminal import roll_lines

    score, warnings = read_score(source_of(file))
    for warning in warnings:
        warn(warning)
    if width is None and not sys.stdout.isatty() and "COLUMNS" not in os.environ:
        width = PLAIN_WIDTH
    console = Console(width=width, highlight=False)
    is_unicode = console.encoding.lower().startswith("utf")
    for line in roll_lines(score, console.width, file_name(file), is_unicode):
        console.print(line, soft_wrap=True)
