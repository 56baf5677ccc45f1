"""The autoencoder of bars: the values of a sketch as one short vector, and back; numpy only.

B bars, W values of a sketch, H hidden width, D latent numbers.

A vector has mean zero and variance one over the corpus. The decoder is told how much noise
lies in it: a noisy vector is (z + noise * e) / sqrt(1 + noise ** 2), with e standard normal.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from partimento.errors import PartimentoError, SettingError
from partimento.model.latent.weights import Arrays, read_part
from partimento.music.sketch import BITS, WIDTH, Floats

PART = "autoencoder"
LEAST_NOISE = 0.05
MOST_NOISE = 1.5
"""The range of noise levels that the decoder was trained on; beyond it reads the nearest."""
EPSILON = 1e-5
"""Added to the variance of each latent number, as torch's batch norm does."""


@dataclass(frozen=True)
class AutoencoderConfig:
    """The shape of the autoencoder; checked on construction, raises ValueError."""

    latent: int = 64
    """Numbers that a bar becomes."""
    width: int = 512
    """Hidden width."""
    layers: int = 1
    """Residual layers on either side."""

    def __post_init__(self) -> None:
        """Check every field."""
        for name in ("latent", "width", "layers"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise SettingError(name, f"must be an integer of at least 1, got {value!r}")

    def to_dict(self) -> dict[str, object]:
        """Plain values for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, object]) -> "AutoencoderConfig":
        """Build a config from plain values; ValueError for what it does not know."""
        unknown = sorted(set(values) - set(cls.__dataclass_fields__))
        if unknown:
            raise PartimentoError(
                f"autoencoder: unknown setting {', '.join(unknown)}; "
                f"known are {', '.join(cls.__dataclass_fields__)}"
            )
        return cls(**values)  # type: ignore[arg-type]  # checked in __post_init__


class Autoencoder:
    """A trained autoencoder; ValueError when weights and config do not belong together."""

    def __init__(self, config: AutoencoderConfig, arrays: Arrays) -> None:
        self.config = config
        self._arrays = dict(arrays)
        for name, shape in _shapes(config).items():
            found = self._arrays[name].shape if name in self._arrays else "none"
            if found != shape:
                raise PartimentoError(f"weight {name} must have shape {shape}, got {found}")

    @classmethod
    def load(cls, path: Path) -> "Autoencoder":
        """Read what was trained; ValueError names the file and what is wrong with it."""
        config, arrays = read_part(path, PART)
        try:
            return cls(AutoencoderConfig.from_dict(config), arrays)
        except ValueError as error:
            raise PartimentoError(f"{path}: {error}") from None

    def arrays(self) -> dict[str, Floats]:
        """The weights by name."""
        return dict(self._arrays)

    def encode(self, values: Floats) -> Floats:
        """(B, D) the vectors of the bars whose sketch values (B, W) these are."""
        h = self._layers("encoder", values.astype(np.float32, copy=False))
        mean, variance = self._arrays["normalizer.mean"], self._arrays["normalizer.variance"]
        latents: Floats = (h - mean) / np.sqrt(variance + np.float32(EPSILON))
        return latents

    def decode(self, latents: Floats, noise: float | Floats = LEAST_NOISE) -> Floats:
        """(B, W) probabilities and levels, all in 0..1, of bars from vectors (B, D).

        `noise` is the level of all bars, or (B,) one of each.
        """
        level = np.log(np.clip(noise, LEAST_NOISE, MOST_NOISE), dtype=np.float32)
        told = np.broadcast_to(level, (len(latents),))[:, None]
        y = self._layers("decoder", np.concatenate([latents, told], 1, dtype=np.float32))
        y[:, :BITS] = sigmoid(y[:, :BITS])
        y[:, BITS:] = np.clip(y[:, BITS:], 0, 1)
        return y

    def _layers(self, side: str, x: Floats) -> Floats:
        """First layer, residual layers and last layer of one side."""
        h = silu(self._linear(f"{side}.first", x))
        for layer in range(self.config.layers):
            h = h + silu(self._linear(f"{side}.residual.{layer}", h))
        return self._linear(f"{side}.last", h)

    def _linear(self, name: str, x: Floats) -> Floats:
        mapped: Floats = x @ self._arrays[f"{name}.weight"].T + self._arrays[f"{name}.bias"]
        return mapped


def add_noise(latents: Floats, noise: float | Floats, rng: np.random.Generator) -> Floats:
    """Vectors with noise mixed in, of one level or of levels (B, 1); their variance stays one."""
    drawn = rng.standard_normal(latents.shape, np.float32)
    mixed: Floats = ((latents + noise * drawn) / np.sqrt(1 + noise**2)).astype(np.float32)
    return mixed


def silu(x: Floats) -> Floats:
    """x * sigmoid(x) (Elfwing et al. 2017, arXiv:1702.03118)."""
    return x * sigmoid(x)


def sigmoid(x: Floats) -> Floats:
    """1 / (1 + exp(-x)), by the hyperbolic tangent, which does not overflow."""
    half = np.float32(0.5)
    result: Floats = half * np.tanh(half * x) + half
    return result


def _shapes(config: AutoencoderConfig) -> dict[str, tuple[int, ...]]:
    """The shape of each weight."""
    latent, width = config.latent, config.width
    shapes: dict[str, tuple[int, ...]] = {"normalizer.mean": (latent,)}
    shapes["normalizer.variance"] = (latent,)
    for side, inputs, outputs in (("encoder", WIDTH, latent), ("decoder", latent + 1, WIDTH)):
        layers = [("first", inputs, width), ("last", width, outputs)]
        layers += [(f"residual.{layer}", width, width) for layer in range(config.layers)]
        for name, columns, rows in layers:
            shapes[f"{side}.{name}.weight"] = (rows, columns)
            shapes[f"{side}.{name}.bias"] = (rows,)
    return shapes
