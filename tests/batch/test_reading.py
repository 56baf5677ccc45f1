"""Files to entries: lines, places and bounds."""

from pathlib import Path

import pytest

from partimento.batch.entries import MAX_ITEMS, Entry, Field, PromptFile
from partimento.batch.items import make_batch
from partimento.batch.reading import find_files, read_file


def read(tmp_path: Path, name: str, content: str) -> PromptFile:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8", newline="")
    file, _ = read_file(path)
    return file


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_and_marks_change_nothing(tmp_path: Path, end: str, mark: str) -> None:
    text = end.join([f"{mark}# comment", "", "  a jig  ", "ein Ländler\u2028in F"])
    assert read(tmp_path, "a.txt", text).entries == (
        Entry(3, {"prompt": Field("a jig", 3)}),
        Entry(4, {"prompt": Field("ein Ländler\u2028in F", 4)}),
    )


def test_a_cell_may_hold_lines_and_quotes_and_rows_keep_their_numbers(tmp_path: Path) -> None:
    text = 'prompt,bars\n"a\nwaltz, ""slow""",2\n\na jig,3\n'
    entries = read(tmp_path, "a.csv", text).entries
    assert [entry.line for entry in entries] == [2, 5]
    assert entries[0].fields["prompt"].value == 'a\nwaltz, "slow"'
    assert [entry.fields["bars"].value for entry in entries] == [2, 3]


@pytest.mark.parametrize(
    "text", ["prompt;bars\na jig, quick;2\n", "prompt\tbars\na jig, quick\t2\n"]
)
def test_cells_may_be_divided_as_spreadsheets_do(tmp_path: Path, text: str) -> None:
    [entry] = read(tmp_path, "a.csv", text).entries
    assert {name: field.value for name, field in entry.fields.items()} == {
        "prompt": "a jig, quick",
        "bars": 2,
    }


def test_empty_columns_at_the_end_are_passed_over(tmp_path: Path) -> None:
    entries = read(tmp_path, "a.csv", "prompt,bars,,\na jig,2,,\na reel,,,\na hymn,1\n").entries
    assert [sorted(entry.fields) for entry in entries] == [
        ["bars", "prompt"],
        ["prompt"],
        ["bars", "prompt"],
    ]
    assert not any(entry.problem for entry in entries)


def test_a_table_may_say_whole_numbers_with_a_point(tmp_path: Path) -> None:
    [entry, _] = read(tmp_path, "a.csv", "bars,bpm\n8.0,100.5\n,\n4.0,\n").entries
    assert entry.fields["bars"].value == 8


def test_after_an_open_quote_every_later_row_is_still_read(tmp_path: Path) -> None:
    rows = "".join(f"piece {number},{number}\n" for number in range(1, 200))
    entries = read(tmp_path, "a.csv", f'prompt,bars\n"open,1\n{rows}"open,2\n{rows}').entries
    faults = [entry.line for entry in entries if entry.problem]
    assert faults == [2, 202]
    assert len(entries) == 2 + 2 * 199


@pytest.mark.parametrize(
    ("name", "line"),
    [("a.txt", "a\n"), ("a.jsonl", "{}\n"), ("a.csv", "bars\n"), ("a.yaml", "- a\n")],
)
def test_a_file_of_too_many_items_ends_early(tmp_path: Path, name: str, line: str) -> None:
    (entry,) = read(tmp_path, name, line * (MAX_ITEMS + 2)).entries
    assert entry.problem == "more than 100,000 items; split the file"
    assert entry.line is not None
    assert entry.line > MAX_ITEMS


def test_a_batch_of_too_many_pieces_is_one_problem() -> None:
    entries = [Entry(n, {"count": Field(10_000, n), "bars": Field(0, n)}) for n in range(1, 20)]
    batch = make_batch([PromptFile("a.yaml", tuple(entries))], 1)
    assert [p.line for p in batch.problems if "more than 100,000 pieces" in p.message] == [11]
    assert batch.size == MAX_ITEMS


def test_files_are_found_in_order_and_each_once(tmp_path: Path) -> None:
    for name in ("b.mid", "a.MIDI", "below/c.mid", "out/d.mid", "e.txt"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    names = [str(tmp_path / "e.txt"), str(tmp_path), str(tmp_path / "*.mid"), str(tmp_path / "x")]
    files, problems = find_files(names, tmp_path / "out")
    assert [path.relative_to(tmp_path).as_posix() for path in files] == [
        *("e.txt", "a.MIDI", "b.mid", "below/c.mid")
    ]
    assert [str(problem) for problem in problems] == [f"{tmp_path / 'x'}: no such file"]
