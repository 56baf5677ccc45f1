"""A run on this machine: group after group, each piece saved as soon as it is there."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, as_completed
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from partimento.batch.folder import OutputFolder
from partimento.batch.items import Item
from partimento.batch.making import decode, groups, submit
from partimento.batch.records import Making, Record, failed_record
from partimento.batch.renderers import Renderers, describe
from partimento.rendering.audio.settings import DEFAULT_SOUND, Sound
from partimento.sampling.engine import Engine


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
    sound: Sound = DEFAULT_SOUND,
    group_size: int | None = None,
) -> None:
    """Make all items; when `should_stop` turns true, what is complete by then is kept.

    While a group is decoded, the one before is rendered and saved.
    """
    rendered = sum(bool(item.formats) for item in items)
    with Renderers.for_pieces(rendered, cores) as renderers:
        desk = _Desk(folder, making, observer)
        for group in groups(items, cores, group_size):
            if should_stop():
                break
            observer.started(group)
            outcomes = decode(group, engine, desk.hear, should_stop)
            desk.save(wait=True)
            for outcome in outcomes:
                staged = folder.staging(outcome.item)
                future = submit(renderers, outcome, staged, sound, making)
                desk.add(outcome.item, staged, future)
                desk.save(wait=False)
        desk.save(wait=True)


class _Desk:
    """Pieces that are being rendered, saved by the thread that runs the batch."""

    def __init__(self, folder: OutputFolder, making: Making, observer: Observer) -> None:
        self._folder, self._making, self._observer = folder, making, observer
        self._waiting: dict[Future[Record | None], tuple[Item, Path]] = {}

    def add(self, item: Item, staged: Path, future: Future[Record | None]) -> None:
        """Wait for the files of an item in its staging folder."""
        self._waiting[future] = (item, staged)

    def hear(self, item: Item, bars: int) -> None:
        """Pass finished bars on, and save what was rendered meanwhile."""
        self._observer.bars(item, bars)
        self.save(wait=False)

    def save(self, wait: bool) -> None:
        """Put what is rendered into the folder; with `wait` all that is being rendered."""
        for future in as_completed(list(self._waiting)) if wait else list(self._waiting):
            if future.done():
                item, staged = self._waiting.pop(future)
                record = future.result()
                if record is not None:
                    record = save(self._folder, item, record, staged, self._making)
                    self._observer.finished(item, record)


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
