import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from partimento.request.schedules import temperatures
from partimento.request.values import SCHEDULES

MOVING = [schedule for schedule in SCHEDULES if schedule != "constant"]
POSITIVE = st.floats(2**-40, 5, width=32)


@given(st.sampled_from(MOVING), POSITIVE, POSITIVE, st.integers(2, 512))
def test_a_moving_schedule_is_exact_at_both_ends_and_monotonic(
    schedule: str, start: float, end: float, bars: int
) -> None:
    values = temperatures(schedule, start, end, bars)
    assert values.shape == (bars,)
    assert values.dtype == np.float32
    assert (values[0], values[-1]) == (start, end)
    steps = np.diff(values) * (1 if end >= start else -1)
    assert (steps >= -1e-6).all()


@pytest.mark.parametrize("schedule", MOVING)
@pytest.mark.parametrize(("start", "end"), [(1e-9, 5.0), (5.0, 1e-9), (0.1, 0.7)])
def test_rounding_does_not_move_the_ends(schedule: str, start: float, end: float) -> None:
    values = temperatures(schedule, start, end, 7)
    assert values[[0, -1]].tolist() == [np.float32(start), np.float32(end)]


@pytest.mark.parametrize(
    ("schedule", "middle"),
    [("constant", 2.0), ("linear", 1.25), ("cosine", 1.25), ("exponential", 1.0)],
)
def test_the_middle_bar_lies_where_the_schedule_says(schedule: str, middle: float) -> None:
    assert temperatures(schedule, 2.0, 0.5, 5)[2] == pytest.approx(middle)


def test_cosine_lingers_at_both_ends() -> None:
    steps = -np.diff(temperatures("cosine", 1.5, 0.5, 9))
    assert steps[0] < steps[1] < steps[3]
    assert steps[-1] < steps[-2] < steps[-4]


def test_exponential_falls_by_equal_ratios() -> None:
    values = temperatures("exponential", 1.6, 0.1, 5)
    assert values[1:] / values[:-1] == pytest.approx([0.5] * 4)


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_a_single_bar_has_the_first_temperature(schedule: str) -> None:
    assert temperatures(schedule, 1.25, 0.5, 1).tolist() == [1.25]


def test_a_constant_schedule_never_reaches_its_end() -> None:
    assert temperatures("constant", 1.25, 0.5, 3).tolist() == [1.25] * 3


@pytest.mark.parametrize("schedule", ["linear", "cosine"])
def test_a_schedule_can_end_greedy(schedule: str) -> None:
    values = temperatures(schedule, 1.0, 0.0, 8)
    assert values[-1] == 0
    assert (values[:-1] > 0).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("expo", 1.0, 0.5, 4), "schedule must be one of constant, .*, got 'expo'"),
        (("exponential", 1.0, 0.0, 4), "temperature_end must be above 0 .* got 0; the linear"),
        (("exponential", 0.0, 1.0, 4), "temperature must be above 0 with the exponential"),
        (("linear", -0.5, 1.0, 4), "temperature must be finite and not negative, got -0.5"),
        (("linear", 1.0, math.nan, 4), "temperature_end must be finite .* got nan"),
        (("linear", 1.0, 0.5, 0), "bars must be at least 1, got 0"),
    ],
)
def test_a_bad_schedule_is_refused(arguments: tuple[str, float, float, int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        temperatures(*arguments)
