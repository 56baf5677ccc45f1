"""`partimento tokenize`: the tokens of MIDI files, and what is lost on the way."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from partimento.cli.console import fail
from partimento.cli.display import show_json, show_table, track, warn
from partimento.cli.piping import source_of
from partimento.errors import FileTakenError

if TYPE_CHECKING:
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


@dataclass(slots=True)
class _Sums:
    """Counts over the files of one line of the table."""

    pieces: int = 0
    notes: int = 0
    bars: int = 0
    tokens: int = 0
    read_notes: int = 0
    """Before equal notes that fell together were joined."""
    moved_onsets: int = 0
    dropped_notes: int = 0
    """Notes beyond the lines that one instrument may have in a bar."""
    lost_notes: int = 0
    extra_notes: int = 0
    wrong_bars: int = 0

    def add(self, other: "_Sums") -> None:
        """Add the counts of another one, in place."""
        for entry in fields(self):
            setattr(self, entry.name, getattr(self, entry.name) + getattr(other, entry.name))

    @property
    def kept_share(self) -> float:
        """Share of the notes that come back."""
        from partimento.tokenizer.round_trip import share_kept

        return share_kept(self.notes, self.lost_notes, self.extra_notes)

    def report(self, check: bool) -> dict[str, object]:
        """The counts and shares as JSON values."""
        result: dict[str, object] = dict(asdict(self))
        if not check:
            for name in ("lost_notes", "extra_notes", "wrong_bars"):
                del result[name]
        result["tokens_per_note"] = round(self.tokens / max(1, self.notes), 4)
        result["moved_onsets_share"] = round(self.moved_onsets / max(1, self.read_notes), 6)
        if check:
            result["kept_share"] = round(self.kept_share, 6)
        return result


@dataclass(slots=True)
class _Result:
    """What became of one file."""

    sums: _Sums
    warnings: list[str] = field(default_factory=list)
    tokens: "TokenArray | None" = None


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
    from partimento.errors import MidiError

    is_single = len(files) == 1 and not files[0].is_dir()
    if out is not None and not is_single:
        raise typer.BadParameter("--out takes the tokens of one file; give one FILE")
    if out is not None and out.exists() and not force:
        raise FileTakenError(f"{out} exists")
    if split is not None and not any(path.is_dir() for path in files):
        raise typer.BadParameter("--split needs a folder of MIDI files")
    if names and any(path.is_dir() for path in files):
        raise typer.BadParameter("--names takes files, not folders")
    sources = list(_sources(files, split))
    rows: dict[str, _Sums] = {}
    reports: dict[str, dict[str, object]] = {}
    problems = []
    for source in track(sources, "tokenise", quiet or not any(path.is_dir() for path in files)):
        try:
            result = _tokenize(source, check)
        except (MidiError, ValueError, OSError) as error:
            message = str(error)
            problems.append(message if str(source.path) in message else f"{source.path}: {message}")
            continue
        rows.setdefault(source.row, _Sums()).add(result.sums)
        if source.row != str(source.path):
            continue
        for warning in result.warnings:
            warn(warning)
        assert result.tokens is not None
        reports[source.row] = {"warnings": result.warnings}
        lines = _bar_lines(result.tokens) if names else []
        if names:
            reports[source.row]["names"] = lines
        if not as_json:
            for line in lines:
                typer.echo(", ".join(line))
        if out is not None:
            _save(out, result.tokens)
    _show(rows, reports, problems, check, as_json)
    for problem in problems:
        typer.echo(f"error: {problem}", err=True)
    failed = [name for name, sums in rows.items() if sums.kept_share < MIN_KEPT_SHARE]
    if check and failed:
        fail(f"fewer than {MIN_KEPT_SHARE:.1%} of the notes came back: {', '.join(failed)}")
    if check and any(sums.wrong_bars for sums in rows.values()):
        fail("notes came back in other bars; see the column 'wrong bars'")
    if problems:
        raise typer.Exit(1)


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


def _tokenize(source: _Source, check: bool) -> _Result:
    """Read, encode and compare one file; MidiError or ValueError when it cannot be."""
    from partimento.tokenizer import vocabulary as v
    from partimento.tokenizer.encoding import encode
    from partimento.tokenizer.loading import load_score
    from partimento.tokenizer.round_trip import check_round_trip

    loaded = load_score(source_of(source.path))
    score = replace(loaded.score, style=source.style)
    encoding = encode(score)
    sums = _Sums(
        pieces=1,
        notes=score.note_count,
        bars=int((encoding.tokens == v.BAR).sum()),
        tokens=len(encoding.tokens),
        read_notes=loaded.report.notes,
        moved_onsets=loaded.report.moved_onsets,
        dropped_notes=encoding.dropped_notes,
    )
    warnings = list(loaded.warnings)
    if encoding.dropped_notes:
        warnings.append(
            f"{source.path}: {encoding.dropped_notes} notes left out, beyond the 16 lines that "
            "one instrument may have in a bar"
        )
    if check:
        trip = check_round_trip(score, encoding.tokens)
        sums.lost_notes, sums.extra_notes = trip.lost, trip.extra
        sums.wrong_bars = trip.wrong_bars
    return _Result(sums, warnings, encoding.tokens)


def _bar_lines(tokens: "TokenArray") -> list[list[str]]:
    """Names of the header's tokens, then of each bar's."""
    from partimento.tokenizer import vocabulary as v

    lines: list[list[str]] = [[]]
    for token in tokens.tolist():
        if token == v.BAR:
            lines.append([])
        lines[-1].append(v.name(token))
    return lines


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
    rows: dict[str, _Sums],
    reports: dict[str, dict[str, object]],
    problems: list[str],
    check: bool,
    as_json: bool,
) -> None:
    """Print the counts of every row, and their total when there are several."""
    total = _Sums()
    for sums in rows.values():
        total.add(sums)
    if as_json:
        listed = [
            {"name": name, **sums.report(check), **reports.get(name, {})}
            for name, sums in rows.items()
        ]
        show_json({"rows": listed, "total": total.report(check), "problems": problems})
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
    for name, sums in table.items():
        line = [name] if reports else [name, f"{sums.pieces:,}"]
        line += [
            *(f"{sums.bars:,}", f"{sums.notes:,}", f"{sums.tokens:,}"),
            f"{sums.tokens / max(1, sums.notes):.2f}",
            f"{sums.moved_onsets / max(1, sums.read_notes):.1%}",
        ]
        if check:
            line += [f"{sums.lost_notes:,}", f"{sums.extra_notes:,}"]
            line += [f"{sums.kept_share:.3%}", f"{sums.wrong_bars:,}"]
        lines.append(line)
    show_table(columns, lines)
