"""Between which figures most music of a style lies, and how far a piece is from there."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from partimento.errors import PartimentoError
from partimento.music.files import write_whole

LOW, HIGH = 0.1, 0.9
"""Quantiles between which a figure is taken for usual."""
ANY = "any"
"""What stands for a style that has no music, or is not known."""
COST = "cost"
"""Name of the figure that depends on the weights: nats a note."""
FORMAT = 1

Band = tuple[float, float]
Bands = Mapping[str, Band]
"""By figure, the quantiles LOW and HIGH."""


@dataclass(frozen=True, slots=True)
class Spread:
    """The bands of the figures, by style."""

    music: Mapping[str, Bands]
    """Of figures of the music alone."""
    costs: Mapping[str, Mapping[str, Band]] = field(default_factory=dict)
    """By hash of a checkpoint and style, the band of what held-out music costs it, nats a note."""

    def bands(self, style: str | None, checkpoint: str) -> dict[str, Band]:
        """The bands of a style, with that of the cost where the checkpoint is known."""
        found = dict(self.music.get(style or ANY, self.music[ANY]))
        costs = self.costs.get(checkpoint)
        if costs is not None:
            found[COST] = costs.get(style or ANY, costs[ANY])
        return found


def excess(value: float, band: Band) -> float:
    """How far a figure is outside its band, in widths of the band, at most 1.

    >>> excess(0.5, (0.2, 0.6)), round(excess(0.7, (0.2, 0.6)), 3), excess(9, (0.2, 0.6))
    (0.0, 0.25, 1.0)
    """
    if math.isnan(value):
        return 0.0
    low, high = band
    outside = max(low - value, value - high, 0.0)
    return 0.0 if outside == 0 else min(1.0, outside / max(high - low, 1e-9))


def band_of(values: Sequence[float]) -> Band | None:
    """The band of some figures; those that are not numbers do not count. None without any."""
    known = [value for value in values if not math.isnan(value)]
    if not known:
        return None
    low, high = np.quantile(known, (LOW, HIGH))
    return round(float(low), 5), round(float(high), 5)


def save_spread(spread: Spread, path: Path) -> None:
    """Write the bands as JSON, whole or not at all."""
    content = {"format": FORMAT, "music": spread.music, "costs": spread.costs}
    write_whole(path, (json.dumps(content, indent=1) + "\n").encode("ascii"))


def read_spread(path: Path) -> Spread:
    """The bands that `save_spread` wrote; PartimentoError for any other file."""
    try:
        content = json.loads(path.read_text("ascii"))
        if content["format"] != FORMAT:
            raise KeyError("format")
        return Spread(
            {style: _bands(bands) for style, bands in content["music"].items()},
            {name: _bands(bands) for name, bands in content["costs"].items()},
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise PartimentoError(
            f"{path}: no table of spreads, or a damaged one ({type(error).__name__}); make it "
            "again with `partimento index`"
        ) from None


def _bands(content: Mapping[str, Sequence[float]]) -> dict[str, Band]:
    return {name: (float(low), float(high)) for name, (low, high) in content.items()}
