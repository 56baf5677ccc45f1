"""Forms by letter: lengths, returns, what is no form."""

import pytest

from partimento.errors import SettingError
from partimento.music.form import Section, parse_form, stated_bars


def test_equal_letters_return() -> None:
    assert parse_form("AABA") == [
        Section("A", 0, 8, None),
        Section("A", 8, 8, 0),
        Section("B", 16, 8, None),
        Section("A", 24, 8, 0),
    ]


def test_sections_have_lengths() -> None:
    sections = parse_form("i4 A8 A8 | B8 A8, o4")
    assert [s.bars for s in sections] == [4, 8, 8, 8, 8, 4]
    assert [s.original for s in sections] == [None, None, 4, None, 4, None]
    assert sections[-1] == Section("o", 36, 4, None)


def test_a_letter_keeps_its_first_length() -> None:
    assert [s.bars for s in parse_form("A4BA")] == [4, 8, 4]
    assert [s.bars for s in parse_form("A4A2")] == [4, 2]


def test_the_bars_of_the_piece_are_shared_out() -> None:
    assert [s.bars for s in parse_form("AABA", 16)] == [4, 4, 4, 4]
    assert [s.bars for s in parse_form("A4BC", 13)] == [4, 4, 5]
    assert [s.bars for s in parse_form("A4A4", 8)] == [4, 4]


def test_a_form_states_its_bars_where_every_section_has_a_length() -> None:
    assert stated_bars("i4A8A8B8A8o4") == 40
    assert stated_bars("A8BA") is None


@pytest.mark.parametrize(
    ("text", "bars", "message"),
    [
        ("", None, "must be letters with or without lengths"),
        ("A-?", None, "must be letters with or without lengths"),
        ("8A", None, "must be letters with or without lengths"),
        ("A0", None, "no empty section"),
        ("A9999", None, "must have 1 to 1024 bars"),
        ("ABC", 2, "more sections than fit into 2 bars"),
        ("AA", 7, "makes 6 bars, but the piece has 7"),
        ("A4B4", 9, "makes 8 bars, but the piece has 9"),
    ],
)
def test_what_is_no_form_is_refused(text: str, bars: int | None, message: str) -> None:
    with pytest.raises(SettingError, match=message):
        parse_form(text, bars)
