"""Bars of files are found among those of the tokens, and notes find back to where they belong."""

from pathlib import Path

import pytest

from partimento.errors import MidiError
from partimento.music.bars import bar_starts
from partimento.music.midi.reader import read_midi
from partimento.music.score import Meter, Note, Score, Track
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.bar_places import place_bars
from partimento.tokenizer.decoding import decode
from partimento.tokenizer.encoding import encode
from partimento.tokenizer.loading import fit_score


def score(ticks_per_quarter: int, *meters: Meter, end: int) -> Score:
    """A note at the start and at a tick."""
    notes = (Note(0, 60, ticks_per_quarter), Note(end, 62, ticks_per_quarter))
    return Score(ticks_per_quarter, (Track(notes),), meters=meters)


def test_plain_bars_are_where_they_were() -> None:
    places = place_bars(score(480, Meter(0, 3, 4), end=1440 * 3))
    assert places.starts == (0, 72, 144, 216)
    assert places.token_starts == (0, 72, 144, 216, 288)
    assert [list(places.token_bars(bar)) for bar in range(4)] == [[0], [1], [2], [3]]
    assert places.placed(Note(73, 60, 12, 70)) == Note(1460, 60, 240, 70)


def test_an_upbeat_has_silence_in_front_where_nothing_can_be_placed() -> None:
    places = place_bars(score(480, Meter(0, 1, 4), Meter(480, 4, 4), end=480 + 1920))
    assert places.starts == (72, 96, 192)
    assert list(places.token_bars(0)) == [0]
    assert places.placed(Note(48, 60, 12)) is None
    assert places.placed(Note(72, 60, 24)) == Note(0, 60, 480)
    assert places.placed(Note(96, 60, 24)) == Note(480, 60, 480)


def test_a_bar_of_seven_eighths_is_two_of_the_tokens() -> None:
    places = place_bars(score(96, Meter(0, 7, 8), end=336))
    assert [list(places.token_bars(bar)) for bar in range(2)] == [[0, 1], [2, 3]]
    assert places.placed(Note(84 + 72, 60, 12)) == Note(336 + 288, 60, 48)


def test_an_odd_resolution_is_met_by_a_common_one() -> None:
    places = place_bars(score(100, Meter(0, 4, 4), end=400))
    assert places.resolution == 600
    assert places.placed(Note(97, 60, 1)) == Note(2425, 60, 25)


def test_silence_has_no_bars() -> None:
    with pytest.raises(MidiError, match="no notes found"):
        place_bars(Score(24, ()))


def test_every_note_of_the_tokens_is_placed_in_its_bar(pieces_folder: Path) -> None:
    for path in sorted(pieces_folder.glob("*.mid")):
        found = read_midi(path)[0]
        places = place_bars(found)
        fitted = fit_score(found, path.name).score
        tokens = encode(fitted).tokens
        assert len(places.token_starts) - 1 >= int((tokens == v.BAR).sum())
        assert len(places.bars) == len(bar_starts(found))
        for note in (note for track in decode(tokens).tracks for note in track.notes):
            placed = places.placed(note)
            assert placed is not None
            exact = note.onset * places.resolution // 24
            assert abs(placed.onset - exact) <= 1
