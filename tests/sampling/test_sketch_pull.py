"""The pull of the sketch: what it says is likelier, and nothing else changes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partimento.music.sketch import LANES, ONSETS, SLOTS, WIDTH, Floats
from partimento.request.request import Request
from partimento.sampling.planning import make_plan
from partimento.sampling.sketch_pull import LEAST, PASSING, POWER, pull_to_sketch, sketch_pull
from partimento.tokenizer import cursor as c
from partimento.tokenizer import vocabulary as v

PITCH = slice(v.PITCH, v.PITCH + 128)
LENGTH = slice(v.DURATION, v.REST)
REST = slice(v.REST, v.INSTRUMENT)
BAR = 96


def bar_with(*notes: tuple[int, int]) -> Floats:
    """(1, WIDTH) a bar in which pitches start in slots."""
    values = np.zeros((1, WIDTH), np.float32)
    for slot, pitch in notes:
        values[0, slot * LANES + pitch % 12] = 1
        values[0, ONSETS + pitch] = 1
    return values


def pulled(bar: Floats, tick: int, is_open: bool = False, others: tuple[int, ...] = ()) -> Floats:
    """(V,) equal logits as they are in a line at a tick of a bar, after a pitch if it is open;
    other lines start notes at some ticks."""
    onsets = np.zeros(c.T, np.uint8)
    onsets[list(others)] = 1
    scalars = np.zeros(len(c.SCALARS), np.int32)
    scalars[c.TICK], scalars[c.LENGTH] = tick, BAR
    scalars[c.PHASE] = c.AFTER_PITCH if is_open else c.IN_LINE
    logits = np.zeros(v.SIZE, np.float32)
    pull_to_sketch(logits, scalars, onsets, bar)
    return logits


def mass(logits: Floats) -> float:
    return float(np.exp(logits.astype(np.float64)).sum())


def test_a_pitch_of_the_sketch_gains_what_its_probability_says() -> None:
    [bar] = sketch_pull(bar_with((0, 60), (0, 67)), 1.0)
    logits = pulled(bar, 0)[PITCH]
    assert set(np.argsort(logits)[-2:].tolist()) == {60, 67}
    # 72 has a class that starts here, but is not used; 61 has neither.
    apart = POWER * np.log((1 + LEAST) / LEAST)
    assert logits[60] - logits[72] == pytest.approx(apart, rel=1e-4)
    assert logits[60] - logits[61] == pytest.approx(2 * apart, rel=1e-4)


def test_notes_are_as_likely_as_before_where_something_starts_and_rarer_elsewhere() -> None:
    [bar] = sketch_pull(bar_with((0, 60), (8, 64)), 1.0)
    assert mass(pulled(bar, 0)[PITCH]) == pytest.approx(128, rel=1e-4)
    rare = (LEAST / (1 + LEAST)) ** POWER
    assert mass(pulled(bar, 24)[PITCH]) == pytest.approx(128 * rare, rel=1e-4)
    # And there a rest loses nothing, while it does where the line has something to say.
    assert mass(pulled(bar, 24)[REST]) == pytest.approx(64, rel=1e-4)
    assert mass(pulled(bar, 48)[REST]) == pytest.approx(64 * rare**PASSING, rel=1e-4)
    # Where another line plays there, this one may be silent.
    assert mass(pulled(bar, 48, others=(48,))[REST]) == pytest.approx(64, rel=1e-4)


def test_lengths_lead_to_where_the_next_note_starts() -> None:
    [bar] = sketch_pull(bar_with((0, 60), (4, 62), (8, 64)), 1.0)
    lengths = pulled(bar, 0, is_open=True)[LENGTH]
    assert mass(lengths) == pytest.approx(64, rel=1e-4)
    by_ticks = dict(zip(v.DURATIONS, lengths.tolist(), strict=True))
    assert by_ticks[24] > by_ticks[48]  # passes over one
    assert by_ticks[24] > by_ticks[12]  # leads to where nothing starts
    assert by_ticks[48] > by_ticks[72]
    assert by_ticks[24] == max(by_ticks.values())


def test_a_line_that_ends_loses_what_the_sketch_has_left() -> None:
    [bar] = sketch_pull(bar_with((0, 60), (4, 62), (8, 64)), 1.0)
    ends = [float(pulled(bar, tick)[v.BAR]) for tick in (0, 24, 48, 72)]
    assert ends == sorted(ends)
    assert ends[-1] == 0
    one = PASSING * POWER * np.log(LEAST / (1 + LEAST))
    assert ends[:3] == pytest.approx([3 * one, 2 * one, one], rel=1e-4)
    assert pulled(bar, 24, others=(24,))[v.BAR] == pytest.approx(one, rel=1e-4)
    last = pulled(bar, 24)
    assert last[v.INSTRUMENT] == last[v.EOS] == last[v.FILL] == last[v.BAR]


def test_a_line_among_others_owes_only_its_share() -> None:
    [alone] = sketch_pull(bar_with((0, 60), (4, 62)), 1.0)
    [among] = sketch_pull(bar_with((0, 60), (0, 64), (0, 67), (4, 62)), 1.0)
    assert pulled(alone, 24)[v.BAR] < pulled(among, 24)[v.BAR] < 0


@settings(deadline=None)
@given(st.integers(0, 999), st.integers(0, BAR), st.booleans())
def test_masked_tokens_stay_masked_and_headers_as_they_are(
    seed: int, tick: int, is_open: bool
) -> None:
    rng = np.random.default_rng(seed)
    [bar] = sketch_pull(rng.random((1, WIDTH), np.float32), 0.7)
    logits = rng.standard_normal(v.SIZE).astype(np.float32)
    logits[rng.random(v.SIZE) < 0.5] = -np.inf
    logits[REST] = -np.inf
    before = logits.copy()
    onsets = rng.integers(0, 2, c.T).astype(np.uint8)
    scalars = np.zeros(len(c.SCALARS), np.int32)
    scalars[c.TICK], scalars[c.LENGTH] = tick, BAR
    scalars[c.PHASE] = c.AFTER_PITCH if is_open else c.IN_LINE
    pull_to_sketch(logits, scalars, onsets, bar)
    assert (np.isinf(logits) == np.isinf(before)).all()
    assert not np.isnan(logits).any()
    assert (logits[v.KEY : v.DYNAMIC] == before[v.KEY : v.DYNAMIC]).all()
    if tick == BAR:
        assert (logits == before).all()


def test_a_sketch_pulls_the_more_the_more_closely_it_is_followed() -> None:
    for follow in (0.0, 0.3, 0.5):
        assert len(sketch_pull(bar_with((0, 60)), follow)) == 0
    full = sketch_pull(bar_with((0, 60)), 1.0)
    half = sketch_pull(bar_with((0, 60)), 0.75)
    np.testing.assert_allclose(half, full / 2, rtol=1e-5)


def test_the_next_bars_first_slot_counts_at_the_bar_line() -> None:
    values = np.concatenate([bar_with((8, 60)), bar_with((0, 62)), bar_with((4, 62))])
    to_note, to_nothing, last = sketch_pull(values, 1.0)
    whole = v.DURATIONS.index(48)
    first, second = (pulled(bar, 48, is_open=True)[LENGTH] for bar in (to_note, to_nothing))
    assert first[whole] > second[whole]
    assert last[SLOTS] == 0  # beyond the end nothing is said


def test_only_a_piece_with_a_sketch_is_pulled() -> None:
    plan = make_plan(Request(bars=2))
    assert plan.pulled_bars == len(plan.pull) == 0
