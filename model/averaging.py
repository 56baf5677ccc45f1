"""The mean of checkpoints: parts of one training that end near each other are better together.

Wortsman et al., Model soups (ICML 2022), https://arxiv.org/abs/2203.05482.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from partimento.errors import PartimentoError, SettingError
from partimento.model.checkpoint import Header, file_hash, read_arrays


def average(
    checkpoints: Sequence[Path], shares: Sequence[float] | None = None
) -> tuple[Header, dict[str, NDArray[np.float32]]]:
    """The weighted mean of the weights, equal shares by default, and what it says of itself.

    The header is that of the last checkpoint, with the shares by file hash. PartimentoError for
    models of different shapes, SettingError for shares that are not one positive number each.
    """
    if len(checkpoints) < 2:
        raise PartimentoError("a mean needs two checkpoints at least")
    shares = [1.0] * len(checkpoints) if shares is None else shares
    if len(shares) != len(checkpoints) or not all(0 < share < np.inf for share in shares):
        raise SettingError("share", f"must be a positive number for each of the {len(checkpoints)}")
    last, mean = checkpoints[-1], dict[str, NDArray[np.float64]]()
    header, _ = read_arrays(last)
    parts = [float(share) / sum(shares) for share in shares]
    for path, part in zip(checkpoints, parts, strict=True):
        other, arrays = read_arrays(path)
        if other.config != header.config:
            raise PartimentoError(
                f"{path}: another shape than {last}; only parts of one training have a mean"
            )
        for name, array in arrays.items():
            mean[name] = mean.get(name, 0.0) + part * array.astype(np.float64)
    mean_of: dict[str, float] = {}
    for path, part in zip(checkpoints, parts, strict=True):
        name = file_hash(path)
        mean_of[name] = round(mean_of.get(name, 0.0) + part, 6)
    header = replace(header, extra={**header.extra, "mean_of": mean_of})
    return header, {name: array.astype(np.float32) for name, array in mean.items()}
