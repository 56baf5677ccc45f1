"""What the decoder is told of a sketch: by slot, by bar, and nothing where there is none."""

import numpy as np
import pytest
import torch

from partimento.model.latent.conditioning import (
    AHEAD,
    INPUTS,
    KNOWN,
    LEVEL,
    LOUDER,
    NEXT,
    ROWS,
    WHOLE,
    sketch_inputs,
    sketch_rows,
)
from partimento.model.latent.sketch_reader import SketchReader
from partimento.music.sketch import LANES, ONSETS, SLOTS, WIDTH, Floats

BARS = 5


@pytest.fixture(scope="module")
def values() -> Floats:
    return np.random.default_rng(0).random((BARS, WIDTH), np.float32)


def told(values: Floats, known: list[bool] | None = None, noise: float = 0.4) -> Floats:
    flags = np.array(known or [True] * BARS)
    return sketch_inputs(values, np.full(BARS, noise, np.float32), flags)


def test_each_slot_is_told_itself_and_the_three_after_it(values: Floats) -> None:
    inputs = told(values)
    assert inputs.shape == (BARS, ROWS, INPUTS)
    onsets = values[:, :ONSETS].reshape(BARS, SLOTS, LANES)
    for bar in range(BARS):
        for slot in range(ROWS):
            for ahead in range(AHEAD):
                found = inputs[bar, slot, ahead * LANES : (ahead + 1) * LANES]
                inside = slot + ahead < SLOTS
                expected = onsets[bar, slot + ahead] if inside else np.zeros(LANES)
                assert (found == expected).all()


def test_each_slot_is_told_how_the_next_bar_begins(values: Floats) -> None:
    inputs = told(values)
    onsets = values[:, :ONSETS].reshape(BARS, SLOTS, LANES)
    for bar in range(BARS - 1):
        expected = onsets[bar + 1, :AHEAD].ravel()
        assert (inputs[bar, :, NEXT:WHOLE] == expected).all()
    assert not inputs[-1, :, NEXT:WHOLE].any()
    assert inputs[:, 0, KNOWN + 1].tolist() == [1, 1, 1, 1, 0]


def test_each_slot_is_told_the_rest_of_its_bar(values: Floats) -> None:
    inputs = told(values)
    assert (inputs[:, :, WHOLE:LEVEL] == values[:, None, ONSETS:]).all()
    assert (inputs[..., KNOWN] == 1).all()


def test_the_noise_level_runs_from_minus_one_to_one(values: Floats) -> None:
    for noise, expected in ((0.0, -1), (0.05, -1), (np.sqrt(0.05 * 1.5), 0), (1.5, 1), (4.0, 1)):
        assert told(values, noise=noise)[..., LEVEL] == pytest.approx(expected, abs=1e-5)


def test_a_bar_without_a_sketch_is_told_nothing(values: Floats) -> None:
    inputs = told(values, [True, False, False, True, False])
    assert not inputs[1].any()
    assert not inputs[0, :, NEXT:WHOLE].any()
    # The bar before one with a sketch is told how that begins.
    assert not inputs[2, :, :NEXT].any()
    assert inputs[2, :, NEXT:WHOLE].any(1).all()
    assert inputs[:, 0, KNOWN:].tolist() == [[1, 0], [0, 0], [0, 1], [1, 0], [0, 0]]


def test_bars_may_follow_one_another_in_any_way(values: Floats) -> None:
    following = np.array([3, -1, 1, 2, 4])
    flags = np.ones(BARS, np.bool_)
    inputs = sketch_inputs(values, np.full(BARS, 0.4, np.float32), flags, following)
    onsets = values[:, :ONSETS].reshape(BARS, SLOTS, LANES)
    assert (inputs[0, 0, NEXT:WHOLE] == onsets[3, :AHEAD].ravel()).all()
    assert not inputs[1, 0, NEXT:WHOLE].any()


def test_the_readers_of_numpy_and_torch_agree_and_add_nothing_without_a_sketch(
    values: Floats,
) -> None:
    torch.manual_seed(0)
    reader = SketchReader(24, 16)
    inputs = told(values, [True, True, False, False, False])
    torch.nn.init.normal_(reader.last.weight)
    torch.nn.init.normal_(reader.last.bias)
    weights = {name: tensor.numpy() for name, tensor in reader.state_dict().items()}
    rows = sketch_rows(inputs, weights)
    expected = reader(torch.from_numpy(inputs)).detach().numpy()
    assert np.abs(rows - expected).max() < 1e-5
    assert rows[:2].any()
    assert (rows[2:] == 0).all()


def test_a_fresh_reader_adds_nothing(values: Floats) -> None:
    assert not SketchReader(24)(torch.from_numpy(told(values))).any()


def test_no_bars_make_no_rows() -> None:
    none = sketch_inputs(
        np.zeros((0, WIDTH), np.float32), np.zeros(0, np.float32), np.zeros(0, bool)
    )
    assert none.shape == (0, ROWS, INPUTS)


@pytest.mark.parametrize(
    ("noise", "gain"), [(0.05, 1 + LOUDER), (0.1, 1.74), (np.sqrt(0.05 * 1.5), 1.0), (1.5, 1.0)]
)
def test_a_sketch_that_is_followed_closely_counts_more_when_pieces_are_written(
    values: Floats, noise: float, gain: float
) -> None:
    reader = SketchReader(24, hidden=8)
    with torch.no_grad():
        reader.last.weight.normal_()
    weights = {name: tensor.detach().numpy() for name, tensor in reader.state_dict().items()}
    inputs = sketch_inputs(
        values, np.full(len(values), noise, np.float32), np.ones(len(values), bool)
    )
    plain, louder = sketch_rows(inputs, weights), sketch_rows(inputs, weights, is_written=True)
    np.testing.assert_allclose(louder, gain * plain, rtol=0.01, atol=1e-5)
    reader.is_written = True
    by_torch = reader(torch.from_numpy(inputs)).detach().numpy()
    np.testing.assert_allclose(by_torch, louder, rtol=1e-3, atol=1e-5)
