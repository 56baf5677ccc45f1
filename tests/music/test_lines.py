"""Lines are found by name, number and instrument, and what is not found is named with a remedy."""

import pytest

from partimento.errors import PartimentoError
from partimento.music.lines import find_line, line_names
from partimento.music.score import Note, Score, Track

NOTES = (Note(0, 60, 24),)
BAND = Score(
    24,
    (
        Track(NOTES, 73, name="Melody"),
        Track(NOTES, 0, name="Right hand"),
        Track(NOTES, 0, name="Left hand"),
        Track(NOTES, 33),
        Track(NOTES, 0, is_drum=True),
    ),
)


@pytest.mark.parametrize(
    ("text", "index"),
    [
        *(("Melody", 0), ("melody", 0), ("left hand", 2), ("1", 0), ("5", 4), ("flute", 0)),
        *(("piano 1", 1), ("Piano 2", 2), ("bass", 3), ("electric bass", 3), ("drums", 4)),
        ("woodwinds", 0),
    ],
)
def test_a_line_is_found_by_name_number_or_instrument(text: str, index: int) -> None:
    assert find_line(BAND, text) == index


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("piano", "'piano' may be several lines; say which by its number, 2 or 3"),
        ("violin", "there is no line 'violin'; the lines are 1 Melody, 2 Right hand"),
        ("6", "there is no line 6; the lines are"),
        ("piano 3", "there is no line 'piano 3'"),
        ("melodi", "did you mean melody?"),
        ("", "there is no line ''"),
    ],
)
def test_what_is_not_one_line_is_refused_with_those_that_there_are(text: str, message: str) -> None:
    with pytest.raises(PartimentoError) as error:
        find_line(BAND, text)
    assert message in str(error.value)
    assert "3 Left hand, 4 electric bass, 5 drums" in str(error.value)


def test_lines_without_a_name_are_called_by_their_instrument() -> None:
    pair = Score(24, (Track(NOTES, 40), Track(NOTES, 40), Track(NOTES, 41, name="")))
    assert line_names(pair) == ("violin", "violin 2", "viola")
