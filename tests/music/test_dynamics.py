"""Loudness: each dynamic is its own velocity, and a velocity the nearest dynamic."""

import pytest

from partimento.music.dynamics import DYNAMICS, VELOCITIES, velocity_index


def test_the_velocity_of_a_dynamic_is_read_as_that_dynamic() -> None:
    assert [velocity_index(velocity) for velocity in VELOCITIES] == list(range(len(DYNAMICS)))


@pytest.mark.parametrize(
    ("velocity", "dynamic"),
    [(1, "ppp"), (24, "ppp"), (25, "pp"), (72, "mp"), (73, "mf"), (127, "fff")],
)
def test_a_velocity_is_the_nearest_dynamic(velocity: int, dynamic: str) -> None:
    assert DYNAMICS[velocity_index(velocity)] == dynamic
