"""`partimento tokenize`: the tokens of MIDI files, and what is lost on the way."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from partimento.cli.console import fail
from partimento.cli.display import show_json, show_table, track, warn
from partimento.cli.piping import source_of
from partimento.errors import FileTakenError, MidiError

if TYPE_CHECKING:
    from partimento.tokenizer.tally import Tally, Tokenized
    from partimento.tokenizer.vocabulary import TokenArray

MIN_KEPT_SHARE = 0.999
"""Share of the notes that must come back from the tokens."""


class Split(StrEnum):
    """Parts of a corpus."""

    train = "train"
    valid = "valid"
    test = "test"


@dataclass(frozen=True, slots=True)
class _Source:
    """A file to tokenise."""

    path: Path
    row: str
    """The line of the table that it counts for."""
    style: str | None = None


def command(
    files: Annotated[
        list[Path], typer.Argument(help="MIDI or MusicXML files, - for standard input, or folders.")
    ],
    check: Annotated[
        bool, typer.Option("--check", help="Decode again and compare note for note.")
    ] = False,
    names: Annotated[
        bool, typer.Option("--names", help="Print the tokens by name, a bar a line.")
    ] = False,
    split: Annotated[
        Split | None, typer.Option(help="Only this part of a folder: train, valid or test.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Save the ids as .npy; one file only.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite --out.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress display.")] = False,
) -> None:
    """Count or show the tokens of MIDI files, or of a corpus by style.

    With --check a file fails when fewer than 99.9 % of its notes come back.

    Example: partimento tokenize tune.mid --check
    """
    from partimento.tokenizer.tally import Tally, tokenize

    _check_options(files, split, names, out, force)
    has_folder = any(path.is_dir() for path in files)
    rows: dict[str, Tally] = {}
    reports: dict[str, dict[str, object]] = {}
    problems = []
    for source in track(list(_sources(files, split)), "tokenise", quiet or not has_folder):
        try:
            result = tokenize(source_of(source.path), source.style, check)
        except (MidiError, ValueError, OSError) as error:
            message = str(error)
            problems.append(message if str(source.path) in message else f"{source.path}: {message}")
            continue
        rows.setdefault(source.row, Tally()).add(result.tally)
        if source.row == str(source.path):
            reports[source.row] = _report(result, names, as_json)
            if out is not None:
                _save(out, result.tokens)
    _show(rows, reports, problems, check, as_json)
    for problem in problems:
        typer.echo(f"error: {problem}", err=True)
    if check:
        _fail_on_losses(rows)
    if problems:
        raise typer.Exit(1)


def _check_options(
    files: Sequence[Path], split: Split | None, names: bool, out: Path | None, force: bool
) -> None:
    """Refuse what does not go together, and to replace a file unasked."""
    has_folder = any(path.is_dir() for path in files)
    if out is not None and (len(files) > 1 or has_folder):
        raise typer.BadParameter("--out takes the tokens of one file; give one FILE")
    if out is not None and out.exists() and not force:
        raise FileTakenError(f"{out} exists")
    if split is not None and not has_folder:
        raise typer.BadParameter("--split needs a folder of MIDI files")
    if names and has_folder:
        raise typer.BadParameter("--names takes files, not folders")


def _sources(paths: Sequence[Path], split: Split | None) -> Iterator[_Source]:
    """The files themselves, and those of the folders, counted by style."""
    for path in paths:
        if not path.is_dir():
            yield _Source(path, str(path))
            continue
        from partimento.training.corpus import list_entries

        for entry in list_entries(path):
            if split is None or entry.split == split.value:
                yield _Source(path / entry.path, entry.style or "unknown", entry.style)


def _report(result: "Tokenized", names: bool, as_json: bool) -> dict[str, object]:
    """What is said of one file beside its counts; names are printed unless all will be JSON."""
    from partimento.tokenizer.tally import names_by_bar

    for warning in result.warnings:
        warn(warning)
    report: dict[str, object] = {"warnings": list(result.warnings)}
    if names:
        lines = names_by_bar(result.tokens)
        report["names"] = lines
        if not as_json:
            for line in lines:
                typer.echo(", ".join(line))
    return report


def _fail_on_losses(rows: "Mapping[str, Tally]") -> None:
    """End with an error where too few notes, or notes in other bars, came back."""
    failed = [name for name, tally in rows.items() if tally.kept_share < MIN_KEPT_SHARE]
    if failed:
        fail(f"fewer than {MIN_KEPT_SHARE:.1%} of the notes came back: {', '.join(failed)}")
    if any(tally.wrong_bars for tally in rows.values()):
        fail("notes came back in other bars; see the column 'wrong bars'")


def _save(path: Path, tokens: "TokenArray") -> None:
    """Write the ids as a NumPy file, whole or not at all."""
    import io

    import numpy as np

    from partimento.music.files import write_whole

    content = io.BytesIO()
    np.save(content, tokens)
    try:
        write_whole(path, content.getvalue())
    except OSError as error:
        fail(f"{path}: cannot be written: {error.strerror}; give another --out")


def _show(
    rows: "Mapping[str, Tally]",
    reports: Mapping[str, Mapping[str, object]],
    problems: Sequence[str],
    check: bool,
    as_json: bool,
) -> None:
    """Print the counts of every row, and their total when there are several."""
    from partimento.tokenizer.tally import Tally

    total = Tally()
    for tally in rows.values():
        total.add(tally)
    if as_json:
        listed = [
            {"name": name, **tally.to_dict(check), **reports.get(name, {})}
            for name, tally in rows.items()
        ]
        show_json({"rows": listed, "total": total.to_dict(check), "problems": problems})
        return
    if not rows:
        return
    columns = ["file"] if reports else ["style", "pieces"]
    columns += ["bars", "notes", "tokens", "a note", "moved onsets"]
    if check:
        columns += ["lost", "extra", "kept", "wrong bars"]
    table = dict(rows if reports else sorted(rows.items(), key=lambda row: -row[1].notes))
    if len(table) > 1:
        table["total"] = total
    lines = []
    for name, tally in table.items():
        line = [name] if reports else [name, f"{tally.pieces:,}"]
        line += [
            *(f"{tally.bars:,}", f"{tally.notes:,}", f"{tally.tokens:,}"),
            f"{tally.tokens_per_note:.2f}",
            f"{tally.moved_share:.1%}",
        ]
        if check:
            line += [f"{tally.lost_notes:,}", f"{tally.extra_notes:,}"]
            line += [f"{tally.kept_share:.3%}", f"{tally.wrong_bars:,}"]
        lines.append(line)
    show_table(columns, lines)
