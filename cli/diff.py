"""`partimento diff`: what is different between two files of music, bar by bar, line by line."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from partimento.cli.display import plain_lines, show_json
from partimento.cli.piping import MUSIC_FILE, source_of

if TYPE_CHECKING:
    from partimento.music.difference import Difference, EventChange, LineChange, NoteChange
    from partimento.music.score import Note, Score

SHOWN_NOTES = 8
"""Notes of a change that are named; the number of the others is given."""
DIFFERENT, TROUBLE = 1, 2
"""Exit codes, as those of diff; 0 when the files are equal."""


def command(
    before: Annotated[Path, typer.Argument(help=MUSIC_FILE)],
    after: Annotated[Path, typer.Argument(help=MUSIC_FILE)],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print nothing; the exit code tells.")
    ] = False,
) -> None:
    """Show what is different between two files of music, bar by bar and line by line.

    Notes with their lengths and velocities, names, programs, tempos, meters, keys, pedals and all
    other controllers, lyrics and markers are compared, whatever ticks a quarter the files have.
    The settings that this program stores in its files are not. Exit code 0 when nothing is
    different, 1 when something is, 2 when a file cannot be read.

    Example: partimento diff before.mid after.mid
    """
    from partimento.music.difference import compare

    difference = compare(_read(before), _read(after))
    if as_json:
        show_json(_as_json(difference))
    elif not quiet:
        for line in _words(difference):
            typer.echo(line)
    if not difference.is_equal:
        raise typer.Exit(DIFFERENT)


def _read(file: Path) -> "Score":
    """The score of a file, without stored settings; an error of usage, code 2, when it is none."""
    from partimento.errors import PartimentoError
    from partimento.music.reading import read_score
    from partimento.sampling.provenance import without_provenance

    try:
        return without_provenance(read_score(source_of(file))[0])
    except PartimentoError as error:
        raise typer.BadParameter(str(error)) from None


def _words(difference: "Difference") -> list[str]:
    """The difference in lines."""
    if difference.is_equal:
        return ["equal"]
    rows = [_line_words(change) for change in difference.lines]
    by_bar: dict[int, list[tuple[str, str, str]]] = {}
    for event in difference.events:
        row = (f"bar {event.bar}", event.line or "", _event_words(event))
        by_bar.setdefault(event.bar, []).append(row)
    for change in difference.notes:
        row = (f"bar {change.bar}", change.line, _note_words(change))
        by_bar.setdefault(change.bar, []).append(row)
    rows += [row for bar in sorted(by_bar) for row in by_bar[bar]]
    return [*plain_lines(rows, texts=3), f"different: {summary(difference)}"]


def _line_words(change: "LineChange") -> tuple[str, str, str]:
    if change.removed is None:
        return ("all bars", "", f"new line: {change.added}")
    if change.added is None:
        return ("all bars", "", f"line gone: {change.removed}")
    return ("all bars", "", f"{change.removed} is now {change.added}")


def _event_words(change: "EventChange") -> str:
    gone, came = _some(change.removed), _some(change.added)
    if gone and came:
        return f"{change.kind}: {gone} -> {came}"
    return f"{change.kind}: {came} added" if came else f"{change.kind}: {gone} gone"


def _note_words(change: "NoteChange") -> str:
    """Notes that are gone, new, or played otherwise."""
    kept = {(n.onset, n.pitch) for n in change.removed} & {(n.onset, n.pitch) for n in change.added}
    parts = []
    for name, notes in (("gone", change.removed), ("new", change.added)):
        only = [note for note in notes if (note.onset, note.pitch) not in kept]
        if only:
            parts.append(f"{len(only)} {name} ({_pitches(only)})")
    if kept:
        now = {(n.onset, n.pitch): n for n in change.added}
        pairs = [(n, now[n.onset, n.pitch]) for n in change.removed if (n.onset, n.pitch) in kept]
        parts.append(f"{len(pairs)} played otherwise ({_some([_pair_words(*p) for p in pairs])})")
    return ", ".join(parts)


def _pair_words(old: "Note", new: "Note") -> str:
    from partimento.music.pitch import name_note

    told = []
    if old.duration != new.duration:
        told.append(f"length {old.duration} -> {new.duration}")
    if old.velocity != new.velocity:
        told.append(f"velocity {old.velocity} -> {new.velocity}")
    return f"{name_note(old.pitch)} {', '.join(told)}"


def _pitches(notes: "Sequence[Note]") -> str:
    from partimento.music.pitch import name_note

    return _some([name_note(note.pitch) for note in notes], " ")


def _some(texts: Sequence[str], between: str = ", ") -> str:
    """The first texts, and how many more there are."""
    hidden = len(texts) - SHOWN_NOTES
    shown = between.join(texts[:SHOWN_NOTES])
    return f"{shown} and {hidden} more" if hidden > 0 else shown


def summary(difference: "Difference") -> str:
    """How many notes are gone and new, in which bars and lines."""
    from partimento.music.bar_ranges import BarRanges
    from partimento.music.facts import counted

    gone = sum(len(change.removed) for change in difference.notes)
    new = sum(len(change.added) for change in difference.notes)
    bars = difference.changed_bars
    parts = [f"{counted(gone, 'note')} gone, {new:,} new"] if gone or new else []
    if bars:
        parts.append(f"in {counted(len(bars), 'bar')} ({BarRanges.of(bars)})")
    if difference.lines:
        parts.append(counted(len(difference.lines), "line"))
    return ", ".join(parts)


def _as_json(difference: "Difference") -> dict[str, object]:
    """The difference as JSON keeps it; notes are [tick in the bar, pitch, ticks, velocity]."""
    starts = {number: bar.start for number, bar in enumerate(difference.bars, start=1)}

    def notes(found: "Sequence[Note]", bar: int) -> list[list[int]]:
        return [[n.onset - starts[bar], n.pitch, n.duration, n.velocity] for n in found]

    return {
        "equal": difference.is_equal,
        "ticks_per_quarter": difference.ticks_per_quarter,
        "bars": list(difference.changed_bars),
        "lines": [{"removed": c.removed, "added": c.added} for c in difference.lines],
        "notes": [
            {
                "bar": c.bar,
                "line": c.line,
                "removed": notes(c.removed, c.bar),
                "added": notes(c.added, c.bar),
            }
            for c in difference.notes
        ],
        "events": [
            {
                "bar": c.bar,
                "kind": c.kind,
                "line": c.line,
                "removed": list(c.removed),
                "added": list(c.added),
            }
            for c in difference.events
        ],
    }
