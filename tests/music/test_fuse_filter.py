"""Sets of hashes in a few bits: all that is in them is found, and hardly anything else."""

import numpy as np
import pytest

from partimento.music import fuse_filter
from partimento.music.fuse_filter import bits_within, build
from partimento.music.passages import Hashes


def draw(count: int, seed: int) -> Hashes:
    return np.random.default_rng(seed).integers(0, 2**64, count, dtype=np.uint64)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 10, 100, 1000, 20_000])
@pytest.mark.parametrize("bits", [1, 3, 8])
def test_whatever_is_in_a_set_is_found(count: int, bits: int) -> None:
    hashes = draw(count, seed=count)
    assert build(np.concatenate([hashes, hashes[: count // 2]]), bits).holds(hashes).all()


@pytest.mark.parametrize("bits", [1, 3, 4, 8])
def test_of_what_is_not_in_a_set_a_share_of_two_to_the_minus_bits_is_said_to_be(bits: int) -> None:
    held = build(draw(5000, seed=1), bits)
    assert held.chance == 2.0**-bits
    others = 100_000
    found = int(held.holds(draw(others, seed=2)).sum())
    expected = others * held.chance
    assert abs(found - expected) < 5 * expected**0.5


def test_neighbouring_numbers_are_told_apart_as_well_as_random_ones() -> None:
    numbers = np.arange(40_000, dtype=np.uint64)
    held = build(numbers[::2], 4)
    assert held.holds(numbers[::2]).all()
    assert 0.05 < held.holds(numbers[1::2]).mean() < 0.075


@pytest.mark.parametrize(("count", "bits"), [(100_000, 4), (1_000_000, 3)])
def test_many_hashes_take_about_an_eighth_more_than_their_fingerprints(
    count: int, bits: int
) -> None:
    size = fuse_filter._shape(count).cells * bits / 8
    assert 1.0 < size / (count * bits / 8) < 1.25
    assert bits_within(count, int(size)) == bits
    assert bits_within(count, int(size) - bits) == bits - 1


def test_what_does_not_fit_at_all_has_no_bits() -> None:
    assert bits_within(1000, 100) == 0
    assert bits_within(10, 10**6) == 8
    held = build(draw(1000, seed=1), bits_within(1000, 1000))
    assert held.table.nbytes <= 1000
