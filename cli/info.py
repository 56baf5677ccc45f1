"""`partimento info`: facts about a file of music."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from partimento.cli.display import plain_lines, show_json, show_table, warn
from partimento.cli.piping import MUSIC_FILE, source_of

if TYPE_CHECKING:
    from partimento.music.score import Key, Score, Track

SHOWN_CHANGES = 6
"""Changes of meter, key or tempo that are listed; the number of the others is given."""


def command(
    file: Annotated[Path, typer.Argument(help=MUSIC_FILE)],
    checkpoint: Annotated[
        Path | None,
        typer.Option(help="Weights whose training music it is compared with; the program's."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show facts about a file of music, and its settings when this program made it.

    Example: partimento info out.mid
    """
    from partimento.music.reading import read_score
    from partimento.music.sources import source_name
    from partimento.tokenizer.encoding import encode
    from partimento.tokenizer.loading import fit_score

    source = source_of(file)
    score, warnings = read_score(source)
    loaded = fit_score(score, source_name(source), warnings)
    for warning in loaded.warnings:
        warn(warning)
    facts: dict[str, object] = {
        "path": str(file),
        **_facts(score),
        "tokens": len(encode(loaded.score).tokens),
        "moved_onsets_share": round(loaded.report.moved_share, 6),
    }
    facts |= _common(loaded.score, checkpoint)
    made_by = _provenance(file, score)
    if as_json:
        tracks = [_describe(track) for track in score.tracks]
        show_json({**facts, "tracks": tracks, "made_by": made_by})
        return
    facts["moved_onsets"] = f"{facts.pop('moved_onsets_share'):.1%}"
    if "common_run" in facts:
        share = facts.pop("common_share")
        notes = facts["common_run"] or "fewer than 16"
        shared = f" ({share:.1%} of all notes in runs of 16 or more)" if share else ""
        facts["common_run"] = f"{notes} notes in a row as in the training music{shared}"
    lines = [(name.replace("_", " "), _text(value)) for name, value in facts.items()]
    lines += [(f"made by {name}".replace("_", " "), _text(v)) for name, v in made_by.items()]
    for line in plain_lines(lines, texts=2):
        typer.echo(line)
    typer.echo()
    show_table(
        ("line", "track", "instrument", "program", "range", "notes"),
        [
            (str(number), *(_text(value) for value in _describe(track).values()))
            for number, track in enumerate(score.tracks, start=1)
        ],
        texts=5,
    )


def _facts(score: "Score") -> dict[str, object]:
    """What the file says and what can be heard from it."""
    from partimento.music.facts import control_counts, facts_of
    from partimento.music.timeline import heard_tempos

    facts = facts_of(score)
    controls = control_counts(score)
    return {
        "bars": facts.bars,
        "notes": facts.notes,
        "seconds": facts.seconds,
        "ticks_per_quarter": score.ticks_per_quarter,
        "meters": [f"{m.numerator}/{m.denominator}" for m in score.meters],
        "tempos": [round(tempo.bpm, 3) for tempo in heard_tempos(score)],
        "keys": [_name(key) for key in score.keys],
        "estimated_key": facts.key,
        **({"controls": controls} if controls else {}),
    }


def _common(score: "Score", checkpoint: Path | None) -> dict[str, object]:
    """The longest run in common with the training music, and the share of notes in such runs.

    Empty when that music is not known; drums have none.
    """
    from partimento.model.checkpoint import read_header, shipped_checkpoint
    from partimento.model.known_music import known_music
    from partimento.tokenizer.decoding import decode
    from partimento.tokenizer.encoding import encode

    path = checkpoint or shipped_checkpoint()
    known = known_music(path, read_header(path).data)
    if known is None:
        return {}
    found = known.common(decode(encode(score).tokens))  # in lines, as the training music was
    return {"common_run": found.longest, "common_share": round(found.share, 4)}


def _describe(track: "Track") -> dict[str, object]:
    """One track, its instrument by the vocabulary's name."""
    from partimento.music.instruments import (
        DRUMS,
        INSTRUMENT_OF_PROGRAM,
        INSTRUMENTS,
        PROGRAM_NAMES,
    )
    from partimento.music.pitch import name_note

    pitches = [note.pitch for note in track.notes]
    instrument = DRUMS if track.is_drum else INSTRUMENT_OF_PROGRAM[track.program]
    return {
        "name": track.name,
        "instrument": INSTRUMENTS[instrument],
        "program": None if track.is_drum else PROGRAM_NAMES[track.program],
        "range": None if track.is_drum else f"{name_note(min(pitches))}-{name_note(max(pitches))}",
        "notes": len(track.notes),
    }


def _provenance(file: Path, score: "Score") -> dict[str, object]:
    """How this program made the piece; empty when another one did."""
    from partimento.sampling.provenance import read_provenance

    try:
        found = read_provenance(score)
    except ValueError as error:
        warn(f"{file}: {error}")
        return {}
    if found is None:
        return {}
    return {
        "version": found.version,
        "settings": found.request.to_dict(),
        "checkpoint": found.checkpoint,
        "engine": found.engine,
        "precision": found.precision,
    }


def _name(key: "Key") -> str:
    from partimento.music.keys import key_name

    return str(key_name(key))


def _exact(value: object) -> str:
    """A value as it can be typed again: a seed in one piece, a number with all its digits."""
    return str(value).removesuffix(".0") if isinstance(value, int | float) else _text(value)


def _text(value: object) -> str:
    """A value as a person reads it."""
    if value is None or value == []:
        return "-"
    if isinstance(value, dict):
        return ", ".join(f"{name} {_exact(entry)}" for name, entry in value.items())
    if isinstance(value, list):
        shown = ", ".join(_text(entry) for entry in value[:SHOWN_CHANGES])
        hidden = len(value) - SHOWN_CHANGES
        return shown if hidden <= 0 else f"{shown} and {hidden} more"
    if isinstance(value, float):
        return f"{value:,.2f}".rstrip("0").rstrip(".")
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
