"""Jobs: what a given sketch says of a request that leaves it open."""

from dataclasses import replace

import numpy as np

from partimento.music.sketch import WIDTH, Sketch
from partimento.request.request import Request
from partimento.sampling.jobs import fitted, job_of
from partimento.tokenizer import vocabulary as v


def sketch(*meters: tuple[int, int]) -> Sketch:
    return Sketch.of_values(np.zeros((len(meters), WIDTH), np.float32), meters)


def test_a_sketch_says_how_long_a_piece_is_and_in_which_meter() -> None:
    request = fitted(Request(), sketch(*[(3, 4)] * 5))
    assert (request.bars, str(request.meter)) == (5, "3/4")
    asked = Request(bars=9, meter="6/8")
    assert fitted(asked, sketch((3, 4))) == asked
    assert fitted(Request(), sketch((7, 8))).meter is None


def test_bars_change_their_meter_where_the_sketch_does() -> None:
    plan = job_of(Request(seed=1), None, sketch((4, 4), (3, 4), (3, 4), (4, 4))).plan
    tokens = [
        plan.forced[first:end].tolist()
        for first, end in zip(plan.forced_starts[:-1], plan.forced_starts[1:], strict=True)
    ]
    three, four = (v.METER + v.METERS.index(meter) for meter in ((3, 4), (4, 4)))
    assert tokens == [[], [three], [], [four]]
    assert plan.header[2] == four - v.METER


def test_words_of_a_prompt_for_texture_ask_for_no_sketch_by_themselves() -> None:
    said = Request(seed=1, density=0.2, prompt="a sparse piece")
    assert not job_of(said).is_asked
    assert job_of(replace(said, prompt=None)).is_asked
    assert job_of(replace(said, follow=0.5)).is_asked
    assert not job_of(Request(seed=1)).is_asked
