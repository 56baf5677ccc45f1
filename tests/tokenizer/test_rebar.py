"""Bars of any meter become bars of the vocabulary's meters, and no note is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partimento.errors import MidiError
from partimento.music.bars import Bar, bar_starts
from partimento.music.metre import METERS
from partimento.music.score import Chord, Key, Meter, Note, Score, Tempo, Track
from partimento.tokenizer.rebar import rebar


def score_of(
    *meters: tuple[int, int, int], last_onset: int, ticks_per_quarter: int = 24, step: int = 12
) -> Score:
    """Build a score with a note every `step` ticks up to `last_onset`, and one there."""
    onsets = sorted({*range(0, last_onset, step), last_onset})
    notes = tuple(Note(onset, 60, 6) for onset in onsets)
    found = tuple(Meter(*meter) for meter in meters)
    return Score(ticks_per_quarter, (Track(notes),), meters=found)


def meters_of(score: Score) -> list[str]:
    """Name the meter of each bar of the re-barred score."""
    return [f"{n}/{d}" for _, _, (n, d) in bar_starts(rebar(score)[0])]


def test_without_a_meter_bars_are_4_4() -> None:
    assert bar_starts(score_of(last_onset=96)) == [Bar(0, 96, (4, 4)), Bar(96, 96, (4, 4))]


def test_the_last_bar_is_the_one_in_which_the_last_note_starts() -> None:
    assert len(bar_starts(score_of((0, 3, 4), last_onset=71))) == 1
    assert len(bar_starts(score_of((0, 3, 4), last_onset=72))) == 2


def test_a_score_without_notes_has_no_bars() -> None:
    assert bar_starts(Score(24, ())) == []
    assert rebar(Score(24, ()))[0].meters == (Meter(0, 4, 4),)


def test_a_meter_off_the_bar_line_cuts_the_bar() -> None:
    score = score_of((0, 4, 4), (120, 3, 4), last_onset=125)
    assert bar_starts(score) == [Bar(0, 96, (4, 4)), Bar(96, 24, (4, 4)), Bar(120, 72, (3, 4))]


def test_more_bars_than_a_piece_can_have_are_refused() -> None:
    with pytest.raises(MidiError, match="more than 20,000 bars"):
        bar_starts(score_of((0, 1, 64), last_onset=50_000, step=50_000))


@pytest.mark.parametrize(("numerator", "denominator"), METERS)
def test_supported_meters_stay(numerator: int, denominator: int) -> None:
    score = score_of((0, numerator, denominator), last_onset=600)
    assert rebar(score) == (score, [])


@pytest.mark.parametrize(
    ("meter", "expected"),
    [
        ((4, 8), ["2/4"]),
        ((8, 8), ["4/4"]),
        ((6, 16), ["3/8"]),
        ((12, 16), ["6/8"]),
        ((1, 2), ["2/4"]),
        ((1, 1), ["2/2"]),
        ((2, 1), ["4/2"]),
        ((8, 4), ["4/2"]),
        ((10, 8), ["5/4"]),
        ((7, 8), ["2/4", "3/8"]),
        ((7, 4), ["4/4", "3/4"]),
        ((11, 8), ["4/4", "3/8"]),
        ((15, 8), ["9/8", "6/8"]),
        ((5, 2), ["3/2", "2/2"]),
        ((3, 1), ["3/2", "3/2"]),
    ],
)
def test_a_meter_that_supported_bars_fill_is_renamed_or_divided(
    meter: tuple[int, int], expected: list[str]
) -> None:
    score = score_of((0, *meter), last_onset=Meter(0, *meter).bar_ticks(24) - 6, step=6)
    assert meters_of(score) == expected
    assert rebar(score)[0].tracks == score.tracks


def test_the_warning_says_what_became_of_how_many_bars() -> None:
    assert rebar(score_of((0, 7, 8), last_onset=84 * 5 - 1))[1] == [
        "5 x a bar of 7/8 written as 2/4 + 3/8"
    ]


def test_a_short_bar_is_joined_with_the_next() -> None:
    score = score_of((0, 4, 4), (96, 1, 4), (120, 4, 4), last_onset=300)
    assert meters_of(score) == ["4/4", "5/4", "4/4"]
    assert rebar(score)[0].tracks == score.tracks


def test_short_bars_are_joined_with_each_other_only_as_far_as_needed() -> None:
    assert meters_of(score_of((0, 5, 8), last_onset=239)) == ["5/4", "5/4"]


def test_a_short_bar_is_joined_with_the_one_before_when_the_next_does_not_help() -> None:
    # 3/16 + 1/4 + 2/4 is no number of eighths, nor is 3/16 + 1/4; 4/4 + 1/4 is 5/4.
    score = score_of((0, 4, 4), (96, 1, 4), (120, 5, 16), (150, 4, 4), last_onset=240)
    before, _ = rebar(score)
    assert meters_of(score)[:2] == ["5/4", "3/8"]
    assert before.note_count == score.note_count


def test_a_bar_that_nothing_fits_is_padded_and_what_follows_moves() -> None:
    score = Score(
        24,
        (Track((Note(0, 60, 24), Note(126, 62, 12), Note(138, 64, 96))),),
        tempos=(Tempo(0, 90.0), Tempo(138, 60.0)),
        meters=(Meter(0, 4, 4), Meter(96, 7, 16), Meter(138, 4, 4)),
        keys=(Key(0, 0, False), Key(138, 2, False)),
        chords=(Chord(0, 96, 0, "maj"), Chord(138, 96, 2, "maj")),
    )
    out, warnings = rebar(score)
    assert warnings == ["1 x a bar of 7/16 padded with silence to 2/4"]
    assert out.meters == (Meter(0, 4, 4), Meter(96, 2, 4), Meter(144, 4, 4))
    assert [n.onset for n in out.tracks[0].notes] == [0, 126, 144]
    assert out.tempos == (Tempo(0, 90.0), Tempo(144, 60.0))
    assert out.keys == (Key(0, 0, False), Key(144, 2, False))
    assert [c.onset for c in out.chords] == [0, 144]


def test_an_upbeat_is_padded_in_front() -> None:
    score = score_of((0, 1, 4), (24, 4, 4), last_onset=100)
    out, warnings = rebar(score)
    assert warnings == ["1 x a bar of 1/4 as an upbeat filled up to 4/4"]
    assert out.meters == (Meter(0, 4, 4),)
    assert out.tracks[0].notes[0].onset == 72
    assert meters_of(score) == ["4/4", "4/4"]


def test_a_last_bar_is_padded_behind() -> None:
    score = score_of((0, 4, 4), (96, 1, 4), last_onset=96)
    assert meters_of(score) == ["4/4", "2/4"] or meters_of(score) == ["4/4", "3/8"]
    assert rebar(score)[0].tracks == score.tracks


def test_a_bar_longer_than_any_meter_is_divided() -> None:
    assert meters_of(score_of((0, 19, 4), last_onset=455)) == ["4/2", "3/2", "5/4"]


def test_an_odd_resolution_is_doubled_for_eighths() -> None:
    out, _ = rebar(score_of((0, 3, 4), last_onset=8, ticks_per_quarter=3, step=3))
    assert out.ticks_per_quarter == 6
    assert [n.onset for n in out.tracks[0].notes] == [0, 6, 12, 16]


@st.composite
def irregular_scores(draw: st.DrawFn) -> Score:
    """Scores with any meters at any ticks."""
    ticks = sorted({0, *draw(st.lists(st.integers(1, 900), max_size=6))})
    meters = [
        (tick, draw(st.integers(1, 40)), draw(st.sampled_from((1, 2, 4, 8, 16, 32, 64))))
        for tick in ticks
    ]
    last = draw(st.integers(0, 1000))
    return score_of(*meters, last_onset=last, step=draw(st.integers(5, 50)))


@given(irregular_scores())
def test_every_bar_of_the_result_is_a_whole_bar_of_a_supported_meter(score: Score) -> None:
    out, warnings = rebar(score)
    bars = bar_starts(out)
    position = 0
    for bar in bars:
        assert bar.start == position
        assert bar.meter in METERS
        assert bar.length == Meter(0, *bar.meter).bar_ticks(out.ticks_per_quarter)
        position += bar.length
    assert all("\n" not in warning for warning in warnings)


@given(irregular_scores())
def test_notes_keep_their_order_and_never_come_earlier(score: Score) -> None:
    before = score.tracks[0].notes
    after = rebar(score)[0].tracks[0].notes
    assert len(before) == len(after)
    shifts = [b.onset - a.onset for a, b in zip(before, after, strict=True)]
    assert shifts == sorted(shifts)
    assert all(shift >= 0 for shift in shifts)


@given(irregular_scores())
def test_re_barring_twice_changes_nothing_more(score: Score) -> None:
    once, _ = rebar(score)
    assert rebar(once) == (once, [])
