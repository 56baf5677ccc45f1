"""From noise to the vectors of a piece, with guidance, given bars and any length; numpy only.

T bars, D numbers of a bar's vector.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from partimento.errors import PartimentoError, SettingError
from partimento.model.latent.flow import Flow, Given
from partimento.model.latent.flow_conditions import Conditions, tell, tell_places
from partimento.music.sketch import Floats


@dataclass(frozen=True)
class SamplingConfig:
    """How a piece is drawn; checked on construction, raises ValueError."""

    steps: int = 24
    """Steps from noise to vectors."""
    guidance: float = 1.5
    """How strongly conditions count: 0 not at all, 1 as trained, more exaggerates them."""

    def __post_init__(self) -> None:
        """Check every field."""
        if self.steps < 1:
            raise SettingError("steps", f"must be at least 1, got {self.steps}")
        if not self.guidance >= 0:
            raise SettingError("guidance", f"must be at least 0, got {self.guidance}")


def sample(
    flow: Flow,
    conditions: Conditions,
    bars: int,
    rng: np.random.Generator,
    config: SamplingConfig | None = None,
    given: Floats | None = None,
    known: npt.NDArray[np.bool_] | None = None,
) -> Floats:
    """(T, D) the vectors of a piece of so many bars.

    Bars that `known` (T,) marks are those of `given` (T, D), bit for bit. A piece longer than
    the flow's window is drawn window after window, each half over the one before it.
    """
    config = SamplingConfig() if config is None else config
    if bars < 1:
        raise PartimentoError(f"a piece must have at least 1 bar, got {bars}")
    size = flow.config.latent
    vectors = np.zeros((bars, size), np.float32)
    done = np.zeros(bars, np.bool_)
    if given is not None:
        if given.shape != (bars, size):
            raise PartimentoError(f"given bars must have shape {(bars, size)}, got {given.shape}")
        done = np.ones(bars, np.bool_) if known is None else known.copy()
        vectors[done] = given[done]
    window = min(bars, flow.config.bars)
    first = 0
    while True:
        part = slice(first, first + window)
        kept = Given(vectors[part], done[part])
        if not kept.known.all():
            vectors[part] = _draw(flow, conditions, first, bars, kept, rng, config)
            done[part] = True
        if first + window >= bars:
            return vectors
        first = min(first + max(1, window // 2), bars - window)


def _draw(
    flow: Flow,
    conditions: Conditions,
    first: int,
    total: int,
    kept: Given,
    rng: np.random.Generator,
    config: SamplingConfig,
) -> Floats:
    """(T, D) one window; the bars that are kept come back as they were."""
    # Two rows: with the conditions and without them; the difference is what they ask for.
    told = tell([conditions, Conditions()])
    is_plain = config.guidance == 1
    rows = 1 if is_plain else 2
    told = told._replace(tables=told.tables[:rows], numbers=told.numbers[:rows])
    bars = len(kept.known)
    places = tell_places(np.full(rows, first), np.full(rows, total), bars)
    given = Given(
        np.repeat(kept.vectors[None], rows, 0).astype(np.float32),
        np.repeat(kept.known[None], rows, 0),
    )
    x = rng.standard_normal(kept.vectors.shape, np.float32)
    move = _follow if flow.config.objective == "flow" else _denoise
    times = np.linspace(0, 1, config.steps + 1)
    for now, then in zip(times[:-1].tolist(), times[1:].tolist(), strict=True):
        said = flow.predict(np.repeat(x[None], rows, 0), now, told, places, given)
        wanted = said[0] if is_plain else said[1] + config.guidance * (said[0] - said[1])
        x = move(x, wanted.astype(np.float32), now, then)
    x[kept.known] = kept.vectors[kept.known]
    return x


def _follow(x: Floats, velocity: Floats, now: float, then: float) -> Floats:
    """One Euler step along the flow."""
    return x + np.float32(then - now) * velocity


def _denoise(x: Floats, noise: Floats, now: float, then: float) -> Floats:
    """One step of deterministic denoising (Song et al. 2020, arXiv:2010.02502)."""
    # The first time is all noise: nothing can be told of the data from it.
    signal, level = max(np.sin(now * np.pi / 2), 0.02), np.cos(now * np.pi / 2)
    data = np.clip((x - level * noise) / signal, -4, 4)
    again = (x - signal * data) / max(level, 1e-3)
    moved: Floats = (np.sin(then * np.pi / 2) * data + np.cos(then * np.pi / 2) * again).astype(
        np.float32
    )
    return moved
