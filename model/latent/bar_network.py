"""The autoencoder of bars in torch, for training; `autoencoder.py` is the same in numpy.

B bars, W values of a sketch, D latent numbers.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from partimento.model.blocks import HiddenMatrix
from partimento.model.latent.autoencoder import (
    EPSILON,
    LEAST_NOISE,
    MOST_NOISE,
    Autoencoder,
    AutoencoderConfig,
)
from partimento.model.latent.network import LatentNetwork
from partimento.model.latent.weights import Arrays
from partimento.music.sketch import BITS, WIDTH

MOMENTUM = 0.01
"""Share of a batch in the running mean and variance of the latent numbers."""


class Layers(nn.Module):
    """A first layer, residual layers and a last layer, with SiLU between them."""

    def __init__(self, inputs: int, width: int, layers: int, outputs: int) -> None:
        super().__init__()
        self.first = nn.Linear(inputs, width)
        self.residual = nn.ModuleList(nn.Linear(width, width) for _ in range(layers))
        self.last = nn.Linear(width, outputs)

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, inputs) to (B, outputs)."""
        h = functional.silu(self.first(x))
        for layer in self.residual:
            h = h + functional.silu(layer(h))
        mapped: Tensor = self.last(h)
        return mapped


class BarNetwork(LatentNetwork):
    """Encode the values of bars as vectors of variance one, and decode noisy vectors."""

    def __init__(self, config: AutoencoderConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = Layers(WIDTH, config.width, config.layers, config.latent)
        self.decoder = Layers(config.latent + 1, config.width, config.layers, WIDTH)
        self.normalizer = nn.BatchNorm1d(
            config.latent, eps=EPSILON, affine=False, momentum=MOMENTUM
        )

    def encode(self, values: Tensor) -> Tensor:
        """(B, D) the vectors of bars (B, W); in training normalised over the batch."""
        latents: Tensor = self.normalizer(self.encoder(values).float())
        return latents

    def decode(self, latents: Tensor, noise: Tensor) -> Tensor:
        """(B, W) logits of the bits, then levels, of vectors (B, D) with noise (B,) in them."""
        level = noise.clamp(LEAST_NOISE, MOST_NOISE).log()[:, None]
        decoded: Tensor = self.decoder(torch.cat([latents, level], 1))
        return decoded.float()

    def probabilities(self, latents: Tensor, noise: Tensor) -> Tensor:
        """(B, W) as `Autoencoder.decode`."""
        y = self.decode(latents, noise)
        return torch.cat([y[:, :BITS].sigmoid(), y[:, BITS:].clamp(0, 1)], 1)

    def hidden_matrices(self) -> list[HiddenMatrix]:
        """All weight matrices but the outermost two, for the optimiser."""
        layers = [self.encoder.last, *self.encoder.residual]
        layers += [self.decoder.first, *self.decoder.residual]
        return [HiddenMatrix(layer.weight, 1) for layer in layers]

    def arrays(self) -> dict[str, np.ndarray]:
        """The weights by the names that `Autoencoder` knows them by."""
        found = {}
        for name, tensor in self.state_dict().items():
            if name.endswith("num_batches_tracked"):
                continue
            plain = name.replace("running_mean", "mean").replace("running_var", "variance")
            found[plain] = tensor.detach().cpu().float().numpy()
        return found

    def load(self, trained: Autoencoder) -> BarNetwork:
        """Take over the weights of a trained autoencoder, in place; returns itself."""
        self.load_state_dict(_state(trained.arrays()))
        return self.eval()


def add_noise(latents: Tensor, noise: Tensor, generator: torch.Generator | None = None) -> Tensor:
    """Vectors (B, D) with noise of levels (B,) mixed in; their variance stays one."""
    drawn = torch.randn(latents.shape, generator=generator)
    return (latents + noise[:, None] * drawn) / (1 + noise[:, None] ** 2).sqrt()


def draw_noise(count: int, most: float, generator: torch.Generator | None = None) -> Tensor:
    """(count,) noise levels, their logarithms spread evenly up to `most`."""
    low, high = math.log(LEAST_NOISE), math.log(most)
    return torch.exp(low + (high - low) * torch.rand(count, generator=generator))


def _state(arrays: Arrays) -> dict[str, Tensor]:
    """A trained autoencoder's weights by the names of torch's batch norm."""
    names = {"normalizer.mean": "normalizer.running_mean"}
    names["normalizer.variance"] = "normalizer.running_var"
    state = {names.get(name, name): torch.from_numpy(a.copy()) for name, a in arrays.items()}
    state["normalizer.num_batches_tracked"] = torch.tensor(0)
    return state
