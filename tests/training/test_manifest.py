"""What a corpus is by its manifest or its folder, and how works stay apart."""

from pathlib import Path

import pytest

from partimento.training.manifest import Entry, keep_works_apart, list_entries, read_entries


def test_the_tests_own_pieces_are_a_corpus(pieces_folder: Path) -> None:
    entries = {entry.path: entry for entry in list_entries(pieces_folder)}
    assert len(entries) == 10
    assert entries["dark_eyes.mid"].chords == "dark_eyes.chords.json"
    assert {entry.split for entry in entries.values()} == {"test"}
    assert all((pieces_folder / path).is_file() for path in entries)


def test_without_a_manifest_the_top_folder_is_the_style(tmp_path: Path) -> None:
    for name in ("folk/a.mid", "polka/b.midi", "folk/notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    assert [(entry.path, entry.style) for entry in read_entries(tmp_path)] == [
        *(("folk/a.mid", "folk"), ("polka/b.midi", None))
    ]


def test_a_training_piece_of_a_held_out_work_is_left_out_and_named() -> None:
    entries = [Entry("a.mid", work="x"), Entry("b.mid", split="test", work="x"), Entry("c.mid")]
    kept, left_out = keep_works_apart(entries)
    assert [entry.path for entry in kept] == ["b.mid", "c.mid"]
    assert len(left_out) == 1
    assert "a.mid" in left_out[0]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("7", r"manifest\.jsonl:1: .*got '7'"),
        ('{"style": "folk"}', "path is missing"),
        ('{"path": "a.mid", "split": "dev"}', "split must be one of train, valid, test"),
        ('{"path": "a.mid", "style": "polka"}', "got 'polka'"),
        ('{"path": 3}', "path must be text, got 3"),
    ],
)
def test_a_wrong_line_is_refused_with_what_is_wrong(
    tmp_path: Path, line: str, message: str
) -> None:
    (tmp_path / "manifest.jsonl").write_text(line + "\n", "utf-8")
    with pytest.raises(ValueError, match=message):
        list_entries(tmp_path)


def test_a_folder_without_music_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no files of music"):
        list_entries(tmp_path)
