"""How alike two sets of music are, and how a piece is like itself later on; numpy only.

N pieces or bars, D numbers of each.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from partimento.errors import PartimentoError

Doubles = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.floating]
RIDGE = 1.0
"""Penalty of the linear classifier, relative to the number of pieces it is fitted to."""


def frechet_distance(first: Numbers, second: Numbers) -> float:
    """Squared distance of two normal distributions fitted to vectors (N, D) and (M, D).

    Fréchet 1957; as used of images by Heusel et al. 2017 (arXiv:1706.08500). It grows with few
    vectors: compare only sets of about equal size.
    """
    for vectors in (first, second):
        if vectors.ndim != 2 or len(vectors) < 2:
            raise PartimentoError(f"two sets of at least 2 vectors are needed, got {vectors.shape}")
    means = [vectors.mean(0, dtype=np.float64) for vectors in (first, second)]
    spreads = [np.atleast_2d(np.cov(vectors.T.astype(np.float64))) for vectors in (first, second)]
    values, axes = np.linalg.eigh(spreads[0])
    root = (axes * np.sqrt(np.maximum(values, 0))) @ axes.T
    shared = np.sqrt(np.maximum(np.linalg.eigvalsh(root @ spreads[1] @ root), 0)).sum()
    traces = np.trace(spreads[0]) + np.trace(spreads[1])
    return float(((means[0] - means[1]) ** 2).sum() + traces - 2 * shared)


def separability(
    first: Numbers, second: Numbers, rng: np.random.Generator, folds: int = 5
) -> float:
    """Area under the curve of a linear classifier that tells two sets apart, cross-validated.

    0.5: it cannot; 1: it always can. Each row (D,) is a piece that it has not been fitted to.
    """
    if min(len(first), len(second)) < 2 * folds:
        raise PartimentoError(
            f"at least {2 * folds} pieces of each set are needed, got {len(first)}, {len(second)}"
        )
    rows = np.concatenate([first, second]).astype(np.float64)
    label = np.repeat([1.0, -1.0], [len(first), len(second)])
    fold = np.concatenate([rng.permutation(np.arange(len(s)) % folds) for s in (first, second)])
    areas = []
    for number in range(folds):
        fitted, held = fold != number, fold == number
        centre, scale = rows[fitted].mean(0), rows[fitted].std(0) + 1e-9
        x = (rows[fitted] - centre) / scale
        gram = x.T @ x + RIDGE * len(x) * np.eye(x.shape[1])
        weights = np.linalg.solve(gram, x.T @ (label[fitted] - label[fitted].mean()))
        areas.append(_area((rows[held] - centre) / scale @ weights, label[held] > 0))
    return float(np.mean(areas))


def _area(said: Doubles, is_first: npt.NDArray[np.bool_]) -> float:
    """Share of pairs in which the piece of the first set has the larger number; ties are half."""
    ours, theirs = said[is_first][:, None], said[~is_first][None]
    return float(((ours > theirs) + 0.5 * (ours == theirs)).mean())


def self_similarity(onsets: Numbers, distances: Sequence[int]) -> dict[int, float]:
    """Mean F1 of the onsets (N, D), zeros and ones, of bars that stand so far apart.

    Pairs of which a bar is empty do not count; a distance that no pair has is left out.
    """
    struck = (onsets > 0.5).astype(np.float64)
    counts = struck.sum(1)
    found = {}
    for distance in distances:
        if not 0 < distance < len(struck):
            continue
        both = (struck[distance:] * struck[:-distance]).sum(1)
        total = counts[distance:] + counts[:-distance]
        heard = (counts[distance:] > 0) & (counts[:-distance] > 0)
        if heard.any():
            found[distance] = float((2 * both[heard] / total[heard]).mean())
    return found
