"""`partimento batch`: all pieces of prompt files, in one run that can be cut off and go on."""

from pathlib import Path
from typing import Annotated

import typer

from partimento.cli import options as o
from partimento.cli.batch_job import Job, read, write
from partimento.cli.destinations import sound_of

CLUSTER = "On a Ray cluster"


def command(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE...",
            help="Prompt files (.txt .yaml .jsonl .csv) and MIDI files to go on from; "
            'folders of these MIDI files, and patterns such as "tunes/*.mid".',
            show_default=False,
        ),
    ],
    out: Annotated[Path, typer.Option(help="Folder to write into.", rich_help_panel=o.OUTPUT)],
    prompt: o.Prompt = None,
    bars: o.Bars = None,
    style: o.Style = None,
    key: o.Key = None,
    scale: o.Scale = None,
    lock_key: o.LockKey = False,
    meter: o.Meter = None,
    bpm: o.Bpm = None,
    instruments: o.Instruments = None,
    without: o.Without = None,
    chords: o.Chords = None,
    pitch_range: o.PitchRange = None,
    dynamic: o.Dynamic = None,
    primer: o.Primer = None,
    primer_bars: o.PrimerBars = None,
    without_primer: o.WithoutPrimer = False,
    mode: o.ModeOption = None,
    temperature: o.Temperature = None,
    temperature_end: o.TemperatureEnd = None,
    schedule: o.ScheduleOption = None,
    top_k: o.TopK = None,
    top_p: o.TopP = None,
    min_p: o.MinP = None,
    key_pull: o.KeyPull = None,
    seed: Annotated[
        int | None,
        typer.Option(
            help="Seed that all others are derived from; random by default, and with --resume "
            "the one of the folder.",
            rich_help_panel=o.CHOICE,
        ),
    ] = None,
    count: Annotated[
        int | None,
        typer.Option(help="Pieces of each item; 1 by default.", rich_help_panel=o.OUTPUT),
    ] = None,
    name: Annotated[
        str | None,
        typer.Option(
            help="Template of the files' names; {index:03d}-{style}-{seed} by default.",
            rich_help_panel=o.OUTPUT,
        ),
    ] = None,
    also: Annotated[
        str | None,
        typer.Option(
            help="What to write beside MIDI, divided by commas: wav, flac, ogg, mp3 (sound), "
            "png, svg (piano roll), musicxml, pdf, score-svg (sheet music).",
            rich_help_panel=o.OUTPUT,
        ),
    ] = None,
    wav: o.Wav = False,
    flac: o.Flac = False,
    ogg: o.Ogg = False,
    mp3: o.Mp3 = False,
    page: Annotated[
        bool,
        typer.Option(
            "--page",
            help="Write index.html too, to listen through the pieces.",
            rich_help_panel=o.OUTPUT,
        ),
    ] = False,
    soundfont: o.Soundfont = None,
    loudness: o.Loudness = None,
    only: Annotated[
        str | None,
        typer.Option(
            help="Numbers of the pieces to write, such as 7 or 3,7-9.", rich_help_panel=o.OUTPUT
        ),
    ] = None,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume", help="Go on with a folder: keep what is whole.", rich_help_panel=o.OUTPUT
        ),
    ] = False,
    keep_going: Annotated[
        bool,
        typer.Option(
            "--keep-going", help="Write the good items of faulty files.", rich_help_panel=o.OUTPUT
        ),
    ] = False,
    force: Annotated[
        bool,
        typer.Option("--force", help="Make all pieces again; overwrite.", rich_help_panel=o.OUTPUT),
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="The summary as JSON.", rich_help_panel=o.OUTPUT)
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="No progress.", rich_help_panel=o.OUTPUT)
    ] = False,
    checkpoint: o.Checkpoint = None,
    engine: o.EngineOption = o.EngineName.numba,
    precision: o.PrecisionOption = None,
    device: o.Device = "cpu",
    group: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Pieces decoded together, the most that a kill loses; 16 a core, fewer of long "
            "ones, by default.",
            rich_help_panel=o.COMPUTING,
        ),
    ] = None,
    ray: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Compute on Ray: local (this machine), auto (the cluster it belongs to), "
            "HOST:PORT or ray://HOST:PORT.",
            rich_help_panel=CLUSTER,
        ),
    ] = None,
    ray_cpus: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Cores of one worker; a whole machine by default.",
            rich_help_panel=CLUSTER,
        ),
    ] = None,
) -> None:
    """Write all pieces of prompt files into a folder with a record.

    The options about music are defaults; what an item says itself wins over them.

    Example: partimento batch prompts.txt --out pieces --wav --page
    """
    if engine is o.EngineName.torch and precision is o.PrecisionName.int8:
        raise typer.BadParameter("--precision must be float32 with --engine torch, got int8")
    sounds = {"wav": wav, "flac": flac, "ogg": ogg, "mp3": mp3}
    formats = [*filter(None, [also]), *(name for name, asked in sounds.items() if asked)]
    settings = o.given(
        {
            "prompt": prompt,
            "bars": bars,
            "style": style,
            "key": key,
            "scale": scale,
            "lock_key": lock_key,
            "meter": meter,
            "bpm": bpm,
            "instruments": instruments,
            "without": without,
            "chords": chords,
            "pitch_range": pitch_range,
            "dynamic": dynamic,
            "primer": primer,
            "primer_bars": primer_bars,
            "without_primer": without_primer,
            "mode": mode,
            "temperature": temperature,
            "temperature_end": temperature_end,
            "schedule": schedule,
            "top_k": top_k,
            "top_p": top_p,
            "min_p": min_p,
            "key_pull": key_pull,
            "count": count,
            "name": name,
            "also": ",".join(formats) or None,
        }
    )
    job = Job(
        out=out,
        only=only,
        resume=resume,
        force=force,
        keep_going=keep_going,
        page=page,
        sound=sound_of(soundfont, loudness),
        checkpoint=checkpoint,
        engine=engine.value,
        precision=precision and precision.value,
        device=device,
        group_size=group,
        ray=ray,
        ray_cpus=ray_cpus,
        as_json=as_json,
        quiet=quiet,
    )
    write(*read(files, settings, seed, job), job)
