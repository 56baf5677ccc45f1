"""From a folder of MIDI files to token arrays: manifests, splits, problems and the cache."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.encoding import encode
from partimento.training import corpus as corpus_module
from partimento.training.corpus import ENCODERS, list_entries, load_corpus
from partimento.training.scores import load_training_score

SOURCE = Path(__file__).parents[2]
WriteFolder = Callable[..., Path]


@pytest.fixture
def tokenized(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths of the files that were tokenised so far."""
    paths: list[str] = []
    original = corpus_module.tokenize_entry

    def spy(folder: Path, entry: corpus_module.Entry) -> object:
        paths.append(entry.path)
        return original(folder, entry)

    monkeypatch.setattr(corpus_module, "tokenize_entry", spy)
    return paths


def test_without_a_manifest_every_midi_file_counts_with_the_style_of_its_folder(
    tmp_path: Path, write_folder: WriteFolder
) -> None:
    names = ["folk/a.mid", "Hymn/deep/b.MIDI", "other/c.mid", "d.mid"]
    write_folder(tmp_path, names)
    (tmp_path / "folk" / "notes.txt").write_text("no music")
    found = {entry.path: entry.style for entry in list_entries(tmp_path)}
    assert found == {
        "folk/a.mid": "folk",
        "Hymn/deep/b.MIDI": "hymn",
        "other/c.mid": None,
        "d.mid": None,
    }


def test_without_a_manifest_a_name_keeps_its_split_wherever_it_stands(tmp_path: Path) -> None:
    for number in range(400):
        for folder in ("one", "two"):
            path = tmp_path / folder / f"{number}.mid"
            path.parent.mkdir(exist_ok=True)
            path.touch()
    entries = list_entries(tmp_path)
    splits = {entry.path: entry.split for entry in entries}
    assert all(splits[f"one/{n}.mid"] == splits[f"two/{n}.mid"] for n in range(400))
    counts = {
        name: sum(split == name for split in splits.values()) for name in set(splits.values())
    }
    assert counts["train"] > 700
    assert min(counts["valid"], counts["test"]) >= 8


def test_a_manifest_says_which_files_count_and_what_they_are(
    tmp_path: Path, write_folder: WriteFolder
) -> None:
    manifest: list[dict[str, object]] = [
        {"path": "a.mid", "style": "folk", "title": "fields that nobody reads are no error"},
        {"path": "sub/b.mid", "split": "valid", "work": "w2", "chords": None},
    ]
    write_folder(tmp_path, ["a.mid", "sub/b.mid", "unlisted.mid"])
    write_folder(tmp_path, [], manifest)
    first, second = list_entries(tmp_path)
    assert (first.path, first.style, first.split, first.work) == ("a.mid", "folk", "train", "")
    assert (second.path, second.style, second.split) == ("sub/b.mid", None, "valid")


def test_a_folder_without_midi_files_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"no files of music and no manifest\.jsonl"):
        list_entries(tmp_path)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"path": "b.mid"', "not valid JSON"),
        ('"b.mid"', "expected an object"),
        ('{"style": "folk"}', "path is missing"),
        ('{"path": 3}', "path must be text, got 3"),
        ('{"path": "b.mid", "work": ["w"]}', "work must be text"),
        ('{"path": "b.mid", "split": "dev"}', "split must be one of train, valid, test, got 'dev'"),
        ('{"path": "b.mid", "style": "polka"}', "style must be one of keyboard, .*got 'polka'"),
        ('{"path": "a.mid"}', "a.mid stands in line 1 already"),
    ],
)
def test_a_wrong_line_of_a_manifest_is_one_line_with_file_and_number(
    tmp_path: Path, line: str, message: str
) -> None:
    (tmp_path / "manifest.jsonl").write_text(f'{{"path": "a.mid"}}\n\n{line}\n')
    with pytest.raises(ValueError, match=rf"manifest\.jsonl:3: .*{message}") as caught:
        list_entries(tmp_path)
    assert "\n" not in str(caught.value)


def test_a_manifest_without_lines_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "manifest.jsonl").write_text("\n")
    with pytest.raises(ValueError, match="lists no file"):
        list_entries(tmp_path)


