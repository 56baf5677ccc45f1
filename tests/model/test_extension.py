"""A checkpoint that is trained on with inputs which it did not have."""

from dataclasses import replace

import pytest
import torch

from partimento.model.config import Feature, ModelConfig
from partimento.model.extension import extend
from partimento.model.latent.conditioning import INPUTS
from partimento.model.transformer import Transformer

BEFORE = ModelConfig(
    vocabulary_size=20,
    width=8,
    layers=1,
    heads=2,
    feed_forward_width=12,
    features=(Feature("tick", 0, 5), Feature("line", 2, 3)),
    sounding_width=4,
)
AFTER = replace(
    BEFORE,
    features=(Feature("tick", 0, 5), Feature("echo", 1, 7), Feature("line", 2, 3)),
    conditioning_width=3,
    sketch_width=INPUTS,
)


def build(config: ModelConfig) -> Transformer:
    torch.manual_seed(0)
    model = Transformer(config)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.3)
    return model.eval()


def inputs() -> tuple[torch.Tensor, ...]:
    draw = torch.Generator().manual_seed(1)
    return (
        torch.randint(0, 20, (2, 9), generator=draw),
        torch.randint(0, 3, (2, 9, 3), generator=draw),
        torch.randint(0, 2, (2, 9, 4), generator=draw),
    )


@torch.inference_mode()
def test_it_says_what_the_model_said_whatever_the_new_inputs_are() -> None:
    model = build(BEFORE)
    wider = extend(model, AFTER)
    assert wider.config == AFTER
    assert not wider.training
    expected, _ = model(*inputs())
    found, _ = wider(*inputs(), conditioning=torch.randn(2, 9, 3), sketch=torch.randn(2, 9, INPUTS))
    assert torch.equal(found, expected)


def test_new_rows_are_zero_and_learn() -> None:
    wider = extend(build(BEFORE), AFTER)
    logits, _ = wider(*inputs(), conditioning=torch.ones(2, 9, 3))
    logits.sum().backward()  # type: ignore[no-untyped-call]  # torch has no types here
    assert wider.conditioning is not None
    for weight, gradient in (
        (wider.embedding[25:32], None if wider.embedding.grad is None else wider.embedding.grad),
        (wider.conditioning.weight, wider.conditioning.weight.grad),
    ):
        assert not weight.any()
        assert gradient is not None
        assert gradient.any()


@torch.inference_mode()
def test_told_entries_are_kept_when_more_are_told() -> None:
    model = build(AFTER)
    wider = extend(model, replace(AFTER, conditioning_width=5))
    told = torch.randn(2, 9, 5)
    found, _ = wider(*inputs(), conditioning=told)
    expected, _ = model(*inputs(), conditioning=told)
    torch.testing.assert_close(found, expected)


def test_the_same_inputs_are_the_same_model() -> None:
    model = build(AFTER)
    for name, tensor in extend(model, AFTER).state_dict().items():
        assert torch.equal(tensor, model.state_dict()[name])


def test_a_new_reader_of_sketches_learns_from_the_first_step() -> None:
    wider = extend(build(BEFORE), AFTER)
    logits, _ = wider(*inputs(), sketch=torch.rand(2, 9, INPUTS))
    logits.sum().backward()  # type: ignore[no-untyped-call]  # torch has no types here
    assert wider.sketch is not None
    assert wider.sketch.last.weight.grad is not None
    assert wider.sketch.last.weight.grad.any()


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        (AFTER, BEFORE, "features: echo of the checkpoint must stay as they are"),
        (AFTER, replace(AFTER, conditioning_width=2), "conditioning_width must be at least 3"),
        (AFTER, replace(AFTER, sketch_width=None), f"sketch_width must be {INPUTS} as in the"),
        (BEFORE, replace(AFTER, width=16), "in its own shape; only inputs may be added"),
        (BEFORE, replace(AFTER, sounding_width=5), "in its own shape; only inputs may be added"),
    ],
)
def test_inputs_are_only_added(before: ModelConfig, after: ModelConfig, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        extend(Transformer(before), after)
