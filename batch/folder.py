"""The folder that a batch is written into, in steps that can be cut off anywhere.

A piece's files are written in a staging folder first; then its line is appended to the
record; then the files are moved to their names. So every file that a batch ever put under
its name stands in the record with its hash. A line whose files are not there, or not whole,
counts as not done.
"""

import os
import secrets
import shutil
import stat
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from partimento.batch.items import Batch, Item
from partimento.batch.names import name_key
from partimento.batch.records import (
    BATCH_FILE,
    Making,
    Record,
    Source,
    append_record,
    file_sha256,
    fingerprint,
    invalid_record,
    read_records,
    write_records,
)
from partimento.errors import PartimentoError, RemedyError, SettingError

STAGING = ".partial"


def stored_seed(folder: Path) -> int | None:
    """The seed of the batch that a folder holds; None when it holds no piece."""
    path = folder / BATCH_FILE
    records = read_records(path) if path.is_file() else {}
    return next((record.batch_seed for record in records.values()), None)


class OutputFolder:
    """A folder under way; use it as a context, which ends with the record in order."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.records: dict[int, Record] = {}
        """The lines that count, by number."""
        self._record_file = path / BATCH_FILE
        # Of this run alone: a process of a killed one may still be writing into its own.
        self._staging = path / STAGING / secrets.token_hex(4)
        self._lock = -1
        self._descriptor = -1

    def __enter__(self) -> Self:
        """Create the folder when it is not there; ValueError when another run works in it."""
        if self.path.exists() and not self.path.is_dir():
            raise SettingError("out", f"must be a folder, got the file {self.path}")
        self.path.mkdir(parents=True, exist_ok=True)
        self._lock = _lock(self.path)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Put the record in order and clear the staging folder."""
        try:
            if self._descriptor >= 0:
                os.close(self._descriptor)
                with suppress(OSError):  # a full disk: the lines are there, only not in order
                    self._write_in_order()
                shutil.rmtree(self.path / STAGING, ignore_errors=True)
        finally:
            if self._lock >= 0:
                os.close(self._lock)

    def begin(
        self,
        batch: Batch,
        making: Making,
        only: frozenset[int] | None = None,
        resume: bool = False,
        force: bool = False,
    ) -> list[Item]:
        """Bring the folder into a state to write into; the items that are still to be made.

        With `resume` a piece is kept when its line has the item's fingerprint and its files
        have the line's hashes; everything else is made again. ValueError when the folder holds
        a batch and neither `resume` nor `force` is given, pieces that the input no longer has,
        or files of other origin under the names of pieces.
        """
        old = read_records(self._record_file) if self._record_file.exists() else {}
        if old and not (resume or force):
            raise RemedyError(
                f"{self._record_file} exists",
                {
                    "resume": "goes on with it",
                    "force": "makes its pieces again",
                    "out": "names another folder",
                },
            )
        beyond = sorted(index for index in old if index > batch.size)
        if beyond and not force:
            raise RemedyError(
                f"{self._record_file} has a piece {beyond[0]}, the input ends at {batch.size}",
                {"force": "removes what is beyond", "out": "names another folder"},
            )
        chosen = [item for item in batch.items if only is None or item.index in only]
        kept = {
            item.index: _with_source(old[item.index], item)
            for item in chosen
            if resume and item.index in old and self._is_complete(item, old[item.index], making)
        }
        numbers = {*(item.index for item in chosen), *beyond}
        numbers |= {i.index for i in batch.invalid if only is None or i.index in only}
        self.records = {index: record for index, record in old.items() if index not in numbers}
        self.records.update(kept)
        pending = [item for item in chosen if item.index not in kept]
        if not force:
            self._refuse_foreign(pending, old.values())
        # Files go before their lines: what has no line would be taken for another's.
        self._remove(old[index] for index in numbers if index in old and index not in kept)
        self.records.update(
            (invalid.index, invalid_record(invalid, batch.seed))
            for invalid in batch.invalid
            if only is None or invalid.index in only
        )
        shutil.rmtree(self.path / STAGING, ignore_errors=True)
        self._staging.mkdir(parents=True)
        self._write_in_order()
        binary = getattr(os, "O_BINARY", 0)  # Windows would write two characters a line end
        self._descriptor = os.open(self._record_file, os.O_WRONLY | os.O_APPEND | binary)
        return pending

    def staging(self, item: Item) -> Path:
        """An empty folder for the files of an item."""
        path = self._staging / str(item.index)
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir()
        return path

    def commit(self, record: Record, staged: Path | None = None) -> None:
        """Make a line count, and move its files from their staging folder to their names."""
        for name in record.files:
            assert staged is not None
            _sync(staged / name)
        append_record(self._descriptor, record)
        self.records[record.index] = record
        for name in record.files:
            assert staged is not None
            (staged / name).replace(self.path / name)
        if staged is not None:
            shutil.rmtree(staged, ignore_errors=True)
            _sync(self.path)

    def _is_complete(self, item: Item, record: Record, making: Making) -> bool:
        """Whether a line is the item's and its files are whole."""
        if record.status != "done" or record.fingerprint != fingerprint(item, making):
            return False
        if tuple(record.files) != item.files:
            return False
        return all(self._has(name, digest) for name, digest in record.files.items())

    def _has(self, name: str, digest: str) -> bool:
        path = self.path / name
        return path.is_file() and not path.is_symlink() and file_sha256(path) == digest

    def _refuse_foreign(self, pending: Sequence[Item], old: Iterable[Record]) -> None:
        """ValueError when a file is in the way that no line names."""
        own = {name_key(name) for record in old for name in record.files}
        there = {name_key(name): name for name in os.listdir(self.path)}
        for item in pending:
            for name in item.files:
                if name_key(name) in there and name_key(name) not in own:
                    raise RemedyError(
                        f"{self.path / there[name_key(name)]} exists and is of no piece of this "
                        "batch",
                        {"force": "replaces it", "out": "names another folder"},
                    )

    def _remove(self, records: Iterable[Record]) -> None:
        """Delete the files of lines that no longer count, as far as they are still those files."""
        for record in records:
            for name, digest in record.files.items():
                # A record that was tampered with must not name files elsewhere.
                if Path(name).name == name and self._has(name, digest):
                    (self.path / name).unlink()

    def _write_in_order(self) -> None:
        write_records(self._record_file, self.records.values(), self._staging)
        _sync(self.path)


def _with_source(record: Record, item: Item) -> Record:
    """The line of a finished piece, with where its wish stands now."""
    return replace(record, source=Source(item.file, item.line), reading=item.reading)


def _lock(folder: Path) -> int:
    """Keep other runs out of a folder as long as this process lives; -1 where that cannot be."""
    try:
        import fcntl
    except ImportError:  # Windows
        return -1
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise PartimentoError(f"{folder}: another run is writing here; wait for it") from None
    except OSError:  # a file system without locks
        os.close(descriptor)
        return -1
    return descriptor


def _sync(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    if os.name == "nt" and stat.S_ISDIR(path.stat().st_mode):
        return
    # Windows syncs only what is open for writing.
    descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
