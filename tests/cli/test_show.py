"""`partimento show` where the output is no terminal."""

from collections.abc import Callable
from pathlib import Path

import pytest

from partimento.music.midi.writer import write_midi
from partimento.music.score import Note, Score, Track

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def midi(tmp_path: Path) -> Path:
    path = tmp_path / "tune.mid"
    notes = tuple(Note(24 * i, 60 + i % 12, 24) for i in range(64))
    write_midi(Score(24, (Track(notes, name="Tune"),)), path)
    return path


def test_the_roll_is_plain_text_that_fits(partimento: Call, midi: Path) -> None:
    code, out, err = partimento("show", midi, "--width", "72")
    assert (code, err) == (0, "")
    assert "\x1b" not in out
    lines = out.splitlines()
    assert lines[0] == "tune.mid"
    assert "16 bars" in lines[1]
    assert max(map(len, lines)) <= 72
    assert " C4 " in out


def test_a_width_that_is_too_small_is_wrong_usage(partimento: Call, midi: Path) -> None:
    code, _, err = partimento("show", midi, "--width", "4")
    assert code == 2
    assert "40" in err
