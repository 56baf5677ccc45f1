"""What `blend` and `arrange` share: their wishes, and pieces written after others."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from partimento.cli.destinations import Destination
from partimento.cli.display import warn
from partimento.cli.generate import STOPPED, Output, bar_progress, stop_on_interrupt, write_pieces
from partimento.cli.options import Computing
from partimento.cli.piping import source_of
from partimento.request.reworking import MODE, WISHES_AFTER_OTHERS

if TYPE_CHECKING:
    from partimento.sampling.generate import Wish
    from partimento.sampling.reworking import Model

WISHES = {**WISHES_AFTER_OTHERS, **MODE}
"""What may be wished of a piece that is blended or arranged."""


def read_model(file: Path) -> "Model":
    """What is taken from a file of music; what was repaired in it is said."""
    from partimento.music.reading import read_score
    from partimento.music.sources import source_name
    from partimento.sampling.reworking import model_of

    source = source_of(file)
    score, warnings = read_score(source)
    model = model_of(score, source_name(source), warnings)
    for warning in model.warnings:
        warn(warning)
    return model


def write_wishes(
    wishes: "list[Wish]",
    places: list[Destination],
    output: Output,
    computing: Computing,
) -> None:
    """Decode, write and report."""
    from partimento.sampling.generate import generate_each

    engine = computing.load()
    bars = sum(wish.request.bars for wish in wishes)
    with stop_on_interrupt() as stopped, bar_progress(bars, output.quiet) as on_bar:
        pieces = generate_each(wishes, engine, on_bar, lambda: bool(stopped))
    finished = [
        (place, piece) for place, piece in zip(places, pieces, strict=True) if piece is not None
    ]
    write_pieces(finished, output, engine.checkpoint)
    if stopped:
        message = "stopped; wrote the finished bars" if finished else "stopped before the first bar"
        typer.echo(message, err=True)
        raise typer.Exit(STOPPED)
