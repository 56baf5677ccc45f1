"""Strokes: a line's tokens and its strokes say the same."""

from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.encoding import rest_tokens
from partimento.training.strokes import Stroke, fitting_duration, read_strokes, write_strokes

STROKES = [Stroke(0, (60, 48), 24, 4), Stroke(36, (62,), 12, 6), Stroke(48, (55,), 96, 6)]


def test_a_line_that_is_written_reads_back_with_its_places_and_dynamics() -> None:
    line = write_strokes(3, STROKES)
    assert line[0] == v.INSTRUMENT + 3
    assert read_strokes(line) == STROKES


def test_a_dynamic_is_written_where_it_changes_only() -> None:
    line = write_strokes(0, STROKES)
    assert [token - v.DYNAMIC for token in line if v.DYNAMIC <= token < v.ROOT] == [6]
    assert v.DYNAMIC + 6 not in write_strokes(0, STROKES[1:], dynamic=6)


def test_rests_of_a_line_are_those_of_the_encoder() -> None:
    assert write_strokes(0, [Stroke(97, (60,), 6, 4)])[1:-2] == rest_tokens(97)


def test_no_fitting_duration_is_longer_than_its_room() -> None:
    for room in range(1, 200):
        found = fitting_duration(room)
        assert found <= room
        assert not any(found < other <= room for other in v.DURATIONS)
