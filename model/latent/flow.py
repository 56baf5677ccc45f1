"""The prior over pieces: a rectified flow over the vectors of up to 64 bars; numpy only.

R rows, T bars, D numbers of a bar's vector, W width, H heads.

Liu et al. 2022 (arXiv:2209.03003): x(t) = (1 - t) noise + t data, and the network says the
velocity data - noise. It is a bidirectional Transformer with relative position bias; time and
conditions shift, scale and gate each layer (Peebles and Xie 2022, arXiv:2212.09748; one shared
map as in Chen et al. 2023, arXiv:2310.00426). Bars that are given stand beside the noisy ones.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, NamedTuple, get_args

import numpy as np
import numpy.typing as npt

from partimento.errors import PartimentoError, SettingError
from partimento.model.latent.autoencoder import silu
from partimento.model.latent.flow_conditions import MAX_LEFT, PHASES, TABLES, TOLD, Told
from partimento.model.latent.steering import Aim, aim_at, probe_shapes
from partimento.model.latent.weights import Arrays, read_part
from partimento.music.note_tables import Ints
from partimento.music.sketch import Floats

PART = "flow"
FREQUENCIES = 32
"""Sines and cosines that time is told with."""
RATES = np.exp(np.linspace(0, np.log(1000), FREQUENCIES)).astype(np.float32)
"""How fast each of them turns, in radians over the whole time; the same bits in torch."""
EPSILON = 1e-5
Objective = Literal["flow", "diffusion"]


@dataclass(frozen=True)
class FlowConfig:
    """The shape of the flow; checked on construction, raises ValueError."""

    latent: int = 64
    """Numbers of a bar's vector, as the autoencoder has them."""
    width: int = 192
    """Width of the residual stream."""
    layers: int = 5
    """Number of blocks."""
    heads: int = 6
    """Attention heads in a block; they divide the width."""
    bars: int = 64
    """Most bars at once."""
    objective: Objective = "flow"
    """`flow` says velocities on straight paths, `diffusion` the noise on a cosine schedule."""

    def __post_init__(self) -> None:
        """Check every field."""
        for name in ("latent", "width", "layers", "heads", "bars"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise SettingError(name, f"must be an integer of at least 1, got {value!r}")
        if self.width % self.heads:
            raise SettingError(
                "width",
                f"must be a multiple of heads = {self.heads}, got {self.width}; "
                "change one of the two",
            )
        if self.objective not in get_args(Objective):
            raise SettingError("objective", f"must be flow or diffusion, got {self.objective!r}")

    def to_dict(self) -> dict[str, object]:
        """Plain values for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, object]) -> "FlowConfig":
        """Build a config from plain values; ValueError for what it does not know."""
        unknown = sorted(set(values) - set(cls.__dataclass_fields__))
        if unknown:
            raise PartimentoError(
                f"flow: unknown setting {', '.join(unknown)}; "
                f"known are {', '.join(cls.__dataclass_fields__)}"
            )
        return cls(**values)  # type: ignore[arg-type]  # checked in __post_init__


class Given(NamedTuple):
    """Bars that are kept."""

    vectors: Floats
    """(R, T, D); only those of known bars count."""
    known: npt.NDArray[np.bool_]
    """(R, T)."""


class Flow:
    """A trained flow; ValueError when weights and config do not belong together."""

    def __init__(self, config: FlowConfig, arrays: Arrays) -> None:
        self.config = config
        self._arrays = dict(arrays)
        for name, shape in weight_shapes(config).items():
            found = self._arrays[name].shape if name in self._arrays else "none"
            if found != shape:
                raise PartimentoError(f"weight {name} must have shape {shape}, got {found}")
        distance = np.arange(config.bars)[None] - np.arange(config.bars)[:, None]
        self._bias = [
            self._arrays[f"blocks.{layer}.bias"][:, distance + config.bars - 1]  # (H, T, T)
            for layer in range(config.layers)
        ]

    @classmethod
    def load(cls, path: Path) -> "Flow":
        """Read what was trained; ValueError names the file and what is wrong with it."""
        config, arrays = read_part(path, PART)
        try:
            return cls(FlowConfig.from_dict(config), arrays)
        except ValueError as error:
            raise PartimentoError(f"{path}: {error}") from None

    def arrays(self) -> dict[str, Floats]:
        """The weights by name."""
        return dict(self._arrays)

    def aim(self, attributes: Mapping[str, float]) -> Aim | None:
        """Where the vectors of a piece are to be moved for its attributes; None: nowhere."""
        return aim_at(attributes, self._arrays)

    def summary(self, time: float, told: Told) -> Floats:
        """(R, W) time and conditions as one vector."""
        arrays = self._arrays
        waves = time_waves(np.full(len(told.tables), time, np.float32))
        hidden = silu(self._linear("time.0", waves))
        summary = self._linear("time.1", hidden) + self._linear("told", told.numbers)
        for column, name in enumerate(("style", "key", "meter", "tempo")):
            summary = summary + arrays[name][told.tables[:, column]]
        return summary

    def predict(self, x: Floats, time: float, told: Told, places: Ints, given: Given) -> Floats:
        """(R, T, D) what the network says of noisy vectors x (R, T, D) at a time 0..1.

        places (R, T, 3) as `tell_places` gives them.
        """
        arrays = self._arrays
        bars = x.shape[1]
        known = given.known[..., None].astype(np.float32)
        h = self._linear("input", np.concatenate([x, given.vectors * known, known], -1))
        for column, name in enumerate(("since", "phase", "left")):
            h = h + arrays[name][places[..., column]]
        shared = self._linear("modulation", silu(self.summary(time, told)))[:, None]
        for layer in range(self.config.layers):
            parts = np.split(shared + arrays[f"blocks.{layer}.modulation"], 6, -1)  # (R, 1, W)
            y = normalize(h) * (1 + parts[0]) + parts[1]
            h = h + parts[2] * self._attend(layer, y, bars)
            y = normalize(h) * (1 + parts[3]) + parts[4]
            y = silu(self._linear(f"blocks.{layer}.hidden", y))
            h = h + parts[5] * self._linear(f"blocks.{layer}.output", y)
        return self._linear("last", normalize(h))

    def _attend(self, layer: int, y: Floats, bars: int) -> Floats:
        """Each bar reads all bars, before and after."""
        heads = self.config.heads
        mixed = self._linear(f"blocks.{layer}.inputs", y)
        mixed = mixed.reshape(*y.shape[:2], 3, heads, -1).transpose(2, 0, 3, 1, 4)
        q, k, v = mixed  # (R, H, T, W / H)
        scores = q @ k.swapaxes(-1, -2) * np.float32(q.shape[-1] ** -0.5)
        scores = scores + self._bias[layer][:, :bars, :bars]
        weights = np.exp(scores - scores.max(-1, keepdims=True))
        weights /= weights.sum(-1, keepdims=True)
        read = (weights @ v).swapaxes(1, 2).reshape(y.shape)
        return self._linear(f"blocks.{layer}.read", read)

    def _linear(self, name: str, x: Floats) -> Floats:
        # One product of all rows: numpy would make one for each.
        mapped = x.reshape(-1, x.shape[-1]) @ self._arrays[f"{name}.weight"].T
        mapped += self._arrays[f"{name}.bias"]
        return mapped.reshape(*x.shape[:-1], -1)


def time_waves(time: Floats) -> Floats:
    """(R, 2 FREQUENCIES) sines and cosines of times (R,), from slow to fast."""
    angles = time[:, None] * RATES
    return np.concatenate([np.sin(angles), np.cos(angles)], 1)


def normalize(x: Floats) -> Floats:
    """Mean zero and variance one over the last dimension."""
    centred = x - x.mean(-1, keepdims=True)
    variance = np.mean(centred * centred, -1, keepdims=True)
    normal: Floats = centred / np.sqrt(variance + np.float32(EPSILON))
    return normal


def weight_shapes(config: FlowConfig) -> dict[str, tuple[int, ...]]:
    """The shape of each weight."""
    width = config.width
    maps = {
        "input": (2 * config.latent + 1, width),
        "time.0": (2 * FREQUENCIES, width),
        "time.1": (width, width),
        "told": (TOLD, width),
        "modulation": (width, 6 * width),
        "last": (width, config.latent),
    }
    shapes: dict[str, tuple[int, ...]] = {
        name: (size, width)
        for name, size in (
            *zip(("style", "key", "meter", "tempo"), TABLES, strict=True),
            *(("since", MAX_LEFT + 1), ("phase", PHASES), ("left", MAX_LEFT + 2)),
        )
    }
    for layer in range(config.layers):
        block = f"blocks.{layer}"
        maps |= {f"{block}.inputs": (width, 3 * width), f"{block}.read": (width, width)}
        maps |= {f"{block}.hidden": (width, 4 * width), f"{block}.output": (4 * width, width)}
        shapes[f"{block}.modulation"] = (6 * width,)
        shapes[f"{block}.bias"] = (config.heads, 2 * config.bars - 1)
    for name, (inputs, outputs) in maps.items():
        shapes[f"{name}.weight"] = (outputs, inputs)
        shapes[f"{name}.bias"] = (outputs,)
    return shapes | probe_shapes(config.latent)
