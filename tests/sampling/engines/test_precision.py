"""Weights as int8: how far each is from its own, and what that costs in likelihood."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from partimento.model.compiled.packing import LARGEST, Floats, panels, quantize_matrix
from partimento.request.request import Request
from partimento.sampling.engines.numba_engine import NumbaEngine
from partimento.sampling.planning import make_plan
from partimento.tokenizer.encoding import encode
from partimento.tokenizer.loading import load_score
from partimento.tokenizer.vocabulary import TokenArray

LogitsOf = Callable[..., Floats]

MOST_COST = 0.005
"""Share of a token's nats that int8 may add."""


def nats_per_token(logits_of: LogitsOf, engine: NumbaEngine, pieces: Sequence[TokenArray]) -> float:
    """Mean cost of the tokens of some pieces, the first of each taken as given."""
    nats: list[float] = []
    for tokens in pieces:
        logits = logits_of(engine, tokens[:-1]).astype(np.float64)
        largest = logits.max(1, keepdims=True)
        normalisers = np.log(np.exp(logits - largest).sum(1)) + largest[:, 0]
        nats += (normalisers - logits[np.arange(len(logits)), tokens[1:]]).tolist()
    return float(np.mean(nats))


def test_each_weight_is_off_by_half_a_step_of_its_row_at_most() -> None:
    draw = np.random.default_rng(0)
    matrix = (draw.normal(size=(45, 24)) * np.geomspace(1e-6, 1e3, 45)[:, None]).astype(np.float32)
    matrix[7] = 0.0
    packed = quantize_matrix(panels([matrix]))
    assert packed.values.dtype == np.int8
    assert np.abs(packed.values.astype(int)).max() == LARGEST
    rows = packed.values[0].transpose(0, 2, 1).reshape(48, 24)
    restored = rows[:45].astype(np.float64) * packed.scales[0, :45, None]
    half_a_step = np.abs(matrix).max(1).astype(np.float64) / LARGEST / 2
    errors = np.abs(restored - matrix).max(1)
    assert (errors <= half_a_step * (1 + 1e-6)).all()
    assert errors[7] == 0
    # Steps are used in full: the worst weight of a row is nearly half a step off.
    assert (errors[matrix.any(1)] > half_a_step[matrix.any(1)] / 4).all()
    assert not rows[45:].any()


def test_int8_weights_take_a_quarter_of_the_bytes(tiny_checkpoint: Path) -> None:
    wide, narrow = (NumbaEngine(tiny_checkpoint, p)._weights for p in ("float32", "int8"))
    for name in ("mixer", "mixer_output", "feed", "feed_output", "head"):
        assert getattr(wide, name).values.nbytes == 4 * getattr(narrow, name).values.nbytes
    np.testing.assert_array_equal(wide.rates.values, narrow.rates.values)
    np.testing.assert_array_equal(wide.embedding, narrow.embedding)


def test_int8_logits_are_near_those_of_float32(
    tiny_checkpoint: Path, legal_walk: Callable[..., TokenArray], logits_of: LogitsOf
) -> None:
    tokens = legal_walk(1, 200)[:-1]
    wide, narrow = (
        logits_of(NumbaEngine(tiny_checkpoint, precision), tokens)
        for precision in ("float32", "int8")
    )
    assert 0 < np.abs(wide - narrow).mean() < 0.05 * wide.std()


def test_int8_costs_little_likelihood_on_pieces_of_the_shipped_model(
    shipped: Path, logits_of: LogitsOf
) -> None:
    wide, narrow = NumbaEngine(shipped, "float32"), NumbaEngine(shipped, "int8")
    plans = [
        make_plan(Request(bars=12, style=style, temperature=0.9))
        for style in ("folk", "hymn", "chorale", "jazz")
    ]
    pieces = [piece[:1500] for piece in wide.decode(plans, range(len(plans)))]
    cost = nats_per_token(logits_of, narrow, pieces) / nats_per_token(logits_of, wide, pieces)
    assert cost < 1 + MOST_COST


def test_int8_costs_little_likelihood_on_held_out_pieces(
    shipped: Path, corpus_files: list[Path], logits_of: LogitsOf
) -> None:
    wide, narrow = NumbaEngine(shipped, "float32"), NumbaEngine(shipped, "int8")
    pieces = [encode(load_score(path).score).tokens[:1024] for path in corpus_files]
    cost = nats_per_token(logits_of, narrow, pieces) / nats_per_token(logits_of, wide, pieces)
    assert cost < 1 + MOST_COST
