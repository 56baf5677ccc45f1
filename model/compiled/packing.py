"""A checkpoint's weights in the shape that the compiled kernels read.

Every width is filled up with zeros to a multiple of sixteen, each head on its own, so that
kernels know no remainders; zeros stay zeros through all of them.

L layers, D width, H heads, K head width, F feed-forward width, W convolution width, V vocabulary,
P panels of sixteen rows; a small letter after it is the same, filled up: Dp, Kp, Fp
"""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from partimento.errors import PartimentoError
from partimento.model.compiled.vectors import LANES
from partimento.model.config import ModelConfig

Floats = npt.NDArray[np.float32]
Values = npt.NDArray[np.float32] | npt.NDArray[np.int8]
Arrays = Mapping[str, Floats]
Number = TypeVar("Number", np.float32, np.int8)

CACHE_LINE = 64
"""Bytes."""
LARGEST = 127
"""The largest weight of an output row as int8."""


class Matrix(NamedTuple):
    """The weights of all layers, in panels of sixteen output rows."""

    values: Values
    """(L, P, C, 16)"""
    scales: Floats
    """(L, 16 P): what each output is multiplied by."""


class Weights(NamedTuple):
    """A whole model; every array is contiguous."""

    sizes: npt.NDArray[np.int64]
    """(5,) D, H, K, F, and whether attention follows the delta rule."""
    embedding: Floats
    """(rows, Dp) of tokens, features and sounding entries."""
    offsets: npt.NDArray[np.int64]
    """(features,) first row of each feature's table."""
    columns: npt.NDArray[np.int64]
    """(features,) where the cursor writes each feature."""
    sounding: int
    """First row of the sounding entries; -1 when the model has none."""
    conditioning: Floats
    """(C, Dp) what each conditioning entry adds; C is 0 when the model has none."""
    mixer_norm: Floats
    """(L, Dp)"""
    mixer: Matrix
    """D to queries, keys, values and gate: 4 H Kp."""
    convolution: Floats
    """(L, W, 3 H Kp) oldest tap first; W is 0 when there is none."""
    rates: Matrix
    """D to decay and write rate of each head: 2 H, filled up; never quantised."""
    rate_bias: Floats
    """(L, 16 P)"""
    head_norm: Floats
    """(L, Kp)"""
    mixer_output: Matrix
    """H Kp to Dp."""
    feed_norm: Floats
    """(L, Dp)"""
    feed: Matrix
    """D to gate and value: 2 Fp."""
    feed_output: Matrix
    """F to Dp."""
    norm: Floats
    """(Dp,)"""
    head: Matrix
    """D to V, one layer."""


def pack(config: ModelConfig, arrays: Arrays) -> Weights:
    """Lay out a checkpoint's weights; ValueError when this engine cannot compute the model."""
    if config.attention == "softmax":
        raise PartimentoError(
            "attention softmax: the numba engine has linear attention only; use torch"
        )
    width, heads, head_width = config.width, config.heads, config.head_width
    layers = range(config.layers)

    def stack(name: str) -> list[Floats]:
        return [arrays[f"blocks.{layer}.{name}"] for layer in layers]

    sizes = [config.vocabulary_size, *(feature.size for feature in config.features)]
    tables = [arrays["embedding"]]
    if config.sounding_width:
        tables.append(arrays["sounding.weight"].T)
    mixer = [
        _by_head(np.concatenate([inputs, gate]), heads, head_width)
        for inputs, gate in zip(
            stack("mixer.inputs.weight"), stack("mixer.gate.weight"), strict=True
        )
    ]
    rates, rate_bias = _rates(config, arrays)
    taps = config.convolution_width or 0
    convolution = np.zeros((config.layers, taps, 3 * heads * _up(head_width)), np.float32)
    if taps:
        for layer, weight in enumerate(stack("mixer.convolution.weight")):
            convolution[layer] = _by_head(weight.T, heads, head_width).T
    feed = [
        np.concatenate([_fill(part, 0) for part in np.split(weight, 2)])
        for weight in stack("feed_forward.inputs.weight")
    ]
    return Weights(
        sizes=np.array(
            [width, heads, head_width, config.feed_forward_width, config.attention == "delta"]
        ),
        embedding=_fill(np.concatenate(tables), 1),
        offsets=np.cumsum(sizes[:-1], dtype=np.int64),
        columns=np.array([feature.column for feature in config.features], np.int64),
        sounding=sum(sizes) if config.sounding_width else -1,
        conditioning=_conditioning(config, arrays),
        mixer_norm=_fill(np.stack(stack("mixer_norm.gain")), 1),
        mixer=panels(mixer),
        convolution=convolution,
        rates=panels(rates),
        rate_bias=rate_bias,
        head_norm=_fill(np.stack(stack("mixer.norm.gain")), 1),
        mixer_output=panels(
            [_by_head(w.T, heads, head_width).T for w in stack("mixer.output.weight")]
        ),
        feed_norm=_fill(np.stack(stack("feed_forward_norm.gain")), 1),
        feed=panels(feed),
        feed_output=panels(stack("feed_forward.output.weight")),
        norm=_fill(arrays["norm.gain"], 0),
        head=panels([arrays["head.weight"]]),
    )


