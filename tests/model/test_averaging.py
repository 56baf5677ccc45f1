"""The mean of checkpoints is that of each weight, and says of which files it is."""

from pathlib import Path

import numpy as np
import pytest
import torch

from partimento.errors import PartimentoError, SettingError
from partimento.model.averaging import average
from partimento.model.checkpoint import file_hash, read_arrays, save_checkpoint
from partimento.model.config import ModelConfig, select_features
from partimento.model.transformer import Transformer
from partimento.tokenizer.features import FEATURES


def checkpoint(path: Path, seed: int, width: int = 8) -> Path:
    torch.manual_seed(seed)
    features = select_features(FEATURES, ["tick"])
    shape = ModelConfig(width=width, layers=1, heads=2, feed_forward_width=12, features=features)
    save_checkpoint(path, Transformer(shape), step=seed, licence="MIT", extra={"tokens": seed})
    return path


def test_each_weight_is_the_weighted_mean_and_the_header_says_of_what(tmp_path: Path) -> None:
    paths = [checkpoint(tmp_path / f"{seed}", seed) for seed in (1, 2)]
    header, mean = average(paths, [1, 3])
    first, second = (read_arrays(path)[1] for path in paths)
    assert mean.keys() == first.keys()
    for name, array in mean.items():
        np.testing.assert_allclose(array, 0.25 * first[name] + 0.75 * second[name], atol=1e-7)
    assert header.step == 2
    shares = {file_hash(paths[0]): 0.25, file_hash(paths[1]): 0.75}
    assert header.extra == {"tokens": 2, "mean_of": shares}


def test_shares_are_equal_unless_they_are_given(tmp_path: Path) -> None:
    paths = [checkpoint(tmp_path / f"{seed}", seed) for seed in (1, 2)]
    _, mean = average(paths)
    _, halves = average(paths, [5, 5])
    for name, array in mean.items():
        np.testing.assert_array_equal(array, halves[name])


@pytest.mark.parametrize("shares", [[1.0], [1.0, 0.0], [1.0, float("nan")]])
def test_shares_are_a_positive_number_for_each(tmp_path: Path, shares: list[float]) -> None:
    paths = [checkpoint(tmp_path / f"{seed}", seed) for seed in (1, 2)]
    with pytest.raises(SettingError, match=r"share must be a positive number for each of the 2"):
        average(paths, shares)


def test_one_checkpoint_or_other_shapes_have_no_mean(tmp_path: Path) -> None:
    small, wide = checkpoint(tmp_path / "small", 1), checkpoint(tmp_path / "wide", 1, width=16)
    with pytest.raises(PartimentoError, match="two checkpoints at least"):
        average([small])
    with pytest.raises(PartimentoError, match=r"small: another shape than \S+wide; only parts"):
        average([small, wide])
