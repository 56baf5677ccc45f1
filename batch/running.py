"""A run on this machine: group after group, each piece saved as soon as it is there."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from partimento.batch.folder import OutputFolder
from partimento.batch.items import Item
from partimento.batch.making import decode, describe, finish, groups
from partimento.batch.manifest import Making, Record, failed_record
from partimento.sampling.engines import Engine


class Observer(Protocol):
    """Hears how a run goes on, in the thread that runs it."""

    def started(self, items: Sequence[Item]) -> None:
        """These items are being decoded now."""

    def bars(self, item: Item, bars: int) -> None:
        """An item has so many more finished bars."""

    def finished(self, item: Item, record: Record) -> None:
        """An item is in the folder, or failed."""


def run(
    items: Sequence[Item],
    folder: OutputFolder,
    engine: Engine,
    making: Making,
    observer: Observer,
    should_stop: Callable[[], bool],
    cores: int,
    soundfont: Path | None = None,
    group_size: int | None = None,
) -> None:
    """Make all items; when `should_stop` turns true, what is complete by then is kept."""
    for group in groups(items, cores, group_size):
        if should_stop():
            return
        observer.started(group)
        for outcome in decode(group, engine, observer.bars, should_stop):
            staged = folder.staging(outcome.item)
            record = finish(outcome, staged, soundfont, making)
            if record is not None:
                record = save(folder, outcome.item, record, staged, making)
                observer.finished(outcome.item, record)


def save(folder: OutputFolder, item: Item, record: Record, staged: Path, making: Making) -> Record:
    """Put a piece into the folder; the line that counts then."""
    try:
        folder.commit(record, staged)
    except OSError as error:
        # The line may be there already, the files not: a later line counts instead.
        for name in record.files:
            with suppress(OSError):
                (folder.path / name).unlink()
        record = failed_record(item, describe(error), making)
        folder.commit(record)
    return record
