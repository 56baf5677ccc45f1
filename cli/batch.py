"""`partimento batch`: all pieces of prompt files, in one run that can be cut off and go on."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from partimento.batch.item_settings import ITEM_SETTINGS
from partimento.cli.batch_job import Job, read, write
from partimento.cli.destinations import sound_of
from partimento.cli.options import COMPUTING, Asked, Computing, SoundFiles
from partimento.request.settings import CHOICE, OUTPUT

CLUSTER = "On a Ray cluster"
SETTINGS = {name: setting for name, setting in ITEM_SETTINGS.items() if name != "seed"}
"""What the command takes for all pieces; the seed is the batch's."""


@dataclass(frozen=True)
class Run:
    """How the folder is written."""

    seed: Annotated[
        int | None,
        typer.Option(
            help="Seed that those of all pieces are derived from; random by default, and with "
            "--resume the folder's.",
            rich_help_panel=CHOICE,
        ),
    ] = None
    only: Annotated[
        str | None,
        typer.Option(
            help="Numbers of the pieces to write, such as 7 or 3,7-9; all by default.",
            rich_help_panel=OUTPUT,
        ),
    ] = None
    page: Annotated[
        bool,
        typer.Option(
            "--page",
            help="Write index.html too, to listen through the pieces.",
            rich_help_panel=OUTPUT,
        ),
    ] = False
    resume: Annotated[
        bool,
        typer.Option(
            "--resume",
            help="Continue in a folder of an earlier run: keep the pieces that are whole.",
            rich_help_panel=OUTPUT,
        ),
    ] = False
    keep_going: Annotated[
        bool,
        typer.Option(
            "--keep-going",
            help="Write the good items of files that have faults.",
            rich_help_panel=OUTPUT,
        ),
    ] = False
    force: Annotated[
        bool,
        typer.Option(
            "--force",
            help="Make all pieces again and replace their files.",
            rich_help_panel=OUTPUT,
        ),
    ] = False
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the summary as JSON.", rich_help_panel=OUTPUT)
    ] = False
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Show no progress.", rich_help_panel=OUTPUT)
    ] = False
    group: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Pieces decoded together, which is what a kill can lose; by default 16 for each "
            "core, and fewer when they are long.",
            rich_help_panel=COMPUTING,
        ),
    ] = None
    ray: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Compute on Ray: local (this machine), auto (the cluster it belongs to), "
            "HOST:PORT or ray://HOST:PORT.",
            rich_help_panel=CLUSTER,
        ),
    ] = None
    ray_cpus: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Cores of one worker; a whole machine by default.",
            rich_help_panel=CLUSTER,
        ),
    ] = None


def command(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE...",
            help="Prompt files (.txt .yaml .jsonl .csv) and MIDI files to continue; "
            'folders of these MIDI files, and patterns such as "tunes/*.mid".',
            show_default=False,
        ),
    ],
    out: Annotated[Path, typer.Option(help="Folder to write into.", rich_help_panel=OUTPUT)],
    asked: Asked,
    sound: SoundFiles,
    run: Run,
    computing: Computing,
) -> None:
    """Write all pieces of prompt files into a folder with a record.

    An item asks for a new piece, or it edits, varies, blends or arranges a file of music. The
    options about music are defaults; what an item says itself wins over them.

    Example: partimento batch prompts.txt --out pieces --wav --page
    """
    computing.check()
    also = asked.get("also", ())
    assert isinstance(also, tuple)
    if also or sound.formats:
        asked["also"] = (*also, *sound.formats)
    job = Job(out, run, computing, sound_of(sound.soundfont, sound.loudness))
    write(*read(files, asked, job), job)
