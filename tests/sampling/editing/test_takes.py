"""Of several takes the one is kept behind which what follows costs least."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import numpy.typing as npt
import pytest

from partimento.music.score import Score
from partimento.request.request import Request
from partimento.sampling.draw import derive_seed
from partimento.sampling.editing.takes import (
    as_it_stands,
    best_take,
    cost_behind,
    seeds_of,
    without_stop,
)
from partimento.sampling.editing.tasks import Task
from partimento.sampling.editing.windows import Context, Window, open_window
from partimento.sampling.engine import Engine, OnBar
from partimento.sampling.plan import Plan
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.encoding import encode
from partimento.tokenizer.loading import fit_score
from partimento.tokenizer.vocabulary import TokenArray

IN_PLACE = Context(takes=3)


class Judge:
    """Finds everything as dear as the last pitch before it is high."""

    name, checkpoint, precision, reads_sketches, known = "judge", "0", "float32", False, None

    def decode(
        self,
        plans: Sequence[Plan],
        seeds: Sequence[int],
        on_bar: OnBar | None = None,
        should_stop: Callable[[], bool] | None = None,
    ) -> list[TokenArray]:
        raise NotImplementedError

    def nats(self, plan: Plan, tokens: TokenArray) -> npt.NDArray[np.float64]:
        pitches = [t - v.PITCH for t in plan.prompt.tolist() if v.PITCH <= t < v.DURATION]
        return np.full(len(tokens) - len(plan.prompt), float(pitches[-1]))

    def stream(self, plan: Plan, seed: int) -> Iterator[TokenArray]:
        raise NotImplementedError


@pytest.fixture
def window(quartet: Score) -> Window:
    """Bars 4 and 5 of eight, in their place."""
    return open_window(quartet, Task("fill", (3, 4)), Request(), IN_PLACE)


def test_what_is_judged_is_the_piece_as_it_is_encoded(quartet: Score, window: Window) -> None:
    whole = encode(fit_score(quartet, "").score).tokens
    bars = np.flatnonzero(whole == v.BAR)
    stands = without_stop(as_it_stands(window), window)
    assert stands.tolist() == [*whole[: bars[5]].tolist(), v.EOS]
    assert [*window.behind] == whole[bars[5] : bars[6]].tolist()


def test_what_is_written_in_its_place_is_stopped_behind_it(engine: Engine, window: Window) -> None:
    [tokens] = engine.decode([window.plan], [1])
    assert (tokens == v.BAR).sum() == 6
    assert tokens[-2:].tolist() == [v.BAR, v.EOS]
    assert (without_stop(tokens, window) == v.BAR).sum() == 5
    assert window.plan.total_bars == 8


def test_the_end_of_a_piece_is_written_to_its_end(quartet: Score, engine: Engine) -> None:
    last = open_window(quartet, Task("fill", (6, 7)), Request(), IN_PLACE)
    [tokens] = engine.decode([last.plan], [1])
    assert (tokens == v.BAR).sum() == 8
    assert without_stop(tokens, last) is tokens
    assert best_take([tokens, tokens[:3]], last, Judge()) is tokens


def test_bars_apart_are_left_out_as_ever(quartet: Score) -> None:
    apart = open_window(quartet, Task("fill", (1, 4)), Request(), IN_PLACE)
    assert (apart.plan.prompt == v.HOLE).sum() == 2


def test_the_cheapest_take_is_kept(window: Window) -> None:
    def take(pitch: int) -> TokenArray:
        new = [v.BAR, v.INSTRUMENT, v.PITCH + pitch, v.DURATION, v.BAR, v.EOS]
        return np.array([*window.plan.prompt.tolist(), *new], np.uint16)

    takes = [take(70), take(50), take(60)]
    assert best_take(takes, window, Judge()) is takes[1]
    notes = sum(v.PITCH <= token < v.DURATION for token in window.behind)
    assert cost_behind(takes[0], window, Judge()) == 70 * len(window.behind) / notes


def test_the_first_take_has_the_seed_of_one_alone() -> None:
    assert seeds_of(7, 1) == [7]
    assert seeds_of(7, 3) == [7, derive_seed(7, 1), derive_seed(7, 2)]
