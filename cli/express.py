"""`partimento express`: a file of music played with expression, and with swing."""

from pathlib import Path
from typing import Annotated

import typer

from partimento.cli.piping import MUSIC_FILE, is_stream, refuse_terminal, source_of, write_out
from partimento.errors import SettingError
from partimento.music.dynamics import DEFAULT_EXPRESSION


def command(
    file: Annotated[Path, typer.Argument(help=MUSIC_FILE)],
    out: Annotated[Path, typer.Argument(help="MIDI file to write; - is standard output.")],
    amount: Annotated[
        float,
        typer.Option(
            help="How much the loudness follows phrases, accents and the melody, and how much the "
            "end slows down, 0 to 1."
        ),
    ] = DEFAULT_EXPRESSION,
    swing: Annotated[
        float,
        typer.Option(
            help="How late the second eighth of a beat is played, 0 to 1: 1 is the swing of "
            "triplets."
        ),
    ] = 0.0,
    seed: Annotated[
        int, typer.Option(help="The same seed plays the same file in the same way.", min=0)
    ] = 0,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that exists.")] = False,
) -> None:
    """Play a file of music with expression: the same notes, louder and softer.

    Velocities are moved from where they are, by published rules of performance; the last bar slows
    down unless it has tempos of its own. Everything else in the file stays.

    Example: partimento express tune.mid played.mid --amount 0.5
    """
    from partimento.cli.destinations import check_writable
    from partimento.cli.display import warn
    from partimento.music.expression import express
    from partimento.music.midi.writer import midi_bytes, write_midi
    from partimento.music.reading import read_score
    from partimento.music.swing import swing as swung

    if is_stream(out):
        refuse_terminal()
    else:
        check_writable([out], force)
    score, warnings = read_score(source_of(file))
    for warning in warnings:
        warn(warning)
    try:
        played = express(score, amount, seed)
    except SettingError as error:
        raise error.named("amount") from error
    played = swung(played, swing)
    if is_stream(out):
        write_out(midi_bytes(played))
    else:
        write_midi(played, out)
        typer.echo(out)
