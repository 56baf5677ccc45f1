"""Muon and AdamW: the updates are what they claim, and a resumed run repeats to the bit."""

from typing import Any

import pytest
import torch
from torch import Tensor

from partimento.model.config import ModelConfig
from partimento.model.transformer import Transformer
from partimento.training.optimizer import (
    Optimizer,
    OptimizerConfig,
    build_optimizer,
    learning_rate_share,
    orthogonalize,
)

CONFIG = ModelConfig(
    vocabulary_size=11, width=16, layers=2, heads=2, feed_forward_width=20, sounding_width=3
)


def build(**settings: Any) -> tuple[Transformer, Optimizer]:
    torch.manual_seed(0)
    model = Transformer(CONFIG)
    # A head of zeros passes no gradient to the blocks.
    torch.nn.init.normal_(model.head.weight, std=0.1)
    return model, build_optimizer(model, OptimizerConfig(**settings))


def train(model: Transformer, optimizer: Optimizer, first: int, last: int) -> None:
    for step in range(first, last):
        generator = torch.Generator().manual_seed(step)
        tokens = torch.randint(11, (2, 9), generator=generator)
        sounding = torch.randint(2, (2, 8, 3), generator=generator)
        logits, _ = model(tokens[:, :-1], torch.zeros(2, 8, 0), sounding)
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), tokens[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step(learning_rate_share(step, 20, warm_up=3))


def weights(model: Transformer) -> dict[str, Tensor]:
    return {name: tensor.clone() for name, tensor in model.state_dict().items()}


@pytest.mark.parametrize("shape", [(3, 12, 12), (2, 8, 20), (2, 20, 8)])
def test_orthogonalizing_brings_every_singular_value_near_one(shape: tuple[int, ...]) -> None:
    matrices = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    values = torch.linalg.svdvals(orthogonalize(matrices, 8))
    assert float(values.min()) > 0.6
    assert float(values.max()) < 1.3


def test_orthogonalizing_keeps_the_singular_vectors() -> None:
    matrix = torch.randn(6, 9, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    u, _, v = torch.linalg.svd(matrix, full_matrices=False)
    aligned = u.T @ orthogonalize(matrix[None], 5)[0] @ v.T
    torch.testing.assert_close(aligned, aligned.diagonal().diag(), rtol=0, atol=1e-9)


def test_a_zero_gradient_stays_zero_through_the_iteration() -> None:
    assert not orthogonalize(torch.zeros(1, 4, 6)).any()


def test_muon_equals_its_definition_matrix_by_matrix() -> None:
    """Two steps against a plain loop over single matrices."""
    model, optimizer = build(learning_rate=0.01, weight_decay=0.1)
    expected = {}
    momenta = {id(m.parameter): torch.zeros_like(m.parameter) for m in model.hidden_matrices()}
    for _ in range(2):
        for index, matrix in enumerate(model.hidden_matrices()):
            parameter, parts = matrix.parameter, matrix.parts
            generator = torch.Generator().manual_seed(index)
            gradient = torch.randn(parameter.shape, generator=generator)
            parameter.grad = gradient
            momentum = momenta[id(parameter)]
            momentum.mul_(0.95).add_(0.05 * gradient)
            nesterov = 0.05 * gradient + 0.95 * momentum
            changed = []
            for weight, part in zip(parameter.chunk(parts), nesterov.chunk(parts), strict=True):
                update = orthogonalize(part[None])[0] * 0.2 * max(part.shape) ** 0.5
                changed.append(weight.detach() * (1 - 0.01 * 0.1) - 0.01 * update)
            expected[index] = torch.cat(changed)
        optimizer.step()
        for index, matrix in enumerate(model.hidden_matrices()):
            torch.testing.assert_close(
                matrix.parameter.detach(), expected[index], rtol=1e-5, atol=1e-6
            )


def test_every_parameter_is_updated_once() -> None:
    model, optimizer = build()
    state = optimizer.state_dict()
    groups = state["muon"]["param_groups"] + state["adamw"]["param_groups"]
    assert sum(len(group["params"]) for group in groups) == len(list(model.parameters()))
    assert len(state["muon"]["param_groups"][0]["params"]) == len(model.hidden_matrices())
    before = weights(model)
    train(model, optimizer, 0, 3)
    for name, tensor in weights(model).items():
        assert not torch.equal(tensor, before[name]), name


def test_gains_and_biases_do_not_decay() -> None:
    model, optimizer = build(learning_rate=0.1, weight_decay=0.5)
    for parameter in model.parameters():
        parameter.grad = torch.zeros_like(parameter)
    before = weights(model)
    optimizer.step()
    for name, tensor in weights(model).items():
        factor = 1.0 if tensor.ndim == 1 else 1 - 0.1 * 0.5
        torch.testing.assert_close(tensor, before[name] * factor, msg=name)


def test_a_resumed_run_repeats_to_the_bit() -> None:
    model, optimizer = build()
    train(model, optimizer, 0, 4)
    saved, state = weights(model), optimizer.state_dict()
    other, resumed = build()
    other.load_state_dict(saved)
    resumed.load_state_dict(state)
    train(model, optimizer, 4, 8)
    train(other, resumed, 4, 8)
    for name, tensor in weights(model).items():
        assert torch.equal(tensor, weights(other)[name]), name


def test_the_learning_rate_rises_stays_and_falls() -> None:
    shares = [learning_rate_share(step, 100, warm_up=10, constant=0.6) for step in range(100)]
    assert shares[0] == pytest.approx(0.1)
    assert shares[9:60] == [1.0] * 51
    assert shares[79] == pytest.approx(0.51)
    assert shares[-1] == pytest.approx(0.02)
    assert shares[59:] == sorted(shares[59:], reverse=True)


def test_a_step_outside_the_run_is_refused() -> None:
    with pytest.raises(ValueError, match=r"step must be in 0\.\.9, got 10"):
        learning_rate_share(10, 10)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"learning_rate": 0.0}, "learning_rate must be above 0, got 0.0"),
        ({"weight_decay": -1.0}, "weight_decay must be at least 0, got -1.0"),
        ({"momentum": 1.0}, r"momentum must be in \[0, 1\), got 1.0"),
        ({"iterations": 0}, "iterations must be at least 1, got 0"),
    ],
)
def test_a_bad_setting_is_named(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        OptimizerConfig(**settings)
