"""`partimento arrange` and `partimento blend`."""

import json
from collections.abc import Callable
from pathlib import Path

from partimento.music.midi.reader import read_midi

Call = Callable[..., tuple[int, str, str]]


def test_a_piece_is_arranged_and_made_again(partimento: Call, sketching_checkpoint: Path) -> None:
    code, out, _ = partimento(
        *("arrange", "a.mid", "--instruments", "violin, cello", "--style", "chorale"),
        *("--seed", 4, "--json", "--checkpoint", sketching_checkpoint),
    )
    assert code == 0
    facts = json.loads(out)
    assert (facts["path"], facts["bars"], facts["is_sketched"]) == ("a-arranged.mid", 2, True)
    score, _ = read_midi("a-arranged.mid")
    assert {track.name for track in score.tracks} <= {"violin", "cello"}
    assert (
        partimento("replay", "a-arranged.mid", "again.mid", "--checkpoint", sketching_checkpoint)[0]
        == 0
    )
    assert Path("again.mid").read_bytes() == Path("a-arranged.mid").read_bytes()


def test_a_blend_writes_a_file_a_step(partimento: Call, sketching_checkpoint: Path) -> None:
    code, out, _ = partimento(
        *("blend", "a.mid", "b.mid", "out.mid", "--steps", 3, "--seed", 1, "--quiet"),
        *("--checkpoint", sketching_checkpoint),
    )
    assert code == 0
    assert out.split() == ["out-1.mid", "out-2.mid", "out-3.mid"]
    assert all(Path(path).is_file() for path in out.split())


def test_what_cannot_be_is_refused(partimento: Call, sketching_checkpoint: Path) -> None:
    own = ("--checkpoint", sketching_checkpoint)
    code, _, err = partimento("arrange", "a.mid", *own)
    assert (code, "must name who is to play" in err) == (2, True)
    code, _, err = partimento("blend", "a.mid", "b.mid", "-", *own)
    assert (code, "OUT must be a file" in err) == (2, True)
    code, _, err = partimento("blend", "a.mid", "b.mid", "out.mid", "-n", 2, *own)
    assert (code, "--steps says how many pieces" in err) == (2, True)
    Path("out-2.mid").touch()
    assert partimento("blend", "a.mid", "b.mid", "out.mid", "--steps", 3, *own)[0] == 1


def test_a_piece_is_varied_beside_what_is_kept(
    partimento: Call, sketching_checkpoint: Path
) -> None:
    code, out, _ = partimento(
        *("vary", "a.mid", "out.mid", "--amount", 0.4, "--bars", "2", "--seed", 3, "--json"),
        *("--checkpoint", sketching_checkpoint),
    )
    assert code == 0
    assert json.loads(out)["edit"] == {"vary": 0.4, "bars": "2"}
    before, after = read_midi("a.mid")[0], read_midi("out.mid")[0]
    assert after.tracks[0].notes[:4] == before.tracks[0].notes[:4]


def test_an_ensemble_is_all_its_players(partimento: Call, sketching_checkpoint: Path) -> None:
    own = ("--seed", 4, "--checkpoint", sketching_checkpoint, "--quiet")
    named = ("--instruments", "string trio")
    listed = ("--instruments", "violin, viola, cello")
    assert partimento("arrange", "a.mid", "named.mid", *named, *own)[0] == 0
    assert partimento("arrange", "a.mid", "listed.mid", *listed, *own)[0] == 0
    assert Path("named.mid").read_bytes() == Path("listed.mid").read_bytes()


def test_a_mode_is_a_temperature_here_too(partimento: Call, sketching_checkpoint: Path) -> None:
    own = ("arrange", "a.mid", "--instruments", "violin", "--seed", 4, "--quiet")
    own = (*own, "--checkpoint", sketching_checkpoint)
    assert partimento(*own, "bold.mid", "--mode", "expressive")[0] == 0
    assert partimento(*own, "warm.mid", "--temperature", 1.2)[0] == 0
    assert Path("bold.mid").read_bytes() == Path("warm.mid").read_bytes()