def test_no_piece_of_a_held_out_work_is_trained_on(
    tmp_path: Path, write_folder: WriteFolder
) -> None:
    manifest: list[dict[str, object]] = [
        {"path": "a.mid", "work": "w1", "split": "train"},
        {"path": "b.mid", "work": "w1", "split": "test"},
        {"path": "c.mid", "work": "w2", "split": "train"},
        {"path": "d.mid", "work": "w2", "split": "valid"},
        {"path": "e.mid", "work": "w3", "split": "train"},
        {"path": "f.mid", "work": "w3", "split": "train"},
        {"path": "g.mid", "split": "train"},
        {"path": "h.mid", "split": "valid"},
    ]
    corpus = load_corpus(write_folder(tmp_path / "data", manifest=manifest), tmp_path / "cache")
    paths = {
        name: [p.entry.path for p in corpus.split(name)] for name in ("train", "valid", "test")
    }
    assert paths == {
        "train": ["e.mid", "f.mid", "g.mid"],
        "valid": ["d.mid", "h.mid"],
        "test": ["b.mid"],
    }
    assert corpus.problems == (
        "a.mid: not trained on, since work w1 is also in the test split",
        "c.mid: not trained on, since work w2 is also in the valid split",
    )


def test_a_copy_of_a_held_out_piece_is_not_trained_on(
    tmp_path: Path, write_folder: WriteFolder
) -> None:
    manifest: list[dict[str, object]] = [
        {"path": "a.mid", "style": "folk"},
        {"path": "b.mid", "split": "valid"},
        {"path": "copy.mid", "style": "pop"},
    ]
    folder = write_folder(tmp_path / "data", manifest=manifest)
    shutil.copy(folder / "b.mid", folder / "copy.mid")
    corpus = load_corpus(folder, tmp_path / "cache")
    assert [piece.entry.path for piece in corpus.pieces] == ["a.mid", "b.mid"]
    assert corpus.problems == (
        "copy.mid: not trained on, since it is the same music as b.mid in the valid split",
    )


def test_unreadable_files_are_named_and_left_out(tmp_path: Path, write_folder: WriteFolder) -> None:
    manifest: list[dict[str, object]] = [
        {"path": "good.mid"},
        {"path": "junk.mid"},
        {"path": "gone.mid"},
        {"path": "labelled.mid", "chords": "gone.json"},
    ]
    folder = write_folder(tmp_path / "data", manifest=manifest)
    (folder / "junk.mid").write_bytes(b"this is no music")
    (folder / "gone.mid").unlink()
    corpus = load_corpus(folder, tmp_path / "cache")
    assert [piece.entry.path for piece in corpus.pieces] == ["good.mid"]
    assert len(corpus.problems) == 3
    for problem, name in zip(
        corpus.problems, ("junk.mid", "gone.mid", "labelled.mid"), strict=True
    ):
        assert name in problem
        assert "\n" not in problem


def test_a_corpus_of_nothing_readable_is_empty_and_not_an_error(tmp_path: Path) -> None:
    (tmp_path / "junk.mid").write_bytes(b"MThd")
    corpus = load_corpus(tmp_path, tmp_path / "cache")
    assert corpus.pieces == ()
    assert len(corpus.problems) == 1


def test_the_tokens_are_those_of_the_encoder(tmp_path: Path, write_folder: WriteFolder) -> None:
    names = ["folk/a.mid", "folk/b.mid"]
    folder = write_folder(tmp_path / "data", names)
    corpus = load_corpus(folder, tmp_path / "cache")
    for piece in corpus.pieces:
        score = load_training_score(folder, piece.entry.path, "folk")
        assert piece.tokens.tolist() == encode(score).tokens.tolist()
        assert piece.tokens[1] == v.STYLE + v.style_index("folk")
        assert piece.notes == score.note_count


def test_chords_come_from_the_chord_file_and_else_are_estimated(
    tmp_path: Path, write_folder: WriteFolder
) -> None:
    folder = write_folder(tmp_path, ["a.mid"])
    labels = [[4 * bar, 4, ("Bb:min7", "F#:aug")[bar % 2]] for bar in range(12)]
    (folder / "a.json").write_text(json.dumps(labels))
    labelled = load_training_score(folder, "a.mid", chords="a.json")
    estimated = load_training_score(folder, "a.mid")
    assert [(c.root, c.quality) for c in labelled.chords[:2]] == [(10, "min7"), (6, "aug")]
    assert estimated.chords
    assert estimated.chords != labelled.chords


def test_an_unchanged_corpus_is_read_from_the_cache(
    tmp_path: Path, write_folder: WriteFolder, tokenized: list[str]
) -> None:
    folder = write_folder(tmp_path / "data", ["folk/a.mid", "folk/b.mid"])
    (folder / "junk.mid").write_bytes(b"no music")
    first = load_corpus(folder, tmp_path / "cache")
    assert len(tokenized) == 3
    shutil.copytree(folder, tmp_path / "moved")  # other dates, the same content
    for again in (
        load_corpus(folder, tmp_path / "cache"),
        load_corpus(tmp_path / "moved", tmp_path / "cache"),
    ):
        assert len(tokenized) == 3
        assert again.fingerprint == first.fingerprint
        assert again.problems == first.problems
        for old, new in zip(first.pieces, again.pieces, strict=True):
            assert (old.entry, old.notes) == (new.entry, new.notes)
            assert np.array_equal(old.tokens, new.tokens)
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [
        path.name for path in (tmp_path / "cache").glob("corpus-*.npz")
    ]


