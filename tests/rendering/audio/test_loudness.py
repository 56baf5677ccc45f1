"""Loudness and true peak against the standards' test signals."""

import numpy as np
import pytest

from partimento.rendering.audio.loudness import (
    SAMPLE_RATE,
    Audio,
    integrated_loudness,
    k_weighted,
    true_peak,
)


def tone(decibels: float, hertz: float, seconds: float, degrees: float = 0) -> Audio:
    """(samples, 2): a sine whose peak is so many decibels below full scale."""
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    sine = 10 ** (decibels / 20) * np.sin(2 * np.pi * hertz * time + np.radians(degrees))
    return np.stack([sine, sine], axis=1).astype(np.float32)


# Cases of EBU Tech 3341, table 1, with their expected loudness; (decibels, seconds) each.
@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([(-23, 20)], -23.0),
        ([(-33, 20)], -33.0),
        ([(-36, 10), (-23, 60), (-36, 10)], -23.0),
        ([(-72, 10), (-36, 10), (-23, 60), (-36, 10), (-72, 10)], -23.0),
        ([(-26, 20), (-20, 20.1), (-26, 20)], -23.0),
    ],
)
def test_the_loudness_of_the_ebu_signals_is_theirs(
    parts: list[tuple[float, float]], expected: float
) -> None:
    signal = np.concatenate([tone(decibels, 1000, seconds) for decibels, seconds in parts])
    assert integrated_loudness(signal) == pytest.approx(expected, abs=0.1)


def test_a_full_scale_sine_in_one_channel_is_three_below_zero() -> None:
    signal = tone(0, 997, 5)
    signal[:, 1] = 0
    assert integrated_loudness(signal) == pytest.approx(-3.01, abs=0.01)


def test_the_weighting_is_that_of_the_two_filters() -> None:
    signal = pytest.importorskip("scipy.signal")
    noise = np.random.default_rng(1).normal(0, 0.1, 200_000).astype(np.float32)
    shelf = (
        [1.53512485958697, -2.69169618940638, 1.19839281085285],
        [1.0, -1.69065929318241, 0.73248077421585],
    )
    high_pass = ([1.0, -2.0, 1.0], [1.0, -1.99004745483398, 0.99007225036621])
    expected = signal.lfilter(*high_pass, signal.lfilter(*shelf, noise.astype(np.float64)))
    np.testing.assert_allclose(k_weighted(noise), expected, atol=1e-7)


def test_silence_and_an_instant_have_no_loudness_or_little() -> None:
    assert integrated_loudness(np.zeros((SAMPLE_RATE, 2), np.float32)) == -np.inf
    assert integrated_loudness(tone(-6, 1000, 0.1)) == pytest.approx(-12.0, abs=0.2)


# Cases 15 to 17 of EBU Tech 3341: -6 dB between the samples, within +0.2 and -0.4.
@pytest.mark.parametrize(("divisor", "degrees"), [(4, 0), (4, 45), (6, 60), (8, 67.5)])
def test_the_true_peak_is_found_between_the_samples(divisor: int, degrees: float) -> None:
    signal = tone(-6.02, SAMPLE_RATE / divisor, 1, degrees)
    fade = np.minimum(1, np.minimum(np.arange(SAMPLE_RATE), np.arange(SAMPLE_RATE)[::-1]) / 4800)
    peak = 20 * np.log10(true_peak(signal * fade[:, None].astype(np.float32)))
    assert -6.42 <= peak <= -5.82


def test_the_true_peak_is_at_least_the_highest_sample() -> None:
    signal = np.zeros((100, 2), np.float32)
    assert true_peak(signal) == 0
    signal[50, 1] = -0.5
    assert true_peak(signal) == 0.5
