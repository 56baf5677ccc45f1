"""Varying, blending and forms: what is kept is kept, amounts grow."""

import numpy as np
import pytest
import torch

from partimento.model.latent.flow import Flow, FlowConfig, Objective
from partimento.model.latent.flow_conditions import Conditions
from partimento.model.latent.flow_network import FlowNetwork
from partimento.model.latent.flow_sampling import SamplingConfig
from partimento.model.latent.plans import blend, plan_form, vary
from partimento.music.form import parse_form
from partimento.music.sketch import Floats

WALTZ = Conditions(style=0, meter=1)
FEW = SamplingConfig(steps=6, guidance=1.0)


def fresh_flow(objective: Objective = "flow") -> Flow:
    """A flow that says nothing, or little, as before training."""
    torch.manual_seed(0)
    config = FlowConfig(latent=8, width=12, layers=1, heads=3, bars=8, objective=objective)
    return Flow(config, FlowNetwork(config).arrays())


@pytest.fixture(scope="module")
def vectors() -> Floats:
    return np.random.default_rng(1).standard_normal((20, 8), np.float32)


@pytest.mark.parametrize("objective", ["flow", "diffusion"])
def test_a_variation_goes_further_with_its_amount(objective: Objective, vectors: Floats) -> None:
    flow = fresh_flow(objective)
    amounts = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
    varied = [vary(flow, WALTZ, vectors, a, np.random.default_rng(2), None, FEW) for a in amounts]
    likeness = [np.corrcoef(v.ravel(), vectors.ravel())[0, 1] for v in varied]
    assert (varied[0] == vectors).all()
    assert (np.diff(likeness) < 0).all()
    assert abs(likeness[-1]) < 0.3


def test_what_a_variation_keeps_is_bit_equal(vectors: Floats) -> None:
    kept = np.arange(20) % 3 == 0
    varied = vary(fresh_flow(), WALTZ, vectors, 0.7, np.random.default_rng(2), kept, FEW)
    assert (varied[kept] == vectors[kept]).all()
    assert (varied[~kept] != vectors[~kept]).all()


def test_an_amount_out_of_range_is_refused(vectors: Floats) -> None:
    with pytest.raises(ValueError, match=r"change must be in \[0, 1\], got 1\.5"):
        vary(fresh_flow(), WALTZ, vectors, 1.5, np.random.default_rng(2))


def test_a_blend_leaves_one_piece_and_comes_to_the_other(vectors: Floats) -> None:
    other = np.random.default_rng(3).standard_normal((20, 8), np.float32)
    steps = [blend(vectors, other, share) for share in (0.0, 0.25, 0.5, 0.75, 1.0)]
    assert steps[0] == pytest.approx(vectors, abs=1e-6)
    assert steps[-1] == pytest.approx(other, abs=1e-6)
    gone = [float(np.linalg.norm(step - vectors)) for step in steps]
    ahead = [float(np.linalg.norm(step - other)) for step in steps]
    assert (np.diff(gone) > 0).all()
    assert (np.diff(ahead) < 0).all()
    assert all(step.std() == pytest.approx(1, abs=0.15) for step in steps)


def test_pieces_of_other_lengths_are_not_blended(vectors: Floats) -> None:
    with pytest.raises(ValueError, match="as many bars to be blended, got 20 and 3"):
        blend(vectors, vectors[:3], 0.5)
    with pytest.raises(ValueError, match=r"share must be in \[0, 1\], got -1"):
        blend(vectors, vectors, -1)


def test_sections_return_with_the_change_that_is_asked() -> None:
    flow, sections = fresh_flow(), parse_form("A4B4A4", 12)
    exact, changed = (
        plan_form(flow, WALTZ, sections, change, np.random.default_rng(0), FEW)
        for change in (0.0, 0.3)
    )
    assert (exact[8:] == exact[:4]).all()
    assert (exact[4:8] != exact[:4]).all()
    assert (changed[:8] == exact[:8]).all()
    likeness = np.corrcoef(changed[8:].ravel(), exact[8:].ravel())[0, 1]
    assert 0.5 < likeness < 1


def test_a_form_without_returns_is_a_piece() -> None:
    drawn = plan_form(fresh_flow(), WALTZ, parse_form("A4B4"), 0.2, np.random.default_rng(0), FEW)
    assert drawn.shape == (8, 8)
