"""Files: endings, replacing, and what is left behind when something fails."""

from pathlib import Path

import pytest

from partimento.errors import FileTakenError
from partimento.music.score import Score, Track
from partimento.rendering import check_path, write
from partimento.rendering.errors import RenderingError, missing_package


def test_an_unknown_ending_is_an_error(tmp_path: Path) -> None:
    for name in ("out", "out.aiff", "out.mid.txt"):
        with pytest.raises(RenderingError, match="must end in one of"):
            check_path(tmp_path / name)


def test_an_ending_may_be_in_capitals(piece: Score, tmp_path: Path) -> None:
    write(piece, tmp_path / "roll.SVG")
    assert (tmp_path / "roll.SVG").read_text().startswith("<svg")


def test_an_existing_file_is_kept_without_force(piece: Score, tmp_path: Path) -> None:
    path = tmp_path / "roll.svg"
    path.write_text("mine")
    with pytest.raises(FileTakenError, match="exists"):
        write(piece, path)
    assert path.read_text() == "mine"
    write(piece, path, force=True)
    assert path.read_text() != "mine"


def test_a_failed_job_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(RenderingError):
        write(Score(24, (Track(()),)), tmp_path / "roll.svg")
    assert list(tmp_path.iterdir()) == []


def test_a_new_file_can_be_read_by_others(piece: Score, tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.touch()
    assert write(piece, tmp_path / "roll.svg").stat().st_mode == plain.stat().st_mode


def test_midi_can_be_written_too(piece: Score, tmp_path: Path) -> None:
    assert write(piece, tmp_path / "out.mid").read_bytes()[:4] == b"MThd"


def test_a_missing_package_names_the_extra() -> None:
    message = str(missing_package("soundfile", "audio"))
    assert message == "soundfile is not installed; run: pip install 'partimento[audio]'"
