import pytest
from hypothesis import given
from hypothesis import strategies as st

from partimento.music.pitch import (
    PITCH_CLASSES,
    PitchRange,
    fifths_of,
    letter_at,
    name_at,
    name_note,
    parse_note,
    parse_pitch_range,
    pitch_class,
)


@given(st.integers(0, 127))
def test_note_names_and_numbers_are_read_back(note: int) -> None:
    assert parse_note(name_note(note)) == note
    assert parse_note(str(note)) == note


@given(st.integers(0, 127), st.integers(0, 127))
def test_pitch_ranges_are_read_by_name_and_number(one: int, other: int) -> None:
    low, high = sorted((one, other))
    for text in (f"{name_note(low)}-{name_note(high)}", f"{low}-{high}", f"{low} .. {high}"):
        assert parse_pitch_range(text) == (low, high)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("C3", "pitch_range must be two notes such as C3-C6 or 48-84, got 'C3'"),
        ("C6-C3", "pitch_range must go from low to high, got 'C6-C3'"),
        ("C3-H6", r"pitch_range must be two notes .*between C-1 and G9 \(0..127\), got 'C3-H6'"),
        ("C3-C12", "between C-1 and G9"),
        ("48-128", "between C-1 and G9"),
    ],
)
def test_a_bad_pitch_range_is_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_pitch_range(text)


def test_a_range_prints_as_note_names_and_reads_back() -> None:
    assert str(parse_pitch_range("48 .. 84")) == "C3-C6"
    assert parse_pitch_range(str(PitchRange(0, 127))) == PitchRange(0, 127)
    with pytest.raises(ValueError, match="pitch_range must be two notes"):
        parse_pitch_range("H1-C2")


@given(st.integers(-15, 19))
def test_the_line_of_fifths_holds_each_name_once(place: int) -> None:
    letter, alter = letter_at(place)
    signs = "#" * alter + "b" * -alter
    assert name_at(place) == letter + signs
    assert fifths_of(letter, signs) == place
    assert pitch_class(letter, signs) == 7 * place % 12


def test_pitch_classes_are_those_of_their_names() -> None:
    assert [pitch_class(name[0], name[1:]) for name in PITCH_CLASSES] == list(range(12))
