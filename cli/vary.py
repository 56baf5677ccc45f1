"""`partimento vary`: a piece written anew after its own sketch, so far away from it."""

from pathlib import Path
from typing import Annotated

import typer

from partimento.cli.edit import edit_file
from partimento.cli.generate import Output
from partimento.cli.options import Asked, Computing, SoundFiles
from partimento.cli.piping import MUSIC_FILE
from partimento.request.reworking import (
    MODE,
    VARIATION_SETTINGS,
    WISHES_OF_VARIED,
    Variation,
)

SETTINGS = {**VARIATION_SETTINGS, **WISHES_OF_VARIED, **MODE}
"""What the command takes for a variation."""


def command(
    file: Annotated[Path, typer.Argument(help=MUSIC_FILE)],
    asked: Asked,
    output: Output,
    sound: SoundFiles,
    computing: Computing,
    out: Annotated[
        Path | None,
        typer.Argument(help="MIDI file to write, or - for standard output; FILE-vary by default."),
    ] = None,
) -> None:
    """Write a piece anew after its own sketch; bars and lines that are kept stay event for event.

    It is the same as `partimento edit --vary`.

    Example: partimento vary in.mid out.mid --amount 0.3 --bars 5-8
    """
    wishes = {name: value for name, value in asked.items() if name not in VARIATION_SETTINGS}
    edit = Variation.of(asked).edit
    edit_file(file, out, "vary", edit, wishes, output, sound, computing)
