"""Bass lines and chords of a rhythm section, note by note."""

from itertools import pairwise

import pytest

from partimento.music.score import Chord
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.chord_line import chord_tokens
from partimento.training.bass import (
    COMPING,
    HIGHEST,
    LOWEST,
    Label,
    Manner,
    comping,
    folded,
    read_labels,
    supporting_bass,
    walking_bass,
)
from partimento.training.strokes import Stroke

C, G7 = Label(0, 48, 0, (0, 4, 7)), Label(48, 96, 7, (0, 4, 7, 10))
HAND = [Stroke(0, (60, 48), 24, 4), Stroke(24, (55,), 24, 4), Stroke(60, (64, 43), 36, 4)]
KIT = [Stroke(0, (42, 36), 6, 4), Stroke(24, (38,), 6, 4), Stroke(60, (36,), 6, 4)]


def manner(rhythm: str, is_short: bool = False) -> Manner:
    return Manner(rhythm, is_short, 5)


def notes(strokes: list[Stroke]) -> list[tuple[int, int, int]]:
    return [(stroke.onset, *stroke.pitches, stroke.duration) for stroke in strokes]


def test_labels_are_those_of_the_chord_line() -> None:
    chords = (Chord(0, 48, 0, "maj"), Chord(48, 24, None, ""), Chord(72, 24, 7, "7"))
    tokens = [v.BAR, v.METER, *chord_tokens(chords)]
    assert read_labels(tokens) == [C, Label(72, 96, 7, (0, 4, 7, 10))]


@pytest.mark.parametrize(
    ("rhythm", "expected"),
    [
        ("hand", [(0, 48, 24), (24, 48, 36), (60, 43, 36)]),
        ("kick", [(0, 48, 60), (60, 43, 36)]),
        ("halves", [(0, 48, 48), (48, 43, 48)]),
        ("quarters", [(0, 48, 24), (24, 48, 24), (48, 43, 24), (72, 43, 24)]),
    ],
)
def test_a_bass_takes_the_lowest_notes_of_each_half_in_its_rhythm(
    rhythm: str, expected: list[tuple[int, int, int]]
) -> None:
    found = supporting_bass(96, HAND, KIT, [], manner(rhythm))
    assert notes(found) == expected
    assert {stroke.dynamic for stroke in found} == {5}


def test_short_notes_last_half_of_their_place() -> None:
    found = supporting_bass(96, HAND, KIT, [], manner("halves", is_short=True))
    assert notes(found) == [(0, 48, 24), (48, 43, 24)]


def test_where_nothing_accompanies_the_root_is_played_or_nothing() -> None:
    assert notes(supporting_bass(96, [], [], [C, G7], manner("halves"))) == [
        (0, 36, 48),
        (48, 31, 48),
    ]
    assert supporting_bass(96, [], [], [], manner("halves")) == []


def test_a_walking_bass_has_roots_where_chords_begin_and_steps_to_the_next_root() -> None:
    found = notes(walking_bass(96, [C, G7], 0, 40, manner("quarters")))
    assert [onset for onset, _, _ in found] == [0, 24, 48, 72]
    assert found[0][1] % 12 == 0
    assert found[1][1] % 12 in (6, 8)
    assert found[2][1] % 12 == 7
    assert found[3][1] % 12 in (11, 1)


def test_a_walking_bass_stays_on_its_chord_and_in_its_octaves() -> None:
    before = 28
    for root in range(12):
        label = Label(0, 96, root, (0, 3, 7))
        found = notes(walking_bass(96, [label], root, before, manner("quarters")))
        assert {(pitch - root) % 12 for _, pitch, _ in found} <= {0, 3, 7}
        assert all(LOWEST <= pitch <= HIGHEST for _, pitch, _ in found)
        assert all(one[1] != two[1] for one, two in pairwise(found))
        before = found[-1][1]
    assert walking_bass(96, [], 0, 40, manner("quarters")) == []


def test_comping_plays_the_chord_that_is_in_force_an_eighth_later() -> None:
    charleston = comping(96, [C, G7], COMPING[0], 4)
    assert [(s.onset, s.duration, {p % 12 for p in s.pitches}) for s in charleston] == [
        (0, 36, {0, 4, 7}),
        (36, 12, {11, 2, 5}),
    ]
    assert all(list(s.pitches) == sorted(s.pitches, reverse=True) for s in charleston)
    assert [s.onset for s in comping(72, [Label(0, 72, 0, (0, 4, 7))], COMPING[3], 4)] == [36]


@pytest.mark.parametrize(("pitch", "expected"), [(60, 48), (24, 36), (40, 40), (53, 41)])
def test_notes_are_put_into_the_octaves_of_a_bass(pitch: int, expected: int) -> None:
    assert folded(pitch) == expected
