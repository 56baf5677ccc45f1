"""Matrix products and vectors against numpy, and bit for bit among themselves."""

import os
import platform
import subprocess
import sys

import numpy as np
import numpy.typing as npt
import pytest

from partimento.model.compiled.packing import (
    CACHE_LINE,
    Floats,
    Values,
    panels,
    quantize_matrix,
    zeros,
)
from partimento.model.compiled.products import multiply_rows
from partimento.model.compiled.vectors import LANES, load, sigmoid, splat, store, total
from partimento.tokenizer.compilation import compiler


@compiler(None)
def multiply(values: Values, scales: Floats, x: Floats, rows: int, y: Floats) -> None:
    """`multiply_rows`, called from Python."""
    multiply_rows(values, scales, x, rows, y)


@compiler(None)
def sigmoids(x: Floats, y: Floats) -> None:
    """The sigmoid of each entry."""
    for j in range(0, len(x), LANES):
        store(y, j, sigmoid(load(x, j)))


@compiler(None)
def sums(x: Floats, y: Floats) -> None:
    """The sum of each row of sixteen, in every lane."""
    for j in range(0, len(x), LANES):
        store(y, j, splat(total(load(x, j))))


@pytest.mark.parametrize("precision", ["float32", "int8"])
@pytest.mark.parametrize("outputs", [16, 48, 16 * 13])
def test_products_are_numpys_and_the_same_bits_whatever_the_tile(
    precision: str, outputs: int
) -> None:
    draw = np.random.default_rng(1)
    packed = panels([draw.normal(size=(outputs, 37)).astype(np.float32)])
    if precision == "int8":
        packed = quantize_matrix(packed)
    values, scales = packed.values[0], packed.scales[0]
    whole = values.transpose(0, 2, 1).reshape(outputs, 37).astype(np.float64) * scales[:, None]
    x = draw.normal(size=(20, 37)).astype(np.float32)
    expected = x.astype(np.float64) @ whole.T
    alone = np.zeros((20, outputs), np.float32)
    for row in range(20):
        multiply(values, scales, x[row : row + 1], 1, alone[row : row + 1])
    np.testing.assert_allclose(alone, expected, rtol=0, atol=3e-5)
    for rows in range(2, 21):  # every size of tile, and all ways to share rows among tiles
        together = np.full((20, outputs), np.nan, np.float32)
        multiply(values, scales, x, rows, together)
        np.testing.assert_array_equal(together[:rows], alone[:rows])
        assert np.isnan(together[rows:]).all()


def test_the_sigmoid_is_exact_to_single_precision_and_never_overflows() -> None:
    x = np.concatenate([np.linspace(-40, 40, 4000), [0, -1e30, 1e30, -87.5, 87.5, 1e-30] * 8])
    x = x[: len(x) // LANES * LANES].astype(np.float32)
    y = np.zeros_like(x)
    sigmoids(x, y)
    wide = x.astype(np.float64)
    with np.errstate(over="ignore"):
        expected = 1 / (1 + np.exp(-wide))
    np.testing.assert_allclose(y, expected, rtol=4e-7, atol=1e-37)


def test_a_total_adds_halves_first() -> None:
    x = np.random.default_rng(2).normal(size=LANES * 5).astype(np.float32)
    y = np.zeros_like(x)
    sums(x, y)
    for row in range(5):
        part: npt.NDArray[np.float32] = x[row * LANES : (row + 1) * LANES]
        while len(part) > 1:
            part = part[: len(part) // 2] + part[len(part) // 2 :]
        assert (y[row * LANES : (row + 1) * LANES] == part[0]).all()


def test_arrays_begin_at_a_cache_line() -> None:
    for size in (1, 3, 17, 1000):
        for kind in (np.float32, np.int8):
            array = zeros((size, 5), kind)
            assert array.ctypes.data % CACHE_LINE == 0
            assert array.shape == (size, 5)
            assert array.dtype == kind
            assert not array.any()
            assert array.flags.c_contiguous


PROGRAM = """
import hashlib
import numpy as np
from partimento.model.compiled.packing import panels
from partimento.model.compiled.products import multiply_rows
from partimento.model.compiled.vectors import load, sigmoid, splat, store, total
from partimento.tokenizer.compilation import compiler

@compiler(None)
def compute(values, scales, x, y):
    multiply_rows(values, scales, x, 1, y)
    multiply_rows(values, scales, x, 9, y)
    for j in range(0, y.size, 16):
        value = sigmoid(load(y, j))
        store(y, j, value)
        store(y, j, splat(total(value)) if j % 32 else value)

draw = np.random.default_rng(1)
packed = panels([draw.normal(size=(208, 96)).astype(np.float32)])
y = np.zeros((9, 208), np.float32)
compute(packed.values[0], packed.scales[0], draw.normal(size=(9, 96)).astype(np.float32), y)
print(hashlib.sha256(y.tobytes()).hexdigest())
"""


@pytest.mark.slow
@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="names x86 processors")
def test_an_older_processor_computes_the_same_bits() -> None:
    """Code for AVX2, with half the registers of half the width, runs on this processor too."""
    features = "+avx,+avx2,+fma,+sse4.2,+popcnt,+bmi,+bmi2"
    older = {"NUMBA_CPU_NAME": "haswell", "NUMBA_CPU_FEATURES": features}
    hashes = [
        subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env={**os.environ, **settings},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for settings in ({}, older)
    ]
    assert len(hashes[0]) == 65
    assert hashes[0] == hashes[1]
