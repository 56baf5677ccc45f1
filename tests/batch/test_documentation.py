"""docs/batch.md names everything there is, and the hundred wishes are read."""

import re
from pathlib import Path

import pytest

from partimento.batch.formats import FORMATS
from partimento.batch.item_settings import ITEM_SETTINGS, MADE_OF_FILES, describe_kind
from partimento.batch.items import make_batch
from partimento.batch.names import DEFAULT_TEMPLATE, FIELDS, TEMPLATE_OF_FILES
from partimento.batch.reading import read_file
from partimento.batch.records import Record
from partimento.music.midi.writer import write_midi
from partimento.music.score import Note, Score, Track
from partimento.request.settings import table

TEXT = (Path(__file__).parents[2] / "docs" / "batch.md").read_text(encoding="utf-8")
EXAMPLES = [
    re.sub(r"^    ", "", block.strip("\n"), flags=re.MULTILINE)
    for block in re.findall(r"(?:^    .*\n|^\n(?=    ))+", TEXT, re.MULTILINE)
]
HUNDRED = Path(__file__).with_name("hundred.txt")


def test_every_setting_format_field_and_key_of_the_record_is_documented() -> None:
    words = set(re.findall(r"`([^`]+)`", TEXT))
    assert set(ITEM_SETTINGS) <= words
    assert set(FORMATS) <= words
    assert {f"{{{name}}}" for name in FIELDS} <= words
    assert set(Record.__dataclass_fields__) <= words
    assert {DEFAULT_TEMPLATE, TEMPLATE_OF_FILES} <= words


def test_the_table_of_settings_is_the_one_that_the_settings_make() -> None:
    assert table(ITEM_SETTINGS) in TEXT, "put this into docs/batch.md:\n" + table(ITEM_SETTINGS)


@pytest.mark.parametrize("kind", MADE_OF_FILES)
def test_the_settings_of_a_kind_are_those_that_it_has(kind: str) -> None:
    described = describe_kind(kind)
    assert described in TEXT, "put this into docs/batch.md:\n" + described


def test_the_examples_of_pieces_made_of_files_are_read(tmp_path: Path) -> None:
    (tmp_path / "tunes").mkdir()
    lines = ((40, "violin"), (33, "bass"), (0, "piano"))
    notes = tuple(Note(24 * beat, 48 + beat % 5, 24) for beat in range(4 * 16))
    tune = Score(24, tuple(Track(notes, program, name=name) for program, name in lines))
    for name in ("theme", "storm"):
        write_midi(tune, tmp_path / "tunes" / f"{name}.mid")
    kinds = {}
    for start, ending in {"- {edit": ".yaml", "edit,": ".csv"}.items():
        (example,) = [text for text in EXAMPLES if text.startswith(start)]
        path = tmp_path / f"example{ending}"
        path.write_text(example)
        file, problems = read_file(path)
        batch = make_batch([file], 1)
        assert (problems, batch.problems) == ([], ()), ending
        kinds[ending] = [item.kind for item in batch.items]
    assert kinds == {
        ".yaml": [*["edit"] * 5, "vary", *["blend"] * 7, "arrange"],
        ".csv": ["edit", "edit", "vary"],
    }


def test_the_examples_are_read(tmp_path: Path) -> None:
    starts = {"# for": ".txt", "defaults:": ".yaml", '{"prompt"': ".jsonl", "prompt,": ".csv"}
    counts = {}
    for start, ending in starts.items():
        (example,) = [text for text in EXAMPLES if text.startswith(start)]
        path = tmp_path / f"example{ending}"
        path.write_text(example.replace(", primer: tunes", "").replace("- {primer: ", "# "))
        file, problems = read_file(path)
        batch = make_batch([file], 1)
        assert (problems, batch.problems) == ([], ()), ending
        counts[ending] = len(batch.items)
    assert counts == {".txt": 2, ".yaml": 4, ".jsonl": 1, ".csv": 4}


def test_a_hundred_mixed_wishes_are_read_and_none_means_nothing() -> None:
    file, problems = read_file(HUNDRED)
    batch = make_batch([file], 1)
    assert (problems, batch.problems, len(batch.items)) == ([], (), 100)
    for item in batch.items:
        assert item.reading is not None
        assert not item.reading.startswith("understood: nothing"), item.request.prompt
