"""Options that describe a piece, one declaration each, for every command that takes them."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

MAX_PIECES = 9999
"""Pieces of one call; `partimento batch` resumes and is for more."""

WISHES, CHOICE, OUTPUT, COMPUTING = "What to write", "How to choose", "Output", "Computing"


class Mode(StrEnum):
    """Named temperatures."""

    considered = "considered"
    expressive = "expressive"


class Schedule(StrEnum):
    """How the temperature changes over the bars."""

    constant = "constant"
    linear = "linear"
    cosine = "cosine"
    exponential = "exponential"


class EngineName(StrEnum):
    """What computes."""

    numba = "numba"
    torch = "torch"


class PrecisionName(StrEnum):
    """How the numba engine holds the weights."""

    float32 = "float32"
    int8 = "int8"


# A default of None in these means that the option was not given.

Prompt = Annotated[
    str | None,
    typer.Option(
        help='Wishes in words: "a slow waltz in D minor for strings, 16 bars"; '
        "options win over them. `partimento words` lists the words.",
        rich_help_panel=WISHES,
    ),
]

Bars = Annotated[
    int | None,
    typer.Option(help="Bars to write, 1 to 512; 16 by default.", rich_help_panel=WISHES),
]
Style = Annotated[
    str | None, typer.Option(help="Style, such as folk, chorale or jazz.", rich_help_panel=WISHES)
]
Key = Annotated[
    str | None, typer.Option(help='Key, such as "F# minor" or Bb.', rich_help_panel=WISHES)
]
Scale = Annotated[
    str | None,
    typer.Option(help="Scale to keep to, such as dorian or blues.", rich_help_panel=WISHES),
]
LockKey = Annotated[
    bool, typer.Option("--lock-key", help="No note outside the key.", rich_help_panel=WISHES)
]
Meter = Annotated[
    str | None, typer.Option(help="Meter, such as 3/4 or 6/8.", rich_help_panel=WISHES)
]
Bpm = Annotated[
    float | None,
    typer.Option(help="Quarter notes a minute, 10 to 400.", rich_help_panel=WISHES),
]
Instruments = Annotated[
    str | None,
    typer.Option(help='Instruments, such as "violin, cello".', rich_help_panel=WISHES),
]
Without = Annotated[
    str | None, typer.Option(help='Instruments to leave out: "drums".', rich_help_panel=WISHES)
]
Chords = Annotated[
    str | None,
    typer.Option(
        help='Chords, one a bar and repeated: "Am F C G"; with beats: "C:2 G:2"; '
        'only to begin with: "Am F ...".',
        rich_help_panel=WISHES,
    ),
]
PitchRange = Annotated[
    str | None, typer.Option(help="Lowest and highest note: C3-C6.", rich_help_panel=WISHES)
]
Dynamic = Annotated[
    str | None,
    typer.Option(help="Loudness, ppp to fff, that it moves around.", rich_help_panel=WISHES),
]
Primer = Annotated[
    Path | None, typer.Option(help="MIDI file to go on from.", rich_help_panel=WISHES)
]
PrimerBars = Annotated[
    int | None,
    typer.Option(help="First bars of the primer to use; all of them.", rich_help_panel=WISHES),
]
WithoutPrimer = Annotated[
    bool,
    typer.Option("--without-primer", help="Write the new bars only.", rich_help_panel=WISHES),
]

ModeOption = Annotated[
    Mode | None,
    typer.Option(
        "--mode", help="considered: temperature 0.7; expressive: 1.2.", rich_help_panel=CHOICE
    ),
]
Temperature = Annotated[
    float | None,
    typer.Option(help="0 (always the likeliest) to 5; 1 by default.", rich_help_panel=CHOICE),
]
TemperatureEnd = Annotated[
    float | None,
    typer.Option(help="Temperature of the last bar; as the first.", rich_help_panel=CHOICE),
]
ScheduleOption = Annotated[
    Schedule | None,
    typer.Option(
        "--schedule", help="How it gets there; linear by default.", rich_help_panel=CHOICE
    ),
]
TopK = Annotated[
    int | None,
    typer.Option(help="Only the k likeliest tokens, 1 to 384; off.", rich_help_panel=CHOICE),
]
TopP = Annotated[
    float | None,
    typer.Option(
        help="Only the likeliest tokens that hold this probability; 1 is off.",
        rich_help_panel=CHOICE,
    ),
]
KeyPull = Annotated[
    float | None,
    typer.Option(
        help="How much notes of the key are preferred, 0 (off) to 1; 0.15 by default.",
        rich_help_panel=CHOICE,
    ),
]
MinP = Annotated[
    float | None,
    typer.Option(
        help="No token below this share of the likeliest, 0 (off) to below 1; 0.02 by default.",
        rich_help_panel=CHOICE,
    ),
]
Seed = Annotated[
    int | None,
    typer.Option(help="Same seed, same bytes; random by default.", rich_help_panel=CHOICE),
]

Num = Annotated[
    int, typer.Option("--num", "-n", help="Pieces to write, 1 to 9999.", rich_help_panel=OUTPUT)
]
Wav = Annotated[
    bool, typer.Option("--wav", help="Sound beside the MIDI file.", rich_help_panel=OUTPUT)
]
Flac = Annotated[
    bool, typer.Option("--flac", help="The same, compressed without loss.", rich_help_panel=OUTPUT)
]
Ogg = Annotated[bool, typer.Option("--ogg", help="The same as Vorbis.", rich_help_panel=OUTPUT)]
Mp3 = Annotated[bool, typer.Option("--mp3", help="The same as MP3.", rich_help_panel=OUTPUT)]
Soundfont = Annotated[
    Path | None,
    typer.Option(
        help="SoundFont 2 file to play with; a General MIDI one by default.",
        rich_help_panel=OUTPUT,
    ),
]
Loudness = Annotated[
    float | None,
    typer.Option(
        help="LUFS of a piece played mf, -50 to -5; softer pieces stay softer. -18 by default.",
        rich_help_panel=OUTPUT,
    ),
]
RollOption = Annotated[
    Path | None, typer.Option("--roll", help="Piano roll: .png or .svg.", rich_help_panel=OUTPUT)
]
ScoreOption = Annotated[
    Path | None,
    typer.Option("--score", help="Sheet music: .musicxml, .svg or .pdf.", rich_help_panel=OUTPUT),
]
Force = Annotated[bool, typer.Option("--force", help="Overwrite.", rich_help_panel=OUTPUT)]
AsJson = Annotated[
    bool, typer.Option("--json", help="Facts as JSON, an object a piece.", rich_help_panel=OUTPUT)
]
Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", help="Print the paths only.", rich_help_panel=OUTPUT)
]

Checkpoint = Annotated[
    Path | None,
    typer.Option(help="Weights; the shipped ones by default.", rich_help_panel=COMPUTING),
]
EngineOption = Annotated[
    EngineName,
    typer.Option("--engine", help="numba, or torch for a GPU.", rich_help_panel=COMPUTING),
]
PrecisionOption = Annotated[
    PrecisionName | None,
    typer.Option(
        "--precision", help="Of the weights in numba; int8 by default.", rich_help_panel=COMPUTING
    ),
]
Device = Annotated[
    str, typer.Option(help="For torch: cpu, cuda or mps.", rich_help_panel=COMPUTING)
]


def given(options: dict[str, object]) -> dict[str, object]:
    """The options that were given, as the settings of a request."""
    settings: dict[str, object] = {}
    for name, value in options.items():
        if value is None or value is False:
            continue
        if name in ("instruments", "without"):
            names = (part.strip() for part in str(value).split(","))
            settings[name] = tuple(part for part in names if part)
        elif isinstance(value, (Path, StrEnum)):
            settings[name] = str(value)
        else:
            settings[name] = value
    return settings
