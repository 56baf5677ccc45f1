"""Tiny real checkpoints, and plans of many kinds."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from partimento.model.checkpoint import save_checkpoint, shipped_checkpoint
from partimento.model.compiled.packing import Floats
from partimento.model.config import Attention, ModelConfig, select_features
from partimento.model.transformer import Transformer
from partimento.request.request import Request
from partimento.sampling.engines import numba_engine
from partimento.sampling.engines.decoding import new_batch, run
from partimento.sampling.engines.numba_engine import NumbaEngine
from partimento.sampling.pieces import new_pieces, place
from partimento.sampling.plan import Plan
from partimento.sampling.planning import make_plan
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.features import FEATURES, SOUNDING_WIDTH
from partimento.tokenizer.vocabulary import TokenArray

SaveTiny = Callable[..., Path]
LogitsOf = Callable[..., Floats]

PRIMER = np.array(
    [
        *(v.BOS, v.KEY + 0, v.METER + 2, v.TEMPO + 5),
        *(v.BAR, v.INSTRUMENT + 13, v.PITCH + 72, v.DURATION + v.DURATIONS.index(48)),
        *(v.PITCH + 74, v.DURATION + v.DURATIONS.index(48)),
        *(v.BAR, v.INSTRUMENT + 13, v.PITCH + 76, v.DURATION + v.DURATIONS.index(24)),
    ],
    np.uint16,
)


@pytest.fixture(scope="session")
def save_tiny(tmp_path_factory: pytest.TempPathFactory) -> SaveTiny:
    """A function that writes a tiny model with random weights; no width fills a vector."""

    def save(
        attention: Attention = "gated",
        convolution_width: int | None = 4,
        features: tuple[str, ...] | None = None,
        sounding_width: int = SOUNDING_WIDTH,
    ) -> Path:
        config = ModelConfig(
            width=40,
            layers=2,
            heads=2,
            feed_forward_width=50,
            attention=attention,
            convolution_width=convolution_width,
            features=select_features(FEATURES, features),
            sounding_width=sounding_width,
        )
        torch.manual_seed(1)
        model = Transformer(config)
        draw = torch.Generator().manual_seed(1)
        with torch.no_grad():
            for parameter in model.parameters():
                noise = torch.randn(parameter.shape, generator=draw)
                # Matrices keep the size of their inputs; norms and biases stay near their start.
                parameter.add_(noise * (parameter.shape[-1] ** -0.5 if parameter.ndim > 1 else 0.1))
            model.head.weight.mul_(2)
        path = tmp_path_factory.mktemp("checkpoint") / "tiny.safetensors"
        save_checkpoint(path, model)
        return path

    return save


@pytest.fixture(scope="session")
def tiny(save_tiny: SaveTiny) -> Path:
    """A tiny checkpoint of the shipped model's kind."""
    return save_tiny()


@pytest.fixture(scope="session")
def shipped() -> Path:
    """The shipped checkpoint; skips where this copy has none."""
    try:
        return shipped_checkpoint()
    except ValueError:
        pytest.skip("this copy has no weights")


@pytest.fixture(scope="session")
def various_plans() -> list[Plan]:
    """Plans that differ in everything that a plan holds; the third and the last share a prompt."""
    primer: list[tuple[Request, TokenArray | None]] = [
        (Request(bars=1), None),
        (Request(bars=3, temperature=1.4, top_k=20), None),
        (Request(bars=2, key="G", lock_key=True), PRIMER),
        (Request(bars=4, chords="Am F C G", top_p=0.8), None),
        (Request(bars=1, temperature=0.0), None),
        (Request(bars=2, instruments=("violin", "cello"), meter="3/4"), None),
        (Request(bars=5, temperature=0.5, temperature_end=1.5, min_p=0.02), None),
        (Request(bars=1, style="drums"), None),
        (Request(bars=2, pitch_range="C4-C5", bpm=90.0), None),
        (Request(bars=2, temperature=0.8), PRIMER),
    ]
    return [make_plan(request, tokens) for request, tokens in primer]


@pytest.fixture(scope="session")
def logits_of() -> LogitsOf:
    """A function that reads tokens (T,) in one pass: the engine's logits (T, V) after each.

    An EOS at the end is not read. `total_bars` is the length that the model is told (0: not told).
    """

    def read(engine: NumbaEngine, tokens: TokenArray, total_bars: int = 0) -> Floats:
        plan = make_plan(Request(bars=1), tokens)._replace(total_bars=total_bars)
        pieces = new_pieces([plan], 1)
        place(pieces, 0, plan, 0)
        rows = min(numba_engine.PREFILL_ROWS, len(plan.prompt))
        found = np.zeros((len(plan.prompt), v.SIZE), np.float32)
        weights = engine._weights
        run(weights, new_batch(weights, pieces, rows, 0), plan.prompt, 0, found, 0, 0)
        return found

    return read
