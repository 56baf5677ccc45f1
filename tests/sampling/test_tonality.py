"""The pull of the key, against an obvious twin: pitches change places, nothing else does."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from partimento.sampling.plan import make_plan
from partimento.sampling.request import Request
from partimento.sampling.tonality import pull_to_key
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.harmony import MAJOR_PROFILE, MINOR_PROFILE

PITCHES = slice(v.PITCH, v.PITCH + 128)
DEFAULT = Request().key_pull


def random_logits(seed: int, spread: float) -> NDArray[np.float32]:
    """Logits (V,), a third of them masked."""
    rng = np.random.default_rng(seed)
    logits = (spread * rng.standard_normal(v.SIZE)).astype(np.float32)
    logits[rng.random(v.SIZE) < 1 / 3] = -np.inf
    return logits


def probabilities(logits: NDArray[np.float32]) -> NDArray[np.float64]:
    weights = np.exp(logits.astype(np.float64) - logits.max())
    return np.asarray(weights / weights.sum())


def slow_pull(logits: NDArray[np.float32], key: int, power: float) -> NDArray[np.float64]:
    """Probabilities (V,) after the pull."""
    found = probabilities(logits)
    profile = MAJOR_PROFILE if key < 12 else MINOR_PROFILE
    shares = [profile[(pitch - key) % 12] ** power for pitch in range(128)]
    total = found[PITCHES].sum()
    found[PITCHES] *= shares
    found[PITCHES] *= total / found[PITCHES].sum()
    return found


@settings(deadline=None)
@given(st.integers(0, 999), st.integers(0, 23), st.floats(0, 1), st.sampled_from([0.3, 3.0]))
def test_each_pitch_is_weighed_by_its_degree(
    seed: int, key: int, power: float, spread: float
) -> None:
    logits = random_logits(seed, spread)
    expected = slow_pull(logits, key, power)
    masked = np.isinf(logits)
    before = logits.copy()
    pull_to_key(logits, key, power)
    np.testing.assert_allclose(probabilities(logits), expected, rtol=1e-4, atol=1e-9)
    assert (np.isinf(logits) == masked).all()
    others = np.ones(v.SIZE, bool)
    others[PITCHES] = False
    assert (logits[others] == before[others]).all()


@pytest.mark.parametrize("size", [1e4, -1e4])
def test_large_logits_stay_finite(size: float) -> None:
    logits = np.full(v.SIZE, size, np.float32)
    logits[v.PITCH + 60] = -size
    pull_to_key(logits, 0, 0.5)
    assert np.isfinite(logits).all()


def test_nothing_changes_without_a_power_or_a_pitch() -> None:
    logits = random_logits(1, 2.0)
    before = logits.copy()
    pull_to_key(logits, 3, 0.0)
    assert (logits == before).all()
    logits[PITCHES] = -np.inf
    before = logits.copy()
    pull_to_key(logits, 3, 1.0)
    assert (logits == before).all()
    assert not np.isnan(logits).any()


def test_the_tonic_gains_most_and_the_strange_notes_lose() -> None:
    logits = np.zeros(v.SIZE, np.float32)
    pull_to_key(logits, v.KEYS.index("D minor"), DEFAULT)
    d, f, e_flat = (float(logits[v.PITCH + pitch]) for pitch in (62, 65, 63))
    assert d > f > 0 > e_flat
    assert d - e_flat == pytest.approx(
        DEFAULT * math.log(MINOR_PROFILE[0] / MINOR_PROFILE[1]), 1e-3
    )


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
    request = Request(bars=2, **wishes)  # type: ignore[arg-type]
    assert make_plan(request).filters[3] == power
