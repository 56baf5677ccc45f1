"""The compiled engine computes what the torch model says, and chooses the same tokens."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import torch

from partimento.model.compiled.packing import Floats
from partimento.model.loading import load_model
from partimento.request.request import Request
from partimento.sampling.engine import DEFAULT_PRECISIONS, check_engine
from partimento.sampling.engines import load_engine
from partimento.sampling.engines.numba_engine import NumbaEngine
from partimento.sampling.plan import Plan
from partimento.sampling.planning import make_plan
from partimento.tokenizer import cursor as c
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.conditioning import Vector, count_lines, tell_ensemble
from partimento.tokenizer.features import FEATURES, SOUNDING_WIDTH, featurize
from partimento.tokenizer.vocabulary import TokenArray

LegalWalk = Callable[..., TokenArray]
LogitsOf = Callable[..., Floats]


@torch.inference_mode()
def reference_logits(
    checkpoint: Path, tokens: TokenArray, total_bars: int, told: Vector | None = None
) -> npt.NDArray[np.float32]:
    """Logits (T, V) of the torch model in one pass, `told` (C,) beside each token."""
    ids = np.zeros((len(tokens), len(FEATURES)), np.int16)
    sounding = np.zeros((len(tokens), SOUNDING_WIDTH), np.uint8)
    featurize(c.new_cursor(total_bars), tokens, ids, sounding)
    inputs = (tokens.astype(np.int64), ids, sounding)
    model, _ = load_model(checkpoint)
    heard = None if told is None else torch.from_numpy(told).expand(1, len(tokens), -1)
    logits, _ = model(*(torch.from_numpy(array)[None] for array in inputs), conditioning=heard)
    found: npt.NDArray[np.float32] = logits[0].numpy()
    return found


@pytest.mark.parametrize(
    "kind",
    [
        {},
        {"attention": "delta"},
        {"convolution_width": None},
        {"attention": "delta", "convolution_width": 2, "sounding_width": 0},
        {"features": ("phase", "tick", "last_pitch")},
        {"features": (), "sounding_width": 0, "conditioning_width": None},
    ],
    ids=["all inputs", "delta", "no convolution", "no sounding", "few features", "no features"],
)
def test_logits_of_every_kind_of_model_are_those_of_torch(
    save_tiny: Callable[..., Path],
    legal_walk: LegalWalk,
    logits_of: LogitsOf,
    kind: dict[str, object],
) -> None:
    checkpoint = save_tiny(**kind)
    tokens = legal_walk(3, 300, total_bars=9)[:-1]
    expected = reference_logits(checkpoint, tokens, 9)
    assert expected.std() > 0.5
    found = logits_of(NumbaEngine(checkpoint, "float32"), tokens, 9)
    np.testing.assert_allclose(found, expected, rtol=0, atol=2e-4)


def test_logits_of_a_model_that_is_told_its_ensemble_are_those_of_torch(
    save_tiny: Callable[..., Path], legal_walk: LegalWalk, logits_of: LogitsOf
) -> None:
    checkpoint = save_tiny()
    tokens = legal_walk(3, 300)[:-1]
    told = tell_ensemble(count_lines(tokens))
    engine = NumbaEngine(checkpoint, "float32")
    found = logits_of(engine, tokens, told=told)
    expected = reference_logits(checkpoint, tokens, 0, told)
    np.testing.assert_allclose(found, expected, rtol=0, atol=2e-4)
    assert np.abs(found - logits_of(engine, tokens)).max() > 0.1


def test_logits_of_the_shipped_model_are_those_of_torch(
    shipped: Path, legal_walk: LegalWalk, logits_of: LogitsOf
) -> None:
    tokens = legal_walk(5, 600)[:-1]
    found = logits_of(NumbaEngine(shipped, "float32"), tokens)
    np.testing.assert_allclose(found, reference_logits(shipped, tokens, 0), rtol=0, atol=1e-4)


def test_the_planned_length_changes_the_logits(
    tiny_checkpoint: Path, legal_walk: LegalWalk, logits_of: LogitsOf
) -> None:
    tokens = legal_walk(3, 100, total_bars=9)[:-1]
    engine = NumbaEngine(tiny_checkpoint, "float32")
    assert np.abs(logits_of(engine, tokens, 9) - logits_of(engine, tokens)).max() > 0.01


@pytest.mark.slow
def test_greedy_pieces_are_the_same_from_both_engines(
    tiny_checkpoint: Path, various_plans: list[Plan]
) -> None:
    plans = [make_plan(Request(bars=6)), *various_plans]
    greedy = [plan._replace(temperatures=np.zeros_like(plan.temperatures)) for plan in plans]
    seeds = range(len(plans))
    engines = (load_engine(tiny_checkpoint, name, "float32") for name in ("numba", "torch"))
    pieces = (engine.decode(greedy, seeds) for engine in engines)
    for mine, other in zip(*pieces, strict=True):
        np.testing.assert_array_equal(mine, other)
        assert mine[-1] == v.EOS


def test_softmax_attention_is_refused_with_the_remedy(save_tiny: Callable[..., Path]) -> None:
    with pytest.raises(ValueError, match="the numba engine has linear attention only; use torch"):
        load_engine(save_tiny(attention="softmax"))


@pytest.mark.parametrize(
    ("name", "precision", "device", "message"),
    [
        ("numba", "float32", "cuda", "device must be cpu for the numba engine, got cuda"),
        ("torch", "int8", "cpu", "precision must be float32 for the torch engine, got int8"),
        ("torch", "float32", "nowhere", "device nowhere cannot be used here .*; use cpu"),
        ("torch", "float32", "cuda:77", "device cuda:77 cannot be used here .*; use cpu"),
    ],
)
def test_what_an_engine_does_not_have_is_one_line_with_the_remedy(
    tiny_checkpoint: Path, name: str, precision: str, device: str, message: str
) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        load_engine(tiny_checkpoint, name, precision, device)  # type: ignore[arg-type]  # also wrong names
    assert "\n" not in str(caught.value)


def test_unknown_engines_and_precisions_are_refused() -> None:
    assert check_engine("numba", "float32") == ("numba", "float32")
    assert check_engine("numba") == ("numba", DEFAULT_PRECISIONS["numba"])
    assert check_engine("torch") == ("torch", "float32")
    with pytest.raises(ValueError, match="engine must be one of numba, torch, got 'fast'"):
        check_engine("fast", "int8")
    with pytest.raises(ValueError, match="precision must be one of float32, int8, got 'int4'"):
        check_engine("numba", "int4")
