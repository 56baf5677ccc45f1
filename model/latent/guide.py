"""From the vectors of a plan to what the decoder is told at each bar and slot; numpy only.

T bars, D numbers of a bar's vector, W values of a sketch, C inputs of a row.
"""

import numpy as np

from partimento.errors import SettingError
from partimento.model.latent.autoencoder import LEAST_NOISE, MOST_NOISE, Autoencoder, add_noise
from partimento.model.latent.conditioning import ROWS, Bools, sketch_inputs
from partimento.music.sketch import Floats


def noise_of(follow: float) -> float:
    """The noise level at which a plan is followed so closely: 1 closest, 0 hardly at all.

    >>> noise_of(1.0), noise_of(0.0)
    (0.05, 1.5)
    """
    if not 0 <= follow <= 1:
        raise SettingError("follow", f"must be in [0, 1], got {follow}")
    return round(float(MOST_NOISE * (LEAST_NOISE / MOST_NOISE) ** follow), 9)


def guide(
    vectors: Floats,
    autoencoder: Autoencoder,
    follow: float,
    rng: np.random.Generator,
    known: Bools | None = None,
    allowed: Floats | None = None,
) -> Floats:
    """(T, ROWS, C) what is told of a plan (T, D) whose bars `known` (T,) marks, all by default.

    `allowed` (W,) is 0 where a bar may have nothing, else 1. Of bars that return unchanged the same
    is told again, noise and all.
    """
    bars = len(vectors)
    known = np.ones(bars, np.bool_) if known is None else known
    noise = noise_of(follow)
    _, first, which = np.unique(vectors, axis=0, return_index=True, return_inverse=True)
    noisy = add_noise(vectors, noise, rng)[first[which.reshape(-1)]]
    values = autoencoder.decode(noisy, noise)
    if allowed is not None:
        values = values * allowed
    inputs = sketch_inputs(values, np.full(bars, noise, np.float32), known)
    assert inputs.shape[1] == ROWS
    return inputs
