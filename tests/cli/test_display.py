"""Tables, JSON and progress on and off a terminal."""

import json
import sys

import pytest

from partimento.cli.display import show_json, show_table, track, warn


def test_a_table_off_a_terminal_is_aligned_lines(capsys: pytest.CaptureFixture[str]) -> None:
    show_table(("style", "notes"), [("folk", "7"), ("chorale", "1,024")])
    assert capsys.readouterr().out == "style    notes\nfolk         7\nchorale  1,024\n"


def test_a_table_on_a_terminal_is_drawn_and_shows_brackets_as_they_are(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "60")
    show_table(("file", "notes"), [("a[red].mid", "7")])
    drawn = capsys.readouterr().out
    assert "┏" in drawn
    assert "a[red].mid" in drawn


def test_json_has_null_for_numbers_that_are_not_finite(capsys: pytest.CaptureFixture[str]) -> None:
    show_json({"a": float("nan"), "b": [1.5, float("inf")], "c": ("é", None)})
    line = capsys.readouterr().out
    assert line.count("\n") == 1
    assert json.loads(line) == {"a": None, "b": [1.5, None], "c": ["é", None]}


def test_warnings_and_progress_leave_stdout_alone(capsys: pytest.CaptureFixture[str]) -> None:
    warn("mind the gap")
    assert list(track([1, 2, 3], "count")) == [1, 2, 3]
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "warning: mind the gap\n"


def test_progress_on_a_terminal_is_shown_on_stderr_unless_quiet(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert list(track([1, 2], "count", quiet=True)) == [1, 2]
    assert capsys.readouterr().err == ""
    assert list(track([1, 2], "count")) == [1, 2]
    captured = capsys.readouterr()
    assert "count" in captured.err
    assert captured.out == ""
