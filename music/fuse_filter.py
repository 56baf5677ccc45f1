"""Sets of hashes in a few bits each: what is in one is always found, little else is.

Binary fuse filters (T. M. Graf and D. Lemire, ACM Journal of Experimental Algorithmics 27, 2022):
a hash stands for three cells of a table, and its fingerprint is the exclusive or of what they
hold. A table of B bits a cell takes 1.125 B bits for each of many hashes, and finds a hash that is
not in it by a chance of 2 ** -B.

H hashes, B bits of a fingerprint
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from partimento.music.passages import Flags, Hashes, mix

Cells = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]
_SECOND = np.uint64(0xD6E8FEB86659FD93)
MAX_SEEDS = 100
"""Seeds that are tried; nearly always the first or the second one does."""


class Shape(NamedTuple):
    """How long a table is: its cells are in segments, and the three of a hash in neighbours."""

    segment: int
    """Cells of a segment, a power of two."""
    segments: int

    @property
    def cells(self) -> int:
        """Of the whole table."""
        return self.segment * self.segments


@dataclass(frozen=True, slots=True, eq=False)
class FuseFilter:
    """A set of hashes."""

    shape: Shape
    seed: int
    bits: int
    """Of a fingerprint, 1 to 8."""
    table: Bytes
    """The fingerprints of the cells, one behind the other."""

    def holds(self, hashes: Hashes) -> Flags:
        """(H,) which hashes are in the set; of the others, a share of 2 ** -B is said to be."""
        cells, fingerprints = _places(hashes, self.shape, self.seed, self.bits)
        bits = cells[:, :, None] * self.bits + np.arange(self.bits)  # (H, 3, B)
        found = (self.table[bits >> 3] >> (bits & 7).astype(np.uint8)) & 1
        said = np.bitwise_xor.reduce(found, axis=1) @ (1 << np.arange(self.bits))  # (H,)
        held: Flags = said == fingerprints
        return held

    @property
    def chance(self) -> float:
        """Share of the hashes outside the set that are said to be in it."""
        return 2.0**-self.bits


def bits_within(hashes: int, most_bytes: int) -> int:
    """The most bits of a fingerprint with which a table of so many hashes fits, at most 8.

    0 when none does.
    """
    return min(8, most_bytes * 8 // _shape(hashes).cells)


def build(hashes: Hashes, bits: int) -> FuseFilter:
    """The set of some hashes (H,), each of which may come more than once."""
    hashes = np.unique(hashes)
    shape = _shape(len(hashes))
    for seed in range(MAX_SEEDS):
        cells, fingerprints = _places(hashes, shape, seed, bits)
        order = _peel(cells, shape.cells)
        if order is not None:
            values = _fill(cells, fingerprints, order, shape.cells)
            return FuseFilter(shape, seed, bits, _packed(values, bits))
    raise AssertionError(f"no seed of {MAX_SEEDS} places {len(hashes)} hashes")


def _shape(hashes: int) -> Shape:
    """The shape that the paper gives for so many hashes and three cells each."""
    count = max(hashes, 2)
    segment = 1 << max(2, int(math.log(count) / math.log(3.33) + 2.25))
    share = max(1.125, 0.875 + 0.25 * max(1.0, math.log(1e6) / math.log(count)))
    return Shape(segment, max(3, -(-int(count * share) // segment)))


def _places(hashes: Hashes, shape: Shape, seed: int, bits: int) -> tuple[Cells, Cells]:
    """The three cells (H, 3) and the fingerprint (H,) of each hash."""
    first = mix(hashes + mix(np.array([seed], np.int64)))
    second = mix(first ^ _SECOND)
    starts = np.uint64(shape.cells - 2 * shape.segment)
    cell = ((first >> np.uint64(32)) * starts) >> np.uint64(32)
    inside = np.uint64(shape.segment - 1)
    cells = np.stack(
        [
            cell,
            (cell + np.uint64(shape.segment)) ^ ((second >> np.uint64(8)) & inside),
            (cell + np.uint64(2 * shape.segment)) ^ ((second >> np.uint64(36)) & inside),
        ],
        axis=1,
    )
    return cells.astype(np.int64), (second & np.uint64((1 << bits) - 1)).astype(np.int64)


def _peel(cells: Cells, count: int) -> list[tuple[Cells, Cells]] | None:
    """Rounds of hashes, each with a cell (H,) that none but it and earlier ones have.

    None when the hashes cannot be taken apart so.
    """
    users = np.bincount(cells.ravel(), minlength=count)
    # The sum of the numbers of a cell's hashes: of one that is alone, its number.
    numbers = np.repeat(np.arange(len(cells)), cells.shape[1])
    sums = np.zeros(count, np.int64)
    np.add.at(sums, cells.ravel(), numbers)
    rounds = []
    left = len(cells)
    alone = np.flatnonzero(users == 1)
    while len(alone):
        hashes, which = np.unique(sums[alone], return_index=True)
        rounds.append((hashes, alone[which]))
        left -= len(hashes)
        touched = cells[hashes]
        np.subtract.at(users, touched.ravel(), 1)
        np.subtract.at(sums, touched.ravel(), np.repeat(hashes, cells.shape[1]))
        nearby = np.unique(touched)
        alone = nearby[users[nearby] == 1]
    return None if left else rounds


def _fill(
    cells: Cells, fingerprints: Cells, rounds: list[tuple[Cells, Cells]], count: int
) -> Bytes:
    """(cells,) the fingerprints such that the three cells of each hash give its own."""
    values = np.zeros(count, np.uint8)
    for hashes, own in reversed(rounds):
        others = np.bitwise_xor.reduce(values[cells[hashes]], axis=1)  # its own is still 0
        values[own] = others ^ fingerprints[hashes].astype(np.uint8)
    return values


def _packed(values: Bytes, bits: int) -> Bytes:
    planes = (values[:, None] >> np.arange(bits, dtype=np.uint8)) & 1  # (cells, B)
    return np.packbits(planes.ravel(), bitorder="little")
