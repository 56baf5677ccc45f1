"""Sketches: both engines tell each token the row of its bar and slot, however pieces are read."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from partimento.model.compiled.packing import Floats
from partimento.model.latent.conditioning import INPUTS, ROWS, sketch_inputs
from partimento.model.loading import load_model
from partimento.music.sketch import WIDTH
from partimento.request.request import Request
from partimento.sampling.engine import Engine
from partimento.sampling.engines import load_engine, numba_engine
from partimento.sampling.engines.decoding import new_batch, run
from partimento.sampling.engines.numba_engine import NO_LOGITS, NO_PROMPT, NumbaEngine
from partimento.sampling.engines.told import table_rows, write_told
from partimento.sampling.pieces import new_pieces, place
from partimento.sampling.plan import Plan
from partimento.sampling.planning import make_plan
from partimento.tokenizer import cursor as c
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.features import FEATURES, SOUNDING_WIDTH, featurize
from partimento.tokenizer.token_sketches import place_tokens
from partimento.tokenizer.vocabulary import TokenArray

LegalWalk = Callable[..., TokenArray]
LogitsOf = Callable[..., Floats]

PRIMER = np.array(
    [
        *(v.BOS, v.KEY, v.METER + v.METERS.index((4, 4)), v.TEMPO + 5),
        *(v.BAR, v.INSTRUMENT + 13, v.PITCH + 72, v.DURATION + v.DURATIONS.index(96)),
        *(v.BAR, v.HOLE),
        *(v.BAR, v.INSTRUMENT + 13, v.PITCH + 76, v.DURATION + v.DURATIONS.index(96)),
    ],
    np.uint16,
)
"""Three bars of which the second is left out."""


def sketch_of(bars: int, seed: int, without: tuple[int, ...] = ()) -> Floats:
    """What is told of bars with random sketches, some of them without one."""
    rng = np.random.default_rng(seed)
    known = np.array([bar not in without for bar in range(bars)], np.bool_)
    noise = rng.uniform(0.05, 1.5, bars).astype(np.float32)
    return sketch_inputs(rng.random((bars, WIDTH), np.float32), noise, known)


@pytest.fixture(scope="module")
def hearing(save_tiny: Callable[..., Path]) -> Path:
    """A tiny checkpoint with a reader of sketches."""
    return save_tiny(sketch_width=INPUTS)


@pytest.fixture(scope="module", params=["float32", "int8"])
def engine(request: pytest.FixtureRequest, hearing: Path) -> NumbaEngine:
    """Both precisions."""
    return NumbaEngine(hearing, request.param)


@pytest.fixture(scope="module")
def plans() -> list[Plan]:
    """Pieces with sketches of various lengths and without; bars before, left out and beyond."""
    return [
        make_plan(Request(bars=3), sketch=sketch_of(3, 1)),
        make_plan(Request(bars=2)),
        make_plan(Request(bars=2, meter="3/4"), sketch=sketch_of(1, 2)),
        make_plan(Request(bars=1), PRIMER, sketch=sketch_of(4, 3, without=(0,))),
        make_plan(Request(bars=1), PRIMER, sketch=sketch_of(4, 4)),
        make_plan(Request(bars=1), PRIMER),
        make_plan(Request(bars=5, style="drums"), sketch=sketch_of(5, 5, without=(2, 3))),
    ]


@torch.inference_mode()
def reference_logits(checkpoint: Path, tokens: TokenArray, sketch: Floats) -> Floats:
    """Logits (T, V) of the torch model in one pass, its rows placed as training places them, told
    as strongly as when pieces are written."""
    ids = np.zeros((len(tokens), len(FEATURES)), np.int16)
    sounding = np.zeros((len(tokens), SOUNDING_WIDTH), np.uint8)
    featurize(c.new_cursor(), tokens, ids, sounding)
    places = place_tokens(tokens)
    rows = np.where(places.bar[:, None] >= 0, sketch[places.bar, places.slot], 0)
    inputs = (tokens.astype(np.int64), ids, sounding)
    model, _ = load_model(checkpoint)
    assert model.sketch is not None
    model.sketch.is_written = True
    logits, _ = model(
        *(torch.from_numpy(array)[None] for array in inputs), sketch=torch.from_numpy(rows)[None]
    )
    found: Floats = logits[0].numpy()
    return found


@pytest.mark.parametrize("seed", [9, 18])
@pytest.mark.parametrize(
    "kind", [{}, {"conditioning_width": None}], ids=["told its ensemble", "told sketches only"]
)
def test_logits_are_those_of_torch_in_bars_and_fillings(
    save_tiny: Callable[..., Path],
    legal_walk: LegalWalk,
    logits_of: LogitsOf,
    kind: dict[str, object],
    seed: int,
) -> None:
    checkpoint = save_tiny(sketch_width=INPUTS, **kind)
    tokens = legal_walk(seed, 400)[:-1]
    assert (tokens == v.FILL).any()
    sketch = sketch_of(int((tokens == v.BAR).sum()), seed, without=(1,))
    engine = NumbaEngine(checkpoint, "float32")
    found = logits_of(engine, tokens, sketch=sketch)
    expected = reference_logits(checkpoint, tokens, sketch)
    np.testing.assert_allclose(found, expected, rtol=0, atol=3e-4)
    assert np.abs(found - logits_of(engine, tokens)).max() > 0.1


def test_bars_beyond_the_sketch_are_told_nothing(
    hearing: Path, legal_walk: LegalWalk, logits_of: LogitsOf
) -> None:
    tokens = legal_walk(9, 300)[:-1]
    bars = int((tokens == v.BAR).sum())
    whole = np.zeros((bars, ROWS, INPUTS), np.float32)
    whole[:2] = sketch_of(2, 1)
    engine = NumbaEngine(hearing, "float32")
    np.testing.assert_array_equal(
        logits_of(engine, tokens, sketch=whole[:2]), logits_of(engine, tokens, sketch=whole)
    )


@pytest.mark.parametrize("rows", [1, 7])
def test_reading_many_tokens_at_once_is_reading_them_one_by_one(
    monkeypatch: pytest.MonkeyPatch,
    engine: NumbaEngine,
    legal_walk: LegalWalk,
    logits_of: LogitsOf,
    rows: int,
) -> None:
    tokens = legal_walk(11, 150)[:-1]
    sketch = sketch_of(int((tokens == v.BAR).sum()), 0)
    expected = logits_of(engine, tokens, sketch=sketch)
    monkeypatch.setattr(numba_engine, "PREFILL_ROWS", rows)
    np.testing.assert_array_equal(logits_of(engine, tokens, sketch=sketch), expected)


def test_reading_leaves_the_state_that_decoding_leaves(engine: NumbaEngine) -> None:
    weights = engine._weights
    plan = make_plan(Request(bars=2), sketch=sketch_of(2, 6))

    def read(prompt: TokenArray) -> tuple[Floats, TokenArray]:
        """The logits after a prompt, and what is written then."""
        pieces = new_pieces([plan], 1)
        place(pieces, 0, plan, 4)
        batch = new_batch(weights, pieces, 7, 30, table_rows(plan))
        batch.told_rows[0] = write_told(weights, engine._reader, plan, batch.told[0])
        run(weights, batch, prompt, 0, NO_LOGITS, 0, 0)
        if len(prompt) == len(plan.prompt):
            assert run(weights, batch, NO_PROMPT, 0, NO_LOGITS, 1, 30) == 1
        return batch.scratch.logits[0], batch.tokens[0]

    decoded, tokens = read(plan.prompt)
    assert (tokens == v.BAR).any()
    again, _ = read(np.concatenate([plan.prompt, tokens]))
    np.testing.assert_array_equal(again, decoded)


@pytest.mark.parametrize("slots", [2, 64])
def test_a_piece_alone_is_the_piece_among_many(
    monkeypatch: pytest.MonkeyPatch, engine: NumbaEngine, plans: list[Plan], slots: int
) -> None:
    alone = [engine.decode([plan], [seed])[0] for seed, plan in enumerate(plans)]
    monkeypatch.setattr(numba_engine, "SLOTS", slots)  # 2: a table is written over another's
    for threads in (1, 2):
        monkeypatch.setattr(numba_engine, "available_cores", lambda threads=threads: threads)
        together = engine.decode(plans, range(len(plans)))
        for mine, other in zip(together, alone, strict=True):
            np.testing.assert_array_equal(mine, other)


def test_int8_logits_are_near_those_of_float32(
    hearing: Path, legal_walk: LegalWalk, logits_of: LogitsOf
) -> None:
    tokens = legal_walk(1, 200)[:-1]
    sketch = sketch_of(int((tokens == v.BAR).sum()), 0)
    wide, narrow = (
        logits_of(NumbaEngine(hearing, precision), tokens, sketch=sketch)
        for precision in ("float32", "int8")
    )
    assert 0 < np.abs(wide - narrow).mean() < 0.05 * wide.std()


@pytest.mark.slow
def test_greedy_pieces_are_the_same_from_both_engines_whole_and_streamed(
    hearing: Path, plans: list[Plan]
) -> None:
    greedy = [plan._replace(temperatures=np.zeros_like(plan.temperatures)) for plan in plans]
    engines: list[Engine] = [load_engine(hearing, name, "float32") for name in ("numba", "torch")]
    mine, other = (engine.decode(greedy, range(len(plans))) for engine in engines)
    for one, two, plan in zip(mine, other, greedy, strict=True):
        np.testing.assert_array_equal(one, two)
        assert (one == v.BAR).sum() == plan.total_bars
    for engine in engines:
        streamed = np.concatenate(list(engine.stream(greedy[4], 4)))
        np.testing.assert_array_equal(streamed, mine[4])
    assert not np.array_equal(mine[4], mine[5])


def test_a_prompt_is_shared_by_pieces_whose_sketches_differ_after_it_only(
    monkeypatch: pytest.MonkeyPatch, engine: NumbaEngine
) -> None:
    same = sketch_of(4, 1)
    later, earlier = same.copy(), same.copy()
    later[3], earlier[0] = sketch_of(1, 2), sketch_of(1, 2)
    plans = [make_plan(Request(bars=1), PRIMER, sketch=s) for s in (same, later, earlier, None)]
    keys = [plan.prompt_key() for plan in plans]
    assert keys[0] == keys[1]
    assert len(set(keys)) == 3
    alone = [engine.decode([plan], [9])[0] for plan in plans]
    monkeypatch.setattr(numba_engine, "available_cores", lambda: 1)
    for mine, other in zip(engine.decode(plans, [9] * 4), alone, strict=True):
        np.testing.assert_array_equal(mine, other)
    assert len({piece.tobytes() for piece in alone}) == 4


@pytest.mark.parametrize("name", ["numba", "torch"])
def test_a_sketch_for_a_checkpoint_without_an_ear_for_it_is_refused(
    tiny_checkpoint: Path, name: str
) -> None:
    engine = load_engine(tiny_checkpoint, name)  # type: ignore[arg-type]  # one of the names
    plan = make_plan(Request(bars=1), sketch=sketch_of(1, 0))
    with pytest.raises(ValueError, match="this checkpoint was trained without sketches; leave"):
        engine.decode([plan], [0])
    with pytest.raises(ValueError, match="this checkpoint was trained without sketches; leave"):
        list(engine.stream(plan, 0))


def test_a_plan_takes_a_sketch_of_at_most_its_bars_and_of_the_right_shape() -> None:
    assert len(make_plan(Request(bars=2)).sketch) == 0
    assert len(make_plan(Request(bars=1), PRIMER, sketch=sketch_of(4, 0)).sketch) == 4
    with pytest.raises(ValueError, match=r"up to 2 bars, 17, 287\), got \(3, 17, 287\); make it"):
        make_plan(Request(bars=2), sketch=sketch_of(3, 0))
    with pytest.raises(ValueError, match=r"got \(1, 5, 2\)"):
        make_plan(Request(bars=2), sketch=np.zeros((1, 5, 2), np.float32))
