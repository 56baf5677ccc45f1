"""batch.jsonl: one line a piece, from which a run goes on and a page is made.

During a run lines are appended, each in one write; of several lines of a piece the last counts.
At the end the lines are written anew in the order of their numbers. Nothing in them depends on
the clock or on the order in which pieces were finished.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, cast

from partimento import __version__
from partimento.batch.item_settings import NEW
from partimento.batch.items import Invalid, Item
from partimento.batch.orders import asked_change, deciding
from partimento.errors import PartimentoError, RemedyError
from partimento.music.files import write_whole
from partimento.sampling.provenance import FORMAT

BATCH_FILE = "batch.jsonl"
"""Not manifest.jsonl, in which a corpus says what it holds."""

Status = Literal["done", "failed"]


@dataclass(frozen=True, slots=True)
class Source:
    """Where the wish for a piece was written."""

    file: str
    line: int | None


@dataclass(frozen=True, slots=True)
class Record:
    """One line."""

    index: int
    """Number in the batch, from 1."""
    name: str
    """Of the files, without an ending."""
    status: Status
    error: str | None = None
    """Why a piece failed, in one line."""
    files: Mapping[str, str] = field(default_factory=dict)
    """SHA-256 of each file, by its path in the folder; the MIDI file first."""
    seed: int | None = None
    settings: Mapping[str, object] = field(default_factory=dict)
    """`Request.to_dict()`; empty when there was no valid request."""
    prompt: str | None = None
    reading: str | None = None
    """What was understood of the prompt."""
    source: Source = field(default_factory=lambda: Source("", None))
    kind: str = NEW
    """Whether it is new, or what was done to the music that it is made of."""
    music: tuple[str, ...] = ()
    """The files of that music."""
    edit: Mapping[str, object] | None = None
    """What was asked to change in it."""
    changed_bars: tuple[int, ...] | None = None
    """Numbers of its bars in which something is different, from 1."""
    bars: int | None = None
    """Of the file, a kept primer's included."""
    notes: int | None = None
    tokens: int | None = None
    style: str | None = None
    """That was asked for, or that the model chose."""
    key: str | None = None
    """Found in the notes."""
    bpm: float | None = None
    """Tempo at the start, quarters a minute."""
    music_seconds: float | None = None
    common_run: int | None = None
    """Notes of the longest run in common with the training music; 0: none worth a word."""
    common_share: float | None = None
    """Of the new notes, in such runs."""
    redraws: int = 0
    """How often bars were written anew because of such runs."""
    best_of: Mapping[str, object] | None = None
    """How it was chosen among its candidates; None without a choice."""
    version: str = __version__
    """Of the program."""
    checkpoint: str | None = None
    """Hash of the weights' file."""
    engine: str | None = None
    precision: str | None = None
    batch_seed: int = 0
    """Which the seed was derived from, unless the item had its own."""
    fingerprint: str = ""
    """Hash of everything that decides the bytes of the files."""

    def to_line(self) -> bytes:
        """JSON and a line feed, in ASCII: no reader takes a character for the end of a line."""
        return json.dumps(asdict(self)).encode("ascii") + b"\n"

    @classmethod
    def from_json(cls, content: object) -> "Record":
        """The record of a line's JSON; ValueError or TypeError when it is none."""
        if not isinstance(content, dict) or not {"index", "name", "status"} <= set(content):
            raise PartimentoError("not a line of a batch")
        known = {f.name for f in fields(cls)}
        values = {name: value for name, value in content.items() if name in known}
        source = values.get("source")
        if not isinstance(source, dict) or not isinstance(values.get("files"), dict):
            raise PartimentoError("not a line of a batch")
        values["source"] = Source(str(source.get("file")), source.get("line"))
        for name in ("music", "changed_bars"):
            if values.get(name) is not None:
                values[name] = tuple(values[name])
        if not isinstance(values["index"], int) or values["status"] not in ("done", "failed"):
            raise PartimentoError("not a line of a batch")
        return cls(**cast("dict[str, Any]", values))


@dataclass(frozen=True, slots=True)
class Making:
    """What, besides the items, decides the bytes of a batch's files."""

    checkpoint: str
    engine: str
    precision: str
    batch_seed: int
    soundfont: str | None = None
    """Hash of the sound font's file; None for the General MIDI one."""
    loudness: float | None = None
    """LUFS of sound files; None where there are none."""
    sketcher: str | None = None
    """Name of what draws the sketches; None where no piece has one."""


def fingerprint(item: Item, making: Making) -> str:
    """Hash of everything that decides the bytes of an item's files."""
    parts = [
        FORMAT,
        item.name,
        item.formats,
        item.request.to_dict(),
        *deciding(item.wish),
        making.sketcher,
        making.checkpoint,
        making.engine,
        making.precision,
        making.soundfont,
        making.loudness,
    ]
    return hashlib.sha256(json.dumps(parts).encode("ascii")).hexdigest()


def failed_record(item: Item, error: str, making: Making) -> Record:
    """The line of a piece that could not be made."""
    return Record(
        index=item.index,
        name=item.name,
        status="failed",
        error=error,
        seed=item.request.seed,
        settings=item.request.to_dict(),
        prompt=item.request.prompt,
        reading=item.reading,
        source=Source(item.file, item.line),
        kind=item.kind,
        music=item.music,
        edit=asked_change(item.wish),
        checkpoint=making.checkpoint,
        engine=making.engine,
        precision=making.precision,
        batch_seed=making.batch_seed,
        fingerprint=fingerprint(item, making),
    )


def invalid_record(invalid: Invalid, batch_seed: int) -> Record:
    """The line of a number that no valid wish was read for."""
    problem = invalid.problem
    return Record(
        index=invalid.index,
        name=f"{invalid.index:03d}",
        status="failed",
        error=problem.message,
        source=Source(problem.file, problem.line),
        batch_seed=batch_seed,
    )


def read_records(path: Path) -> dict[int, Record]:
    """The last line of each number; a torn line at the end is left out.

    ValueError for a file that no batch wrote.
    """
    records = {}
    lines = path.read_bytes().split(b"\n")
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            content = json.loads(line)
        except (ValueError, RecursionError):
            # What follows the last line feed, or the last line after a power cut, is torn.
            if all(not later.strip(b"\0 ") for later in lines[number:]):
                break
            content = None
        try:
            record = Record.from_json(content)
        except (ValueError, TypeError):
            raise RemedyError(
                f"{path}:{number}: not a line of a batch", {"out": "names another folder"}
            ) from None
        records[record.index] = record
    return records


def write_records(path: Path, records: Iterable[Record], staging: Path) -> None:
    """Write the lines in the order of their numbers, whole or not at all, by way of a folder."""
    lines = (record.to_line() for record in sorted(records, key=lambda r: r.index))
    write_whole(path, b"".join(lines), staging=staging)


def append_record(descriptor: int, record: Record) -> None:
    """Append a line to a record opened with O_APPEND, and wait until it is on the disk."""
    line = record.to_line()
    if os.write(descriptor, line) < len(line):
        raise OSError("the record could not be written; is the disk full?")
    os.fsync(descriptor)


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
