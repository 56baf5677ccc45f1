"""The Transformer as a whole: its forms agree, its inputs count, its start is as designed."""

import math
from dataclasses import replace
from typing import NamedTuple

import pytest
import torch
from torch import Tensor

from partimento.model.blocks import Block
from partimento.model.config import Attention, ModelConfig, select_features
from partimento.model.latent.conditioning import INPUTS, KNOWN
from partimento.model.state import State
from partimento.model.transformer import Transformer

SIZES = (("tick", 5), ("meter", 7), ("line", 3))
CONFIG = ModelConfig(
    vocabulary_size=11,
    width=16,
    layers=2,
    heads=2,
    feed_forward_width=20,
    features=select_features(SIZES, ["tick", "line"]),
    sounding_width=6,
    conditioning_width=4,
    sketch_width=INPUTS,
)
KINDS: tuple[Attention, ...] = ("gated", "delta", "softmax")


class Inputs(NamedTuple):
    """The arguments of forward, by name."""

    tokens: Tensor
    features: Tensor
    sounding: Tensor
    conditioning: Tensor
    sketch: Tensor

    def part(self, start: int, stop: int) -> "Inputs":
        return Inputs(*(x[:, start:stop] for x in self))

    def token(self, t: int) -> "Inputs":
        return Inputs(*(x[:, t] for x in self))


def build(config: ModelConfig) -> Transformer:
    """A model whose weights, and so logits, are far from zero."""
    torch.manual_seed(0)
    model = Transformer(config).double()
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    return model


def draw(time: int, batch: int = 2) -> Inputs:
    torch.manual_seed(time)
    features = torch.stack([torch.randint(size, (batch, time)) for _, size in SIZES], -1)
    return Inputs(
        torch.randint(CONFIG.vocabulary_size, (batch, time)),
        features.to(torch.int16),
        torch.randint(2, (batch, time, CONFIG.sounding_width)).to(torch.uint8),
        torch.randn(batch, time, 4, dtype=torch.float64),
        torch.rand(batch, time, INPUTS, dtype=torch.float64),
    )


def forward(model: Transformer, inputs: Inputs, state: State | None = None) -> tuple[Tensor, State]:
    """All inputs in one pass, from a state on."""
    logits, state = model(*inputs[:3], state, *inputs[3:])
    return logits, state


def steps(model: Transformer, inputs: Inputs, state: State | None = None) -> tuple[Tensor, State]:
    """Logits of every token by decoding one after the other."""
    logits = []
    for t in range(inputs.tokens.shape[1]):
        token = inputs.token(t)
        step, state = model.step(*token[:3], state, *token[3:])
        logits.append(step)
    assert state is not None
    return torch.stack(logits, 1), state


@pytest.mark.parametrize("width", [4, None])
@pytest.mark.parametrize("attention", KINDS)
def test_decoding_token_by_token_equals_one_pass(attention: Attention, width: int | None) -> None:
    model = build(replace(CONFIG, attention=attention, convolution_width=width))
    inputs = draw(70)
    with torch.no_grad():
        torch.testing.assert_close(steps(model, inputs)[0], forward(model, inputs)[0])


@pytest.mark.parametrize("split", [1, 2, 3, 66])
@pytest.mark.parametrize("attention", KINDS)
def test_a_sequence_split_anywhere_equals_one_pass(attention: Attention, split: int) -> None:
    model = build(replace(CONFIG, attention=attention))
    inputs = draw(70)
    with torch.no_grad():
        whole, final = forward(model, inputs)
        first, state = forward(model, inputs.part(0, split))
        second, state = forward(model, inputs.part(split, 69), state)
        third, state = steps(model, inputs.part(69, 70), state)
    torch.testing.assert_close(torch.cat([first, second, third], 1), whole)
    for one, other in zip(state.layers, final.layers, strict=True):
        for name in ("memory", "tail", "keys", "values"):
            torch.testing.assert_close(getattr(one, name), getattr(other, name))


@pytest.mark.parametrize("attention", KINDS)
def test_no_token_sees_a_later_one(attention: Attention) -> None:
    model = build(replace(CONFIG, attention=attention))
    inputs = draw(20)
    changed = Inputs(*(x.clone() for x in inputs))
    changed.tokens[:, 12:] = (changed.tokens[:, 12:] + 1) % CONFIG.vocabulary_size
    changed.sounding[:, 12:] = 1 - changed.sounding[:, 12:]
    before, after = forward(model, inputs)[0], forward(model, changed)[0]
    torch.testing.assert_close(before[:, :12], after[:, :12])
    assert not torch.allclose(before[:, 12:], after[:, 12:])


def test_the_state_of_linear_attention_does_not_grow() -> None:
    model = build(CONFIG)
    _, short = steps(model, draw(2))
    _, long = steps(model, draw(30))
    for one, other in zip(short.layers, long.layers, strict=True):
        for state in (one, other):
            assert state.memory is not None
            assert state.tail is not None
            assert state.memory.shape == (2, 2, 8, 8)
            assert state.tail.shape == (2, 3, 48)


