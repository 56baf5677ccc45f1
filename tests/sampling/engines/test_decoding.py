"""What both engines owe who calls them: reports of bars, a way to stop, errors that say where."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch

from partimento.model.checkpoint import save_checkpoint
from partimento.model.loading import load_model
from partimento.request.request import Request
from partimento.sampling.choice import MAX_BAR_TOKENS, choose_tokens, read_tokens
from partimento.sampling.engine import Engine
from partimento.sampling.engines import load_engine
from partimento.sampling.engines.numba_engine import CALL_TOKENS
from partimento.sampling.pieces import COUNTERS, LOOP, STEP_TOKENS, Piece, new_pieces, place
from partimento.sampling.plan import Plan
from partimento.sampling.planning import make_plan
from partimento.tokenizer import cursor as c
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.features import FEATURES, SOUNDING_WIDTH


@pytest.fixture(scope="module", params=["numba", "torch"])
def engine(request: pytest.FixtureRequest, tiny_checkpoint: Path) -> Engine:
    """Both engines."""
    return load_engine(tiny_checkpoint, request.param)


def test_every_finished_bar_is_reported_once(engine: Engine, various_plans: list[Plan]) -> None:
    heard: Counter[int] = Counter()
    begun: list[int] = []

    def on_bar(piece: int, bars: int) -> None:
        heard[piece] += bars
        if bars == 0:
            begun.append(piece)

    engine.decode(various_plans, range(len(various_plans)), on_bar)
    assert dict(heard) == {i: len(p.rule_of) for i, p in enumerate(various_plans)}
    assert sorted(begun) == list(range(len(various_plans)))


def test_stopped_pieces_end_where_they_are_and_hold_what_was_reported(
    engine: Engine,
) -> None:
    plan = make_plan(Request(bars=40))
    heard: Counter[int] = Counter()

    def on_bar(piece: int, bars: int) -> None:
        heard[piece] += bars

    stopped = engine.decode([plan] * 3, [1, 2, 3], on_bar, lambda: sum(heard.values()) >= 4)
    whole = engine.decode([plan] * 3, [1, 2, 3])
    assert sum(heard.values()) >= 4
    for index, (part, piece) in enumerate(zip(stopped, whole, strict=True)):
        assert v.EOS not in part
        np.testing.assert_array_equal(part, piece[: len(part)])
        # The last bar is open; another thread may have finished more than was still heard.
        assert heard[index] <= max((part == v.BAR).sum() - 1, 0)


def test_a_stop_is_seen_after_a_few_tokens(engine: Engine) -> None:
    (piece,) = engine.decode([make_plan(Request(bars=40))], [0], None, lambda: True)
    assert piece[0] == v.BOS
    assert len(piece) <= 1 + CALL_TOKENS
    assert v.EOS not in piece


@pytest.mark.parametrize("count", [1, 3])
def test_weights_that_are_not_numbers_end_in_an_error_that_says_where(
    tiny_checkpoint: Path, tmp_path: Path, engine: Engine, count: int
) -> None:
    """A model that says nan leaves no token possible, in the calling thread or another."""
    model, _ = load_model(tiny_checkpoint)
    with torch.no_grad():
        model.head.weight.fill_(3e38)  # finite, but its products are not
    path = tmp_path / "broken.safetensors"
    save_checkpoint(path, model)
    broken = load_engine(path, engine.name, "float32")  # type: ignore[arg-type]  # a plain text
    plan = make_plan(Request(bars=2, meter="3/4"))
    with pytest.raises(RuntimeError, match=r"no token is possible: after BOS, bar 0 of 2, tick 0"):
        broken.decode([plan] * count, range(count))


class Slot:
    """One piece, with a hand on its logits."""

    def __init__(self, request: Request) -> None:
        self.plan = make_plan(request)
        self.pieces: Piece = new_pieces([self.plan], 1)
        place(self.pieces, 0, self.plan, 7)
        self.take(v.BOS)

    def choose(self, logits: np.ndarray[tuple[int], np.dtype[np.float32]]) -> int:
        """What is chosen from logits (V,)."""
        tokens = np.zeros(1, np.int64)
        mask = np.zeros(v.SIZE, np.uint8)
        choose_tokens(self.pieces, np.zeros(1, np.int64), logits[None].copy(), mask, tokens)
        return int(tokens[0])

    def take(self, token: int) -> None:
        """Read a token."""
        ids = np.zeros((1, len(FEATURES)), np.int16)
        sounding = np.zeros((1, SOUNDING_WIDTH), np.uint8)
        slots, tokens = np.zeros(1, np.int64), np.full(1, token, np.int64)
        read_tokens(self.pieces, slots, tokens, ids, sounding)

    def write(self, *tokens: int) -> None:
        """Read tokens."""
        for token in tokens:
            self.take(token)


HEADER = (v.METER + 2, v.TEMPO + 5)
PIANO = v.INSTRUMENT + 0
EIGHTH = v.DURATION + v.DURATIONS.index(12)


def favour(*tokens: int) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    """Logits (V,) by which the first token is the likeliest, then the second."""
    logits = np.zeros(v.SIZE, np.float32)
    for place_, token in enumerate(tokens):
        logits[token] = 60.0 - 10.0 * place_
    return logits


def chosen_in_a_loop(request: Request) -> set[int]:
    """What is chosen forty times after six equal bars, where one pitch is a little likelier."""
    slot = Slot(request)
    slot.write(*HEADER)
    loops = []
    for _ in range(6):
        slot.write(v.BAR, PIANO, v.PITCH + 60, EIGHTH)
        loops.append(int(slot.pieces.counters[0, LOOP]))
    # A bar is compared when the next one opens: at the fourth BAR three equal ones are behind.
    assert loops == [0, 0, 0, 1, 2, 3]
    slot.write(v.BAR, PIANO)
    logits = np.zeros(v.SIZE, np.float32)
    logits[v.PITCH + 60] = 1.0
    return {slot.choose(logits) for _ in range(40)}


def test_a_loop_of_one_bar_is_left() -> None:
    # At this temperature alone it would be PITCH 60 for ever.
    assert len(chosen_in_a_loop(Request(bars=20, temperature=0.01))) > 3


@pytest.mark.parametrize(
    "request_",
    [
        Request(bars=20, temperature=0.0),
        Request(bars=20, top_k=1),
        Request(bars=20, temperature=0.01, allow_loops=True),
    ],
)
def test_greedy_choices_and_loops_that_are_allowed_are_left_alone(request_: Request) -> None:
    assert chosen_in_a_loop(request_) == {v.PITCH + 60}


def test_a_loop_of_two_bars_is_heard_and_ends_with_another_bar() -> None:
    slot = Slot(Request(bars=20))
    slot.write(*HEADER)
    loops = []
    for number in range(9):
        slot.write(v.BAR, PIANO, v.PITCH + 60 + number % 2, EIGHTH)
        loops.append(int(slot.pieces.counters[0, LOOP]))
    assert loops == [0, 0, 0, 0, 0, 0, 1, 1, 2]
    slot.write(v.BAR, PIANO, v.PITCH + 70, EIGHTH, v.BAR)
    assert slot.pieces.counters[0, LOOP] == 0


def test_repetition_that_is_no_loop_is_left_alone() -> None:
    slot = Slot(Request(bars=20, temperature=0.0))
    slot.write(*HEADER)
    for number in range(12):  # A A B A A B ...
        slot.write(v.BAR, PIANO, v.PITCH + 60 + (number % 3 == 2), EIGHTH)
        assert slot.pieces.counters[0, LOOP] == 0
    assert {slot.choose(favour(v.PITCH + 60)) for _ in range(20)} == {v.PITCH + 60}


def test_a_bar_of_too_many_tokens_must_end() -> None:
    slot = Slot(Request(bars=3, temperature=0.0))
    slot.write(*HEADER, v.BAR, PIANO, v.PITCH + 64, EIGHTH)
    wishes = favour(v.PITCH + 60, v.BAR)
    assert slot.choose(wishes) == v.PITCH + 60
    slot.pieces.counters[0, STEP_TOKENS] = MAX_BAR_TOKENS
    assert slot.choose(wishes) == v.BAR
    slot.write(v.PITCH + 60)  # an open event is closed first
    assert v.DURATION <= slot.choose(wishes) < v.REST


def test_forced_tokens_come_right_after_the_bar_and_cost_no_random_number() -> None:
    slot = Slot(Request(bars=2, chords="C:2 G:2", meter="4/4"))
    slot.write(*HEADER)
    slot.write(v.BAR)
    before = slot.pieces.random[0].copy()
    forced = []
    for _ in range(len(slot.plan.forced) // 2):
        forced.append(slot.choose(favour(PIANO)))
        slot.take(forced[-1])
    assert [v.name(token) for token in forced] == [
        v.name(token) for token in slot.plan.forced[: len(forced)]
    ]
    np.testing.assert_array_equal(slot.pieces.random[0], before)
    assert slot.choose(favour(PIANO)) == PIANO
    assert slot.pieces.random[0] != before


def test_a_new_piece_in_a_used_slot_starts_from_nothing(tiny_checkpoint: Path) -> None:
    plans = [make_plan(Request(bars=2)), make_plan(Request(bars=1, chords="Am F"))]
    used, fresh = new_pieces(plans, 1), new_pieces(plans, 1)
    place(used, 0, plans[1], 3)
    tokens = load_engine(tiny_checkpoint).decode([plans[1]], [3])[0].astype(np.int64)
    ids = np.zeros((len(tokens), len(FEATURES)), np.int16)
    sounding = np.zeros((len(tokens), SOUNDING_WIDTH), np.uint8)
    read_tokens(used, np.zeros(len(tokens), np.int64), tokens, ids, sounding)
    assert used.cursor.scalars[0, c.PHASE] == c.DONE
    for pieces in (used, fresh):
        place(pieces, 0, plans[0], 9)
    assert used.counters.shape == (1, len(COUNTERS))
    walks = []
    for pieces in (used, fresh):
        place(pieces, 0, plans[0], 9)
        read_tokens(pieces, np.zeros(len(tokens), np.int64), tokens, ids, sounding)
        counts = (pieces.counters.copy(), pieces.hashes.copy(), pieces.heard.copy())
        walks.append((ids.copy(), sounding.copy(), *counts))
    for mine, other in zip(*walks, strict=True):
        np.testing.assert_array_equal(mine, other)


def test_memory_does_not_grow_with_the_length(
    tiny_checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from partimento.sampling.engines import numba_engine
    from partimento.sampling.engines.decoding import Batch, new_batch

    made: list[Batch] = []

    def noted(*arguments: object) -> Batch:
        made.append(new_batch(*arguments))  # type: ignore[arg-type]  # passed on
        return made[-1]

    monkeypatch.setattr(numba_engine, "new_batch", noted)
    engine = load_engine(tiny_checkpoint)
    lengths = [len(engine.decode([make_plan(Request(bars=bars))], [1])[0]) for bars in (2, 60)]
    assert lengths[1] > 8 * lengths[0]
    short, long = (
        sum(array.nbytes for array in (*batch.memory, *batch.scratch, *batch.pieces.cursor))
        for batch in made
    )
    assert short == long
