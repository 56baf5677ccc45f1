"""Matrix products of one row or many, bit for bit the same for each row.

A matrix is packed in panels of sixteen output rows: (P, C, 16), so that its weights are read
once, from the first byte to the last. Each output is one chain of fused multiply-adds over the
columns in ascending order, whatever the tile it is computed in: that is why a piece alone and
a piece in a batch get the same bytes.

N rows of input, C columns, P panels
"""

from collections.abc import Sequence
from typing import Any

from llvmlite import ir
from numba.core import cgutils
from numba.core.base import BaseContext
from numba.core.codegen import get_host_cpu_features
from numba.core.typing import Context
from numba.core.typing.templates import Signature
from numba.extending import intrinsic
from numba.np.arrayobj import make_array
from numba.types import Array, Integer, intp, void

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
SUMS = 8 if "+avx512f" in get_host_cpu_features() else 4
"""Sums under way for one or two rows: enough to hide the time that one takes; AVX-512 has twice
as many registers."""
TILES = (
    *((1, rows) for rows in range(1, MOST_ROWS + 1)),
    *((panels, rows) for rows in (1, 2) for panels in (2, 4, 8) if panels * rows <= SUMS),
)
"""Panels and rows of the tiles that are compiled."""

Arrays = Sequence[Any]
"""Weights, scales, inputs and outputs, in compiled code."""


@intrinsic
def multiply_tile(
    typing_context: Context,
    values: Array,
    scales: Array,
    x: Array,
    y: Array,
    panel: Integer,
    panels: Integer,
    row: Integer,
    rows: Integer,
) -> Intrinsic:
    """Compute one tile of y, `panels` x `rows` of TILES, from a panel and a row on, in place."""

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
        panel, panels, row, rows = arguments[4:]
        size = builder.add(builder.mul(panels, panels.type(LANES)), rows)
        done = builder.append_basic_block("done")
        choice = builder.switch(size, done)
        for tile in TILES:
            choice.add_case(size.type(tile[0] * LANES + tile[1]), builder.append_basic_block())
            builder.position_at_end(choice.cases[-1][1])
            _write_tile(builder, arrays, panel, row, *tile)
            builder.branch(done)
        builder.position_at_end(done)
        return context.get_dummy_value()

    return void(values, scales, x, y, intp, intp, intp, intp), generate


def _write_tile(
    builder: ir.IRBuilder,
    arrays: Arrays,
    first_panel: ir.Value,
    first_row: ir.Value,
    panels: int,
    rows: int,
) -> None:
    """Write the instructions of one tile: its sums stay in registers over all columns."""
    weights, scale, inputs, outputs = arrays
    columns = cgutils.unpack_tuple(builder, weights.shape)[1]
    input_width, output_width = (
        cgutils.unpack_tuple(builder, array.shape)[1] for array in (inputs, outputs)
    )
    step = columns.type(LANES)
    panel_at = [
        builder.mul(builder.add(first_panel, columns.type(p)), builder.mul(columns, step))
        for p in range(panels)
    ]
    row_at = [
        builder.mul(builder.add(first_row, columns.type(r)), input_width) for r in range(rows)
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


@inner
def multiply_rows(values: Values, scales: Floats, x: Floats, rows: int, y: Floats) -> None:
    """y (N, 16 P) = x (N, C) times the matrix, for the first `rows` rows, in place.

    values (P, C, 16) float32 or int8, scales (16 P,): the factor of each output.
    """
    tiles = (rows + MOST_ROWS - 1) // MOST_ROWS
    # Few rows leave registers free for several panels at a time.
    panels = SUMS // rows if 0 < rows <= 2 else 1
    panel = 0
    while panel < values.shape[0]:
        while panel + panels > values.shape[0]:
            panels //= 2
        for tile in range(tiles):
            # Tiles of equal size, as far as possible: a tile of one row costs half of one of six.
            first = tile * rows // tiles
            size = (tile + 1) * rows // tiles - first
            multiply_tile(values, scales, x, y, panel, panels, first, size)
        panel += panels
