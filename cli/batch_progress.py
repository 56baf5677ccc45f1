"""How far a batch is, on stderr: bars on a terminal, a line a piece elsewhere."""

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from partimento.batch.items import Item
    from partimento.batch.records import Record

SHOWN = 8
"""Running pieces with a bar of their own; a count stands for the others."""


class Tally:
    """Counts what is done; an observer of a run that shows nothing."""

    def __init__(self, bars: int) -> None:
        self.made = 0
        """Pieces that are in the folder."""
        self.failed = 0
        self._bars = bars
        self._done: dict[int, int] = {}
        self._tokens = 0
        self._start = time.perf_counter()

    def started(self, items: "Sequence[Item]") -> None:
        """These items are being decoded now."""

    def bars(self, item: "Item", bars: int) -> None:
        """An item has so many more finished bars."""
        # A piece that is tried again is counted once.
        done = self._done.get(item.index, 0) + bars
        self._done[item.index] = min(done, item.request.bars)

    def finished(self, item: "Item", record: "Record") -> None:
        """An item is in the folder, or failed."""
        self._done[item.index] = item.request.bars
        self._tokens += record.tokens or 0
        self.made += record.status == "done"
        self.failed += record.status == "failed"

    @property
    def seconds(self) -> float:
        """Since the start."""
        return max(time.perf_counter() - self._start, 1e-9)

    @property
    def bars_done(self) -> int:
        """Finished bars of all items."""
        return sum(self._done.values())

    @property
    def tokens_per_second(self) -> float:
        """Of the finished pieces, over the whole time."""
        return self._tokens / self.seconds

    @property
    def seconds_left(self) -> float | None:
        """Until the last bar, at the pace until now; None before the first."""
        done = self.bars_done
        return None if not done else self.seconds * (self._bars - done) / done


class Lines(Tally):
    """A line on stderr for each piece."""

    def __init__(self, items: "Sequence[Item]") -> None:
        super().__init__(sum(item.request.bars for item in items))
        self._count = len(items)

    def finished(self, item: "Item", record: "Record") -> None:
        """Print the piece, the pace and the time left."""
        from partimento.music.facts import counted

        super().finished(item, record)
        number = f"{self.made + self.failed}/{self._count}"
        if record.status == "failed":
            what = f"failed: {record.error}"
        else:
            size = f"{counted(record.bars or 0, 'bar')}, {counted(record.notes or 0, 'note')}"
            what = f"{size}, {record.key or 'no key'}"
        left = self.seconds_left
        pace = f"{self.tokens_per_second:,.0f} tokens/s"
        pace += "" if left is None else f", {clock(left)} left"
        typer.echo(f"{number}  {record.name}  {what}  ({pace})", err=True)


class Bars(Tally):
    """Bars on a terminal: the whole, and the pieces under way."""

    def __init__(self, items: "Sequence[Item]", progress: "Progress") -> None:
        super().__init__(sum(item.request.bars for item in items))
        self._count = len(items)
        self._progress = progress
        self._whole = progress.add_task("", total=self._bars)
        self._others = progress.add_task("", total=None, visible=False)
        self._running: dict[int, Item] = {}
        self._shown: dict[int, TaskID] = {}
        """Task of each running item that is shown, by its number."""
        self._update()

    def started(self, items: "Sequence[Item]") -> None:
        """Show the first of them."""
        self._running.update((item.index, item) for item in items)
        self._fill()

    def bars(self, item: "Item", bars: int) -> None:
        """Move on the bars."""
        super().bars(item, bars)
        if item.index in self._shown:
            self._progress.update(self._shown[item.index], completed=self._done[item.index])
            if self._done[item.index] >= item.request.bars:
                self._leave(item.index)
        elif self._done[item.index] >= item.request.bars:
            self._running.pop(item.index, None)
        self._update()

    def finished(self, item: "Item", record: "Record") -> None:
        """Take the piece off the list, and print why it failed."""
        super().finished(item, record)
        self._leave(item.index)
        if record.status == "failed":
            self._progress.console.print(
                f"failed: {record.name}: {record.error}", markup=False, highlight=False
            )
        self._update()

    def _leave(self, index: int) -> None:
        self._running.pop(index, None)
        task = self._shown.pop(index, None)
        if task is not None:
            self._progress.remove_task(task)
        self._fill()

    def _fill(self) -> None:
        for index, item in self._running.items():
            if len(self._shown) == SHOWN:
                break
            if index not in self._shown:
                self._shown[index] = self._progress.add_task(
                    f"  {item.name}", total=item.request.bars
                )
        others = len(self._running) - len(self._shown)
        self._progress.update(self._others, description=f"  and {others} more", visible=others > 0)

    def _update(self) -> None:
        left = self.seconds_left
        pace = f"{self.tokens_per_second:,.0f} tokens/s" if self._tokens else ""
        pace += "" if left is None else f"  {clock(left)} left"
        self._progress.update(
            self._whole,
            completed=self.bars_done,
            description=f"{self.made + self.failed}/{self._count} pieces  {pace}",
        )


def clock(seconds: float) -> str:
    """A length of time as minutes or hours.

    >>> clock(75), clock(4000)
    ('1:15', '1:06:40')
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


@contextmanager
def watch(items: "Sequence[Item]", quiet: bool) -> Iterator[Tally]:
    """Yield an observer for a run that makes these items."""
    if quiet:
        yield Tally(sum(item.request.bars for item in items))
    elif not sys.stderr.isatty():
        yield Lines(items)
    else:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

        columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
            yield Bars(items, progress)
