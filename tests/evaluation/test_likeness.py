"""Likeness of sets and of bars, against closed forms and slow counts."""

import numpy as np
import pytest

from partimento.evaluation.likeness import frechet_distance, self_similarity, separability


def test_the_distance_of_normal_sets_is_that_of_their_formula() -> None:
    rng = np.random.default_rng(0)
    first = rng.standard_normal((200_000, 3)) * [1, 2, 3]
    second = rng.standard_normal((200_000, 3)) * [2, 2, 1] + [0, 1, 0]
    # Of independent numbers: differences of means and of deviations, squared.
    assert frechet_distance(first, second) == pytest.approx(1 + 1 + 0 + 4, rel=0.02)


def test_a_set_is_at_no_distance_from_itself_and_turning_both_changes_nothing() -> None:
    rng = np.random.default_rng(1)
    first, second = rng.standard_normal((2, 500, 6)) @ rng.standard_normal((6, 6))
    assert frechet_distance(first, first) == pytest.approx(0, abs=1e-6)
    turn = np.linalg.qr(rng.standard_normal((6, 6)))[0]
    turned = frechet_distance(first @ turn, second @ turn)
    assert turned == pytest.approx(frechet_distance(first, second))


def test_what_is_the_same_cannot_be_told_apart_and_what_is_not_can() -> None:
    rng = np.random.default_rng(2)
    first, same = rng.standard_normal((2, 300, 10))
    assert separability(first, same, rng) == pytest.approx(0.5, abs=0.08)
    assert separability(first, same + 5, rng) == 1
    shifted = separability(first, same + np.eye(10)[0], rng)
    # One number shifted by one deviation: the normal distribution function of 1 / sqrt(2).
    assert shifted == pytest.approx(0.76, abs=0.06)


def test_the_scale_of_a_number_does_not_count() -> None:
    rng = np.random.default_rng(3)
    first, second = rng.standard_normal((2, 100, 4)) + np.array([[[0.0]], [[0.4]]])
    scale = np.array([1, 1e3, 1e-3, 7])
    plain = separability(first, second, np.random.default_rng(0))
    scaled = separability(first * scale, second * scale, np.random.default_rng(0))
    assert scaled == pytest.approx(plain, abs=0.01)


def test_self_similarity_agrees_with_a_slow_count() -> None:
    rng = np.random.default_rng(4)
    onsets = (rng.random((23, 30)) < 0.2).astype(np.float32)
    onsets[5] = 0
    found = self_similarity(onsets, (1, 4, 22, 23, 99))
    assert set(found) == {1, 4, 22}
    for distance, value in found.items():
        likeness = []
        for bar in range(23 - distance):
            a = set(np.flatnonzero(onsets[bar]).tolist())
            b = set(np.flatnonzero(onsets[bar + distance]).tolist())
            if a and b:
                likeness.append(2 * len(a & b) / (len(a) + len(b)))
        assert value == pytest.approx(np.mean(likeness))


def test_a_piece_that_repeats_every_four_bars_is_like_itself_there() -> None:
    onsets = np.tile(np.eye(4), (4, 1))
    assert self_similarity(onsets, (1, 4, 8)) == {1: 0, 4: 1, 8: 1}


def test_too_few_pieces_are_refused() -> None:
    few = np.zeros((3, 2))
    with pytest.raises(ValueError, match="at least 10 pieces of each set are needed, got 3, 3"):
        separability(few, few, np.random.default_rng(0))
    with pytest.raises(ValueError, match="at least 2 vectors are needed"):
        frechet_distance(few[:1], few)
