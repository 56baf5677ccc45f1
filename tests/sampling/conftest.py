"""A tiny model that reads sketches, and a tiny sketcher for it."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from partimento.model.latent.autoencoder import Autoencoder, AutoencoderConfig
from partimento.model.latent.conditioning import INPUTS
from partimento.model.latent.flow import Flow, FlowConfig, weight_shapes
from partimento.sampling.engine import Engine
from partimento.sampling.engines import load_engine
from partimento.sampling.sketcher import Sketcher


@pytest.fixture(scope="session")
def sketching_engine(save_tiny: Callable[..., Path]) -> Engine:
    """An engine that reads sketches."""
    return load_engine(save_tiny(sketch_width=INPUTS, name="sketching"))


@pytest.fixture(scope="session")
def sketcher() -> Sketcher:
    """Draws sketches with random weights, 12 bars at once."""
    import torch  # takes seconds, and most tests need no network

    from partimento.model.latent.bar_network import BarNetwork

    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = BarNetwork(AutoencoderConfig(latent=8, width=16))
        network.encode(torch.rand(64, network.encoder.first.in_features))
    rng = np.random.default_rng(0)
    config = FlowConfig(latent=8, width=12, layers=1, heads=2, bars=12)
    arrays = {
        name: rng.standard_normal(shape, np.float32) * np.float32(0.3)
        for name, shape in weight_shapes(config).items()
    }
    return Sketcher(
        Autoencoder(network.config, network.eval().arrays()), Flow(config, arrays), "tiny"
    )
