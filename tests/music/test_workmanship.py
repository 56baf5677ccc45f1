"""Figures of small pieces that can be counted by hand."""

import math

import pytest

from partimento.music.score import Chord, Key, Note, Score, Track
from partimento.music.workmanship import examine


def line(*pitches: int, start: int = 0, length: int = 24) -> Track:
    """Quarters one after another; 0 is a rest."""
    notes = (Note(start + 24 * i, p, length) for i, p in enumerate(pitches) if p)
    return Track(tuple(notes))


def test_parallel_fifths_and_octaves_are_counted_where_both_lines_move() -> None:
    for lower, expected in (
        ((53, 55, 57, 60), 3),  # fifths throughout
        ((48, 50, 52, 55), 3),  # octaves
        ((48, 55, 52, 60), 0),  # in turn
        ((57, 59, 60, 64), 0),  # thirds
    ):
        score = Score(24, (line(60, 62, 64, 67), line(*lower)))
        assert examine(score).parallels == expected, lower
    held = Score(24, (line(60, 62, 64, 67), Track((Note(0, 48, 96),))))
    assert examine(held).parallels == 0
    again = Score(24, (line(60, 60, 60, 60), line(48, 48, 48, 48)))
    assert examine(again).parallels == 0
    assert math.isnan(examine(Score(24, (line(60, 62),))).parallels)


def test_notes_are_counted_in_the_key_and_in_the_chord_of_their_time() -> None:
    score = Score(
        24,
        (line(60, 61, 64, 68, 69, 70, 71, 73),),
        keys=(Key(0, 0, False), Key(96, 9, True)),
        chords=(Chord(0, 96, 0, "maj"), Chord(96, 48, 9, "min"), Chord(144, 48, None)),
    )
    found = examine(score)
    assert found.in_key == pytest.approx(4 / 8)  # C E | A B
    assert found.in_chord == pytest.approx(3 / 6)  # C E | A


def test_silence_is_the_time_in_which_nothing_sounds() -> None:
    assert examine(Score(24, (line(60, 0, 62, 64),))).silence == 0.25
    assert examine(Score(24, (line(60, 0, 62, 64), line(0, 50)))).silence == 0
    drums = Track((Note(0, 36, 24), Note(72, 38, 24)), is_drum=True)
    found = examine(Score(24, (drums,)))
    assert (found.silence, found.density) == (0.5, 0.5)
    assert math.isnan(found.in_key)


def test_a_piece_that_returns_repeats_itself() -> None:
    tune = (60, 62, 64, 65)
    assert examine(Score(24, (line(*tune, *tune),))).repetition == 1
    assert examine(Score(24, (line(*tune, 49, 51, 54, 56),))).repetition == 0
    assert examine(Score(24, (line(*tune), line(48, 50, 52, 53)))).polyphony == 2


def test_without_a_note_there_is_nothing_to_measure() -> None:
    assert all(map(math.isnan, examine(Score(24, ()))))
