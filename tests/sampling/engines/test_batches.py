"""A piece is the same bit for bit alone, among others, in threads, and from a shared prompt."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from partimento.model.compiled.packing import Floats, Weights
from partimento.request.request import Request
from partimento.sampling.engines import numba_engine
from partimento.sampling.engines.decoding import Batch, new_batch, run
from partimento.sampling.engines.numba_engine import NO_LOGITS, NO_PROMPT, NumbaEngine
from partimento.sampling.pieces import new_pieces, place
from partimento.sampling.plan import Plan
from partimento.sampling.planning import make_plan
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.vocabulary import TokenArray

LegalWalk = Callable[..., TokenArray]
LogitsOf = Callable[..., Floats]


@pytest.fixture(scope="module", params=["float32", "int8"])
def engine(request: pytest.FixtureRequest, tiny_checkpoint: Path) -> NumbaEngine:
    """Both precisions."""
    return NumbaEngine(tiny_checkpoint, request.param)


@pytest.fixture(scope="module")
def alone(engine: NumbaEngine, various_plans: list[Plan]) -> list[TokenArray]:
    """Each piece decoded by itself."""
    return [engine.decode([plan], [seed])[0] for seed, plan in enumerate(various_plans)]


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("slots", [3, 64])
def test_a_piece_alone_is_the_piece_among_many(
    monkeypatch: pytest.MonkeyPatch,
    engine: NumbaEngine,
    various_plans: list[Plan],
    alone: list[TokenArray],
    threads: int,
    slots: int,
) -> None:
    monkeypatch.setattr(numba_engine, "available_cores", lambda: threads)
    monkeypatch.setattr(numba_engine, "SLOTS", slots)  # 3: pieces wait for others to leave
    together = engine.decode(various_plans, range(len(various_plans)))
    for mine, other in zip(together, alone, strict=True):
        np.testing.assert_array_equal(mine, other)
    assert len({piece.tobytes() for piece in together}) == len(together)


def test_many_pieces_of_one_plan_differ_by_their_seeds_only(engine: NumbaEngine) -> None:
    plan = make_plan(Request(bars=2))
    seeds = [5, 6, 5, 7]
    pieces = [piece.tobytes() for piece in engine.decode([plan] * 4, seeds)]
    assert pieces[0] == pieces[2]
    assert len(set(pieces)) == 3


@pytest.mark.parametrize("rows", [1, 2, 5, 7, 96])
def test_reading_many_tokens_at_once_is_reading_them_one_by_one(
    monkeypatch: pytest.MonkeyPatch,
    engine: NumbaEngine,
    legal_walk: LegalWalk,
    logits_of: LogitsOf,
    rows: int,
) -> None:
    tokens = legal_walk(11, 150)[:-1]
    expected = logits_of(engine, tokens)
    assert expected.shape == (len(tokens), v.SIZE)
    monkeypatch.setattr(numba_engine, "PREFILL_ROWS", rows)
    np.testing.assert_array_equal(logits_of(engine, tokens), expected)


def test_reading_leaves_the_state_that_decoding_leaves(tiny_checkpoint: Path) -> None:
    weights = NumbaEngine(tiny_checkpoint, "float32")._weights
    plan = make_plan(Request(bars=2, temperature=0.9))

    def batch_after(prompt: TokenArray) -> Batch:
        pieces = new_pieces([plan], 1)
        place(pieces, 0, plan, 4)
        batch = new_batch(weights, pieces, 7, 30)
        run(weights, batch, prompt, 0, NO_LOGITS, 0, 0)
        return batch

    decoded = batch_after(plan.prompt)
    assert run(weights, decoded, NO_PROMPT, 0, NO_LOGITS, 1, 30) == 1
    read = batch_after(np.concatenate([plan.prompt, decoded.tokens[0]]))
    for mine, other in zip(read.memory, decoded.memory, strict=True):
        assert np.abs(mine).max() > 0
        np.testing.assert_array_equal(mine, other)
    np.testing.assert_array_equal(read.scratch.logits[0], decoded.scratch.logits[0])
    for mine, other in zip(read.pieces.cursor, decoded.pieces.cursor, strict=True):
        np.testing.assert_array_equal(mine, other)


def test_a_shared_prompt_is_read_once_and_changes_no_piece(
    monkeypatch: pytest.MonkeyPatch, engine: NumbaEngine, legal_walk: LegalWalk
) -> None:
    primer = legal_walk(2, 120, without=(v.HOLE,))
    plans = [make_plan(Request(bars=2, temperature=t), primer) for t in (0.7, 1.0, 1.3)]
    plans.append(make_plan(Request(bars=3), primer))  # told another length: read again
    plans.append(make_plan(Request(bars=2, instruments=("oboe",)), primer))  # another ensemble
    separate = [engine.decode([plan], [seed])[0] for seed, plan in enumerate(plans)]
    read: list[int] = []

    def counted(
        weights: Weights,
        batch: Batch,
        prompt: TokenArray,
        slot: int,
        logits: Floats,
        count: int,
        steps: int,
    ) -> int:
        read.append(len(prompt))
        return run(weights, batch, prompt, slot, logits, count, steps)

    monkeypatch.setattr(numba_engine, "run", counted)
    monkeypatch.setattr(numba_engine, "available_cores", lambda: 1)
    for mine, other in zip(engine.decode(plans, range(5)), separate, strict=True):
        np.testing.assert_array_equal(mine, other)
    assert [length for length in read if length] == [len(plans[0].prompt)] * 3


def test_each_piece_starts_with_its_prompt_and_ends_with_eos(
    alone: list[TokenArray], various_plans: list[Plan]
) -> None:
    for piece, plan in zip(alone, various_plans, strict=True):
        np.testing.assert_array_equal(piece[: len(plan.prompt)], plan.prompt)
        assert piece.dtype == np.uint16
        assert piece[-1] == v.EOS
        assert (piece == v.BAR).sum() == plan.total_bars
