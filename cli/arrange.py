"""`partimento arrange`: a piece written anew for other instruments."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from partimento.cli.compiling import compile_notice
from partimento.cli.destinations import Destination, check_destinations, destinations
from partimento.cli.generate import Output
from partimento.cli.options import Asked, Computing, SoundFiles
from partimento.cli.piping import MUSIC_FILE, require_named
from partimento.cli.reworking import WISHES, read_model, write_wishes

if TYPE_CHECKING:
    from partimento.sampling.generate import Wish

SETTINGS = WISHES
"""What the command takes for a piece."""


def command(
    file: Annotated[Path, typer.Argument(help=MUSIC_FILE)],
    asked: Asked,
    output: Output,
    sound: SoundFiles,
    computing: Computing,
    out: Annotated[
        Path | None,
        typer.Argument(
            help="MIDI file to write, or - for standard output; FILE-arranged by default."
        ),
    ] = None,
) -> None:
    """Write a piece anew for other instruments, after the sketch of its bars.

    Key, meter and tempo are those of the file where nothing else is asked.

    Example: partimento arrange in.mid out.mid --instruments "string quartet"
    """
    output.check()
    require_named(out, file)
    computing.check()
    path = file.with_name(f"{file.stem}-arranged.mid") if out is None else out
    with compile_notice(output.quiet):
        wishes, places = _prepared(file, asked, path, output, sound)
        write_wishes(wishes, places, output, computing)


def _prepared(
    file: Path, asked: Asked, out: Path, output: Output, sound: SoundFiles
) -> "tuple[list[Wish], list[Destination]]":
    """What to write and where it goes, checked before anything is computed."""
    from partimento.request.merging import combine
    from partimento.sampling.draw import derive_seed
    from partimento.sampling.resolution import random_seed
    from partimento.sampling.reworking import arranged

    request = combine([asked]).request
    seed = random_seed() if request.seed is None else request.seed
    places = destinations(out, seed, output.num, output.renderings(sound))
    check_destinations(places, output.force)
    model = read_model(file)
    seeds = [derive_seed(seed, index) for index in range(output.num)]
    return [arranged(model, replace(request, seed=seed)) for seed in seeds], places
