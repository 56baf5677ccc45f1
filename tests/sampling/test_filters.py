import math

import numba
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from partimento.sampling.draw import draw, next_uniform, random_state
from partimento.sampling.filters import (
    apply_mask,
    apply_temperature,
    argmax,
    filter_logits,
    keep_min_p,
    keep_top_k,
    keep_top_p,
)

Logits = NDArray[np.float32]

TIED = st.sampled_from([-math.inf, -1e4, -2.0, -0.0, 0.0, 0.5, 1.0, 1e4])
SPREAD = st.floats(-30, 30, width=32)
LOGITS = st.lists(st.one_of(TIED, SPREAD), min_size=1, max_size=40).map(
    lambda values: np.array(values, np.float32)
)


def kept(logits: Logits) -> list[int]:
    return [i for i, logit in enumerate(logits) if logit > -math.inf]


def ranking(logits: Logits) -> list[int]:
    return sorted(kept(logits), key=lambda i: (-float(logits[i]), i))


def slow_probabilities(logits: Logits) -> list[float]:
    weights = np.exp(logits.astype(np.float64) - np.float64(logits.max()))
    return list(weights / math.fsum(weights))


def slow_top_p(logits: Logits, p: float) -> list[int]:
    probabilities = slow_probabilities(logits)
    chosen: list[int] = []
    for i in ranking(logits):
        mass = math.fsum(probabilities[j] for j in chosen)
        assume(abs(mass - p) > 1e-9)  # on the border itself rounding decides
        if mass > p:
            break
        chosen.append(i)
    return sorted(chosen)


@settings(deadline=None)
@given(LOGITS, st.data())
def test_the_mask_leaves_allowed_logits_and_only_those(logits: Logits, data: st.DataObject) -> None:
    allowed = np.array(
        data.draw(st.lists(st.booleans(), min_size=len(logits), max_size=len(logits)))
    )
    before = logits.copy()
    apply_mask(logits, allowed)
    assert logits.tolist() == [
        x if ok else -math.inf for x, ok in zip(before, allowed, strict=True)
    ]


@settings(deadline=None)
@given(LOGITS, st.integers(0, 45))
def test_top_k_keeps_what_a_sort_keeps(logits: Logits, k: int) -> None:
    before = logits.copy()
    keep_top_k(logits, k)
    expected = sorted(ranking(before)[: k or None])
    assert kept(logits) == expected
    assert logits[expected].tolist() == before[expected].tolist()


def test_top_k_keeps_exactly_k_on_ties_and_the_lowest_ids_win() -> None:
    logits = np.array([1, 2, 1, 2, 1, 1], np.float32)
    keep_top_k(logits, 4)
    assert kept(logits) == [0, 1, 2, 3]
    zeros = np.array([0.0, -0.0, 0.0, -0.0], np.float32)
    keep_top_k(zeros, 2)
    assert kept(zeros) == [0, 1]


@pytest.mark.parametrize("k", [0, 5, 6])
def test_top_k_of_zero_or_of_the_whole_vocabulary_changes_nothing(k: int) -> None:
    logits = np.array([3, -np.inf, 1, 2, 1], np.float32)
    before = logits.copy()
    keep_top_k(logits, k)
    assert logits.tolist() == before.tolist()


@settings(deadline=None)
@given(LOGITS, st.floats(0.001, 0.9999))
def test_top_p_keeps_what_a_sort_and_a_running_sum_keep(logits: Logits, p: float) -> None:
    assume(kept(logits))
    before = logits.copy()
    keep_top_p(logits, p)
    expected = slow_top_p(before, p)
    assert kept(logits) == expected
    assert logits[expected].tolist() == before[expected].tolist()


@pytest.mark.parametrize(("p", "count"), [(0.124, 1), (0.125, 1), (0.126, 2), (0.5, 4), (0.99, 8)])
def test_top_p_stops_exactly_where_equal_tokens_reach_p(p: float, count: int) -> None:
    logits = np.full(10, 0.25, np.float32)
    logits[[2, 5]] = -np.inf
    keep_top_p(logits, p)
    assert kept(logits) == [0, 1, 3, 4, 6, 7, 8, 9][:count]


@settings(deadline=None)
@given(LOGITS)
def test_top_p_of_one_changes_nothing(logits: Logits) -> None:
    before = logits.copy()
    keep_top_p(logits, 1.0)
    assert logits.tolist() == before.tolist()


@settings(deadline=None)
@given(LOGITS, st.floats(0.001, 0.99))
def test_min_p_keeps_what_comparing_probabilities_keeps(logits: Logits, min_p: float) -> None:
    assume(kept(logits))
    before = logits.copy()
    keep_min_p(logits, min_p)
    probabilities = slow_probabilities(before)
    floor = min_p * max(probabilities)
    assume(all(abs(x - floor) > 1e-9 * floor for x in probabilities))
    assert kept(logits) == [i for i, x in enumerate(probabilities) if x > floor]


def test_min_p_of_zero_changes_nothing() -> None:
    logits = np.array([1e4, -1e4, -np.inf], np.float32)
    keep_min_p(logits, 0.0)
    assert logits.tolist() == [1e4, -1e4, -math.inf]


