"""One block of the Transformer: a token mixer and a gated feed-forward, each pre-normalised.

B batch, T time, D width, H heads, K head width, F feed-forward width, W convolution width.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from partimento.model import fused, linear_attention, softmax_attention
from partimento.model.config import ModelConfig
from partimento.model.state import LayerState

DECAY_BIAS = (2.0, 7.0)
"""The heads' decay biases spread between these: memories of about 8 to 1,100 tokens."""


class HiddenMatrix(NamedTuple):
    """A weight matrix of the blocks, for the optimiser."""

    parameter: Tensor
    """(rows, columns)."""
    parts: int
    """Matrices of equal shape that are stacked in its rows, such as queries and keys."""


class RMSNorm(nn.Module):
    """Divide by the root mean square of the last dimension, then scale each entry."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        """Normalise (..., width)."""
        return fused.rms_norm(x, self.gain)


class Matrix(nn.Linear):
    """A matrix without bias that keeps the size of its input, or starts at zero."""

    product_type: torch.dtype | None = None
    """Number type of the products, in training; None is that of the input."""

    def __init__(self, inputs: int, outputs: int, zero: bool = False) -> None:
        super().__init__(inputs, outputs, bias=False)
        if zero:
            nn.init.zeros_(self.weight)
        else:
            nn.init.normal_(self.weight, std=inputs**-0.5)

    def forward(self, input: Tensor) -> Tensor:
        """Map (..., inputs) to (..., outputs)."""
        return fused.linear(input, self.weight, self.product_type)


class Convolution(nn.Module):
    """Mix each channel with its own last W - 1 values, then apply SiLU."""

    def __init__(self, channels: int, width: int) -> None:
        super().__init__()
        # The identity: the newest tap is one, the older ones start at zero.
        weight = torch.zeros(width, channels)
        weight[-1] = 1.0
        self.weight = nn.Parameter(weight)

    def forward(
        self, x: Tensor, heads: int, tail: Tensor | None = None
    ) -> tuple[tuple[Tensor, Tensor, Tensor], Tensor]:
        """Convolve (B, T, 3 D) after the earlier inputs (B, W - 1, 3 D).

        Returns queries, keys and values (B, T, H, K), and the inputs to keep.
        """
        past = self.weight.shape[0] - 1
        if tail is None:
            kept = functional.pad(x[:, -past:], (0, 0, max(0, past - x.shape[1]), 0))
            return fused.convolve(x, self.weight, heads), kept
        joined = torch.cat([tail, x], 1)
        q, k, v = fused.convolve(joined, self.weight, heads)
        return (q[:, past:], k[:, past:], v[:, past:]), joined[:, -past:]


class TokenMixer(nn.Module):
    """Let each token read the earlier ones: linear or softmax attention with an output gate."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        width, heads = config.width, config.heads
        self.heads = heads
        self.scale = config.head_width**-0.5
        self.inputs = Matrix(width, 3 * width)  # rows: queries, keys, values
        self.gate = Matrix(width, width)
        self.output = Matrix(width, width, zero=True)
        self.norm = RMSNorm(config.head_width)
        self.convolution = (
            None
            if config.convolution_width is None
            else Convolution(3 * width, config.convolution_width)
        )
        self.decay: nn.Linear | None = None
        self.beta: nn.Linear | None = None
        if config.attention != "softmax":
            self.decay = nn.Linear(width, heads)
            nn.init.zeros_(self.decay.weight)
            with torch.no_grad():
                self.decay.bias.copy_(torch.linspace(*DECAY_BIAS, heads))
        if config.attention == "delta":
            self.beta = nn.Linear(width, heads)
            nn.init.zeros_(self.beta.weight)
            nn.init.zeros_(self.beta.bias)

    def forward(
        self, x: Tensor, state: LayerState | None, recurrent: bool
    ) -> tuple[Tensor, LayerState]:
        """Mix (B, T, D) into (B, T, D); `recurrent` chooses the form for decoding."""
        mixed = self.inputs(x)  # (B, T, 3 D)
        tail = None
        if self.convolution is None:
            q, k, v = mixed.unflatten(-1, (3, self.heads, -1)).unbind(2)  # (B, T, H, K)
        else:
            (q, k, v), tail = self.convolution(
                mixed, self.heads, None if state is None else state.tail
            )
        output, state = self._attend(x, q, k, v, state, recurrent)
        output = fused.gated_norm(output, self.norm.gain, self.gate(x))
        state = LayerState(state.memory, tail, state.keys, state.values)
        return self.output(output), state

    def _attend(
        self,
        x: Tensor,
        q: Tensor,
        k: Tensor,
        v: Tensor,
        state: LayerState | None,
        recurrent: bool,
    ) -> tuple[Tensor, LayerState]:
        if self.decay is None:
            keys, values = (None, None) if state is None else (state.keys, state.values)
            output, keys, values = softmax_attention.attend(q, k, v, keys, values)
            return output, LayerState(keys=keys, values=values)
        memory = None if state is None else state.memory
        log_decay = functional.logsigmoid(self.decay(x))  # (B, T, H)
        if self.beta is None:
            gated = linear_attention.recurrent_gated if recurrent else linear_attention.chunk_gated
            output, memory = gated(q * self.scale, k, v, log_decay, memory)
        else:
            # Keys of length one: each write then replaces what its key held before.
            q, k = functional.normalize(q, dim=-1), functional.normalize(k, dim=-1)
            delta = linear_attention.recurrent_delta if recurrent else linear_attention.chunk_delta
            output, memory = delta(q, k, v, log_decay, self.beta(x).sigmoid(), memory)
        return output, LayerState(memory=memory)


class FeedForward(nn.Module):
    """SwiGLU: two projections, one gates the other (Shazeer 2020, arXiv:2002.05202)."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.inputs = Matrix(config.width, 2 * config.feed_forward_width)  # rows: gate, value
        self.output = Matrix(config.feed_forward_width, config.width, zero=True)

    def forward(self, x: Tensor) -> Tensor:
        """Map (..., D) to (..., D)."""
        mapped: Tensor = self.output(fused.swish_gate(self.inputs(x)))
        return mapped


class Block(nn.Module):
    """Add the mixer's and then the feed-forward's answer to the residual stream."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.mixer_norm = RMSNorm(config.width)
        self.mixer = TokenMixer(config)
        self.feed_forward_norm = RMSNorm(config.width)
        self.feed_forward = FeedForward(config)

    def forward(
        self, x: Tensor, state: LayerState | None = None, recurrent: bool = False
    ) -> tuple[Tensor, LayerState]:
        """Map (B, T, D) to (B, T, D) and the state after the last token."""
        mixed, state = self.mixer(self.mixer_norm(x), state, recurrent)
        x = x + mixed
        return x + self.feed_forward(self.feed_forward_norm(x)), state
