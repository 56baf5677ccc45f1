"""Which number type training multiplies in, and that the model and the optimiser follow it."""

from types import MappingProxyType
from typing import Any

import pytest
import torch

from partimento.model.config import ModelConfig
from partimento.model.transformer import Transformer
from partimento.training.config import TrainingConfig
from partimento.training.optimizer import build_optimizer
from partimento.training.products import product_type


def test_a_named_type_is_taken() -> None:
    assert product_type("float32") is None
    assert product_type("bfloat16") == torch.bfloat16


@pytest.mark.parametrize(
    ("capabilities", "expected"),
    [
        ({"avx512_bf16": True}, torch.bfloat16),
        ({"amx_bf16": True, "avx512_bf16": False}, torch.bfloat16),
        ({"avx2": True, "avx512_bf16": False}, None),
        ({}, None),
    ],
)
def test_auto_rounds_only_where_the_processor_has_the_instructions(
    capabilities: dict[str, Any], expected: torch.dtype | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        torch.cpu, "get_capabilities", lambda: MappingProxyType(capabilities), raising=False
    )
    assert product_type("auto") == expected


def test_auto_leaves_float32_where_torch_cannot_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(torch.cpu, "get_capabilities", raising=False)
    assert product_type("auto") is None


def test_an_unknown_type_is_refused() -> None:
    with pytest.raises(ValueError, match="products must be one of auto, float32, bfloat16, got"):
        TrainingConfig.from_dict({"steps": 1, "products": "half"})


def _train(product_type: torch.dtype | None) -> tuple[float, list[torch.Tensor]]:
    """The loss before the last of a few steps of a small model, and its weights."""
    torch.manual_seed(0)
    config = ModelConfig(
        vocabulary_size=20, width=16, heads=2, layers=2, feed_forward_width=24, features=()
    )
    model = Transformer(config)
    model.set_product_type(product_type)
    optimizer = build_optimizer(model, product_type=product_type)
    tokens = torch.randint(20, (2, 12), generator=torch.Generator().manual_seed(1))
    nothing = torch.zeros(2, 12, 0, dtype=torch.int16)
    loss = torch.tensor(0.0)
    for _ in range(6):
        optimizer.zero_grad()
        logits, _ = model(tokens, nothing, nothing)
        loss = torch.nn.functional.cross_entropy(
            logits[:, :-1].flatten(0, 1), tokens[:, 1:].flatten()
        )
        loss.backward()  # type: ignore[no-untyped-call]  # torch has no types here
        optimizer.step()
    return loss.item(), [parameter.detach().clone() for parameter in model.parameters()]


def test_rounded_steps_are_near_the_exact_ones_and_keep_float32_weights() -> None:
    exact, weights = _train(None)
    rounded, others = _train(torch.bfloat16)
    assert rounded == pytest.approx(exact, rel=1e-2)
    assert rounded != exact
    assert {weight.dtype for weight in others} == {torch.float32}
    assert any(not torch.equal(a, b) for a, b in zip(weights, others, strict=True))
