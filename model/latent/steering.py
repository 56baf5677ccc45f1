"""Attributes read off the vectors of a piece, and how to move them; numpy only.

A attributes, S of them asked for, T bars, D numbers of a bar's vector.

The flow is told the attributes too, but follows a wish only as far as music of its conditions
does. A linear probe of the mean vector says what the piece will have; while it is drawn, its bars
are moved together, the shortest way as the corpus' vectors vary, until the probe says what is
asked: guidance by a linear classifier (Dhariwal and Nichol 2021, arXiv:2105.05233).
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from partimento.music.attributes import ATTRIBUTES
from partimento.music.sketch import Floats

WEIGHTS, BIAS, MOVES = "probe.weights", "probe.bias", "probe.moves"
"""Names of the probe's arrays: (A, D) and (A,) say the attributes of a mean vector; (A, D) is the
covariance of mean vectors times the weights."""
RANGE = (0.02, 0.98)
"""No further is a piece moved than to these ranks."""
_LEAST = 1e-6


def probe_shapes(latent: int) -> dict[str, tuple[int, ...]]:
    """The shape of each array of a probe."""
    wide = (len(ATTRIBUTES), latent)
    return {WEIGHTS: wide, BIAS: wide[:1], MOVES: wide}


class Aim(NamedTuple):
    """Attributes that are asked for."""

    weights: Floats
    """(S, D)."""
    missing: Floats
    """(S,) what the probe must say of the mean vector by its weights alone."""
    moves: Floats
    """(S, D) how far the vectors move for each attribute that is one rank too low."""

    def shift(self, vectors: Floats) -> Floats:
        """(D,) what each bar of vectors (T, D) must be moved by."""
        error = self.missing - self.weights @ vectors.mean(0)
        moved: Floats = (error @ self.moves).astype(np.float32)
        return moved


def aim_at(attributes: Mapping[str, float], arrays: Mapping[str, Floats]) -> Aim | None:
    """The aim of some attributes by name, by the probe of a flow's arrays; None without any."""
    asked = [ATTRIBUTES.index(name) for name in attributes]
    weights = arrays[WEIGHTS][asked]
    if not asked or not weights.any():
        return None
    wanted = np.clip(np.array(list(attributes.values()), np.float32), *RANGE)
    directions = arrays[MOVES][asked].astype(np.float64)
    # How much each direction moves each attribute; the small number keeps alike ones apart.
    effect = directions @ weights.T + _LEAST * np.eye(len(asked))
    moves = np.linalg.solve(effect.T, directions) if len(asked) > 1 else directions / effect
    return Aim(weights, wanted - arrays[BIAS][asked], moves.astype(np.float32))


def fit_probe(means: Floats, ranks: Floats) -> dict[str, Floats]:
    """The arrays of a probe of mean vectors (N, D) whose passages have ranks (N, A), NaN unknown.

    Least squares with a small penalty.
    """
    spread = np.cov(means.T.astype(np.float64))
    latent = means.shape[1]
    weights, bias = np.zeros((len(ATTRIBUTES), latent)), np.full(len(ATTRIBUTES), 0.5)
    for number in range(len(ATTRIBUTES)):
        known = ~np.isnan(ranks[:, number])
        if known.sum() < 2:
            continue
        rows = np.concatenate([means[known], np.ones((int(known.sum()), 1))], 1)
        gram = rows.T @ rows + 3 * np.eye(latent + 1)
        found = np.linalg.solve(gram, rows.T @ ranks[known, number])
        weights[number], bias[number] = found[:-1], found[-1]
    arrays = {WEIGHTS: weights, BIAS: bias, MOVES: weights @ np.atleast_2d(spread)}
    return {name: array.astype(np.float32) for name, array in arrays.items()}
