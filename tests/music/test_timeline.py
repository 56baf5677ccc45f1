"""How long a score plays, tick by tick, and the part of it from a tick on."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partimento.music.bars import bar_starts
from partimento.music.score import Chord, Key, Meter, Note, Score, Tempo, Track
from partimento.music.timeline import TempoMap, from_tick, seconds

TICKS = st.lists(st.integers(0, 400), unique=True, max_size=5).map(sorted)


@st.composite
def scores(draw: st.DrawFn) -> Score:
    onsets = draw(st.lists(st.integers(0, 300), min_size=1, max_size=6).map(sorted))
    parts = tuple(Track((Note(onset, 60, 24),), 40, name=str(onset)) for onset in onsets)
    meters = [Meter(0, 3, 4), Meter(144, 4, 4), Meter(240, 6, 8)][: draw(st.integers(0, 3))]
    ticks = draw(TICKS)
    return Score(
        ticks_per_quarter=24,
        tracks=parts,
        tempos=tuple(Tempo(tick, draw(st.floats(20, 300))) for tick in ticks),
        meters=tuple(meters),
        keys=tuple(Key(tick, draw(st.integers(0, 11)), False) for tick in draw(TICKS)),
        chords=tuple(
            Chord(tick, draw(st.integers(1, 60)), draw(st.integers(0, 11)), "min")
            for tick in draw(TICKS)
        ),
        texts=("memo",),
    )


def slow_seconds(score: Score) -> float:
    """Time of one tick after the other, 120 beats a minute until the first tempo."""
    last = bar_starts(score)[-1]
    total = 0.0
    for tick in range(last.start + last.length):
        bpm = 120.0
        for tempo in score.tempos:
            if tempo.tick <= tick:
                bpm = tempo.bpm
        total += 60 / bpm / score.ticks_per_quarter
    return total


@given(scores())
def test_seconds_are_those_of_the_tempo_at_each_tick(score: Score) -> None:
    assert math.isclose(seconds(score), slow_seconds(score), rel_tol=1e-9)


@given(scores(), st.floats(0, 1000))
def test_a_time_leads_back_to_its_tick(score: Score, tick: float) -> None:
    tempo_map = TempoMap.of(score)
    assert math.isclose(tempo_map.tick(tempo_map.seconds(tick)), tick, abs_tol=1e-6)
    assert tempo_map.seconds(tick + 1) > tempo_map.seconds(tick)


@pytest.mark.parametrize(
    ("tempos", "expected"),
    [
        ((), 2.0),
        ((Tempo(0, 60.0),), 4.0),
        ((Tempo(0, 60.0), Tempo(48, 240.0)), 2.5),
        ((Tempo(48, 60.0),), 3.0),
        ((Tempo(0, 120.0), Tempo(96, 1.0)), 2.0),
    ],
)
def test_a_bar_of_four_quarters_lasts_so_long(tempos: tuple[Tempo, ...], expected: float) -> None:
    score = Score(24, (Track((Note(0, 60, 1),)),), tempos)
    assert seconds(score) == pytest.approx(expected)


def test_a_score_without_notes_takes_no_time() -> None:
    assert seconds(Score(24, (), (Tempo(0, 60.0),))) == 0.0


@given(scores(), st.integers(0, 300))
def test_from_a_tick_on_the_notes_that_start_later_stay(score: Score, start: int) -> None:
    part = from_tick(score, start)
    assert [(t.name, [n.onset + start for n in t.notes]) for t in part.tracks] == [
        (t.name, [n.onset for n in t.notes]) for t in score.tracks if t.notes[0].onset >= start
    ]
    assert {(t.program, t.is_drum) for t in part.tracks} <= {(40, False)}
    assert part.texts == score.texts


def value_at(score: Score, what: str, tick: int) -> object:
    """What is in force at a tick, without where it began."""
    found = [change for change in getattr(score, what) if change.tick <= tick]
    if not found:
        return None
    return {name: getattr(found[-1], name) for name in type(found[-1]).__slots__ if name != "tick"}


@given(scores(), st.integers(0, 300))
def test_from_a_tick_on_what_is_in_force_stays_in_force(score: Score, start: int) -> None:
    part = from_tick(score, start)
    for what in ("tempos", "meters", "keys"):
        ticks = [change.tick for change in getattr(part, what)]
        assert ticks == sorted(set(ticks))
        for tick in range(0, 450 - start, 7):
            assert value_at(part, what, tick) == value_at(score, what, start + tick)


@given(scores(), st.integers(0, 300))
def test_from_a_tick_on_the_chords_sound_as_before(score: Score, start: int) -> None:
    part = from_tick(score, start)
    assert all(chord.onset >= 0 and chord.duration > 0 for chord in part.chords)
    for tick in range(0, 480 - start, 5):
        before, after = (
            [c.root for c in chords if c.onset <= at < c.onset + c.duration]
            for chords, at in ((score.chords, start + tick), (part.chords, tick))
        )
        assert after == before


def test_a_score_from_its_beginning_is_itself() -> None:
    score = Score(24, (Track((Note(0, 60, 24),)),), (Tempo(0, 90.0),), (Meter(0, 3, 4),))
    assert from_tick(score, 0) == score


@given(scores())
def test_the_bars_from_a_bar_line_on_are_the_same_bars(score: Score) -> None:
    bars = bar_starts(score)
    for bar in bars:
        moved = [b._replace(start=b.start - bar.start) for b in bars if b.start >= bar.start]
        assert bar_starts(from_tick(score, bar.start)) == moved
