"""The pull of the key, against an obvious twin: pitches change places, nothing else does."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from partimento.music.key_finding import MAJOR_PROFILE, MINOR_PROFILE
from partimento.request.request import Request
from partimento.sampling.choice import read_tokens
from partimento.sampling.key_pull import MEMORY, RETURN, key_weights, pull_to_key
from partimento.sampling.pieces import Piece, new_pieces, place
from partimento.sampling.planning import make_plan
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.features import FEATURES, SOUNDING_WIDTH

PITCHES = slice(v.PITCH, v.PITCH + 128)
DEFAULT = Request().key_pull
NOTHING = np.zeros(12, np.float32)


def random_logits(seed: int, spread: float) -> NDArray[np.float32]:
    """Logits (V,), a third of them masked."""
    rng = np.random.default_rng(seed)
    logits = (spread * rng.standard_normal(v.SIZE)).astype(np.float32)
    logits[rng.random(v.SIZE) < 1 / 3] = -np.inf
    return logits


def probabilities(logits: NDArray[np.float32]) -> NDArray[np.float64]:
    weights = np.exp(logits.astype(np.float64) - logits.max())
    return np.asarray(weights / weights.sum())


@settings(deadline=None)
@given(st.integers(0, 999), st.integers(0, 23), st.floats(0, 1), st.sampled_from([0.3, 3.0]))
def test_each_pitch_is_weighed_by_its_degree(
    seed: int, key: int, power: float, spread: float
) -> None:
    logits = random_logits(seed, spread)
    before = logits.copy()
    pull_to_key(logits, key, key_weights(power), 0.0, NOTHING)
    profile = MAJOR_PROFILE if key < 12 else MINOR_PROFILE
    # Among the pitches: their own probabilities times a share of the key.
    shares = np.array([profile[(pitch - key) % 12] ** power for pitch in range(128)])
    expected = probabilities(before[PITCHES]) * shares
    found = probabilities(logits[PITCHES])
    np.testing.assert_allclose(found, expected / expected.sum(), rtol=1e-4, atol=1e-9)
    assert (np.isinf(logits) == np.isinf(before)).all()
    others = np.ones(v.SIZE, bool)
    others[PITCHES] = False
    assert (logits[others] == before[others]).all()


@pytest.mark.parametrize("key", ["C major", "A minor"])
def test_music_of_the_key_keeps_its_share_of_pitches(key: str) -> None:
    index = v.KEYS.index(key)
    profile = MAJOR_PROFILE if index < 12 else MINOR_PROFILE
    logits = np.full(v.SIZE, -np.inf, np.float32)
    logits[PITCHES][60:72] = [np.log(profile[(pitch - index) % 12]) for pitch in range(60, 72)]
    logits[v.BAR] = 0.0
    before = probabilities(logits)[PITCHES].sum()
    pull_to_key(logits, index, key_weights(0.4), 1.0, NOTHING)
    assert probabilities(logits)[PITCHES].sum() == pytest.approx(before, rel=1e-3)


def test_no_power_changes_nothing() -> None:
    assert (key_weights(0.0) == 0).all()


def test_the_tonic_gains_most_and_the_strange_notes_lose() -> None:
    logits = np.zeros(v.SIZE, np.float32)
    pull_to_key(logits, v.KEYS.index("D minor"), key_weights(0.15), 0.0, NOTHING)
    d, f, e_flat = (float(logits[v.PITCH + pitch]) for pitch in (62, 65, 63))
    assert d > f > 0 > e_flat
    assert d - e_flat == pytest.approx(0.15 * math.log(MINOR_PROFILE[0] / MINOR_PROFILE[1]))


@pytest.mark.parametrize(
    ("wishes", "power"),
    [
        ({}, DEFAULT),
        ({"key": "D minor", "chords": "Dm Gm"}, DEFAULT),
        ({"key": "D minor", "lock_key": True}, DEFAULT),
        ({"key": "D minor", "key_pull": 0.4}, 0.4),
        ({"chords": "Dm Gm"}, 0.0),
        ({"key": "D minor", "scale": "dorian", "key_pull": 0.4}, 0.0),
    ],
)
def test_a_scale_or_chords_without_a_key_have_a_centre_of_their_own(
    wishes: dict[str, object], power: float
) -> None:
    request = Request.from_dict({"bars": 2, **wishes})
    rules = make_plan(request).rules
    assert (rules.key_weights == key_weights(power)).all()
    np.testing.assert_allclose(rules.key_return, RETURN * power, rtol=1e-6)


@given(st.integers(0, 23), st.floats(0, 2), st.lists(st.floats(0, 2000), min_size=12, max_size=12))
def test_a_degree_gains_by_what_it_lacks_so_far(key: int, power: float, ticks: list[float]) -> None:
    logits = np.zeros(v.SIZE, np.float32)
    pull_to_key(logits, key, key_weights(0.0), power, np.array(ticks, np.float32))
    profile = np.array(MAJOR_PROFILE if key < 12 else MINOR_PROFILE)
    profile = profile / profile.sum()
    heard = np.roll(ticks, -(key % 12)) + 192 * profile  # two bars in the key, then what came
    share = heard / heard.sum()
    expected = ((profile + 0.02) / (share + 0.02)) ** power
    found = np.exp(logits[PITCHES][60 + key % 12 :][:12].astype(np.float64))
    found = np.roll(found, 60 % 12)  # the list begins with the tonic
    np.testing.assert_allclose(found / found[0], expected / expected[0], rtol=1e-3)
    assert (share * found).sum() == pytest.approx(1, rel=1e-3)


def test_music_as_it_should_be_is_left_alone() -> None:
    logits = np.zeros(v.SIZE, np.float32)
    heard = np.roll(np.array(MAJOR_PROFILE, np.float32), 7) * 5000
    pull_to_key(logits, v.KEYS.index("G major"), key_weights(0.0), 1.0, heard)
    np.testing.assert_allclose(logits, 0, atol=1e-4)


def test_a_piece_that_has_left_its_tonic_is_led_back() -> None:
    logits = np.zeros(v.SIZE, np.float32)
    heard = np.roll(np.array(MAJOR_PROFILE, np.float32), 7) * 5000  # G major, asked for C major
    pull_to_key(logits, v.KEYS.index("C major"), key_weights(0.0), 1.0, heard)
    c, d, f, f_sharp = (float(logits[v.PITCH + pitch]) for pitch in (60, 62, 65, 66))
    assert min(c, f) > 0 > d > f_sharp


def read_one(pieces: Piece, token: int) -> None:
    ids, sounding = np.zeros((1, len(FEATURES)), np.int16), np.zeros((1, SOUNDING_WIDTH), np.uint8)
    read_tokens(pieces, np.zeros(1, np.int64), np.array([token]), ids, sounding)


def test_what_is_heard_counts_each_pitch_of_an_event_and_no_drum() -> None:
    plan = make_plan(Request(bars=2))
    pieces = new_pieces([plan], 1)
    place(pieces, 0, plan, 1)
    piano, drums = v.INSTRUMENT, v.INSTRUMENT + v.DRUMS
    quarter, eighth = (v.DURATION + v.DURATIONS.index(ticks) for ticks in (24, 12))
    opening = [v.BOS, v.METER + v.METERS.index((4, 4)), v.TEMPO, v.BAR]
    bar = [piano, v.PITCH + 64, v.PITCH + 60, quarter, v.PITCH + 72, eighth]
    for token in (*opening, *bar, drums, v.PITCH + 38, quarter):
        read_one(pieces, token)
    expected = np.zeros(12)
    expected[[0, 4]] = 24 + 12, 24
    np.testing.assert_allclose(pieces.heard[0], expected)
    read_one(pieces, v.BAR)
    np.testing.assert_allclose(pieces.heard[0], MEMORY * expected, rtol=1e-6)


def test_new_music_returns_to_a_key_that_is_asked_for_and_else_stays_with_its_primer() -> None:
    primer = np.array(
        [v.BOS, v.KEY, v.METER + v.METERS.index((4, 4)), v.TEMPO, v.BAR, v.EOS], np.uint16
    )
    assert not make_plan(Request(bars=2), primer).rules.key_return.any()
    asked = make_plan(Request(bars=2, key="D minor"), primer).rules.key_return
    np.testing.assert_allclose(asked, RETURN * DEFAULT, rtol=1e-6)
