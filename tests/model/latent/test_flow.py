"""The flow: numpy and torch agree, given bars are kept, any length can be drawn."""

from pathlib import Path

import numpy as np
import pytest
import torch

from partimento.model.latent.flow import Flow, FlowConfig, Given, Objective
from partimento.model.latent.flow_conditions import (
    MAX_LEFT,
    TOLD,
    Conditions,
    tell,
    tell_places,
)
from partimento.model.latent.flow_network import FlowNetwork
from partimento.model.latent.flow_sampling import SamplingConfig, sample
from partimento.model.latent.weights import pack_part
from partimento.music.attributes import ATTRIBUTES

TINY = FlowConfig(latent=5, width=12, layers=2, heads=3, bars=8)
WALTZ = Conditions(style=0, key=3, meter=1, tempo=7, instruments=(0, 9), attributes={"leaps": 0.7})


def network_of(config: FlowConfig) -> FlowNetwork:
    """A network none of whose weights is zero."""
    torch.manual_seed(2)
    network = FlowNetwork(config)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.copy_(torch.randn_like(parameter) * 0.25)
    return network.eval()


@pytest.fixture(scope="module")
def flow() -> Flow:
    return Flow(TINY, network_of(TINY).arrays())


def test_numpy_and_torch_predict_alike() -> None:
    network = network_of(TINY)
    flow = Flow(TINY, network.arrays())
    rng = np.random.default_rng(0)
    x, vectors = rng.standard_normal((2, 2, 6, 5), np.float32)
    known = rng.random((2, 6)) < 0.4
    told = tell([WALTZ, Conditions(attributes={"density": 0.1})])
    places = tell_places(np.array([0, 30]), np.array([6, 0]), 6)
    found = flow.predict(x, 0.3, told, places, Given(vectors, known))
    expected = network(
        torch.from_numpy(x),
        torch.full((2,), 0.3),
        *(torch.from_numpy(a) for a in (told.tables, told.numbers, places, vectors, known)),
        torch.zeros(2, 6, dtype=torch.bool),
    )
    assert np.abs(found - expected.detach().numpy()).max() < 1e-5


def test_bars_that_are_absent_change_nothing() -> None:
    network = network_of(TINY)
    rng = np.random.default_rng(1)
    x = torch.from_numpy(rng.standard_normal((1, 8, 5), np.float32))
    told = tell([WALTZ])
    places = tell_places(np.array([0]), np.array([5]), 8)
    arrays = [torch.from_numpy(a) for a in (told.tables, told.numbers, places)]
    nothing = (torch.zeros(1, 8, 5), torch.zeros(1, 8, dtype=torch.bool))
    absent = torch.arange(8)[None] >= 5
    time = torch.full((1,), 0.6)
    first = network(x, time, *arrays, *nothing, absent)[:, :5]
    x[:, 5:] = 9
    second = network(x, time, *arrays, *nothing, absent)[:, :5]
    assert (first - second).abs().max() < 1e-6


@pytest.mark.parametrize("objective", ["flow", "diffusion"])
def test_given_bars_are_kept_bit_for_bit(objective: Objective) -> None:
    config = FlowConfig(latent=5, width=12, layers=2, heads=3, bars=8, objective=objective)
    flow = Flow(config, network_of(config).arrays())
    rng = np.random.default_rng(0)
    given = rng.standard_normal((21, 5), np.float32)
    known = rng.random(21) < 0.5
    drawn = sample(flow, WALTZ, 21, rng, SamplingConfig(steps=3), given, known)
    assert (drawn[known] == given[known]).all()
    assert (drawn[~known] != given[~known]).all()
    assert np.isfinite(drawn).all()


def test_a_piece_all_of_whose_bars_are_given_is_not_drawn(flow: Flow) -> None:
    given = np.random.default_rng(0).standard_normal((11, 5), np.float32)
    assert (sample(flow, WALTZ, 11, np.random.default_rng(1), given=given) == given).all()


def test_the_given_bars_bear_upon_the_others(flow: Flow) -> None:
    known = np.arange(8) < 4
    config = SamplingConfig(steps=3)
    vectors = [np.full((8, 5), level, np.float32) for level in (-2, 2)]
    first, second = (
        sample(flow, WALTZ, 8, np.random.default_rng(3), config, given, known) for given in vectors
    )
    assert np.abs(first[4:] - second[4:]).max() > 1e-3


@pytest.mark.parametrize("bars", [1, 7, 8, 9, 12, 13, 40])
def test_a_piece_of_any_length_can_be_drawn(bars: int, flow: Flow) -> None:
    drawn = sample(flow, WALTZ, bars, np.random.default_rng(0), SamplingConfig(steps=2))
    assert drawn.shape == (bars, 5)
    assert drawn.any(1).all()


def test_the_same_seed_draws_the_same_piece(flow: Flow) -> None:
    first, second = (sample(flow, WALTZ, 6, np.random.default_rng(4)) for _ in "ab")
    assert (first == second).all()


