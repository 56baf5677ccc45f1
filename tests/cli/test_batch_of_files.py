"""`partimento batch` with items that are made of files: the pieces of the commands, to the byte."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Call = Callable[..., tuple[int, str, str]]

ITEMS = """\
defaults: {temperature: 0.9, bars: 1, name: "{index}-{kind}-{music}"}
items:
- {edit: a.mid, fill: 2, seed: 5, count: 2}
- {vary: a.mid, amount: 0.4, bars: 2, seed: 3}
- {blend: a.mid, to: b.mid, steps: 3, seed: 1}
- {arrange: b.mid, instruments: string trio, seed: 4}
- {prompt: a jig, seed: 9}
"""


@pytest.fixture
def batch(partimento: Call, sketching_checkpoint: Path) -> Call:
    """Run `partimento batch` with a tiny model that reads sketches, beside the tunes a and b."""
    Path("items.yaml").write_text(ITEMS)

    def call(*arguments: object) -> tuple[int, str, str]:
        return partimento("batch", "--checkpoint", sketching_checkpoint, "--seed", 7, *arguments)

    return call


def records(folder: str = "out") -> list[dict[str, Any]]:
    return [json.loads(line) for line in Path(folder, "batch.jsonl").open()]


def contents(folder: str) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in Path(folder).iterdir()}


def test_each_kind_of_item_makes_the_pieces_of_its_command(
    batch: Call, partimento: Call, sketching_checkpoint: Path
) -> None:
    code, out, _ = batch("items.yaml", "--out", "out", "--json")
    assert (code, json.loads(out)["done"]) == (0, 8)
    own = ("--temperature", 0.9, "--quiet", "--checkpoint", sketching_checkpoint)
    for command in (
        ("edit", "a.mid", "edit.mid", "--fill", 2, "--seed", 5, "-n", 2),
        ("vary", "a.mid", "vary.mid", "--amount", 0.4, "--bars", 2, "--seed", 3),
        ("blend", "a.mid", "b.mid", "blend.mid", "--steps", 3, "--seed", 1),
        ("arrange", "b.mid", "arrange.mid", "--instruments", "string trio", "--seed", 4),
        ("generate", "--prompt", "a jig", "--bars", 1, "--seed", 9, "new.mid"),
    ):
        assert partimento(*command, *own)[0] == 0
    commands = [
        *("edit-1", "edit-2", "vary", "blend-1", "blend-2", "blend-3", "arrange", "new"),
    ]
    for record, name in zip(records(), commands, strict=True):
        (file,) = record["files"]
        assert Path("out", file).read_bytes() == Path(f"{name}.mid").read_bytes(), name


def test_the_record_says_what_a_piece_is_made_of_and_what_changed(batch: Call) -> None:
    assert batch("items.yaml", "--out", "out")[0] == 0
    found = records()
    assert [record["name"] for record in found] == [
        *("1-edit-a", "2-edit-a", "3-vary-a", "4-blend-a-b", "5-blend-a-b", "6-blend-a-b"),
        *("7-arrange-b", "8-new-any"),
    ]
    assert [record["kind"] for record in found][2::3] == ["vary", "blend"]
    assert [record["music"] for record in found][3:] == [*[["a.mid", "b.mid"]] * 3, ["b.mid"], []]
    assert (found[0]["edit"], found[0]["changed_bars"]) == ({"fill": "2"}, [2])
    assert found[2]["edit"] == {"vary": 0.4, "bars": "2"}
    assert found[3]["edit"] is found[3]["changed_bars"] is None
    assert [record["settings"]["bars"] for record in found] == [1, 1, 1, 2, 2, 2, 2, 1]
    assert len({record["seed"] for record in found}) == 6  # all of a blend have one
    assert found[1]["seed"] != found[0]["seed"] == 5


def test_what_is_there_is_kept_until_the_music_or_the_wish_changes(batch: Call) -> None:
    assert batch("items.yaml", "--out", "out")[0] == 0
    whole = contents("out")
    Path("out", "3-vary-a.mid").unlink()
    Path("out", "5-blend-a-b.mid").write_bytes(b"half")
    code, out, _ = batch("items.yaml", "--out", "out", "--resume", "--json")
    assert (code, json.loads(out)["made"]) == (0, 2)
    assert contents("out") == whole
    Path("items.yaml").write_text(ITEMS.replace("amount: 0.4", "amount: 0.5"))
    assert json.loads(batch("items.yaml", "--out", "out", "--resume", "--json")[1])["made"] == 1
    Path("b.mid").write_bytes(Path("a.mid").read_bytes())
    code, out, _ = batch("items.yaml", "--out", "out", "--resume", "--json")
    assert (code, json.loads(out)["made"]) == (0, 3)  # the blend begins with a alone
    assert batch("items.yaml", "--out", "alone", "--only", "3,6", "--group", 1)[0] == 0
    for name, content in contents("alone").items():
        assert name == "batch.jsonl" or content == contents("out")[name]


def test_every_piece_is_made_again_from_its_file(
    batch: Call, partimento: Call, sketching_checkpoint: Path
) -> None:
    assert batch("items.yaml", "--out", "out")[0] == 0
    for path in sorted(Path("out").glob("*.mid")):
        again = ("again.mid", "--force", "--checkpoint", sketching_checkpoint)
        assert partimento("replay", path, *again)[0] == 0
        assert Path("again.mid").read_bytes() == path.read_bytes()


def test_all_kinds_of_files_say_the_same(batch: Call) -> None:
    Path("a.yaml").write_text("- {edit: a.mid, fill: 2, seed: 5, name: x, add: [drums, bass]}\n")
    Path("b.jsonl").write_text(
        '{"edit": "a.mid", "fill": [2], "seed": 5, "name": "x", "add": "drums, bass"}\n'
    )
    Path("c.csv").write_text('edit,vary,fill,seed,name,add\na.mid,,2.0,5,x,"drums, bass"\n')
    Path("d.yml").write_text(
        "defaults: {edit: a.mid, add: 'drums, bass', amount: 0.9}\n"
        "items: [{fill: '2', seed: 5, name: x}]\n"
    )
    for file in ("a.yaml", "b.jsonl", "c.csv", "d.yml"):
        assert batch(file, "--out", file[0], "--bars", 9)[0] == 0
    assert records("a")[0]["edit"] == {"fill": "2", "add": ["drums", "acoustic bass"]}
    assert len({contents(folder)["x.mid"] for folder in "abcd"}) == 1


def test_a_setting_that_cannot_be_is_one_line_with_its_place_and_a_remedy(
    batch: Call,
) -> None:
    faults = {
        "{fill: 2}": "setting 'fill' is for edit; name the file too, such as edit: tune.mid",
        "{edit: a.mid, fill: 2, amount: 0.3}": (
            "setting 'amount' is for vary, not for edit; leave it out"
        ),
        "{edit: a.mid, fill: 2, bpm: 90}": (
            "setting 'bpm' is for new pieces, blend and arrange, not for edit; leave it out"
        ),
        "{edit: a.mid, vary: a.mid, count: 2}": (
            "an item must be of one kind, got edit and vary; make an item of each"
        ),
        "{edit: a.mid}": (
            "fill or another change must be asked for: remove, fill, reroll, replace, add, "
            "accompany, harmonise, vary, loop"
        ),
        "{edit: a.mid, fill: 9}": "fill must be bars of the piece, which has 2 bars, got 9",
        "{edit: a.mid, fill: 1.5}": "fill must be bars such as 5-8 or 3, got 1.5",
        "{edit: a.mid, fil: 2}": "setting 'fil' does not exist; did you mean fill?",
        "{vary: 0.3}": "vary must be a file of music such as tune.mid, got 0.3",
        "{vary: no.mid}": "vary no.mid: no such file",
        "{vary: a.mid, amount: 2}": "amount must be in [0, 1], got 2",
        "{blend: a.mid}": (
            "to must name the file that the blend arrives at, such as to: other.mid"
        ),
        "{blend: a.mid, to: b.mid, steps: 1}": "steps must be in [2, 64], got 1",
        "{arrange: a.mid}": "instruments must name who is to play",
        "{arrange: a.mid, instruments: flute, prompt: a jig}": (
            "setting 'prompt' is for new pieces, not for arrange; leave it out"
        ),
    }
    Path("bad.yaml").write_text("".join(f"- {item}\n" for item in faults))
    code, out, err = batch("bad.yaml", "--out", "out")
    assert (code, out) == (2, "")
    *lines, last = err.splitlines()
    assert lines == [
        f"bad.yaml:{number}: {message}" for number, message in enumerate(faults.values(), 1)
    ]
    assert last == "error: no piece is left to write"
    assert not Path("out").exists()


def test_bad_items_keep_their_numbers_and_the_rest_is_made(batch: Call) -> None:
    Path("some.yaml").write_text(
        "- {edit: a.mid, vary: b.mid, count: 2}\n"
        "- {blend: a.mid, to: no.mid, steps: 4}\n"
        "- {vary: a.mid}\n"
    )
    code, _, _ = batch("some.yaml", "--out", "out", "--keep-going")
    assert code == 1
    assert [record["status"] for record in records()] == [*["failed"] * 6, "done"]
    assert records()[-1]["name"] == "007-a-vary"


def test_weights_without_sketches_are_refused_before_the_first_note(
    batch: Call, tiny_checkpoint: Path
) -> None:
    Path("vary.yaml").write_text("- {vary: a.mid}\n")
    code, _, err = batch("vary.yaml", "--out", "out", "--checkpoint", tiny_checkpoint)
    assert code == 1
    assert "vary needs weights that were trained to follow sketches" in err
    assert not Path("out").exists()