@settings(deadline=None)
@given(LOGITS, st.floats(0.05, 5.0))
def test_temperature_divides_the_logits(logits: Logits, temperature: float) -> None:
    assume(kept(logits))
    expected = slow_probabilities((logits.astype(np.float64) / temperature).astype(np.float64))
    apply_temperature(logits, temperature)
    # float32 keeps 24 bits of a logit, so a likelihood ratio of e**-d is right to d * 2**-24.
    assert np.allclose(slow_probabilities(logits), expected, rtol=1e-4, atol=1e-12)


@settings(deadline=None)
@given(LOGITS)
def test_temperature_one_changes_nothing(logits: Logits) -> None:
    before = logits.copy()
    apply_temperature(logits, 1.0)
    assert logits.tolist() == before.tolist()


@settings(deadline=None)
@given(LOGITS)
def test_temperature_zero_keeps_the_first_of_the_largest_logits(logits: Logits) -> None:
    expected = ranking(logits)[:1]
    assert argmax(logits) == (expected[0] if expected else -1)
    apply_temperature(logits, 0.0)
    assert kept(logits) == expected


@pytest.mark.parametrize("temperature", [1e-300, 1e-30, 1e-3])
def test_a_temperature_near_zero_leaves_only_the_largest_likely(temperature: float) -> None:
    logits = np.array([-1e4, 1e4, 9e3, -np.inf, 1e4], np.float32)
    apply_temperature(logits, temperature)
    assert slow_probabilities(logits) == [0, 0.5, 0, 0, 0.5]


def test_a_huge_temperature_makes_allowed_tokens_equally_likely() -> None:
    logits = np.array([30, -30, 0, -np.inf], np.float32)
    apply_temperature(logits, 1e9)
    assert np.allclose(slow_probabilities(logits), [1 / 3, 1 / 3, 1 / 3, 0])


@settings(deadline=None)
@given(
    LOGITS,
    st.floats(0.0, 5.0),
    st.integers(0, 45),
    st.floats(0.01, 1.0),
    st.floats(0.0, 0.9),
)
def test_the_chain_is_temperature_then_top_k_then_top_p_then_min_p(
    logits: Logits, temperature: float, top_k: int, top_p: float, min_p: float
) -> None:
    chained = logits.copy()
    filter_logits(chained, temperature, top_k, top_p, min_p)
    apply_temperature(logits, temperature)
    keep_top_k(logits, top_k)
    keep_top_p(logits, top_p)
    keep_min_p(logits, min_p)
    assert chained.tolist() == logits.tolist()
    assert bool(kept(chained)) == bool(kept(logits))


def test_top_p_counts_its_share_after_temperature_and_top_k() -> None:
    hot = np.array([2, 1, 0], np.float32)
    filter_logits(hot, 5.0, 0, 0.6, 0.0)
    assert kept(hot) == [0, 1]  # at temperature 1 the first alone holds 0.67
    equal = np.zeros(4, np.float32)
    filter_logits(equal, 1.0, 2, 0.5, 0.0)
    assert kept(equal) == [0]  # of all four, half would be two


def test_min_p_compares_after_the_temperature() -> None:
    logits = np.array([2, 1, 0], np.float32)
    filter_logits(logits, 0.5, 0, 1.0, 0.2)
    assert kept(logits) == [0]  # at temperature 1 the second has 0.37 of the first


@pytest.mark.parametrize("temperature", [0.0, 0.7, 1.0])
def test_filters_leave_a_vector_with_nothing_allowed_alone(temperature: float) -> None:
    logits = np.full(6, -np.inf, np.float32)
    filter_logits(logits, temperature, 2, 0.5, 0.1)
    assert kept(logits) == []
    assert not np.isnan(logits).any()


@pytest.mark.parametrize("temperature", [0.9, 1.0])
@pytest.mark.parametrize("broken", [np.nan, np.inf])
def test_broken_logits_survive_the_filters_for_the_draw_to_report(
    broken: float, temperature: float
) -> None:
    logits = np.array([1, broken, 2, broken, 0], np.float32)
    filter_logits(logits, temperature, 3, 0.9, 0.1)
    assert draw(logits, 0.5) == -1


@numba.njit()
def _compiled_tokens(
    table: Logits, allowed: NDArray[np.bool_], state: NDArray[np.uint64]
) -> NDArray[np.int64]:
    tokens = np.empty(table.shape[0], np.int64)
    for row in range(table.shape[0]):
        apply_mask(table[row], allowed)
        filter_logits(table[row], 1.2, 100, 0.95, 0.01)
        tokens[row] = draw(table[row], next_uniform(state))
    return tokens


def test_a_compiled_loop_and_python_calls_draw_the_same_tokens() -> None:
    generator = np.random.default_rng(1)
    table = generator.normal(0, 3, (200, 384)).astype(np.float32)
    allowed = generator.random(384) < 0.5
    expected = []
    state = random_state(9)
    for row in table.copy():
        apply_mask(row, allowed)
        filter_logits(row, 1.2, 100, 0.95, 0.01)
        expected.append(draw(row, next_uniform(state)))
    assert _compiled_tokens(table, allowed, random_state(9)).tolist() == expected
    assert allowed[expected].all()
