"""`partimento sketch`: what each bar of a file does, as a file to follow or a picture."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from partimento.cli.display import warn
from partimento.cli.piping import MUSIC_FILE, is_stream, source_of

if TYPE_CHECKING:
    from partimento.music.sketch import Sketch


def command(
    file: Annotated[Path, typer.Argument(help=f"{MUSIC_FILE} Also a sketch.")],
    out: Annotated[
        list[Path],
        typer.Argument(
            help="One or more files to write: a sketch (.npz .json), a picture of it (.png .svg)."
        ),
    ],
    force: Annotated[bool, typer.Option("--force", help="Replace existing files.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print facts as JSON.")] = False,
) -> None:
    """Write the sketch of a file of music: what starts in each sixteenth of its bars, who plays.

    `generate --sketch` follows it.

    Example: partimento sketch out.mid plan.npz plan.png
    """
    from partimento.cli.destinations import check_writable
    from partimento.rendering.sketch_output import check_sketch_path, write_sketch
    from partimento.sampling.sketch_reading import find_sketch

    for path in out:
        check_sketch_path(path)
        if out.count(path) > 1:
            raise typer.BadParameter(f"two files would have the name {path.name}; name one anew")
    check_writable(out, force)
    sketch, warnings = find_sketch(source_of(file))
    for warning in warnings:
        warn(warning)
    for path in out:
        write_sketch(sketch, path, force=force, title="" if is_stream(file) else file.stem)
        if not as_json:
            typer.echo(path)
    if as_json:
        typer.echo(json.dumps(_facts(sketch, out)))


def _facts(sketch: "Sketch", out: list[Path]) -> dict[str, object]:
    """The facts about a sketch, as JSON keeps them."""
    from partimento.music.instruments import INSTRUMENTS

    return {
        "bars": sketch.bars,
        "meters": [f"{top}/{bottom}" for top, bottom in dict.fromkeys(sketch.meters)],
        "instruments": [
            name
            for name, plays in zip(INSTRUMENTS, sketch.instruments.max(0, initial=0), strict=True)
            if plays >= 0.5
        ],
        "onsets": round(float(sketch.onsets.sum()), 3),
        "files": [str(path) for path in out],
    }
