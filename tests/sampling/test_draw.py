import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import special, stats

from partimento.sampling.draw import (
    SEED_BITS,
    derive_seed,
    draw,
    next_uniform,
    random_state,
)
from partimento.sampling.filters import filter_logits

ALMOST_ONE = 1 - 2.0**-53
LARGE = st.one_of(st.just(-math.inf), st.floats(-1e4, 1e4, width=16))
VECTORS = st.lists(LARGE, min_size=1, max_size=40).filter(lambda v: max(v) > -math.inf)


def test_nothing_to_draw_from_is_reported() -> None:
    masked = np.full(4, -np.inf, np.float32)
    assert draw(masked, 0.5) == -1


@pytest.mark.parametrize("broken", [np.nan, np.inf])
def test_a_broken_logit_is_reported(broken: float) -> None:
    logits = np.array([1, broken, 2], np.float32)
    assert draw(logits, 0.5) == -1


@settings(deadline=None)
@given(VECTORS, st.one_of(st.sampled_from([0.0, ALMOST_ONE]), st.floats(0, ALMOST_ONE)))
def test_draw_inverts_the_running_sum_of_probabilities(values: list[float], uniform: float) -> None:
    logits = np.array(values, np.float32)
    token = draw(logits, uniform)
    assert logits[token] > -math.inf
    sums = np.cumsum(special.softmax(logits.astype(np.float64)))
    assume(np.abs(sums - uniform).min() > 1e-12)  # on the border itself rounding decides
    assert token == np.searchsorted(sums, uniform, side="right")


@pytest.mark.parametrize(("uniform", "token"), [(0.0, 2), (ALMOST_ONE, 381)])
def test_the_ends_of_the_unit_interval_never_reach_a_masked_token(
    uniform: float, token: int
) -> None:
    logits = np.random.default_rng(2).normal(0, 3, 384).astype(np.float32)
    logits[[0, 1, 382, 383]] = -np.inf
    assert draw(logits, uniform) == token


def test_a_number_on_the_border_belongs_to_the_next_token() -> None:
    logits = np.array([0, -np.inf, 0, 0, 0], np.float32)
    assert [draw(logits, uniform) for uniform in (0.0, 0.25, 0.5, 0.75)] == [0, 2, 3, 4]


def test_an_impossibly_small_probability_is_never_drawn() -> None:
    logits = np.array([-1e4, 0, -1e4], np.float32)
    assert {draw(logits, uniform) for uniform in (0.0, 0.5, ALMOST_ONE)} == {1}


@pytest.mark.parametrize(
    "settings_",
    [(1.0, 0, 1.0, 0.0), (1.5, 0, 1.0, 0.0), (1.0, 20, 1.0, 0.0), (1.0, 0, 0.8, 0.0),
     (1.0, 0, 1.0, 0.1), (0.8, 40, 0.95, 0.02)],
    ids=["raw", "temperature", "top-k", "top-p", "min-p", "all"],
)  # fmt: skip
def test_draws_follow_the_filtered_softmax(settings_: tuple[float, int, float, float]) -> None:
    logits = np.random.default_rng(4).normal(0, 1.5, 64).astype(np.float32)
    logits[::5] = -np.inf
    filter_logits(logits, *settings_)
    expected = special.softmax(logits.astype(np.float64))
    state = random_state(5)
    count = 40_000
    tokens = np.array([draw(logits, next_uniform(state)) for _ in range(count)])
    observed = np.bincount(tokens, minlength=64)
    assert (observed[expected == 0] == 0).all()
    rare = expected * count < 5  # too few for the approximation; they count as one
    observed = np.append(observed[~rare], observed[rare].sum())
    expected = np.append(expected[~rare], expected[rare].sum()) * count
    used = expected > 0
    assert stats.chisquare(observed[used], expected[used]).pvalue > 0.001


def test_random_numbers_are_those_of_splitmix64() -> None:
    published = [6457827717110365317, 3203168211198807973, 9817491932198370423]
    state = random_state(1234567)
    assert [next_uniform(state) for _ in range(3)] == [(x >> 11) * 2.0**-53 for x in published]


def test_random_numbers_are_uniform_and_independent_in_pairs() -> None:
    state = random_state(0)
    numbers = np.array([next_uniform(state) for _ in range(65_536)])
    assert 0 <= numbers.min() < numbers.max() < 1
    cells = (numbers[::2] * 16).astype(int) * 16 + (numbers[1::2] * 16).astype(int)
    assert stats.chisquare(np.bincount(cells, minlength=256)).pvalue > 0.001


def test_the_same_seed_gives_the_same_numbers_and_another_seed_others() -> None:
    def numbers(seed: int) -> list[float]:
        state: NDArray[np.uint64] = random_state(seed)
        return [next_uniform(state) for _ in range(20)]

    assert numbers(3) == numbers(3)
    assert not set(numbers(3)) & set(numbers(4))


def test_the_first_piece_of_a_run_has_the_seed_of_the_run() -> None:
    assert derive_seed(42, 0) == 42


def test_pieces_of_a_run_and_neighbouring_runs_have_different_seeds() -> None:
    seeds = {derive_seed(seed, index) for seed in range(20) for index in range(1, 500)}
    assert len(seeds) == 20 * 499
    assert all(0 <= seed < 2**SEED_BITS for seed in seeds)
    assert derive_seed(7, 1) == 4722888375107927  # pieces must stay the same in later versions


@pytest.mark.parametrize("seed", [-1, 2**SEED_BITS])
def test_a_seed_out_of_range_is_refused(seed: int) -> None:
    with pytest.raises(ValueError, match=rf"seed must be in 0\.\.2\*\*53 - 1, got {seed}"):
        random_state(seed)
    with pytest.raises(ValueError, match="seed must be in"):
        derive_seed(seed, 1)
    with pytest.raises(ValueError, match="index must not be negative, got -1"):
        derive_seed(1, -1)
