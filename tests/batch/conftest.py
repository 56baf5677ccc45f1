"""A real engine with tiny random weights."""

from pathlib import Path

import pytest

from partimento.sampling.engine import Engine
from partimento.sampling.engines import load_engine


@pytest.fixture(scope="session")
def engine(tiny_checkpoint: Path) -> Engine:
    return load_engine(tiny_checkpoint)
