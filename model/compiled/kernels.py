"""The model in compiled code: any rows at once, each a token of some piece.

Rows are pieces side by side when decoding, or consecutive tokens of one piece when a prompt is
read: either way the matrix products run over all rows, and the recurrent part walks through
them one by one, in order. A row's numbers are the same whoever its neighbours are.

N rows, P slots, R rows of what a piece is told, C conditioning entries; D, H, K, F, W and Kp as
in packing.py
"""

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from partimento.model.compiled.packing import Floats, Weights, zeros
from partimento.model.compiled.products import multiply_rows
from partimento.model.compiled.vectors import (
    LANES,
    add,
    load,
    multiply,
    multiply_add,
    sigmoid,
    splat,
    store,
    subtract,
    total,
)
from partimento.tokenizer.compilation import inner
from partimento.tokenizer.cursor import ByteArray, Int16Array

NORM_EPSILON = np.float32(1e-6)
"""The model's: added to a mean square before its root."""
_LEAST_LENGTH = np.float32(1e-12)
_ONE = np.float32(1.0)
_ZERO = np.float32(0.0)

Slots = npt.NDArray[np.int64]


class Memory(NamedTuple):
    """What the model remembers of each piece; of fixed size."""

    matrices: Floats
    """(P, L, H, Kp / 16, K, 16): sixteen columns at a time, so that each is read in one go."""
    tail: Floats
    """(P, L, W - 1, 3 H Kp) the last inputs of the convolution, oldest first."""


class Scratch(NamedTuple):
    """Arrays of one pass, one row a token."""

    x: Floats
    """(N, Dp) the residual stream; the embedding is put in."""
    normed: Floats
    """(N, Dp)"""
    mixed: Floats
    """(N, 4 H Kp) queries, keys, values, gate."""
    rates: Floats
    """(N, 16 P)"""
    attended: Floats
    """(N, H Kp)"""
    inner: Floats
    """(N, 2 Fp)"""
    answer: Floats
    """(N, Dp)"""
    logits: Floats
    """(N, V)"""


def new_memory(weights: Weights, slots: int) -> Memory:
    """The memory of empty slots: zeros."""
    _, heads, head_width, *_ = weights.sizes.tolist()
    layers, taps, channels = weights.convolution.shape
    blocks = channels // heads // 3 // LANES
    return Memory(
        zeros((slots, layers, heads, blocks, head_width, LANES), np.float32),
        zeros((slots, layers, max(taps - 1, 0), channels), np.float32),
    )


