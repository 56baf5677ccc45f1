"""Matrix products of one row or many, bit for bit the same for each row.

A matrix is packed in panels of sixteen output rows: (P, C, 16), so that its weights are read
once, from the first byte to the last. Each output is one chain of fused multiply-adds over the
columns in ascending order, whatever the tile it is computed in: that is why a piece alone and
a piece in a batch get the same bytes.

N rows of input, C columns, P panels
"""

from collections.abc import Sequence

from llvmlite import ir
from numba.core import cgutils
from numba.core.base import BaseContext
from numba.core.codegen import get_host_cpu_features
from numba.core.typing import Context
from numba.core.typing.templates import Signature
from numba.extending import intrinsic
from numba.np.arrayobj import make_array
from numba.types import Array, Integer, IntegerLiteral, intp, void

from partimento.model.compiled.packing import Floats, Values
from partimento.model.compiled.vectors import (
    LANES,
    VECTOR,
    Intrinsic,
    fuse,
    load_vector,
    splat_scalar,
    store_vector,
)
from partimento.tokenizer.compilation import inner

MOST_ROWS = 6
"""Rows of a tile: with one panel they fill 12 of the 16 registers of AVX2."""
HAS_WIDE_REGISTERS = "+avx512f" in get_host_cpu_features()
"""Whether the processor has 32 registers of sixteen floats: room for twice as many sums."""


@intrinsic(prefer_literal=True)
def multiply_tile(
    typing_context: Context,
    values: Array,
    scales: Array,
    x: Array,
    y: Array,
    panel: Integer,
    row: Integer,
    panels: IntegerLiteral,
    rows: IntegerLiteral,
) -> Intrinsic | None:
    """Compute `panels` x `rows` (literals) tiles of y from a panel and a row on, in place."""
    if not all(isinstance(size, IntegerLiteral) for size in (panels, rows)):
        return None
    number = intp

    def generate(
        context: BaseContext,
        builder: ir.IRBuilder,
        signature: Signature,
        arguments: Sequence[ir.Value],
    ) -> ir.Value:
        arrays = [
            make_array(kind)(context, builder, argument)
            for kind, argument in zip(signature.args[:4], arguments[:4], strict=True)
        ]
        weights, scale, inputs, outputs = arrays
        columns = cgutils.unpack_tuple(builder, weights.shape)[1]
        input_width, output_width = (
            cgutils.unpack_tuple(builder, array.shape)[1] for array in (inputs, outputs)
        )
        first_panel, first_row = arguments[4:6]
        step = columns.type(LANES)
        panel_at = [
            builder.mul(builder.add(first_panel, columns.type(p)), builder.mul(columns, step))
            for p in range(panels.literal_value)
        ]
        row_at = [
            builder.mul(builder.add(first_row, columns.type(r)), input_width)
            for r in range(rows.literal_value)
        ]
        zero = ir.Constant(VECTOR, [0.0] * LANES)
        sums = [[cgutils.alloca_once_value(builder, zero) for _ in row_at] for _ in panel_at]
        for line in sums:
            for place in line:
                builder.store(zero, place)
        with cgutils.for_range(builder, columns) as loop:
            offset = builder.mul(loop.index, step)
            parts = [
                load_vector(builder, builder.gep(weights.data, [builder.add(at, offset)]))
                for at in panel_at
            ]
            for r, at in enumerate(row_at):
                pointer = builder.gep(inputs.data, [builder.add(at, loop.index)])
                scalar = splat_scalar(builder, builder.load(pointer))
                for part, line in zip(parts, sums, strict=True):
                    builder.store(fuse(builder, part, scalar, builder.load(line[r])), line[r])
        for p, line in enumerate(sums):
            column = builder.mul(builder.add(first_panel, columns.type(p)), step)
            factor = load_vector(builder, builder.gep(scale.data, [column]))
            for r, place in enumerate(line):
                at = builder.mul(builder.add(first_row, columns.type(r)), output_width)
                pointer = builder.gep(outputs.data, [builder.add(at, column)])
                store_vector(builder, builder.fmul(builder.load(place), factor), pointer)
        return context.get_dummy_value()

    return void(values, scales, x, y, number, number, panels, rows), generate


@inner
def multiply_rows(values: Values, scales: Floats, x: Floats, rows: int, y: Floats) -> None:
    """y (N, 16 P) = x (N, C) times the matrix, for the first `rows` rows, in place.

    values (P, C, 16) float32 or int8, scales (16 P,): the factor of each output.
    """
    panels = values.shape[0]
    panel = 0
    # Few rows leave registers free: several panels at a time then hide the latency of the sums.
    if rows == 1:
        if HAS_WIDE_REGISTERS:
            while panel + 8 <= panels:
                multiply_tile(values, scales, x, y, panel, 0, 8, 1)
                panel += 8
        while panel + 4 <= panels:
            multiply_tile(values, scales, x, y, panel, 0, 4, 1)
            panel += 4
    elif rows == 2:
        if HAS_WIDE_REGISTERS:
            while panel + 4 <= panels:
                multiply_tile(values, scales, x, y, panel, 0, 4, 2)
                panel += 4
        while panel + 2 <= panels:
            multiply_tile(values, scales, x, y, panel, 0, 2, 2)
            panel += 2
    tiles = (rows + MOST_ROWS - 1) // MOST_ROWS
    for p in range(panel, panels):
        for tile in range(tiles):
            # Tiles of equal size, as far as possible: a tile of one row costs half of one of six.
            first = tile * rows // tiles
            size = (tile + 1) * rows // tiles - first
            if size == 6:
                multiply_tile(values, scales, x, y, p, first, 1, 6)
            elif size == 5:
                multiply_tile(values, scales, x, y, p, first, 1, 5)
            elif size == 4:
                multiply_tile(values, scales, x, y, p, first, 1, 4)
            elif size == 3:
                multiply_tile(values, scales, x, y, p, first, 1, 3)
            elif size == 2:
                multiply_tile(values, scales, x, y, p, first, 1, 2)
            else:
                multiply_tile(values, scales, x, y, p, first, 1, 1)
