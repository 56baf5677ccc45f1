"""What draws sketches: the autoencoder of bars and the flow over them, loaded when needed.

T bars, W values of a sketch, D numbers of a bar's vector.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from partimento.model.checkpoint import file_hash
from partimento.model.latent.autoencoder import PART as AUTOENCODER
from partimento.model.latent.autoencoder import Autoencoder
from partimento.model.latent.flow import PART as FLOW
from partimento.model.latent.flow import Flow
from partimento.model.latent.flow_conditions import Conditions
from partimento.model.latent.flow_sampling import SamplingConfig, sample
from partimento.model.latent.plans import plan_form
from partimento.model.latent.weights import shipped_part
from partimento.music.form import Section
from partimento.music.sketch import Floats

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Sketcher:
    """A trained autoencoder and a flow over its vectors."""

    autoencoder: Autoencoder
    flow: Flow
    name: str
    """Hashes of both files."""

    def draw(
        self,
        conditions: Conditions,
        given: Floats,
        known: Bools,
        rng: np.random.Generator,
        guidance: float,
    ) -> Floats:
        """(T, D) vectors of a piece; bars that `known` (T,) marks are those of `given` (T, D)."""
        config = SamplingConfig(guidance=guidance)
        return sample(self.flow, conditions, len(given), rng, config, given, known)

    def draw_form(
        self,
        conditions: Conditions,
        sections: list[Section],
        change: float,
        rng: np.random.Generator,
        guidance: float,
    ) -> Floats:
        """(T, D) vectors of a piece whose sections return, changed by an amount from 0 to 1."""
        config = SamplingConfig(guidance=guidance)
        return plan_form(self.flow, conditions, sections, change, rng, config)


def load_sketcher(autoencoder: Path | None = None, flow: Path | None = None) -> Sketcher:
    """Read both parts, by default those of the package; ValueError says what is wrong with one."""
    paths = (autoencoder or shipped_part(AUTOENCODER), flow or shipped_part(FLOW))
    return _loaded(*paths)


@lru_cache(maxsize=2)
def _loaded(autoencoder: Path, flow: Path) -> Sketcher:
    name = f"{file_hash(autoencoder)}-{file_hash(flow)}"
    return Sketcher(Autoencoder.load(autoencoder), Flow.load(flow), name)
