"""What a worker of a cluster does, and what follows when it dies; Ray itself is in tests/cli."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from partimento import __version__
from partimento.batch.cluster import ATTEMPTS, CHECKPOINT, _again, _connected, _Task, make_group
from partimento.batch.entries import Entry, Field, PromptFile
from partimento.batch.folder import OutputFolder
from partimento.batch.items import Item, make_batch
from partimento.batch.making import decode, finish
from partimento.batch.records import Making, Record
from partimento.errors import PartimentoError
from partimento.rendering.audio.settings import DEFAULT_SOUND
from partimento.sampling.engines import load_engine


class Heard:
    """An observer that notes what failed."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    def started(self, items: object) -> None: ...

    def bars(self, item: Item, bars: int) -> None: ...

    def finished(self, item: Item, record: Record) -> None:
        self.records.append(record)


def test_a_worker_sends_the_files_that_are_made_here(tmp_path: Path, tiny_checkpoint: Path) -> None:
    fields = {"bars": Field(1, 1), "also": Field("svg", 1)}
    items = list(make_batch([PromptFile("a.yaml", (Entry(1, fields), Entry(2, fields)))], 7).items)
    engine = load_engine(tiny_checkpoint)
    making = Making(engine.checkpoint, engine.name, engine.precision, batch_seed=7)
    weights = {CHECKPOINT: tiny_checkpoint.read_bytes()}
    sent = make_group(items, making, "cpu", weights, -18.0, None, 1, __version__)
    for outcome, (record, files) in zip(decode(items, engine), sent, strict=True):
        folder = tmp_path / str(outcome.item.index)
        folder.mkdir()
        assert finish(outcome, folder, DEFAULT_SOUND, making) == record
        assert files == {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_worker_of_another_version_makes_nothing(tiny_checkpoint: Path) -> None:
    making = Making("abc", "numba", "float32", batch_seed=7)
    with pytest.raises(ValueError, match=r"a worker has partimento \S+, this machine 9\.9"):
        make_group(
            [], making, "cpu", {CHECKPOINT: tiny_checkpoint.read_bytes()}, -18.0, None, 1, "9.9"
        )


def test_items_over_which_workers_die_are_tried_alone_and_then_failed(tmp_path: Path) -> None:
    entries = tuple(Entry(n, {"bars": Field(1, n)}) for n in (1, 2))
    batch = make_batch([PromptFile("a.yaml", entries)], 7)
    making = Making("abc", "numba", "float32", batch_seed=7)
    heard = Heard()
    with OutputFolder(tmp_path) as folder:
        folder.begin(batch, making)
        tasks = _again(_Task(list(batch.items)), "WorkerCrashedError", folder, making, heard)
        assert tasks == [_Task([item], 1) for item in batch.items]
        last = replace(tasks[0], deaths=ATTEMPTS - 1)
        assert _again(last, "WorkerCrashedError", folder, making, heard) == []
    assert [record.error for record in heard.records] == [
        "3 workers died over it (WorkerCrashedError)"
    ]
    assert folder.records == {1: heard.records[0]}


def test_a_folder_named_ray_is_not_ray(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ray").mkdir()
    monkeypatch.delitem(sys.modules, "ray", raising=False)
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    remedy = r"ray is not installed; run: pip install 'partimento\[distributed\]'"
    with pytest.raises(PartimentoError, match=remedy), _connected("local"):
        pass
