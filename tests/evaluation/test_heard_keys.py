"""Whether asked keys are heard, on scores whose key is plain."""

import pytest

from partimento.evaluation.heard_keys import (
    EQUAL,
    FIFTH,
    OTHER,
    PARALLEL,
    RELATIVE,
    key_requests,
    measure_keys,
    mood_requests,
    relation,
)
from partimento.music.keys import KeyName, parse_key
from partimento.music.score import Key, Note, Score, Track
from partimento.request.request import Request
from partimento.request.values import Mode

C_MAJOR = (0, 4, 7, 5, 9, 0, 7, 11, 2, 7, 0, 4, 7, 0)


def tune(transposition: int) -> Score:
    """A tune in C major, moved."""
    notes = tuple(
        Note(24 * place, 60 + transposition + step, 24) for place, step in enumerate(C_MAJOR)
    )
    return Score(24, (Track(notes),))


@pytest.mark.parametrize(
    ("asked", "heard", "expected"),
    [
        ("C major", (0, False), EQUAL),
        ("C major", (9, True), RELATIVE),
        ("A minor", (0, False), RELATIVE),
        ("C major", (7, False), FIFTH),
        ("A minor", (2, True), FIFTH),
        ("C major", (0, True), PARALLEL),
        ("C major", (2, False), OTHER),
        ("A minor", (9 + 9, False), OTHER),
    ],
)
def test_keys_are_related_as_musicians_say(
    asked: str, heard: tuple[int, bool], expected: str
) -> None:
    tonic, is_minor = heard
    assert relation(parse_key(asked), Key(0, tonic % 12, is_minor)) == expected


def test_a_piece_without_pitches_has_no_key() -> None:
    assert relation(parse_key("C"), None) == OTHER


def test_shares_are_of_all_pieces_and_of_each_styles_own() -> None:
    asked = [("C", 0), ("C", 7), ("G", 7), ("Am", 0)]
    pieces = [(Request(key=key, style="folk"), tune(steps)) for key, steps in asked]
    found = measure_keys(pieces)
    assert found.pieces == 4
    assert found.shares == {EQUAL: 0.5, RELATIVE: 0.25, FIFTH: 0.25, PARALLEL: 0, OTHER: 0}
    assert found.mode == 0.75
    assert found.by_style == {"": 0.5}
    assert found.in_scale == pytest.approx((1 + 13 / 14 + 1 + 1) / 4)


def test_nothing_is_heard_in_no_piece() -> None:
    assert measure_keys([]).pieces == 0


def test_requests_go_through_all_styles_and_moods_and_are_the_same_for_a_seed() -> None:
    requests = key_requests(44, 3)
    assert requests == key_requests(44, 3)
    assert len({request.style for request in requests}) == 11
    assert len({str(request.key) for request in requests}) > 15
    moods = mood_requests(120, 3)
    assert {request.key for request in moods} == {Mode.major, Mode.minor}
    assert len({request.prompt for request in moods}) > 30
    assert all(isinstance(request.key, KeyName) for request in requests)
