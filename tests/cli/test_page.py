"""`partimento page`: the file it writes and what it refuses."""

from collections.abc import Callable
from pathlib import Path

import pytest

from partimento.music.midi.writer import write_midi
from partimento.music.score import Note, Score, Track

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("one", "two"):
        write_midi(Score(24, (Track((Note(0, 60, 96),)),)), tmp_path / f"{name}.mid")
    return tmp_path


def test_the_page_is_written_into_the_folder(partimento: Call, folder: Path) -> None:
    path = folder / "index.html"
    assert partimento("page", folder, "--title", "A & B") == (0, f"{path}\n", "")
    text = path.read_text(encoding="utf-8")
    assert text.startswith("<!doctype html>")
    assert "<h1>A &amp; B</h1>" in text
    assert {p.name for p in folder.iterdir()} == {"index.html", "one.mid", "two.mid"}


def test_an_older_page_is_kept_without_force(partimento: Call, folder: Path) -> None:
    path = folder / "index.html"
    path.write_text("mine")
    code, out, err = partimento("page", folder)
    assert (code, out) == (1, "")
    assert err == f"error: {path} exists; give another name, or --force to replace it\n"
    assert path.read_text() == "mine"
    assert partimento("page", folder, "--force")[0] == 0
    assert path.read_text().startswith("<!doctype html>")


def test_what_cannot_be_read_is_named_and_the_rest_is_shown(partimento: Call, folder: Path) -> None:
    (folder / "junk.mid").write_bytes(b"junk")
    code, _, err = partimento("page", folder)
    assert code == 0
    assert err.startswith("warning: junk: ")
    assert "not a MIDI file" in err
    assert "junk" in (folder / "index.html").read_text()


@pytest.mark.parametrize("content", ["nothing", "junk"])
def test_a_folder_with_nothing_to_play_is_one_error(
    partimento: Call, tmp_path: Path, content: str
) -> None:
    if content == "junk":
        (tmp_path / "junk.mid").write_bytes(b"junk")
    code, out, err = partimento("page", tmp_path)
    assert (code, out) == (1, "")
    assert "error: " in err
    assert not (tmp_path / "index.html").exists()


def test_a_missing_folder_is_one_line(partimento: Call, tmp_path: Path) -> None:
    code, _, err = partimento("page", tmp_path / "no")
    assert code == 1
    assert err.startswith(f"error: {tmp_path / 'no'}: no such folder; give the folder of a batch")
    assert err.count("\n") == 1
