"""`partimento vary`: a piece written anew after its own sketch, so far away from it."""

from pathlib import Path
from typing import Annotated

import typer

from partimento.cli.edit import edit_file
from partimento.cli.generate import Output
from partimento.cli.options import Asked, Computing, SoundFiles
from partimento.cli.piping import MUSIC_FILE
from partimento.cli.reworking import WISHES

SETTINGS = {name: setting for name, setting in WISHES.items() if name not in ("bpm", "swing")}
"""What the command takes for what is new."""


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
    amount: Annotated[
        float, typer.Option(help="How far to move away, 0 to 1: 0 stays near, 1 is new.")
    ] = 0.3,
    bars: Annotated[
        str | None, typer.Option(help="Bars to vary, such as 5-8; all by default.")
    ] = None,
    keep: Annotated[
        list[str] | None, typer.Option(help="A line that stays as it is; may be repeated.")
    ] = None,
) -> None:
    """Write a piece anew after its own sketch; bars and lines that are kept stay event for event.

    It is the same as `partimento edit --vary`.

    Example: partimento vary in.mid out.mid --amount 0.3 --bars 5-8
    """
    own = {"vary": amount, "bars": bars, "keep": tuple(keep) if keep else None}
    edit: Asked = {name: value for name, value in own.items() if value is not None}
    edit_file(file, out, "vary", edit, asked, output, sound, computing)
