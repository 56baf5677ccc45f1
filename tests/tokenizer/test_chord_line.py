"""The chord line of bars, token by token."""

from partimento.music.bars import Bar
from partimento.music.score import Chord
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.chord_line import chord_lines, chord_tokens

BARS = [Bar(0, 96, (4, 4)), Bar(96, 96, (4, 4))]


def names(tokens: list[int]) -> list[str]:
    return [v.name(token) for token in tokens]


def label(root: int, quality: str, ticks: int) -> list[int]:
    return [
        v.ROOT + root,
        v.QUALITY + v.CHORD_QUALITIES.index(quality),
        v.DURATION + v.DURATIONS.index(ticks),
    ]


NOTHING = [v.NO_CHORD, v.DURATION + v.DURATIONS.index(96)]


def test_a_piece_without_chords_has_no_chord_line() -> None:
    assert chord_lines((), BARS) == {}


def test_a_chord_is_cut_at_the_bar_line() -> None:
    lines = chord_lines((Chord(0, 192, 9, "min"),), BARS)
    assert lines == {0: label(9, "min", 96), 1: label(9, "min", 96)}


def test_a_bar_after_the_last_chord_says_that_there_is_none() -> None:
    assert chord_lines((Chord(0, 96, 0, "maj"),), BARS)[1] == NOTHING
    assert chord_lines((Chord(0, 96, None, ""),), BARS)[0] == NOTHING


def test_chords_snap_to_eighths_by_what_sounds_in_their_middle() -> None:
    early = (Chord(0, 44, 0, "maj"), Chord(44, 52, 7, "7"))
    assert chord_lines(early, BARS)[0] == [*label(0, "maj", 48), *label(7, "7", 48)]


def test_labels_are_written_as_they_stand() -> None:
    tokens = chord_tokens((Chord(0, 48, 2, "min7"), Chord(48, 48, None, "")))
    assert tokens[:3] == label(2, "min7", 48)
    assert names(tokens[3:]) == [v.name(v.NO_CHORD), v.name(v.DURATION + v.DURATIONS.index(48))]
