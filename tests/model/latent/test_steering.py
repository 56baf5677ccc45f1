"""A probe reads attributes off mean vectors; an aim moves vectors until it reads what is asked."""

import numpy as np
import pytest

from partimento.model.latent.flow import Flow, FlowConfig, weight_shapes
from partimento.model.latent.flow_conditions import Conditions
from partimento.model.latent.flow_sampling import SamplingConfig, sample
from partimento.model.latent.steering import BIAS, MOVES, WEIGHTS, aim_at, fit_probe
from partimento.music.attributes import ATTRIBUTES
from partimento.music.sketch import Floats

DENSITY, REGISTER = (ATTRIBUTES.index(name) for name in ("density", "register"))


@pytest.fixture(scope="module")
def probe() -> dict[str, Floats]:
    """Of passages whose density lies in the first number and whose register in two others."""
    rng = np.random.default_rng(0)
    means = rng.standard_normal((2000, 4), np.float32)
    ranks = np.full((2000, len(ATTRIBUTES)), np.nan, np.float32)
    ranks[:, DENSITY] = 0.5 + 0.2 * means[:, 0]
    ranks[:, REGISTER] = 0.5 + 0.1 * means[:, 1] - 0.1 * means[:, 2]
    return fit_probe(means, ranks)


def test_a_probe_finds_what_decides_an_attribute(probe: dict[str, Floats]) -> None:
    np.testing.assert_allclose(probe[WEIGHTS][DENSITY], [0.2, 0, 0, 0], atol=2e-3)
    np.testing.assert_allclose(probe[WEIGHTS][REGISTER], [0, 0.1, -0.1, 0], atol=2e-3)
    assert probe[BIAS][DENSITY] == pytest.approx(0.5, abs=1e-3)
    assert not probe[WEIGHTS][ATTRIBUTES.index("leaps")].any()


def test_an_aim_moves_vectors_to_what_is_asked_and_no_further(probe: dict[str, Floats]) -> None:
    vectors = np.random.default_rng(1).standard_normal((16, 4), np.float32)
    aim = aim_at({"density": 0.9, "register": 0.2}, probe)
    assert aim is not None
    moved = vectors + aim.shift(vectors)
    said = moved.mean(0) @ probe[WEIGHTS].T + probe[BIAS]
    assert said[DENSITY] == pytest.approx(0.9, abs=1e-3)
    assert said[REGISTER] == pytest.approx(0.2, abs=1e-3)
    assert abs(aim.shift(vectors)[3]) < 0.25  # which decides nothing
    np.testing.assert_allclose(aim.shift(moved), 0, atol=1e-4)


def test_nothing_is_moved_without_a_wish_or_a_probe(probe: dict[str, Floats]) -> None:
    assert aim_at({}, probe) is None
    silent = {name: np.zeros_like(array) for name, array in probe.items()}
    assert aim_at({"density": 0.9}, silent) is None


def test_drawn_pieces_have_the_attribute_that_is_asked(probe: dict[str, Floats]) -> None:
    config = FlowConfig(latent=4, width=8, layers=1, heads=2, bars=8)
    rng = np.random.default_rng(2)
    arrays = {
        name: 0.2 * rng.standard_normal(shape, np.float32)
        for name, shape in weight_shapes(config).items()
    } | probe
    flow = Flow(config, arrays)
    assert {WEIGHTS, BIAS, MOVES} <= set(weight_shapes(config))
    for wish in (0.2, 0.8):
        drawn = sample(
            *(flow, Conditions(attributes={"density": wish}), 8, np.random.default_rng(3)),
            SamplingConfig(guidance=1.0),
        )
        said = float((drawn.mean(0) @ probe[WEIGHTS].T + probe[BIAS])[DENSITY])
        assert said == pytest.approx(wish, abs=0.01)