@pytest.mark.parametrize("attention", KINDS)
def test_selected_rows_of_a_state_continue_those_sequences(attention: Attention) -> None:
    model = build(replace(CONFIG, attention=attention))
    inputs = draw(9)
    _, state = forward(model, inputs.part(0, 6))
    rows = torch.tensor([1, 1])
    expected, _ = forward(model, inputs.part(6, 9), state)
    chosen = Inputs(*(x.index_select(0, rows) for x in inputs.part(6, 9)))
    actual, _ = forward(model, chosen, state.select(rows))
    torch.testing.assert_close(actual, expected.index_select(0, rows))


def test_only_the_selected_features_count() -> None:
    model = build(CONFIG)
    inputs = draw(8)
    for column, (name, size) in enumerate(SIZES):
        changed = inputs._replace(features=inputs.features.clone())
        changed.features[..., column] = (changed.features[..., column] + 1) % size
        same = torch.allclose(forward(model, inputs)[0], forward(model, changed)[0])
        assert same == (name == "meter")


def test_the_input_is_the_sum_of_all_embeddings() -> None:
    model = build(CONFIG)
    inputs = draw(8)
    table = model.embedding
    assert model.sounding is not None
    assert model.conditioning is not None
    assert model.sketch is not None
    expected = (
        table[inputs.tokens]
        + table[11 + inputs.features[..., 0].long()]
        + table[11 + 5 + inputs.features[..., 2].long()]
        + inputs.sounding.double() @ model.sounding.weight.T
        + inputs.conditioning @ model.conditioning.weight.T
        + model.sketch(inputs.sketch)
    )
    seen: list[Tensor] = []
    model.blocks[0].register_forward_pre_hook(lambda _, arguments: seen.append(arguments[0]))
    forward(model, inputs)
    torch.testing.assert_close(seen[0], expected)


def test_conditioning_is_optional_and_counts_when_given() -> None:
    model = build(CONFIG)
    inputs = draw(8)
    without, _ = model(*inputs[:3])
    zeros, _ = model(*inputs[:3], None, torch.zeros_like(inputs.conditioning))
    torch.testing.assert_close(without, zeros)
    told, _ = model(*inputs[:3], None, inputs.conditioning)
    assert not torch.allclose(without, told)


def test_a_sketch_is_optional_and_counts_only_where_there_is_one() -> None:
    model = build(CONFIG)
    inputs = draw(8)
    without, _ = model(*inputs[:3])
    sketch = inputs.sketch.clone()
    sketch[:, :5, KNOWN:] = 0
    told, _ = model(*inputs[:3], sketch=sketch)
    torch.testing.assert_close(without[:, :5], told[:, :5])
    assert not torch.allclose(without[:, 5:], told[:, 5:])


def test_a_model_without_features_or_sounding_reads_tokens_alone() -> None:
    model = build(replace(CONFIG, features=(), sounding_width=0, conditioning_width=None))
    inputs = draw(8)
    empty = torch.zeros(2, 8, 0)
    logits, _ = model(inputs.tokens, empty.long(), empty)
    assert logits.shape == (2, 8, 11)


def test_conditioning_for_a_model_without_it_is_refused() -> None:
    model = build(replace(CONFIG, conditioning_width=None))
    with pytest.raises(ValueError, match="conditioning_width"):
        forward(model, draw(3))


def test_a_sketch_for_a_model_without_an_ear_for_it_is_refused() -> None:
    model = build(replace(CONFIG, sketch_width=None))
    with pytest.raises(ValueError, match="sketch_width of this model is null"):
        forward(model, draw(3))


def test_a_new_model_finds_all_tokens_equally_likely_and_learns_at_once() -> None:
    torch.manual_seed(0)
    model = Transformer(replace(CONFIG, conditioning_width=None, sketch_width=None))
    inputs = draw(40)
    targets = inputs.tokens.roll(-1, 1).flatten()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    losses = []
    for _ in range(30):
        logits, _ = model(*inputs[:3])
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[0] == pytest.approx(math.log(CONFIG.vocabulary_size))
    assert losses[-1] < 0.5 * losses[0]
    assert all(parameter.grad is not None for parameter in model.parameters())


def test_the_heads_of_a_new_model_remember_for_different_times() -> None:
    block = Transformer(replace(CONFIG, width=32, heads=4)).blocks[0]
    assert isinstance(block, Block)
    assert block.mixer.decay is not None
    decays = block.mixer.decay.bias.detach().sigmoid()
    assert float(decays[0]) == pytest.approx(0.8808, abs=1e-4)
    assert float(decays[-1]) == pytest.approx(0.9991, abs=1e-4)
