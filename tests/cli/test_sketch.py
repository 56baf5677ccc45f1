"""`partimento sketch`, and `generate` with a sketch."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from partimento.model.latent.conditioning import INPUTS
from partimento.model.latent.weights import shipped_part
from partimento.music.midi.writer import write_midi
from partimento.music.score import Note, Score, Track
from partimento.music.sketch_files import read_sketch

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def midi(tmp_path: Path) -> Path:
    path = tmp_path / "tune.mid"
    notes = tuple(Note(24 * i, 60 + i, 24) for i in range(8))
    write_midi(Score(24, (Track(notes, program=40),)), path)
    return path


@pytest.fixture
def sketching(
    partimento: Call,
    save_tiny: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Call:
    """Run `partimento generate` with a tiny model that reads sketches; skips without a flow."""
    try:
        shipped_part("flow")
    except ValueError:
        pytest.skip("this copy has no flow: put one into weights/")
    monkeypatch.chdir(tmp_path)
    checkpoint = save_tiny(sketch_width=INPUTS, name="sketching")

    def call(*arguments: object) -> tuple[int, str, str]:
        return partimento("generate", "--checkpoint", checkpoint, *arguments)

    return call


def test_the_sketch_of_a_file_is_written_and_shown(partimento: Call, midi: Path) -> None:
    paths = [midi.with_suffix(ending) for ending in (".npz", ".json", ".svg")]
    assert partimento("sketch", midi, *paths) == (0, "".join(f"{path}\n" for path in paths), "")
    assert read_sketch(paths[0]).onsets.sum() == 8
    assert (read_sketch(paths[1]).values() - read_sketch(paths[0]).values()).max() < 1e-3
    code, out, _ = partimento("sketch", midi, paths[0], "--force", "--json")
    assert code == 0
    assert json.loads(out) == {
        **{"bars": 2, "meters": ["4/4"], "instruments": ["violin"], "onsets": 8.0},
        "files": [str(paths[0])],
    }


def test_sketches_are_not_written_over_unasked_nor_as_something_else(
    partimento: Call, midi: Path
) -> None:
    taken = midi.with_suffix(".json")
    taken.write_text("{}")
    assert partimento("sketch", midi, taken)[0] == 1
    code, _, err = partimento("sketch", midi, midi.with_suffix(".wav"))
    assert (code, "a sketch's name must end in one of .npz .json" in err) == (1, True)


def test_a_piece_follows_a_sketch_and_writes_the_one_it_followed(
    sketching: Call, partimento: Call, midi: Path, tmp_path: Path
) -> None:
    assert partimento("sketch", midi, tmp_path / "plan.npz")[0] == 0
    code, out, _ = sketching(
        *("out.mid", "--sketch", "plan.npz", "--follow", 0.9, "--seed", 3, "--json"),
        *("--sketch-roll", "drawn.svg"),
    )
    assert code == 0
    facts = json.loads(out)
    assert (facts["bars"], facts["is_sketched"]) == (2, True)
    assert facts["files"] == ["out.mid", "drawn.svg"]
    assert "sketch of 2 bars" in (tmp_path / "drawn.svg").read_text()
    assert sketching("same.mid", "--sketch", "tune.mid", "--follow", 0.9, "--seed", 3)[0] == 0
    assert len((tmp_path / "same.mid").read_bytes()) > 0


def test_a_sketched_piece_is_drawn_kept_and_replayed(
    sketching: Call, partimento: Call, save_tiny: Callable[..., Path], tmp_path: Path
) -> None:
    arguments = ("--bars", 4, "--form", "AB", "--density", 0.8, "--seed", 5)
    assert sketching("out.mid", *arguments, "--sketch-roll", "plan.npz", "-n", 2)[0] == 0
    assert read_sketch(tmp_path / "plan-1.npz").bars == 4
    first = (tmp_path / "out-1.mid").read_bytes()
    checkpoint = save_tiny(sketch_width=INPUTS, name="sketching")
    code, _, err = partimento("replay", "out-1.mid", "again.mid", "--checkpoint", checkpoint)
    assert (code, err) == (0, "")
    assert (tmp_path / "again.mid").read_bytes() == first


def test_a_sketch_that_cannot_be_is_refused(
    generate: Call, sketching: Call, tmp_path: Path
) -> None:
    code, _, err = generate("out.mid", "--bars", 1, "--density", 0.5)
    assert (code, "which these weights do not read" in err) == (1, True)
    code, _, err = sketching("out.mid", "--no-sketch", "--sketch-roll", "plan.png")
    assert (code, "leaves no sketch to be written" in err) == (2, True)
    code, _, err = sketching("out.mid", "--sketch", "none.npz")
    assert (code, "none.npz: no such sketch file" in err) == (1, True)
    code, _, err = sketching("out.mid", "--sketch-roll", "plan.wav")
    assert code == 2