def new_scratch(weights: Weights, rows: int) -> Scratch:
    """Arrays for up to so many rows."""
    width = weights.embedding.shape[1]
    mixed, inner = (m.scales.shape[1] for m in (weights.mixer, weights.feed))
    rates, logits = (m.scales.shape[1] for m in (weights.rates, weights.head))
    widths = (width, width, mixed, rates, mixed // 4, inner, width, logits)
    return Scratch(*(zeros((rows, entries), np.float32) for entries in widths))


def told_rows(weights: Weights, told: Floats) -> Floats:
    """What the conditioning vectors (R, C) add to embeddings, (R, Dp): once for a whole piece.

    Entries beyond the model's own are left out. Without BLAS, whose sums differ between machines.
    """
    entries, width = weights.conditioning.shape
    rows = zeros((len(told), width if entries else 0), np.float32)
    if entries:
        np.einsum("rc,cd->rd", told[:, :entries], weights.conditioning, out=rows)
    return rows


@inner
def embed(
    weights: Weights,
    token: int,
    ids: Int16Array,
    sounding: ByteArray,
    told: Floats,
    x: Floats,
    row: int,
) -> None:
    """Sum the rows of a token, its features (F,) and what sounds (S,) into x[row], in place.

    To it comes `told` (Dp,), what the piece is told there, unless that is empty.
    """
    features = len(weights.columns)
    width = x.shape[1]
    used = np.empty(1 + features + len(sounding), np.int64)
    used[0] = token
    for i in range(features):
        used[1 + i] = weights.offsets[i] + ids[weights.columns[i]]
    count = 1 + features
    if weights.sounding >= 0:
        for i in range(len(sounding)):
            if sounding[i]:
                used[count] = weights.sounding + i
                count += 1
    for j in range(0, width, LANES):
        value = load(weights.embedding, used[0] * width + j)
        for i in range(1, count):
            value = add(value, load(weights.embedding, used[i] * width + j))
        if len(told) > 0:
            value = add(value, load(told, j))
        store(x, row * width + j, value)


@inner
def run_layers(weights: Weights, memory: Memory, scratch: Scratch, slots: Slots, rows: int) -> None:
    """Take the first N rows of the scratch through all layers, row n a token of slots[n]."""
    x, normed, mixed, answer = scratch.x, scratch.normed, scratch.mixed, scratch.answer
    width = weights.sizes[0]
    for layer in range(len(weights.mixer_norm)):
        normalize(x, weights.mixer_norm[layer], width, normed, rows)
        multiply_rows(weights.mixer.values[layer], weights.mixer.scales[layer], normed, rows, mixed)
        multiply_rows(
            weights.rates.values[layer], weights.rates.scales[layer], normed, rows, scratch.rates
        )
        for row in range(rows):
            slot = slots[row]
            if weights.convolution.shape[1] > 0:
                convolve(weights.convolution[layer], memory.tail[slot, layer], mixed[row])
            attend(
                weights, layer, memory.matrices[slot, layer], mixed[row], scratch.rates[row],
                scratch.attended[row],
            )  # fmt: skip
        multiply_rows(
            weights.mixer_output.values[layer], weights.mixer_output.scales[layer],
            scratch.attended, rows, answer,
        )  # fmt: skip
        add_rows(x, answer, rows)
        normalize(x, weights.feed_norm[layer], width, normed, rows)
        multiply_rows(
            weights.feed.values[layer], weights.feed.scales[layer], normed, rows, scratch.inner
        )
        gate_rows(scratch.inner, rows)
        multiply_rows(
            weights.feed_output.values[layer], weights.feed_output.scales[layer],
            scratch.inner, rows, answer,
        )  # fmt: skip
        add_rows(x, answer, rows)


@inner
def write_logits(weights: Weights, scratch: Scratch, rows: int) -> None:
    """Logits of the token after each of the first N rows, in place."""
    normalize(scratch.x, weights.norm, weights.sizes[0], scratch.normed, rows)
    multiply_rows(
        weights.head.values[0], weights.head.scales[0], scratch.normed, rows, scratch.logits
    )


@inner
def normalize(x: Floats, gain: Floats, width: int, out: Floats, rows: int) -> None:
    """Divide each row by the root mean square of its `width` entries, times gain, into out."""
    filled = x.shape[1]
    for row in range(rows):
        squares = splat(_ZERO)
        for j in range(0, filled, LANES):
            value = load(x, row * filled + j)
            squares = multiply_add(value, value, squares)
        inverse = splat(_ONE / math.sqrt(total(squares) / np.float32(width) + NORM_EPSILON))
        for j in range(0, filled, LANES):
            scaled = multiply(load(x, row * filled + j), inverse)
            store(out, row * filled + j, multiply(scaled, load(gain, j)))


@inner
def add_rows(x: Floats, answer: Floats, rows: int) -> None:
    """Add the first rows of answer to x, in place."""
    for j in range(0, rows * x.shape[1], LANES):
        store(x, j, add(load(x, j), load(answer, j)))


@inner
def gate_rows(inner: Floats, rows: int) -> None:
    """SiLU of the first half of each row times its second half, into the first, in place."""
    half = inner.shape[1] // 2
    for row in range(rows):
        at = row * inner.shape[1]
        for j in range(at, at + half, LANES):
            gate = load(inner, j)
            store(inner, j, multiply(multiply(gate, sigmoid(gate)), load(inner, j + half)))


@inner
def convolve(taps: Floats, tail: Floats, mixed: Floats) -> None:
    """Mix each channel with its last values, apply SiLU, and shift the tail, in place."""
    past, channels = tail.shape
    for j in range(0, channels, LANES):
        newest = load(mixed, j)
        value = multiply(newest, load(taps, past * channels + j))
        for i in range(past - 1, -1, -1):
            value = multiply_add(load(tail, i * channels + j), load(taps, i * channels + j), value)
        for i in range(past - 1):
            store(tail, i * channels + j, load(tail, (i + 1) * channels + j))
        store(tail, (past - 1) * channels + j, newest)
        store(mixed, j, multiply(value, sigmoid(value)))


@inner
def attend(
    weights: Weights, layer: int, matrices: Floats, mixed: Floats, rates: Floats, out: Floats
) -> None:
    """Update the matrix of each head, read it with the query, normalise and gate, in place."""
    heads, blocks, head_width, _ = matrices.shape
    filled = blocks * LANES
    channels = heads * filled
    is_delta = weights.sizes[4] == 1
    scale = _ONE / math.sqrt(np.float32(head_width))
    for head in range(heads):
        q = head * filled
        k, v, gate = q + channels, q + 2 * channels, q + 3 * channels
        decay = sigmoid(splat(rates[head] + weights.rate_bias[layer, head]))
        if is_delta:
            rate = sigmoid(splat(rates[heads + head] + weights.rate_bias[layer, heads + head]))
            shorten(mixed, q, filled)
            shorten(mixed, k, filled)
        squares = splat(_ZERO)
        for j in range(0, filled, LANES):
            value = load(mixed, v + j)
            start = (head * filled + j) * head_width
            if is_delta:
                known = splat(_ZERO)
                for i in range(head_width):
                    old = multiply(decay, load(matrices, start + i * LANES))
                    known = multiply_add(splat(mixed[k + i]), old, known)
                value = multiply(rate, subtract(value, known))
            answer = splat(_ZERO)
            for i in range(head_width):
                at = start + i * LANES
                new = multiply_add(splat(mixed[k + i]), value, multiply(decay, load(matrices, at)))
                store(matrices, at, new)
                answer = multiply_add(splat(mixed[q + i]), new, answer)
            if not is_delta:
                answer = multiply(answer, splat(scale))
            squares = multiply_add(answer, answer, squares)
            store(out, q + j, answer)
        inverse = splat(_ONE / math.sqrt(total(squares) / np.float32(head_width) + NORM_EPSILON))
        for j in range(0, filled, LANES):
            opening = load(mixed, gate + j)
            scaled = multiply(
                multiply(load(out, q + j), inverse), load(weights.head_norm[layer], j)
            )
            store(out, q + j, multiply(scaled, multiply(opening, sigmoid(opening))))


@inner
def shorten(values: Floats, start: int, width: int) -> None:
    """Divide the vector at values[start : start + width] by its length, in place."""
    squares = splat(_ZERO)
    for j in range(start, start + width, LANES):
        squares = multiply_add(load(values, j), load(values, j), squares)
    length = np.float32(math.sqrt(total(squares)))
    inverse = splat(_ONE / max(length, _LEAST_LENGTH))
    for j in range(start, start + width, LANES):
        store(values, j, multiply(load(values, j), inverse))