def test_guidance_of_zero_ignores_the_conditions(flow: Flow) -> None:
    free, bound = SamplingConfig(guidance=0.0), SamplingConfig(guidance=2.0)
    wishes = (WALTZ, Conditions())
    none = [sample(flow, wish, 6, np.random.default_rng(4), free) for wish in wishes]
    some = [sample(flow, wish, 6, np.random.default_rng(4), bound) for wish in wishes]
    assert (none[0] == none[1]).all()
    assert np.abs(some[0] - some[1]).max() > 1e-3


def test_guidance_of_one_needs_only_the_conditions(flow: Flow) -> None:
    """It is what two rows give whose difference counts once."""
    near = SamplingConfig(guidance=1.0 + 1e-6)
    first = sample(flow, WALTZ, 6, np.random.default_rng(4), SamplingConfig(guidance=1.0))
    second = sample(flow, WALTZ, 6, np.random.default_rng(4), near)
    assert np.abs(first - second).max() < 1e-4


def test_a_straight_flow_arrives_at_its_data() -> None:
    """With weights that say a constant velocity, the way is that velocity."""
    arrays = {name: np.zeros_like(a) for name, a in network_of(TINY).arrays().items()}
    arrays["last.bias"] = np.arange(5, dtype=np.float32)
    flow = Flow(TINY, arrays)
    for steps in (1, 7):
        drawn = sample(flow, WALTZ, 3, np.random.default_rng(6), SamplingConfig(steps=steps))
        noise = np.random.default_rng(6).standard_normal((3, 5), np.float32)
        assert drawn == pytest.approx(noise + np.arange(5), abs=1e-5)


def test_conditions_are_told_as_index_plus_one() -> None:
    told = tell([WALTZ, Conditions()])
    assert told.tables.tolist() == [[1, 4, 2, 8], [0, 0, 0, 0]]
    numbers = told.numbers[0]
    assert np.flatnonzero(numbers[:33]).tolist() == [0, 9]
    assert numbers[33] == 1
    at = 34 + ATTRIBUTES.index("leaps")
    assert numbers[at] == pytest.approx(0.4)
    assert numbers[at + len(ATTRIBUTES)] == 1
    assert numbers.sum() == pytest.approx(2 + 1 + 0.4 + 1)
    assert not told.numbers[1].any()
    assert told.numbers.shape == (2, TOLD)


def test_places_count_from_the_start_and_to_the_end() -> None:
    places = tell_places(np.array([0, 40]), np.array([3, 0]), 3)
    assert places[0].tolist() == [[0, 0, 3], [1, 1, 2], [2, 2, 1]]
    assert places[1].tolist() == [[MAX_LEFT, 8, 0], [MAX_LEFT, 9, 0], [MAX_LEFT, 10, 0]]


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        ({"style": 12}, r"style must be in 0\.\.11, got 12"),
        ({"instruments": (33,)}, r"instruments must be in 0\.\.32, got 33"),
        ({"attributes": {"speed": 0.1}}, "no attribute is called 'speed'; known: density"),
        ({"attributes": {"leaps": 1.2}}, r"leaps must be in \[0, 1\], got 1\.2"),
    ],
)
def test_wishes_out_of_range_are_refused(wish: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Conditions(**wish)


def test_a_trained_flow_is_read_back(flow: Flow, tmp_path: Path) -> None:
    path = tmp_path / "flow.safetensors"
    path.write_bytes(pack_part("flow", TINY.to_dict(), flow.arrays()))
    again = Flow.load(path)
    assert again.config == TINY
    config = SamplingConfig(steps=2)
    first, second = (sample(f, WALTZ, 6, np.random.default_rng(4), config) for f in (flow, again))
    assert np.abs(first - second).max() < 0.1
    path.write_bytes(pack_part("flow", {**TINY.to_dict(), "width": 15}, flow.arrays()))
    with pytest.raises(ValueError, match=r"flow\.safetensors: weight .* must have shape"):
        Flow.load(path)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"width": 13}, "width must be a multiple of heads"),
        ({"objective": "gan"}, "objective must be flow or diffusion"),
        ({"depth": 1}, "unknown setting depth"),
        ({"bars": 0}, "bars must be an integer of at least 1"),
    ],
)
def test_a_config_out_of_range_is_refused(values: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        FlowConfig.from_dict({"heads": 3, "width": 12, **values})


def test_what_cannot_be_drawn_is_refused(flow: Flow) -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="at least 1 bar, got 0"):
        sample(flow, WALTZ, 0, rng)
    with pytest.raises(ValueError, match=r"given bars must have shape \(4, 5\), got \(3, 5\)"):
        sample(flow, WALTZ, 4, rng, given=np.zeros((3, 5), np.float32))
    with pytest.raises(ValueError, match="steps must be at least 1"):
        SamplingConfig(steps=0)
    with pytest.raises(ValueError, match="guidance must be at least 0"):
        SamplingConfig(guidance=-1)
