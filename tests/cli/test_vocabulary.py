"""`partimento vocabulary` shows each of the 384 ids once."""

import json
from collections.abc import Callable

import pytest

from partimento.cli.vocabulary import summarize
from partimento.tokenizer import vocabulary as v

Call = Callable[..., tuple[int, str, str]]


def test_the_table_has_a_line_for_each_block_and_384_ids(partimento: Call) -> None:
    code, out, err = partimento("vocabulary")
    assert (code, err) == (0, "")
    lines = [line.split("  ") for line in out.splitlines()[1:]]
    cells = [[cell.strip() for cell in line if cell.strip()] for line in lines]
    assert [cell[0] for cell in cells] == [block.name for block in v.BLOCKS]
    assert [cell[1] for cell in cells[:2]] == ["0..5", "6..133"]
    assert sum(int(cell[2]) for cell in cells) == 384
    assert "MIDI note number" in out
    assert "24 to the quarter" in out


def test_json_names_every_id_as_the_vocabulary_does(partimento: Call) -> None:
    code, out, _ = partimento("vocabulary", "--json")
    content = json.loads(out)
    assert (code, content["size"], content["fingerprint"]) == (0, 384, v.fingerprint())
    names = []
    for block in content["blocks"]:
        assert block["first"] == len(names)
        prefix = "" if block["name"] == "special" else f"{block['name']} "
        names += [prefix + value for value in block["values"]]
        assert block["end"] == len(names)
    assert names == [v.name(token) for token in range(384)]


@pytest.mark.parametrize(
    ("values", "summary"),
    [
        (("1", "2"), "1, 2"),
        (("0", "1", "2"), "0..2"),
        (("7", "maj7"), "7, maj7"),
        (("3", "5", "6", "7", "9"), "3, 5..7, 9"),
        ((), ""),
    ],
)
def test_only_runs_of_three_numbers_are_abridged(values: tuple[str, ...], summary: str) -> None:
    assert summarize(values) == summary
