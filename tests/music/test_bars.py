"""Bar lines by hand: where bars start, how long they are, and where they end."""

import pytest

from partimento.errors import MidiError
from partimento.music.bars import MAX_BARS, Bar, bar_starts
from partimento.music.score import Meter, Note, Score, Track


def score_until(last: int, *meters: Meter) -> Score:
    """A score at 24 ticks a quarter whose last note starts at a tick."""
    return Score(24, (Track((Note(last, 60, 24),)),), meters=meters)


def test_bars_reach_to_the_one_in_which_the_last_note_starts() -> None:
    assert [bar.start for bar in bar_starts(score_until(95))] == [0]
    assert [bar.start for bar in bar_starts(score_until(96))] == [0, 96]


def test_without_a_meter_bars_are_four_quarters() -> None:
    assert bar_starts(score_until(100)) == [Bar(0, 96, (4, 4)), Bar(96, 96, (4, 4))]


def test_a_new_meter_cuts_the_bar_before_it_short() -> None:
    bars = bar_starts(score_until(130, Meter(0, 4, 4), Meter(48, 3, 4)))
    assert bars == [Bar(0, 48, (4, 4)), Bar(48, 72, (3, 4)), Bar(120, 72, (3, 4))]


def test_eighths_count_half_a_quarter() -> None:
    assert [bar.length for bar in bar_starts(score_until(90, Meter(0, 7, 8)))] == [84, 84]


def test_a_score_without_notes_has_no_bars() -> None:
    assert bar_starts(Score(24, (Track(()),), meters=(Meter(0, 3, 4),))) == []


def test_more_bars_than_a_piece_can_have_are_refused_with_the_remedy() -> None:
    with pytest.raises(MidiError, match=r"more than 20,000 bars; cut the file"):
        bar_starts(score_until(96 * MAX_BARS))


def test_bars_before_the_first_meter_are_in_four_four() -> None:
    score = Score(24, (Track((Note(0, 60, 24), Note(200, 60, 24))),), meters=(Meter(192, 3, 4),))
    assert [(bar.start, bar.meter) for bar in bar_starts(score)] == [
        *((0, (4, 4)), (96, (4, 4)), (192, (3, 4))),
    ]
