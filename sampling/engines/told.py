"""What the network is told beside the tokens of a piece, as a table that is made once.

Its first row is what the piece is told everywhere. A piece with a sketch has one more for each
slot of its bars, which holds both.

R rows of a table, B bars with a sketch, C inputs of a sketch's row, D width of the model; Dp is D
filled up
"""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from partimento.errors import PartimentoError
from partimento.model.compiled.kernels import told_rows
from partimento.model.compiled.packing import Arrays, Floats, Weights
from partimento.model.config import ModelConfig
from partimento.model.latent.conditioning import INPUTS, ROWS, sketch_rows
from partimento.music.sketch import SLOTS
from partimento.sampling.plan import Plan
from partimento.tokenizer import cursor as c
from partimento.tokenizer.compilation import as_int, inner

_READER = "sketch."
"""What the names of the reader's weights begin with in a checkpoint."""


def reader_weights(arrays: Arrays) -> dict[str, Floats]:
    """The weights of a checkpoint's reader of sketches by its own names; {} when it has none."""
    return {
        name.removeprefix(_READER): array
        for name, array in arrays.items()
        if name.startswith(_READER)
    }


def check_sketches(config: ModelConfig, plans: Sequence[Plan]) -> None:
    """Refuse plans with a sketch for a model that has no ear for it."""
    if config.sketch_width is None and any(len(plan.sketch) for plan in plans):
        raise PartimentoError(
            "a sketch is to be followed, but this checkpoint was trained without sketches; "
            "leave the sketch out, or take a checkpoint that was trained with them"
        )


def table_rows(plan: Plan) -> int:
    """Rows of a piece's table."""
    return 1 + len(plan.sketch) * ROWS


def write_told(weights: Weights, reader: Mapping[str, Floats], plan: Plan, table: Floats) -> int:
    """Write what a piece is told to the start of a table (R, Dp), in place; how many rows it took.

    The reader's products are in float32 whatever the precision of the rest.
    """
    own = told_rows(weights, plan.told)
    table[0] = own[0] if own.shape[1] else np.float32(0)
    count = table_rows(plan)
    if count > 1:
        read = sketch_rows(plan.sketch, reader, is_written=True)  # (B, ROWS, D)
        table[1:count] = table[0]
        table[1:count, : read.shape[2]] += read.reshape(count - 1, -1)
    return count


@inner
def told_at(scalars: c.Int32Array, rows: int) -> int:
    """The row of a table of so many rows that is told where a cursor stands.

    It is the first one outside of bars, and in bars without a sketch.
    """
    s = scalars
    if s[c.BAR] < 0:
        return as_int(0)
    slot = min(as_int(s[c.TICK]) * SLOTS // max(as_int(s[c.LENGTH]), 1), SLOTS)
    row = 1 + as_int(s[c.BAR]) * ROWS + slot
    return row if row < rows else as_int(0)


def sketches_at(
    plans: Sequence[Plan], bars: npt.NDArray[np.integer], slots: npt.NDArray[np.integer]
) -> Floats:
    """(N, C) what is told of the sketches of N plans at a bar and a slot of each, (N,)."""
    told = np.zeros((len(plans), INPUTS), np.float32)
    for row, (plan, bar, slot) in enumerate(zip(plans, bars, slots, strict=True)):
        if 0 <= bar < len(plan.sketch):
            told[row] = plan.sketch[bar, slot]
    return told
