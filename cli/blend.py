"""`partimento blend`: pieces on the way from one piece to another."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from partimento.cli.compiling import compile_notice
from partimento.cli.destinations import Destination, check_destinations, destinations
from partimento.cli.generate import Output
from partimento.cli.options import Asked, Computing, SoundFiles
from partimento.cli.piping import MUSIC_FILE, is_stream
from partimento.cli.reworking import WISHES, read_model, write_wishes
from partimento.request.reworking import BLENDING_SETTINGS, Blending

if TYPE_CHECKING:
    from partimento.sampling.generate import Wish

SETTINGS = {**BLENDING_SETTINGS, **WISHES}
"""What the command takes for the pieces."""


def command(
    first: Annotated[Path, typer.Argument(help=MUSIC_FILE)],
    second: Annotated[Path, typer.Argument(help="The piece to arrive at.")],
    out: Annotated[Path, typer.Argument(help="MIDI file to write; its name is numbered.")],
    asked: Asked,
    output: Output,
    sound: SoundFiles,
    computing: Computing,
) -> None:
    """Write pieces on the way from one piece to another, each in a file of its own.

    They last as long as the shorter piece and are in the key of the first one; they follow what
    lies between the sketches of both. All have one seed.

    Example: partimento blend a.mid b.mid out.mid --steps 5
    """
    if output.num != 1:
        raise typer.BadParameter(f"--num must be 1, got {output.num}; --steps says how many pieces")
    if is_stream(out):
        raise typer.BadParameter("OUT must be a file: several pieces are written")
    computing.check()
    with compile_notice(output.quiet):
        wishes, places = _prepared((first, second), out, asked, output, sound)
        write_wishes(wishes, places, output, computing)


def _prepared(
    files: tuple[Path, Path],
    out: Path,
    asked: Asked,
    output: Output,
    sound: SoundFiles,
) -> "tuple[list[Wish], list[Destination]]":
    """What to write and where it goes, checked before anything is computed."""
    from partimento.request.merging import combine
    from partimento.sampling.resolution import random_seed
    from partimento.sampling.reworking import blended
    from partimento.sampling.sketcher import load_sketcher

    steps, request = Blending.of(asked).steps, combine([asked]).request
    seed = random_seed() if request.seed is None else request.seed
    places = destinations(out, seed, steps, output.renderings(sound))
    check_destinations(places, output.force)
    first, second = map(read_model, files)
    wishes = blended(first, second, steps, replace(request, seed=seed), load_sketcher())
    return wishes, places
