"""What the autoencoder of bars learns: bars of all pieces, transposed, through noisy vectors."""

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from partimento.model.latent.autoencoder import PART, AutoencoderConfig
from partimento.model.latent.bar_network import BarNetwork, add_noise, draw_noise
from partimento.model.latent.weights import pack_part
from partimento.music.sketch import BITS, LANES, ONSETS, SLOTS
from partimento.training.latent.bars import Bars
from partimento.training.latent.config import LatentTraining

TRANSPOSE = (-5, 6)
"""Smallest and largest shift in semitones."""
LEVEL_WEIGHT = 20.0
"""Weight of the squared errors of the levels beside the cross-entropy of the bits."""
NOISES = (0.0, 0.3, 0.6, 1.0)
"""Noise levels of the held-out figures."""
THRESHOLD = 0.45
"""Onsets are those above this probability: F1 is best at half of the F1 itself."""


class Autoencoding:
    """The autoencoder's batches, loss and figures."""

    name = PART

    def __init__(
        self, config: AutoencoderConfig, training: LatentTraining, train: Bars, valid: Bars
    ) -> None:
        torch.manual_seed(training.seed)
        self.network = BarNetwork(config)
        self._training = training
        self._train = train
        self._valid = valid
        self._cumulative = np.cumsum(train.bar_weights())

    def loss(self, rng: np.random.Generator) -> Tensor:
        """Nats that the bits of a bar cost from its noisy vector, plus the levels' errors.

        A bar counts by the share of its vector that is no noise: of the rest most cannot be told.
        """
        draws = rng.random(self._training.rows) * self._cumulative[-1]
        at = np.minimum(np.searchsorted(self._cumulative, draws), self._train.count - 1)
        semitones = int(rng.integers(TRANSPOSE[0], TRANSPOSE[1] + 1))
        values = torch.from_numpy(self._train.values(at, semitones))
        generator = torch.Generator().manual_seed(int(rng.integers(2**62)))
        noise = draw_noise(len(values), self._training.most_noise, generator)
        latents = add_noise(self.network.encode(values), noise, generator)
        weights = 1 / (1 + noise**2)
        costs = costs_of(self.network.decode(latents, noise), values)
        return (weights * costs).sum() / weights.sum()

    def evaluate(self) -> dict[str, float]:
        """Onset F1 on held-out bars by noise level, and the loss without noise."""
        generator = torch.Generator().manual_seed(0)
        figures = {}
        with torch.inference_mode():
            values = torch.from_numpy(self._valid.values(slice(None)))
            latents = self.network.encode(values)
            for level in NOISES:
                noise = torch.full((len(values),), level)
                y = self.network.decode(add_noise(latents, noise, generator), noise)
                found = y[:, :ONSETS].sigmoid() > THRESHOLD
                figures[f"f1 at {level}"] = onset_f1(found.numpy(), values[:, :ONSETS].numpy() > 0)
                figures[f"loss at {level}"] = costs_of(y, values).mean().item()
        return figures

    def file(self) -> bytes:
        """The trained autoencoder in half precision."""
        return pack_part(PART, self.network.config.to_dict(), self.network.arrays())

    def settings(self) -> Mapping[str, object]:
        """The shape and the data."""
        return {"model": self.network.config.to_dict(), "bars": self._train.count}


def costs_of(decoded: Tensor, values: Tensor) -> Tensor:
    """(B,) cross-entropy of the bits in nats, plus the levels' weighted squares, of each bar."""
    bits = functional.binary_cross_entropy_with_logits(
        decoded[:, :BITS], values[:, :BITS], reduction="none"
    )
    levels = (decoded[:, BITS:] - values[:, BITS:]) ** 2
    return bits.sum(1) + LEVEL_WEIGHT * levels.sum(1)


def onset_f1(found: np.ndarray, expected: np.ndarray) -> float:
    """F1 of the pitched onsets of bars (B, ONSETS): slot and pitch class must agree."""
    pitched = np.arange(ONSETS).reshape(SLOTS, LANES)[:, :12].ravel()
    found, expected = found[:, pitched], expected[:, pitched]
    agreed = int((found & expected).sum())
    total = int(found.sum()) + int(expected.sum())
    return 2 * agreed / total if total else 1.0
