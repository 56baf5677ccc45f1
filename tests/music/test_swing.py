"""Swing moves the second eighth of a beat, and what stands around it, and nothing else."""

import pytest

from partimento.errors import SettingError
from partimento.music.score import Meter, Note, Score, Tempo, Track
from partimento.music.swing import swing


def score(onsets: list[int], duration: int = 6, meter: tuple[int, int] = (4, 4)) -> Score:
    """Notes at some ticks, 24 to the quarter."""
    notes = tuple(Note(onset, 60, duration) for onset in onsets)
    return Score(24, (Track(notes),), (Tempo(0, 120.0),), (Meter(0, *meter),))


def onsets(played: Score) -> list[float]:
    """In quarters of the written score, in ticks of 24."""
    return [note.onset * 24 / played.ticks_per_quarter for note in played.tracks[0].notes]


def test_amount_zero_changes_nothing() -> None:
    assert swing(score([0, 12]), 0.0) == score([0, 12])


def test_at_amount_one_eighths_are_played_as_two_thirds_and_one_third() -> None:
    played = swing(score([0, 12, 24, 36], 12), 1.0)
    assert onsets(played) == [0, 16, 24, 40]
    assert [note.duration / 10 for note in played.tracks[0].notes] == [16, 8, 16, 8]


def test_half_of_it_goes_half_the_way() -> None:
    assert onsets(swing(score([0, 12]), 0.5)) == [0, 14]


def test_sixteenths_move_along_and_stay_in_order() -> None:
    assert onsets(swing(score([0, 6, 12, 18]), 1.0)) == [0, 8, 16, 20]


def test_triplets_and_whole_beats_stay_where_they_are() -> None:
    assert onsets(swing(score([0, 8, 16, 24, 48, 60]), 1.0)) == [0, 8, 16, 24, 48, 64]


def test_compound_meters_are_not_swung() -> None:
    assert onsets(swing(score([0, 12, 24, 36, 48, 60], meter=(6, 8)), 1.0)) == [
        0,
        12,
        24,
        36,
        48,
        60,
    ]


def test_bars_and_tempos_keep_their_time() -> None:
    played = swing(score([0, 12, 96]), 0.7)
    assert played.ticks_per_quarter == 240
    assert played.meters == (Meter(0, 4, 4),)
    assert played.tempos == (Tempo(0, 120.0),)
    assert onsets(played)[2] == 96


@pytest.mark.parametrize("amount", [-1, 2, float("nan")])
def test_an_amount_out_of_range_is_refused(amount: float) -> None:
    with pytest.raises(SettingError, match=r"swing must be in \[0, 1\]"):
        swing(score([0]), amount)