@pytest.mark.parametrize("change", ["content", "new file", "style", "chords", "encoder", "damage"])
def test_a_change_makes_a_new_cache(
    tmp_path: Path,
    write_folder: WriteFolder,
    tokenized: list[str],
    monkeypatch: pytest.MonkeyPatch,
    change: str,
) -> None:
    manifest: list[dict[str, object]] = [{"path": "a.mid", "chords": "a.json"}, {"path": "b.mid"}]
    folder = write_folder(tmp_path / "data", manifest=manifest)
    (folder / "a.json").write_text('[[0, 4, "C"], [4, 4, "G"]]')
    load_corpus(folder, tmp_path / "cache")
    del tokenized[:]
    if change == "content":  # of the same length
        data = bytearray((folder / "b.mid").read_bytes())
        data[data.index(b"\x90") + 2] ^= 1
        (folder / "b.mid").write_bytes(data)
    elif change == "new file":
        write_folder(folder, manifest=[*manifest, {"path": "c.mid"}])
    elif change == "style":
        write_folder(folder, [], [{**manifest[0], "style": "folk"}, manifest[1]])
    elif change == "chords":
        (folder / "a.json").write_text('[[0, 4, "D"], [4, 4, "G"]]')
    elif change == "encoder":
        monkeypatch.setattr(corpus_module, "encoder_version", lambda: "another")
    else:
        (cache,) = (tmp_path / "cache").iterdir()
        cache.write_bytes(cache.read_bytes()[:100])
    load_corpus(folder, tmp_path / "cache")
    assert len(tokenized) >= 2
    del tokenized[:]
    load_corpus(folder, tmp_path / "cache")
    assert tokenized == []


def test_the_version_of_the_encoder_covers_every_module_that_it_imports() -> None:
    waiting = ["training/scores.py", "tokenizer/encoding.py"]
    found: set[str] = set()
    while waiting:
        module = waiting.pop()
        if module in found:
            continue
        found.add(module)
        text = (SOURCE / module).read_text("utf-8")
        for package, names in re.findall(
            r"^from partimento\.(\S+) import (.+)", text, re.MULTILINE
        ):
            place = package.replace(".", "/")
            paths = (f"{place}.py", *(f"{place}/{name.strip()}.py" for name in names.split(",")))
            waiting += [path for path in paths if (SOURCE / path).is_file()]
    assert len(found) > 10
    assert {path for path in found if not path.startswith(ENCODERS)} == set()


@pytest.mark.slow
def test_several_processes_give_what_one_gives(tmp_path: Path, write_folder: WriteFolder) -> None:
    folder = write_folder(tmp_path / "data", [f"{i}.mid" for i in range(corpus_module.POOL_FILES)])
    (folder / "5.mid").write_bytes(b"no music")
    told: list[tuple[int, int]] = []
    one = load_corpus(folder, tmp_path / "one", processes=1)
    two = load_corpus(
        folder, tmp_path / "two", processes=2, on_progress=lambda *counts: told.append(counts)
    )
    assert one.fingerprint == two.fingerprint
    assert one.problems == two.problems
    assert told == [(done, 64) for done in range(1, 65)]


def test_the_fingerprint_tells_splits_apart(tmp_path: Path, write_folder: WriteFolder) -> None:
    manifest: list[dict[str, object]] = [{"path": "a.mid"}, {"path": "b.mid", "split": "valid"}]
    folder = write_folder(tmp_path / "data", manifest=manifest)
    before = load_corpus(folder, tmp_path / "cache").fingerprint
    write_folder(folder, [], [manifest[0], {"path": "b.mid", "split": "test"}])
    assert load_corpus(folder, tmp_path / "cache").fingerprint != before


def test_the_folder_of_a_batch_is_a_corpus_of_its_midi_files(tmp_path: Path) -> None:
    (tmp_path / "batch.jsonl").write_text('{"index": 1, "name": "a", "source": {"file": "x"}}\n')
    (tmp_path / "001-folk.mid").write_bytes(b"")
    assert [entry.path for entry in list_entries(tmp_path)] == ["001-folk.mid"]
