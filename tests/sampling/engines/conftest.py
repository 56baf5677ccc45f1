"""Plans of many kinds, and the numba engine's logits."""

from collections.abc import Callable

import numpy as np
import pytest

from partimento.model.compiled.packing import Floats
from partimento.request.request import Request
from partimento.sampling.engines import numba_engine
from partimento.sampling.engines.decoding import new_batch, run
from partimento.sampling.engines.numba_engine import NumbaEngine
from partimento.sampling.engines.told import table_rows, write_told
from partimento.sampling.pieces import new_pieces, place
from partimento.sampling.plan import Plan
from partimento.sampling.planning import make_plan
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.conditioning import Vector
from partimento.tokenizer.vocabulary import TokenArray

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

    An EOS at the end is not read. `total_bars` is the length that the model is told (0: not told),
    `told` (C,) what else it is told of the piece, `sketch` (B, ROWS, INPUTS) of its bars.
    """

    def read(
        engine: NumbaEngine,
        tokens: TokenArray,
        total_bars: int = 0,
        told: Vector | None = None,
        sketch: Floats | None = None,
    ) -> Floats:
        plan = make_plan(Request(bars=1), tokens, sketch=sketch)._replace(total_bars=total_bars)
        if told is not None:
            plan = plan._replace(told=told[None])
        pieces = new_pieces([plan], 1)
        place(pieces, 0, plan, 0)
        rows = min(numba_engine.PREFILL_ROWS, len(plan.prompt))
        found = np.zeros((len(plan.prompt), v.SIZE), np.float32)
        weights = engine._weights
        batch = new_batch(weights, pieces, rows, 0, table_rows(plan))
        batch.told_rows[0] = write_told(weights, engine._reader, plan, batch.told[0])
        run(weights, batch, plan.prompt, 0, found, 0, 0)
        return found

    return read
