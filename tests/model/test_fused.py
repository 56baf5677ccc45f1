"""The hand-written gradients against autograd over the plain definitions."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from partimento.model import fused

TOLERANCE = 1e-12


def assert_same(fast: Callable[..., Tensor], slow: Callable[..., Tensor], *inputs: Tensor) -> None:
    """Compare outputs and the gradients of a random weighting of them, in float64."""
    leaves = [x.double().requires_grad_() for x in inputs]
    expected, actual = slow(*leaves), fast(*leaves)
    weighting = torch.randn(expected.shape, generator=torch.Generator().manual_seed(1)).double()
    torch.testing.assert_close(actual, expected, rtol=TOLERANCE, atol=TOLERANCE)
    found = torch.autograd.grad((actual * weighting).sum(), leaves)
    wanted = torch.autograd.grad((expected * weighting).sum(), leaves)
    for one, other in zip(found, wanted, strict=True):
        torch.testing.assert_close(one, other, rtol=TOLERANCE, atol=TOLERANCE)


def draw(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


@pytest.fixture(params=[1 << 18, 40])
def cache(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once with everything in one part, once row by row."""
    monkeypatch.setattr(fused, "CACHE_ELEMENTS", request.param)


@pytest.mark.usefixtures("cache")
def test_rms_norm_equals_its_definition() -> None:
    def slow(x: Tensor, gain: Tensor) -> Tensor:
        return x * (x.pow(2).mean(-1, keepdim=True) + fused.NORM_EPSILON).rsqrt() * gain

    assert_same(fused.rms_norm, slow, draw(3, 5, 8), draw(8, seed=1))


@pytest.mark.usefixtures("cache")
def test_swish_gate_equals_its_definition() -> None:
    def slow(x: Tensor) -> Tensor:
        gate, value = x.chunk(2, -1)
        return functional.silu(gate) * value

    assert_same(fused.swish_gate, slow, draw(3, 5, 12))


@pytest.mark.usefixtures("cache")
@pytest.mark.parametrize("by_head", [False, True])
def test_gated_norm_equals_its_definition(by_head: bool) -> None:
    def slow(x: Tensor, gain: Tensor, gate: Tensor) -> Tensor:
        normed = x * (x.pow(2).mean(-1, keepdim=True) + fused.NORM_EPSILON).rsqrt() * gain
        return normed.flatten(-2) * functional.silu(gate)

    x = draw(3, 2, 5, 4).transpose(1, 2) if by_head else draw(3, 5, 2, 4)
    assert_same(fused.gated_norm, slow, x, draw(4, seed=1), draw(3, 5, 8, seed=2))


@pytest.mark.usefixtures("cache")
@pytest.mark.parametrize("time", [1, 2, 3, 4, 9])
def test_the_convolution_equals_its_definition(time: int) -> None:
    def stack(parts: tuple[Tensor, ...]) -> Tensor:
        return torch.stack(parts, 2)

    def slow(x: Tensor, weight: Tensor) -> Tensor:
        padded = functional.pad(x.transpose(1, 2), (len(weight) - 1, 0))
        mixed = functional.conv1d(padded, weight.t()[:, None], groups=x.shape[-1])
        return functional.silu(mixed.transpose(1, 2)).unflatten(-1, (3, 2, 4))

    def fast(x: Tensor, weight: Tensor) -> Tensor:
        return stack(fused.convolve(x, weight, 2))

    assert_same(fast, slow, draw(3, time, 24), draw(4, 24, seed=1))


def test_zeros_stay_finite_through_the_norms() -> None:
    x = torch.zeros(1, 2, 4, requires_grad=True)
    fused.rms_norm(x, torch.ones(4)).sum().backward()
    assert x.grad is not None
    assert bool(x.grad.isfinite().all())


def test_linear_equals_its_definition_in_its_own_number_type() -> None:
    def fast(x: Tensor, weight: Tensor) -> Tensor:
        return fused.linear(x, weight, torch.float64)

    assert_same(fast, functional.linear, draw(3, 5, 8), draw(6, 8, seed=1))


def test_rounded_products_are_those_of_rounded_factors() -> None:
    x = draw(3, 5, 8).requires_grad_()
    weight = draw(6, 8, seed=1).requires_grad_()
    weighting = draw(3, 5, 6, seed=2)
    result = fused.linear(x, weight, torch.bfloat16)
    (result * weighting).sum().backward()
    assert x.grad is not None
    assert weight.grad is not None

    def rounded(tensor: Tensor) -> Tensor:
        return tensor.detach().bfloat16().float()

    # Products of bfloat16 numbers are exact in float32; only each result is rounded again.
    for found, expected in (
        (result, rounded(x) @ rounded(weight).t()),
        (x.grad, rounded(weighting) @ rounded(weight)),
        (weight.grad, rounded(weighting).flatten(0, 1).t() @ rounded(x).flatten(0, 1)),
    ):
        assert found.dtype == torch.float32
        torch.testing.assert_close(found.detach(), expected, rtol=2**-7, atol=1e-5)
        assert not torch.equal(found.detach(), expected)


def test_without_a_number_type_linear_is_the_plain_one() -> None:
    x, weight = draw(3, 5, 8), draw(6, 8, seed=1)
    assert torch.equal(fused.linear(x, weight), functional.linear(x, weight))
