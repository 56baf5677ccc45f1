"""What is done with the vectors of a piece: varied, blended, given a form; numpy only.

T bars, D numbers of a bar's vector.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from partimento.errors import PartimentoError, SettingError
from partimento.model.latent.flow import Flow
from partimento.model.latent.flow_conditions import Conditions
from partimento.model.latent.flow_sampling import SamplingConfig, Start, sample
from partimento.music.form import Section
from partimento.music.sketch import Floats


def vary(
    flow: Flow,
    conditions: Conditions,
    vectors: Floats,
    amount: float,
    rng: np.random.Generator,
    kept: npt.NDArray[np.bool_] | None = None,
    config: SamplingConfig | None = None,
) -> Floats:
    """(T, D) vectors changed by an amount from 0 to 1; kept (T,) bars stay bit for bit."""
    bars = len(vectors)
    known = np.zeros(bars, np.bool_) if kept is None else kept
    start = Start(vectors, amount)
    return sample(flow, conditions, bars, rng, config, vectors, known, start)


def blend(first: Floats, second: Floats, share: float) -> Floats:
    """(T, D) on the way from one piece to another of as many bars; the variance stays one."""
    if first.shape != second.shape:
        raise PartimentoError(
            f"two pieces must have as many bars to be blended, got {len(first)} and {len(second)}"
        )
    if not 0 <= share <= 1:
        raise SettingError("share", f"must be in [0, 1], got {share}")
    # Vectors of high dimension are nearly at right angles: along a chord they would shrink.
    angle = share * np.pi / 2
    blended: Floats = np.float32(np.cos(angle)) * first + np.float32(np.sin(angle)) * second
    return blended


def plan_form(
    flow: Flow,
    conditions: Conditions,
    sections: Sequence[Section],
    change: float,
    rng: np.random.Generator,
    config: SamplingConfig | None = None,
) -> Floats:
    """(T, D) a piece whose sections return, changed by an amount from 0 to 1.

    The piece is drawn as a whole first, so that its sections belong together; then what returns
    is laid over and, with a change, drawn anew from there while the rest is kept.
    """
    bars = sum(section.bars for section in sections)
    drawn = sample(flow, conditions, bars, rng, config)
    returns = np.zeros(bars, np.bool_)
    lengths = {section.first: section.bars for section in sections}
    for section in sections:
        if section.original is not None:
            count = min(section.bars, lengths[section.original])
            original = drawn[section.original : section.original + count]
            drawn[section.first : section.first + count] = original
            returns[section.first : section.first + count] = True
    return vary(flow, conditions, drawn, change, rng, ~returns, config) if returns.any() else drawn
