"""From noise to the vectors of a piece, with guidance, given bars and any length; numpy only.

T bars, D numbers of a bar's vector.
"""

from dataclasses import dataclass
from typing import NamedTuple

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


class Start(NamedTuple):
    """Vectors that a piece begins with instead of noise."""

    vectors: Floats
    """(T, D)."""
    change: float
    """How much of the way is walked anew: 0 leaves them as they are, 1 keeps nothing."""


def sample(
    flow: Flow,
    conditions: Conditions,
    bars: int,
    rng: np.random.Generator,
    config: SamplingConfig | None = None,
    given: Floats | None = None,
    known: npt.NDArray[np.bool_] | None = None,
    start: Start | None = None,
) -> Floats:
    """(T, D) the vectors of a piece of so many bars.

    Bars that `known` (T,) marks are those of `given` (T, D), bit for bit; all of them without
    `known`. The others begin as noise, or as `start` (Meng et al. 2021, arXiv:2108.01073). A
    piece longer than the flow's window is drawn window after window, each half over the last.
    """
    config = SamplingConfig() if config is None else config
    if bars < 1:
        raise PartimentoError(f"a piece must have at least 1 bar, got {bars}")
    shape = (bars, flow.config.latent)
    for name, vectors in (("given", given), ("start", None if start is None else start.vectors)):
        if vectors is not None and vectors.shape != shape:
            raise PartimentoError(f"{name} bars must have shape {shape}, got {vectors.shape}")
    if start is not None and not 0 <= start.change <= 1:
        raise SettingError("change", f"must be in [0, 1], got {start.change}")
    drawn = np.zeros(shape, np.float32)
    done = np.zeros(bars, np.bool_)
    if given is not None:
        done = np.ones(bars, np.bool_) if known is None else known.copy()
        drawn[done] = given[done]
    if start is not None and start.change == 0:
        drawn[~done] = start.vectors[~done]
        return drawn
    first, window = 0, min(bars, flow.config.bars)
    while True:
        part = slice(first, first + window)
        kept = Given(drawn[part], done[part])
        begun = None if start is None else Start(start.vectors[part], start.change)
        if not kept.known.all():
            drawn[part] = _draw(flow, conditions, (first, bars), kept, begun, rng, config)
            done[part] = True
        if first + window >= bars:
            return drawn
        first = min(first + max(1, window // 2), bars - window)


def _draw(
    flow: Flow,
    conditions: Conditions,
    place: tuple[int, int],
    kept: Given,
    start: Start | None,
    rng: np.random.Generator,
    config: SamplingConfig,
) -> Floats:
    """(T, D) one window; place: its first bar and the bars of the piece.

    The bars that are kept come back as they were.
    """
    # Two rows: with the conditions and without them; the difference is what they ask for.
    told = tell([conditions, Conditions()])
    is_plain = config.guidance == 1
    rows = 1 if is_plain else 2
    told = told._replace(tables=told.tables[:rows], numbers=told.numbers[:rows])
    bars = len(kept.known)
    places = tell_places(np.full(rows, place[0]), np.full(rows, place[1]), bars)
    given = Given(
        np.repeat(kept.vectors[None], rows, 0).astype(np.float32),
        np.repeat(kept.known[None], rows, 0),
    )
    is_flow = flow.config.objective == "flow"
    move, mix = (_follow, _mixed) if is_flow else (_denoise, _diffused)
    x = rng.standard_normal(kept.vectors.shape, np.float32)
    begin = 0.0 if start is None else 1 - start.change
    if start is not None:
        x = mix(start.vectors, x, begin)
    steps = max(1, round(config.steps * (1 - begin)))
    aim = flow.aim(conditions.attributes) if is_flow else None
    times = np.linspace(begin, 1, steps + 1)
    for now, then in zip(times[:-1].tolist(), times[1:].tolist(), strict=True):
        said = flow.predict(np.repeat(x[None], rows, 0), now, told, places, given)
        wanted = said[0] if is_plain else said[1] + config.guidance * (said[0] - said[1])
        if aim is not None:
            left = np.float32(1 - now)
            wanted = wanted + aim.shift(x + left * wanted) / left
        x = move(x, wanted.astype(np.float32), now, then)
    x[kept.known] = kept.vectors[kept.known]
    return x


def _mixed(vectors: Floats, noise: Floats, time: float) -> Floats:
    """Where the straight way from noise to vectors is at a time."""
    return np.float32(time) * vectors + np.float32(1 - time) * noise


def _diffused(vectors: Floats, noise: Floats, time: float) -> Floats:
    """The same on the cosine schedule."""
    angle = time * np.pi / 2
    return np.float32(np.sin(angle)) * vectors + np.float32(np.cos(angle)) * noise


def _follow(x: Floats, velocity: Floats, now: float, then: float) -> Floats:
    """One Euler step along the flow."""
    return x + np.float32(then - now) * velocity


def _denoise(x: Floats, noise: Floats, now: float, then: float) -> Floats:
    """One step of deterministic denoising (Song et al. 2020, arXiv:2010.02502)."""
    # The first time is all noise: nothing can be told of the data from it.
    signal, level = max(np.sin(now * np.pi / 2), 0.02), np.cos(now * np.pi / 2)
    data = np.clip((x - level * noise) / signal, -4, 4)
    again = (x - signal * data) / max(level, 1e-3)
    return _diffused(data, again, then)