def panels(matrices: list[Floats]) -> Matrix:
    """Pack one (rows, C) matrix a layer."""
    packed = []
    for matrix in matrices:
        filled = _fill(matrix, 0)
        packed.append(filled.reshape(-1, LANES, filled.shape[1]).transpose(0, 2, 1))
    values = zeros((len(packed), *packed[0].shape), np.float32)
    np.stack(packed, out=values)
    return Matrix(values, np.ones((len(packed), values.shape[1] * LANES), np.float32))


def quantize(weights: Weights) -> Weights:
    """Round the large matrices to int8; embeddings, norms and rates stay float32."""
    return weights._replace(
        mixer=quantize_matrix(weights.mixer),
        mixer_output=quantize_matrix(weights.mixer_output),
        feed=quantize_matrix(weights.feed),
        feed_output=quantize_matrix(weights.feed_output),
        head=quantize_matrix(weights.head),
    )


def quantize_matrix(matrix: Matrix) -> Matrix:
    """Round each output row to whole multiples of its largest weight / 127."""
    layers, panels, _, lanes = matrix.values.shape
    largest = np.abs(matrix.values).max(2)  # (L, P, 16)
    # A row of zeros, such as one that only fills up a panel, may have any scale.
    scales = np.where(largest > 0, largest, 1).astype(np.float32) / np.float32(LARGEST)
    values = zeros(matrix.values.shape, np.int8)
    values[:] = np.rint(matrix.values / scales[:, :, None])
    return Matrix(values, scales.reshape(layers, panels * lanes))


def zeros(shape: Sequence[int], number: type[Number]) -> npt.NDArray[Number]:
    """Zeros that begin at a cache line, so that a vector of sixteen lies in one."""
    size = math.prod(shape) * np.dtype(number).itemsize
    memory = np.zeros(size + CACHE_LINE, np.uint8)
    start = -memory.ctypes.data % CACHE_LINE
    return memory[start : start + size].view(number).reshape(shape)


def _conditioning(config: ModelConfig, arrays: Arrays) -> Floats:
    """(C, Dp) the rows of the conditioning entries; none when the model has no such input."""
    if config.conditioning_width is None:
        return _fill(np.zeros((0, config.width), np.float32), 1)
    return _fill(arrays["conditioning.weight"].T, 1)


def _rates(config: ModelConfig, arrays: Arrays) -> tuple[list[Floats], Floats]:
    """Rows of the decay and, for the delta rule, of the write rate, with their biases."""
    names = ["decay", "beta"] if config.attention == "delta" else ["decay"]
    rates, biases = [], []
    for layer in range(config.layers):
        found = [f"blocks.{layer}.mixer.{name}" for name in names]
        rates.append(np.concatenate([arrays[f"{name}.weight"] for name in found]))
        biases.append(_fill(np.concatenate([arrays[f"{name}.bias"] for name in found]), 0))
    return rates, np.stack(biases)


def _up(size: int) -> int:
    """The next multiple of sixteen."""
    return -(-size // LANES) * LANES


def _fill(array: Floats, axis: int) -> Floats:
    """Fill an axis up with zeros to a multiple of sixteen."""
    missing = [(0, 0)] * array.ndim
    missing[axis] = (0, -array.shape[axis] % LANES)
    return np.ascontiguousarray(np.pad(array, missing), np.float32)


def _by_head(matrix: Floats, heads: int, head_width: int) -> Floats:
    """Fill up the rows of each head: (n H K, C) to (n H Kp, C)."""
    split = matrix.reshape(-1, heads, head_width, matrix.shape[1])
    return _fill(split, 2).reshape(-1, matrix.shape[1])
