"""A real engine with tiny random weights."""

from pathlib import Path

import pytest
import torch

from partimento.model.checkpoint import save_checkpoint
from partimento.model.config import ModelConfig, select_features
from partimento.model.transformer import Transformer
from partimento.sampling.engine import Engine
from partimento.sampling.engines import load_engine
from partimento.tokenizer.features import FEATURES, SOUNDING_WIDTH


@pytest.fixture(scope="session")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint that writes a bar in milliseconds."""
    config = ModelConfig(
        width=16,
        layers=1,
        heads=2,
        feed_forward_width=24,
        features=select_features(FEATURES),
        sounding_width=SOUNDING_WIDTH,
    )
    with torch.random.fork_rng():
        torch.manual_seed(2)
        model = Transformer(config)
    path: Path = tmp_path_factory.mktemp("weights") / "tiny.safetensors"
    save_checkpoint(path, model)
    return path


@pytest.fixture(scope="session")
def engine(weights: Path) -> Engine:
    return load_engine(weights)
