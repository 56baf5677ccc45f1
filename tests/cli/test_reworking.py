"""`partimento arrange` and `partimento blend`."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from partimento.model.latent.conditioning import INPUTS
from partimento.model.latent.weights import shipped_part
from partimento.music.midi.reader import read_midi
from partimento.music.midi.writer import write_midi
from partimento.music.score import Note, Score, Track

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def checkpoint(
    save_tiny: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A tiny model that reads sketches, in a folder with two tunes; skips without a flow."""
    try:
        shipped_part("flow")
    except ValueError:
        pytest.skip("this copy has no flow: put one into weights/")
    monkeypatch.chdir(tmp_path)
    for name, start in (("a", 60), ("b", 67)):
        notes = tuple(Note(24 * i, start + i % 5, 24) for i in range(8))
        write_midi(Score(24, (Track(notes),)), tmp_path / f"{name}.mid")
    return save_tiny(sketch_width=INPUTS, name="sketching")


def test_a_piece_is_arranged_and_made_again(partimento: Call, checkpoint: Path) -> None:
    code, out, _ = partimento(
        *("arrange", "a.mid", "--instruments", "violin, cello", "--style", "chorale"),
        *("--seed", 4, "--json", "--checkpoint", checkpoint),
    )
    assert code == 0
    facts = json.loads(out)
    assert (facts["path"], facts["bars"], facts["is_sketched"]) == ("a-arranged.mid", 2, True)
    score, _ = read_midi("a-arranged.mid")
    assert {track.name for track in score.tracks} <= {"violin", "cello"}
    assert partimento("replay", "a-arranged.mid", "again.mid", "--checkpoint", checkpoint)[0] == 0
    assert Path("again.mid").read_bytes() == Path("a-arranged.mid").read_bytes()


def test_a_blend_writes_a_file_a_step(partimento: Call, checkpoint: Path) -> None:
    code, out, _ = partimento(
        *("blend", "a.mid", "b.mid", "out.mid", "--steps", 3, "--seed", 1, "--quiet"),
        *("--checkpoint", checkpoint),
    )
    assert code == 0
    assert out.split() == ["out-1.mid", "out-2.mid", "out-3.mid"]
    assert all(Path(path).is_file() for path in out.split())


def test_what_cannot_be_is_refused(partimento: Call, checkpoint: Path) -> None:
    own = ("--checkpoint", checkpoint)
    code, _, err = partimento("arrange", "a.mid", *own)
    assert (code, "must name who is to play" in err) == (2, True)
    code, _, err = partimento("blend", "a.mid", "b.mid", "-", *own)
    assert (code, "OUT must be a file" in err) == (2, True)
    code, _, err = partimento("blend", "a.mid", "b.mid", "out.mid", "-n", 2, *own)
    assert (code, "--steps says how many pieces" in err) == (2, True)
    Path("out-2.mid").touch()
    assert partimento("blend", "a.mid", "b.mid", "out.mid", "--steps", 3, *own)[0] == 1


def test_a_piece_is_varied_beside_what_is_kept(partimento: Call, checkpoint: Path) -> None:
    code, out, _ = partimento(
        *("vary", "a.mid", "out.mid", "--amount", 0.4, "--bars", "2", "--seed", 3, "--json"),
        *("--checkpoint", checkpoint),
    )
    assert code == 0
    assert json.loads(out)["edit"] == {"vary": 0.4, "bars": "2"}
    before, after = read_midi("a.mid")[0], read_midi("out.mid")[0]
    assert after.tracks[0].notes[:4] == before.tracks[0].notes[:4]
