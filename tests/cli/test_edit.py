"""`partimento edit`: from a file to edited ones."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from partimento.music.bars import bar_starts
from partimento.music.loops import loop_of
from partimento.music.midi.reader import read_midi

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def edit(
    partimento: Call, tiny_checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Call:
    """Run `partimento edit` with the tiny model and seed 1, in an empty folder of its own."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: object) -> tuple[int, str, str]:
        return partimento("edit", "--checkpoint", tiny_checkpoint, "--seed", 1, *arguments)

    return call


@pytest.fixture
def piece(pieces_folder: Path) -> Path:
    return pieces_folder / "haydn_op1_no4.mid"


def test_an_edit_says_what_is_different_and_replays_to_the_byte(
    edit: Call, partimento: Call, piece: Path, tiny_checkpoint: Path
) -> None:
    code, out, _ = edit(piece, "out.mid", "--fill", "5-6", "--fill", "9")
    assert code == 0
    first, second = out.splitlines()
    assert first.startswith("out.mid  28 bars, ")
    assert "gone" in second
    code, out, _ = partimento("diff", piece, "out.mid", "--json")
    assert code == 1
    assert set(json.loads(out)["bars"]) <= {5, 6, 9}
    code, _, err = partimento("replay", "out.mid", "again.mid", "--checkpoint", tiny_checkpoint)
    assert (code, err) == (0, "")
    assert Path("again.mid").read_bytes() == Path("out.mid").read_bytes()


def test_alternatives_are_numbered_and_told_as_json(edit: Call, piece: Path) -> None:
    code, out, err = edit(piece, "out.mid", "--add", "drums", "--add", "flute", "-n", 2, "--json")
    assert (code, err) == (0, "")
    facts = [json.loads(line) for line in out.splitlines()]
    assert [each["path"] for each in facts] == ["out-1.mid", "out-2.mid"]
    assert facts[0]["edit"] == {"add": ["drums", "flute"]}
    assert Path("out-1.mid").read_bytes() != Path("out-2.mid").read_bytes()


def test_the_output_is_named_after_the_file_and_never_replaced_unasked(
    edit: Call, piece: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "tune.mid"
    copy.write_bytes(piece.read_bytes())
    assert edit(copy, "--remove", "cello", "-q") == (0, f"{tmp_path / 'tune-edit.mid'}\n", "")
    code, _, err = edit(copy, "--remove", "cello")
    assert code == 1
    assert "exists" in err


def test_a_file_is_made_a_loop(edit: Call, piece: Path) -> None:
    code, out, err = edit(piece, "out.mid", "--loop", "--json")
    assert (code, err) == (0, "")
    facts = json.loads(out)
    assert facts["edit"] == {"loop": True}
    assert set(facts["changed_bars"]) <= {1, 27, 28}
    score, _ = read_midi(Path("out.mid"))
    last = bar_starts(read_midi(piece)[0])[27]
    assert loop_of(score) == (0, last.start + last.length)


def test_a_sketch_that_is_asked_for_needs_weights_that_read_it(
    edit: Call, piece: Path, tmp_path: Path
) -> None:
    for option, value in (("--density", "0.5"), ("--sketch", piece), ("--follow", "0.9")):
        code, out, err = edit(piece, "out.mid", "--fill", "3", option, value)
        assert (code, out) == (1, "")
        assert "a sketch is asked for, which these weights do not read" in err
    code, _, err = edit(piece, "out.mid", "--fill", "3", "--sketch", tmp_path / "none.json")
    assert code == 1
    assert "none.json" in err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ((), "fill or another change must be asked for"),
        (("--fill", "40"), "--fill must be bars of the piece, which has 28 bars, got 40"),
        (("--fill", "x"), "--fill cannot be 'x': must be bars such as 5-8 or 3, got 'x'"),
        (
            ("--reroll", "tuba"),
            "--reroll must be a line of the piece: there is no line 'tuba'; the lines are "
            "1 Violin 1, 2 Violin 2, 3 Viola, 4 Violoncello",
        ),
        (("--fill", "3", "--bpm", "90"), "No such option: --bpm"),
        (("--loop", "--bars", "3-4"), "--bars must be the last ones of the loop, such as 27-28"),
        (("--fill", "3", "--density", "2"), "--density must be in [0, 1], got 2"),
        (("--fill", "3", "-n", "0"), "--num must be in [1, 9999], got 0"),
    ],
)
def test_wrong_usage_is_one_line(
    edit: Call, piece: Path, options: tuple[str, ...], message: str
) -> None:
    code, out, err = edit(piece, "out.mid", *options)
    assert (code, out) == (2, "")
    assert message in err
    assert not Path("out.mid").exists()
