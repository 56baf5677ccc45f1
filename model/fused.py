"""Element-wise parts of a block with hand-written gradients, several times faster on a CPU.

B batch, T time, D width, H heads, K head width, F feed-forward width, W convolution width.

Eager autograd writes every intermediate to memory, and on a CPU that costs as much time as
the matrix products. These functions work through the batch in parts that stay in the
processor's cache and write each gradient once. The tests hold each to its plain twin.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

NORM_EPSILON = 1e-6
"""Added to a mean square before its root: zeros stay zeros."""

CACHE_ELEMENTS = 1 << 18
"""Elements of a part on a CPU: a few such arrays of float32 fit a last-level cache."""


def linear(x: Tensor, weight: Tensor, product_type: torch.dtype | None = None) -> Tensor:
    """Multiply (..., D) by a weight (rows, D) transposed, in another number type if one is given.

    The result and the gradients have the type of x and the weight; only the products, forwards
    and backwards, are rounded.
    """
    if product_type is None:
        return torch.nn.functional.linear(x, weight)
    return cast(Tensor, _apply(_Linear, x, weight, product_type))


def rms_norm(x: Tensor, gain: Tensor) -> Tensor:
    """Divide (..., D) by the root mean square of its last dimension, times gain (D)."""
    return cast(Tensor, _apply(_RMSNorm, x, gain))


def swish_gate(x: Tensor) -> Tensor:
    """SiLU of the first half of the last dimension times the second half: (B, T, 2 F) to F."""
    return cast(Tensor, _apply(_SwishGate, x))


def gated_norm(x: Tensor, gain: Tensor, gate: Tensor) -> Tensor:
    """RMS norm of each head, then SiLU(gate): x (B, T, H, K), gain (K), gate (B, T, H K)."""
    return cast(Tensor, _apply(_GatedNorm, x, gain, gate))


def convolve(x: Tensor, weight: Tensor, heads: int) -> tuple[Tensor, Tensor, Tensor]:
    """Causal convolution of each channel, SiLU, and the cut into queries, keys and values.

    x (B, T, 3 D), weight (W, 3 D) with the newest tap last, for three results (B, T, H, K)
    whose memory is laid out head by head, as the attention reads them.
    """
    q, k, v = cast(tuple[Tensor, Tensor, Tensor], _apply(_Convolve, x, weight, heads))
    return q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2)


def _apply(function: type[torch.autograd.Function], *arguments: object) -> object:
    return function.apply(*arguments)  # type: ignore[no-untyped-call]  # torch has no types here


def _parts(x: Tensor) -> Iterator[slice]:
    """Slices of the first dimension that fit the cache; the whole of it on a GPU."""
    rows = len(x)
    if x.device.type == "cpu":
        rows = max(1, CACHE_ELEMENTS * rows // max(1, x.numel()))
    for start in range(0, len(x), max(1, rows)):
        yield slice(start, start + rows)


class _Linear(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, product_type: torch.dtype) -> Tensor:
        rounded, factor = x.to(product_type), weight.to(product_type)
        ctx.save_for_backward(rounded, factor)
        return (rounded @ factor.t()).to(x.dtype)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor, None]:
        rounded, factor = ctx.saved_tensors
        flow = gradient.to(rounded.dtype)
        for_weight = flow.flatten(0, -2).t() @ rounded.flatten(0, -2)
        return (flow @ factor).to(gradient.dtype), for_weight.to(gradient.dtype), None


class _RMSNorm(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, gain: Tensor) -> Tensor:
        inverse = _inverse_root(x)
        ctx.save_for_backward(x, inverse, gain)
        return (x * inverse).mul_(gain)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor]:
        x, inverse, gain = ctx.saved_tensors
        for_x, for_gain = torch.empty_like(x), torch.zeros_like(gain)
        for part in _parts(x):
            normed = x[part] * inverse[part]
            _norm_gradient(gradient[part], normed, inverse[part], gain, for_x[part], for_gain)
        return for_x, for_gain


class _SwishGate(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        ctx.save_for_backward(x)
        gate, value = x.chunk(2, -1)
        output = torch.empty_like(value, memory_format=torch.contiguous_format)
        for part in _parts(x):
            torch.ops.aten.silu.out(gate[part], out=output[part])
            output[part].mul_(value[part])
        return output

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        (x,) = ctx.saved_tensors
        gate, value = x.chunk(2, -1)
        result = torch.empty_like(x)
        for_gate, for_value = result.chunk(2, -1)
        for part in _parts(x):
            active = torch.nn.functional.silu(gate[part])
            torch.mul(gradient[part], active, out=for_value[part])
            torch.mul(gradient[part], value[part], out=active)
            _silu_gradient(active, gate[part], for_gate[part])
        return result


class _GatedNorm(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, gain: Tensor, gate: Tensor) -> Tensor:
        inverse = _inverse_root(x)
        ctx.save_for_backward(x, inverse, gain, gate)
        output = torch.empty_like(gate)
        heads = output.view(x.shape)
        for part in _parts(gate):
            torch.mul(x[part], inverse[part], out=heads[part])
            heads[part].mul_(gain)
            output[part].mul_(torch.nn.functional.silu(gate[part]))
        return output

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        x, inverse, gain, gate = ctx.saved_tensors
        # empty_like keeps the head-by-head layout that the attention's gradient reads.
        for_x, for_gain, for_gate = (
            torch.empty_like(x), torch.zeros_like(gain), torch.empty_like(gate)
        )  # fmt: skip
        for part in _parts(gate):
            normed = x[part] * inverse[part]  # (b, T, H, K)
            scaled = (normed * gain).reshape(gate[part].shape).mul_(gradient[part])
            _silu_gradient(scaled, gate[part], for_gate[part])
            active = torch.nn.functional.silu(gate[part]).mul_(gradient[part])
            _norm_gradient(
                active.view(normed.shape), normed, inverse[part], gain, for_x[part], for_gain
            )
        return for_x, for_gain, for_gate


class _Convolve(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, heads: int) -> tuple[Tensor, ...]:
        mixed = torch.empty_like(x)
        batch, time, channels = x.shape
        width = channels // 3 // heads
        results = tuple(x.new_empty(batch, heads, time, width) for _ in range(3))
        for part in _parts(x):
            source, target = x[part], mixed[part]
            torch.mul(source, weight[-1], out=target)
            for lag in range(1, min(len(weight), time)):
                target[:, lag:].addcmul_(source[:, :-lag], weight[-1 - lag])
            for piece, result in zip(target.chunk(3, -1), results, strict=True):
                by_head = piece.reshape(-1, time, heads, width).transpose(1, 2)  # (b, H, T, K)
                torch.ops.aten.silu.out(by_head, out=result[part])
        ctx.save_for_backward(x, weight, mixed)
        return results

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, None]:
        x, weight, mixed = ctx.saved_tensors
        time = x.shape[1]
        for_x, for_weight = torch.empty_like(x), torch.zeros_like(weight)
        for part in _parts(x):
            source, target = x[part], for_x[part]
            flow = torch.empty_like(source)
            pieces = zip(gradients, mixed[part].chunk(3, -1), flow.chunk(3, -1), strict=True)
            for gradient, piece, result in pieces:
                by_token = gradient[part].transpose(1, 2)  # (b, T, H, K)
                _silu_gradient(by_token, piece.view_as(by_token), result.view_as(by_token))
            torch.mul(flow, weight[-1], out=target)
            for_weight[-1] += (flow * source).sum((0, 1))
            for lag in range(1, min(len(weight), time)):
                later, earlier = flow[:, lag:], source[:, :-lag]
                target[:, :-lag].addcmul_(later, weight[-1 - lag])
                for_weight[-1 - lag] += (later * earlier).sum((0, 1))
        return for_x, for_weight, None


def _inverse_root(x: Tensor) -> Tensor:
    """1 / sqrt(mean(x²) + epsilon) over the last dimension, kept with size one."""
    square: Tensor = torch.linalg.vecdot(x, x)[..., None]
    return square.div_(x.shape[-1]).add_(NORM_EPSILON).rsqrt_()


def _norm_gradient(
    gradient: Tensor, normed: Tensor, inverse: Tensor, gain: Tensor, for_x: Tensor, for_gain: Tensor
) -> None:
    """Write the norm's gradient to for_x and add the gain's to for_gain, both in place."""
    scaled = gradient * gain
    mean = torch.linalg.vecdot(scaled, normed)[..., None].div_(gain.shape[0])
    for_gain += torch.mul(gradient, normed).flatten(0, -2).sum(0)
    scaled.addcmul_(normed, mean, value=-1)
    torch.mul(scaled, inverse, out=for_x)


def _silu_gradient(gradient: Tensor, x: Tensor, out: Tensor) -> None:
    torch.ops.aten.silu_backward.grad_input(gradient, x, grad_input=out)
