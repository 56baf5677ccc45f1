"""The record and the folder: what is kept, what is torn, what is of other origin."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partimento.batch.entries import Entry, Field, PromptFile
from partimento.batch.folder import OutputFolder, stored_seed
from partimento.batch.items import Batch, Item, make_batch
from partimento.batch.making import Outcome, decode, finish, groups
from partimento.batch.records import (
    BATCH_FILE,
    Making,
    Record,
    Source,
    fingerprint,
    read_records,
    write_records,
)
from partimento.request.request import Request
from partimento.sampling.engine import Engine
from partimento.sampling.generate import Wish, generate

MAKING = Making("abc", "numba", "float32", batch_seed=7)
TEXTS = st.text(max_size=20)


def batch_of(*bars: int) -> Batch:
    fields = [{"bars": Field(count, 1), "style": Field("folk", 1)} for count in bars]
    return make_batch([PromptFile("a.yaml", tuple(Entry(1, field) for field in fields))], 7)


def make(item: Item, folder: OutputFolder, engine: Engine) -> Record:
    (outcome,) = decode([item], engine)
    staged = folder.staging(item)
    record = finish(outcome, staged, None, MAKING)
    assert record is not None
    folder.commit(record, staged)
    return record


@given(
    st.builds(
        Record,
        index=st.integers(1, 10**5),
        name=TEXTS,
        status=st.sampled_from(["done", "failed"]),
        error=st.none() | TEXTS,
        files=st.dictionaries(TEXTS, TEXTS, max_size=3),
        seed=st.none() | st.integers(0, 2**53 - 1),
        settings=st.dictionaries(TEXTS, st.integers() | TEXTS, max_size=3),
        prompt=st.none() | st.text(),
        source=st.builds(Source, TEXTS, st.none() | st.integers(1)),
        bpm=st.none() | st.floats(10, 400),
    )
)
def test_a_line_comes_back_as_its_record(record: Record) -> None:
    line = record.to_line()
    assert line.endswith(b"\n")
    assert line.decode("ascii").splitlines() == [line.decode("ascii")[:-1]]
    assert Record.from_json(json.loads(line)) == record


@given(st.integers(0, 400), st.binary(max_size=5))
def test_a_record_cut_off_anywhere_keeps_its_whole_lines(
    tmp_path_factory: pytest.TempPathFactory, cut: int, tail: bytes
) -> None:
    path = tmp_path_factory.mktemp("m") / BATCH_FILE
    records = [Record(index, f"n{index}", "done") for index in (3, 1, 2)]
    write_records(path, records, path.parent)
    whole = path.read_bytes()
    assert list(read_records(path)) == [1, 2, 3]
    cut = min(cut * len(whole) // 400, len(whole))
    path.write_bytes(whole[:cut] + tail.replace(b"\n", b"\0"))
    lines = whole[:cut].count(b"\n")
    assert list(read_records(path))[:lines] == [1, 2, 3][:lines]
    assert len(read_records(path)) <= lines + 1


def test_of_several_lines_of_a_piece_the_last_counts(tmp_path: Path) -> None:
    path = tmp_path / BATCH_FILE
    first, last = Record(1, "a", "failed", "no"), Record(1, "a", "done")
    path.write_bytes(first.to_line() + last.to_line())
    assert read_records(path) == {1: last}


@pytest.mark.parametrize(
    "content",
    [
        b'{"path": "a.mid"}\n',
        b"hello\n" + Record(1, "a", "done").to_line(),
        b"[1]\n",
        b'{"index": "1", "name": "a", "status": "done", "files": {}, "source": {}}\n',
    ],
)
def test_a_record_of_other_origin_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / BATCH_FILE
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"batch\.jsonl:1: not a line of a batch"):
        read_records(path)


def test_the_fingerprint_changes_with_everything_that_decides_the_bytes() -> None:
    item = batch_of(1).items[0]
    found = {fingerprint(item, MAKING)}
    request = item.wish.request
    for other in (
        replace(item, name="other"),
        replace(item, formats=("wav",)),
        replace(item, wish=replace(item.wish, keep_primer=False)),
        replace(item, wish=replace(item.wish, request=replace(request, bars=2))),
        replace(item, wish=replace(item.wish, request=replace(request, seed=8))),
    ):
        found.add(fingerprint(other, MAKING))
    for making in (
        replace(MAKING, checkpoint="other"),
        replace(MAKING, engine="torch"),
        replace(MAKING, precision="int8"),
        replace(MAKING, soundfont="other"),
        replace(MAKING, loudness=-23.0),
    ):
        found.add(fingerprint(item, making))
    assert len(found) == 11
    moved = replace(item, file="elsewhere.txt", line=9, reading="understood: it")
    assert fingerprint(moved, replace(MAKING, batch_seed=8)) == fingerprint(item, MAKING)


def test_a_release_that_writes_the_same_bytes_voids_no_piece(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    item = batch_of(1).items[0]
    before = fingerprint(item, MAKING)
    monkeypatch.setattr("partimento.batch.records.__version__", "9.9")
    assert fingerprint(item, MAKING) == before
    monkeypatch.setattr("partimento.batch.records.FORMAT", 2)
    assert fingerprint(item, MAKING) != before


def test_a_run_cut_off_between_the_line_and_the_file_makes_the_piece_again(
    tmp_path: Path, engine: Engine
) -> None:
    batch = batch_of(1, 1, 1)
    with OutputFolder(tmp_path) as folder:
        for item in folder.begin(batch, MAKING):
            make(item, folder, engine)
    whole = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    (tmp_path / batch.items[1].files[0]).unlink()
    (tmp_path / ".partial" / "2").mkdir(parents=True)
    with OutputFolder(tmp_path) as folder:
        pending = folder.begin(batch, MAKING, resume=True)
        assert [item.index for item in pending] == [2]
        assert not (tmp_path / ".partial" / "2").exists()
        make(pending[0], folder, engine)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == whole
    assert stored_seed(tmp_path) == 7
    assert stored_seed(tmp_path / "nothing") is None


def test_a_link_or_another_file_is_not_taken_for_a_piece(tmp_path: Path, engine: Engine) -> None:
    batch = batch_of(1)
    out = tmp_path / "out"
    with OutputFolder(out) as folder:
        (item,) = folder.begin(batch, MAKING)
        make(item, folder, engine)
    (name,) = item.files
    (tmp_path / "elsewhere").write_bytes((out / name).read_bytes())
    (out / name).unlink()
    (out / name).symlink_to(tmp_path / "elsewhere")
    with OutputFolder(out) as folder:
        assert folder.begin(batch, MAKING, resume=True) == [item]
        make(item, folder, engine)
    assert not (out / name).is_symlink()
    assert (tmp_path / "elsewhere").exists()


def test_a_record_cannot_make_a_run_delete_files_elsewhere(tmp_path: Path, engine: Engine) -> None:
    batch = batch_of(1)
    out = tmp_path / "out"
    with OutputFolder(out) as folder:
        (item,) = folder.begin(batch, MAKING)
        record = make(item, folder, engine)
    victim = tmp_path / "victim.mid"
    victim.write_bytes((out / item.files[0]).read_bytes())
    digest = record.files[item.files[0]]
    line = replace(record, files={"../victim.mid": digest}).to_line()
    (out / BATCH_FILE).write_bytes(line)
    (out / item.files[0]).unlink()
    with OutputFolder(out) as folder:
        assert folder.begin(batch, MAKING, resume=True) == [item]
    assert victim.exists()


def test_an_item_that_fails_in_the_engine_fails_alone(tmp_path: Path, engine: Engine) -> None:
    items = list(batch_of(1, 1, 1).items)
    impossible = Request(bars=1, key="C", lock_key=True, pitch_range="C#4-C#4", seed=5)
    items[1] = replace(items[1], wish=Wish(impossible))
    outcomes = decode(items, engine)
    assert [outcome.piece is None for outcome in outcomes] == [False, True, False]
    assert outcomes[1].error == ("pitch_range C#4-C#4 holds no note of C major; widen the range")
    record = finish(outcomes[1], tmp_path, None, MAKING)
    assert record is not None
    assert (record.status, record.error, record.files) == ("failed", outcomes[1].error, {})
    for number in (0, 2):
        piece = outcomes[number].piece
        assert piece is not None
        (alone,) = generate([items[number].request], engine)
        assert alone.score == piece.score


def test_what_is_stopped_is_neither_done_nor_failed(tmp_path: Path, engine: Engine) -> None:
    items = batch_of(40, 40).items
    outcomes = decode(items, engine, should_stop=lambda: True)
    assert outcomes == [Outcome(item) for item in items]
    assert [finish(outcome, tmp_path, None, MAKING) for outcome in outcomes] == [None, None]


@given(st.lists(st.integers(1, 512), min_size=1, max_size=80), st.integers(1, 8))
def test_groups_hold_every_item_once_and_never_more_than_a_core_can_lose(
    bars: list[int], cores: int
) -> None:
    items = [
        Item(i, str(i), Wish(Request(bars=count)), (), "a.txt", 1) for i, count in enumerate(bars)
    ]
    found = list(groups(items, cores))
    assert sorted(item.index for group in found for item in group) == list(range(len(bars)))
    for group in found:
        count = sum(item.request.bars for item in group)
        assert len(group) <= 16 * cores
        assert count <= 256 * cores or len(group) <= cores
    assert [len(group) for group in groups(items, cores, 1)] == [1] * len(items)


def test_every_worker_of_a_cluster_gets_a_group() -> None:
    items = [Item(i, str(i), Wish(Request(bars=4)), (), "a.txt", 1) for i in range(10)]
    assert [len(group) for group in groups(items, 8)] == [10]
    assert [len(group) for group in groups(items, 8, workers=4)] == [3, 3, 3, 1]
    assert [len(group) for group in groups(items, 8, workers=40)] == [1] * 10


def test_pieces_of_one_primer_stand_side_by_side() -> None:
    items = [
        Item(i, str(i), Wish(Request(bars=4, primer=primer)), (), "a.txt", 1)
        for i, primer in enumerate(["b.mid", "a.mid", "b.mid", "a.mid"])
    ]
    ((first, second, third, fourth),) = groups(items, 1)
    assert [item.request.primer for item in (first, second, third, fourth)] == [
        *("a.mid", "a.mid", "b.mid", "b.mid")
    ]
