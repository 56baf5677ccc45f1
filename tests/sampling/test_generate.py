"""Pieces say what they took: their own time, and the tokens that were written for them."""

import time
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from partimento.request.request import Request
from partimento.sampling.engine import OnBar
from partimento.sampling.generate import generate
from partimento.sampling.plan import Plan
from partimento.sampling.primer import make_primer
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.decoding import decode
from partimento.tokenizer.vocabulary import TokenArray

BAR = (v.BAR, v.INSTRUMENT, v.PITCH + 60, v.DURATION + v.DURATIONS.index(96))
HEADER = (v.METER + v.METERS.index((4, 4)), v.TEMPO + 5)
PRIMER = make_primer(decode(np.array([v.BOS, *HEADER, *BAR, *BAR, v.EOS], np.uint16)))


class OneAfterTheOther:
    """Writes a bar for each plan, and takes a while longer for each."""

    name, checkpoint, precision = "one after the other", "none", "float32"
    known = None

    def decode(
        self,
        plans: Sequence[Plan],
        seeds: Sequence[int],
        on_bar: OnBar | None = None,
        should_stop: Callable[[], bool] | None = None,
    ) -> list[TokenArray]:
        assert on_bar is not None
        pieces = []
        for index, plan in enumerate(plans):
            on_bar(index, 0)
            time.sleep(0.02 * (index + 1))
            on_bar(index, 1)
            header = HEADER if len(plan.prompt) == 1 else ()
            pieces.append(np.array([*plan.prompt, *header, *BAR, v.EOS], np.uint16))
        return pieces

    def stream(self, plan: Plan, seed: int) -> Iterator[TokenArray]:
        raise NotImplementedError


def test_each_piece_has_its_own_decode_time() -> None:
    heard: list[tuple[int, int]] = []
    start = time.perf_counter()
    pieces = generate(
        [Request(bars=1, seed=1)] * 3,
        OneAfterTheOther(),
        on_bar=lambda piece, bars: heard.append((piece, bars)),
    )
    elapsed = time.perf_counter() - start
    for index, piece in enumerate(pieces):
        assert piece.decode_seconds >= 0.02 * (index + 1)
    assert sum(piece.decode_seconds for piece in pieces) <= elapsed
    assert heard == [(0, 1), (1, 1), (2, 1)]  # nobody hears of a piece that has begun


def test_a_primer_is_no_new_tokens() -> None:
    (piece,) = generate([Request(bars=1, seed=1)], OneAfterTheOther())
    assert piece.new_tokens == len(HEADER) + len(BAR) + 1
    (piece,) = generate([Request(bars=1, seed=1)], OneAfterTheOther(), PRIMER)
    assert piece.new_tokens == len(BAR) + 1
    assert len(piece.tokens) == len(PRIMER.tokens) + len(BAR) + 1
