"""`partimento express` plays any file: the same notes at other velocities."""

from collections.abc import Callable
from pathlib import Path

import pytest

from partimento.music.midi.reader import read_midi

Call = Callable[..., tuple[int, str, str]]
PIECES = Path(__file__).parents[1] / "pieces"


@pytest.fixture
def tune() -> Path:
    """A real piece."""
    return min(PIECES.rglob("*.mid"), key=lambda path: path.stat().st_size)


def notes(path: Path) -> list[tuple[int, int, int]]:
    """Onset, pitch and duration of all notes."""
    score = read_midi(path)[0]
    return sorted((n.onset, n.pitch, n.duration) for track in score.tracks for n in track.notes)


def velocities(path: Path) -> list[int]:
    """Of all notes."""
    return [note.velocity for track in read_midi(path)[0].tracks for note in track.notes]


def test_notes_stay_and_velocities_move(partimento: Call, tune: Path, tmp_path: Path) -> None:
    out = tmp_path / "played.mid"
    assert partimento("express", tune, out, "--amount", "0.6") == (0, f"{out}\n", "")
    assert notes(out) == notes(tune)
    assert len(set(velocities(out))) > len(set(velocities(tune)))


def test_amount_zero_keeps_the_velocities(partimento: Call, tune: Path, tmp_path: Path) -> None:
    out = tmp_path / "played.mid"
    assert partimento("express", tune, out, "--amount", "0")[0] == 0
    assert velocities(out) == velocities(tune)


def test_the_same_seed_plays_the_same(partimento: Call, tune: Path, tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        partimento("express", tune, tmp_path / f"{name}.mid", "--seed", seed)
    a, b, c = ((tmp_path / f"{name}.mid").read_bytes() for name in "abc")
    assert a == b != c


@pytest.mark.parametrize(("option", "value"), [("--amount", "1.5"), ("--swing", "-1")])
def test_a_wrong_amount_names_its_option(
    partimento: Call, tune: Path, tmp_path: Path, option: str, value: str
) -> None:
    code, _, error = partimento("express", tune, tmp_path / "a.mid", option, value)
    assert code == 2
    assert f"{option} must be in [0, 1], got {value}" in error


def test_nothing_is_replaced_unasked(partimento: Call, tune: Path, tmp_path: Path) -> None:
    (tmp_path / "a.mid").write_text("mine")
    code, _, error = partimento("express", tune, tmp_path / "a.mid")
    assert code == 1
    assert "--force" in error
    assert (tmp_path / "a.mid").read_text() == "mine"
