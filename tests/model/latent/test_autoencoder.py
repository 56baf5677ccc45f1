"""The autoencoder: numpy and torch agree, files are read back, wrong ones refused."""

from pathlib import Path

import numpy as np
import pytest
import torch

from partimento.model.latent.autoencoder import Autoencoder, AutoencoderConfig, add_noise
from partimento.model.latent.bar_network import BarNetwork
from partimento.model.latent.weights import pack_part
from partimento.music.sketch import BITS, WIDTH, Floats

TINY = AutoencoderConfig(latent=6, width=16, layers=2)


@pytest.fixture(scope="module")
def network() -> BarNetwork:
    """A tiny network with the running figures of some batches."""
    torch.manual_seed(1)
    network = BarNetwork(TINY)
    for _ in range(20):
        network.encode(torch.rand(32, WIDTH))
    return network.eval()


@pytest.fixture(scope="module")
def bars() -> Floats:
    return np.random.default_rng(0).random((9, WIDTH), np.float32).round()


def test_numpy_and_torch_encode_alike(network: BarNetwork, bars: Floats) -> None:
    trained = Autoencoder(TINY, network.arrays())
    expected = network.encode(torch.from_numpy(bars)).detach().numpy()
    assert np.abs(trained.encode(bars) - expected).max() < 1e-5


@pytest.mark.parametrize("noise", [0.0, 0.3, 1.0, 9.0])
def test_numpy_and_torch_decode_alike(network: BarNetwork, bars: Floats, noise: float) -> None:
    trained = Autoencoder(TINY, network.arrays())
    latents = np.random.default_rng(1).standard_normal((9, 6), np.float32)
    levels = torch.full((9,), noise)
    expected = network.probabilities(torch.from_numpy(latents), levels).detach().numpy()
    assert np.abs(trained.decode(latents, noise) - expected).max() < 1e-5
    assert np.abs(trained.decode(latents, levels.numpy()) - expected).max() < 1e-5


def test_what_is_decoded_lies_between_0_and_1(network: BarNetwork) -> None:
    far = 50 * np.random.default_rng(1).standard_normal((9, 6), np.float32)
    decoded = Autoencoder(TINY, network.arrays()).decode(far)
    assert decoded.min() >= 0
    assert decoded.max() <= 1
    assert decoded[:, BITS:].shape == (9, 3)


def test_a_trained_autoencoder_is_read_back(
    network: BarNetwork, bars: Floats, tmp_path: Path
) -> None:
    path = tmp_path / "autoencoder.safetensors"
    path.write_bytes(pack_part("autoencoder", TINY.to_dict(), network.arrays()))
    again = Autoencoder.load(path)
    assert again.config == TINY
    # Half precision keeps three digits.
    expected = Autoencoder(TINY, network.arrays()).encode(bars)
    assert np.abs(again.encode(bars) - expected).max() < 0.05
    restored = BarNetwork(TINY).load(again)
    found = restored.encode(torch.from_numpy(bars)).detach().numpy()
    assert np.abs(again.encode(bars) - found).max() < 1e-5


def test_a_file_of_another_part_is_refused(network: BarNetwork, tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    with pytest.raises(ValueError, match="no such file"):
        Autoencoder.load(path)
    path.write_bytes(pack_part("flow", {}, {}))
    with pytest.raises(ValueError, match="holds flow, not a trained autoencoder"):
        Autoencoder.load(path)
    other = {**TINY.to_dict(), "latent": 7}
    path.write_bytes(pack_part("autoencoder", other, network.arrays()))
    with pytest.raises(ValueError, match=r"normalizer\.mean must have shape \(7,\), got \(6,\)"):
        Autoencoder.load(path)
    path.write_bytes(b"no weights")
    with pytest.raises(ValueError, match="not a readable safetensors file"):
        Autoencoder.load(path)


def test_weights_beyond_half_precision_are_refused() -> None:
    with pytest.raises(ValueError, match="weight a of the flow is not finite"):
        pack_part("flow", {}, {"a": np.array([1e6], np.float32)})


@pytest.mark.parametrize("values", [{"latent": 0}, {"width": 1.5}, {"layers": True}])
def test_a_config_out_of_range_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=f"{next(iter(values))} must be an integer"):
        AutoencoderConfig.from_dict(values)


def test_an_unknown_setting_is_named() -> None:
    with pytest.raises(ValueError, match="unknown setting depth; known are latent"):
        AutoencoderConfig.from_dict({"depth": 3})


def test_noise_keeps_the_variance() -> None:
    rng = np.random.default_rng(3)
    latents = rng.standard_normal((4000, 8), np.float32)
    for noise in (0.0, 0.5, 1.5):
        noisy = add_noise(latents, noise, rng)
        assert noisy.std() == pytest.approx(1, abs=0.02)
        likeness = float((noisy * latents).mean())
        assert likeness == pytest.approx(1 / np.sqrt(1 + noise**2), abs=0.02)
