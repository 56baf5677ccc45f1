"""The chunk and recurrent forms against the definitions, in float64."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from partimento.model import linear_attention
from partimento.model.linear_attention import (
    chunk_delta,
    chunk_gated,
    naive_delta,
    naive_gated,
    recurrent_delta,
    recurrent_gated,
)

TOLERANCE = 1e-9
LENGTHS = [1, 2, 7, 16, 37]
Operator = Callable[..., tuple[Tensor, Tensor]]


def draw(time: int, delta: bool, strength: float = 1.0) -> list[Tensor]:
    """Inputs of an operator with the state last; `strength` scales the decay."""
    generator = torch.Generator().manual_seed(time)

    def normal(*shape: int) -> Tensor:
        return torch.randn(shape, generator=generator, dtype=torch.float64)

    heads = (2, time, 3)
    q, k, v = normal(*heads, 4), normal(*heads, 4), normal(*heads, 5)
    inputs = [q, k, v, -strength * normal(*heads).exp()]
    if delta:
        inputs[1] = torch.nn.functional.normalize(k, dim=-1)
        inputs.append(normal(*heads).sigmoid())
    return [*inputs, normal(2, 3, 4, 5)]


def run(operator: Operator, inputs: list[Tensor], **options: int) -> list[Tensor]:
    """Outputs, final state and the gradients of all inputs for a fixed weighting of both."""
    leaves = [x.clone().requires_grad_() for x in inputs]
    output, state = operator(*leaves, **options)
    generator = torch.Generator().manual_seed(0)
    weights = [torch.randn(x.shape, generator=generator, dtype=x.dtype) for x in (output, state)]
    return [output, state, *torch.autograd.grad([output, state], leaves, weights)]


def assert_same(actual: list[Tensor], expected: list[Tensor]) -> None:
    for one, other in zip(actual, expected, strict=True):
        torch.testing.assert_close(one, other, rtol=TOLERANCE, atol=TOLERANCE)


@pytest.mark.parametrize("time", LENGTHS)
@pytest.mark.parametrize("fast", [chunk_gated, recurrent_gated])
def test_gated_forms_equal_the_definition_with_all_gradients(fast: Operator, time: int) -> None:
    options = {"chunk_size": 8} if fast is chunk_gated else {}
    inputs = draw(time, delta=False)
    assert_same(run(fast, inputs, **options), run(naive_gated, inputs))


@pytest.mark.parametrize("time", LENGTHS)
@pytest.mark.parametrize("fast", [chunk_delta, recurrent_delta])
def test_delta_forms_equal_the_definition_with_all_gradients(fast: Operator, time: int) -> None:
    options = {"chunk_size": 8} if fast is chunk_delta else {}
    inputs = draw(time, delta=True)
    assert_same(run(fast, inputs, **options), run(naive_delta, inputs))


def test_chunk_gated_equals_the_definition_over_several_spans(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(linear_attention, "SPAN_CHUNKS", 2)
    inputs = draw(37, delta=False)
    assert_same(run(chunk_gated, inputs, chunk_size=4), run(naive_gated, inputs))


@pytest.mark.parametrize("operator", [naive_gated, chunk_gated, recurrent_gated])
def test_no_state_is_a_state_of_zeros_for_gated_attention(operator: Operator) -> None:
    *inputs, state = draw(13, delta=False)
    assert_same(list(operator(*inputs)), list(operator(*inputs, torch.zeros_like(state))))


@pytest.mark.parametrize("operator", [naive_delta, chunk_delta, recurrent_delta])
def test_no_state_is_a_state_of_zeros_for_the_delta_rule(operator: Operator) -> None:
    *inputs, state = draw(13, delta=True)
    assert_same(list(operator(*inputs)), list(operator(*inputs, torch.zeros_like(state))))


@pytest.mark.parametrize("split", [1, 7, 8, 20])
@pytest.mark.parametrize("operator", [chunk_gated, chunk_delta])
def test_a_sequence_split_anywhere_equals_one_pass(operator: Operator, split: int) -> None:
    *inputs, state = draw(21, delta=operator is chunk_delta)
    whole, final = operator(*inputs, state, chunk_size=8)
    first, state = operator(*(x[:, :split] for x in inputs), state, chunk_size=8)
    second, state = operator(*(x[:, split:] for x in inputs), state, chunk_size=8)
    assert_same([torch.cat([first, second], 1), state], [whole, final])


@pytest.mark.parametrize("operator", [chunk_gated, chunk_delta])
def test_decays_that_underflow_leave_finite_values_and_gradients(operator: Operator) -> None:
    inputs = [x.float() for x in draw(130, delta=operator is chunk_delta, strength=50.0)]
    assert all(bool(x.isfinite().all()) for x in run(operator, inputs))
