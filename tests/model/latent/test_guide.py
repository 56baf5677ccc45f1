"""A plan is told the closer, the less noise lies in it."""

import numpy as np
import pytest
import torch

from partimento.model.latent.autoencoder import Autoencoder, AutoencoderConfig
from partimento.model.latent.bar_network import BarNetwork
from partimento.model.latent.conditioning import INPUTS, KNOWN, LEVEL, NEXT, ROWS
from partimento.model.latent.guide import guide, noise_of
from partimento.music.sketch import ONSETS


@pytest.fixture(scope="module")
def autoencoder() -> Autoencoder:
    torch.manual_seed(0)
    network = BarNetwork(AutoencoderConfig(latent=8, width=16))
    network.encode(torch.rand(64, network.encoder.first.in_features))
    return Autoencoder(network.config, network.eval().arrays())


def test_following_more_closely_is_less_noise() -> None:
    levels = [noise_of(follow) for follow in (0.0, 0.25, 0.5, 0.75, 1.0)]
    assert levels == sorted(levels, reverse=True)
    assert levels[2] == pytest.approx(np.sqrt(0.05 * 1.5))
    with pytest.raises(ValueError, match=r"follow must be in \[0, 1\], got 1\.1"):
        noise_of(1.1)


def test_what_is_told_nears_the_plan_as_it_is_followed(autoencoder: Autoencoder) -> None:
    vectors = np.random.default_rng(0).standard_normal((40, 8), np.float32)
    plan = autoencoder.decode(vectors)[:, :ONSETS].reshape(40, 16, -1)
    far = []
    for follow in (0.1, 0.5, 0.9):
        told = guide(vectors, autoencoder, follow, np.random.default_rng(1))
        assert told.shape == (40, ROWS, INPUTS)
        assert told[..., LEVEL] == pytest.approx(1 - 2 * follow, abs=1e-5)
        far.append(float(np.abs(told[:, :16, : plan.shape[2]] - plan).mean()))
    assert far == sorted(far, reverse=True)


def test_bars_beside_the_plan_are_told_nothing(autoencoder: Autoencoder) -> None:
    vectors = np.ones((6, 8), np.float32)
    known = np.array([True, False, False, False, True, True])
    told = guide(vectors, autoencoder, 0.8, np.random.default_rng(1), known)
    assert told[:, 0, KNOWN].tolist() == [1, 0, 0, 0, 1, 1]
    assert not told[1:3].any()


def test_bars_that_return_unchanged_are_told_alike(autoencoder: Autoencoder) -> None:
    one, other = np.random.default_rng(0).standard_normal((2, 8), np.float32)
    told = guide(np.stack([one, other, one]), autoencoder, 0.3, np.random.default_rng(1))
    np.testing.assert_array_equal(told[0, :, :NEXT], told[2, :, :NEXT])
    assert (told[0, :, :NEXT] != told[1, :, :NEXT]).any()
