"""Measure how often the echo speaks and is right in held-out music, for contexts of any length.

python -m benchmarks.echoes DATA
python -m benchmarks.echoes DATA --orders "2 4 8, 3 5 8, 3 5 8, 4 7 12"

The orders are those of the four kinds (in the line, in any key, shape, rhythm), in entries.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from benchmarks import report
from numba import njit

from partimento.tokenizer import cursor as c
from partimento.tokenizer import echo
from partimento.tokenizer import vocabulary as v
from partimento.training.corpus import Piece, load_corpus
from partimento.training.likelihood import evaluation_tokens

LENGTHS = ((1, 4), (5, 7), (8, 11), (12, 15), (16, 23), (24, 31), (32, 32))
"""Entries that match, first and last of each column."""
NAMES = ("in the line", "in any key", "shape", "rhythm")
Ids = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
_DURATIONS, _RESTS = np.array(v.DURATIONS, np.int64), np.array(v.RESTS, np.int64)
_forget, _hear, _recall = echo.forget, echo.hear, echo.recall


class Echoes(NamedTuple):
    """What the echo says of each next token."""

    said: Ids
    """(T, 4) tokens, -1 where a kind is silent."""
    lengths: Ids
    """(T, 4) entries that match."""
    came: Ids
    """(T,) the tokens that came."""


def listen(pieces: Iterable[Piece], each: int, max_tokens: int) -> Echoes:
    """The echo in the first pieces of each style."""
    cursor = c.new_cursor()
    state = (cursor.echo_tables, cursor.echo_entries, cursor.echo_lines, cursor.echo_counts)
    counts: dict[str | None, int] = {}
    found, came = [], []
    for piece in pieces:
        counts[piece.entry.style] = counts.get(piece.entry.style, 0) + 1
        if counts[piece.entry.style] > each:
            continue
        tokens = evaluation_tokens(piece, max_tokens).astype(np.int64)
        ids = np.zeros((len(tokens) - 1, 8), np.int16)
        _walk(tokens, *state, ids)
        found.append(ids.astype(np.int64))
        came.append(tokens[1:])
    columns = np.concatenate(found)
    matched = columns[:, 1::2]
    # Matches at the same tick of the bar are counted above the others.
    lengths = np.where(matched > echo.MAX_LENGTH, matched - echo.MAX_LENGTH, matched)
    return Echoes(columns[:, ::2] - 1, lengths, np.concatenate(came))


@njit
def _walk(tokens, tables, entries, lines, counts, out):  # type: ignore[no-untyped-def]
    """Read tokens as the cursor does and write what each kind says after each, in place."""
    _forget(tables, lines, counts)
    slots = np.full((len(v.INSTRUMENTS), c.MAX_OCCURRENCES), -1, np.int64)
    occurrences = np.zeros(len(v.INSTRUMENTS), np.int64)
    used, line, tick = 0, -1, 0
    for i in range(len(out)):
        token, before = tokens[i], line
        if v.INSTRUMENT <= token < v.KEY:
            instrument = token - v.INSTRUMENT
            number = min(occurrences[instrument], c.MAX_OCCURRENCES - 1)
            occurrences[instrument] += 1
            if slots[instrument, number] < 0:
                slots[instrument, number] = min(used, c.MAX_SLOTS - 1)
                used += 1
            line, tick = slots[instrument, number], 0
        elif token < v.PITCH:
            line, tick = -1, 0
            occurrences[:] = 0
        elif v.DURATION <= token < v.REST:
            tick += _DURATIONS[token - v.DURATION]
        elif v.REST <= token < v.INSTRUMENT:
            tick += _RESTS[token - v.REST]
        _hear(tables, entries, lines, counts, token, before, line, tick)
        if line >= 0:
            for kind in range(4):
                _recall(tables, entries, lines, counts, kind, line, tick, out[i], 2 * kind)


def table(echoes: Echoes) -> str:
    """Of each kind how often it speaks and is right, and how right it is by length of the match."""
    said, lengths, came = echoes
    right = said == came[:, None]
    head = ["", "speaks", "right of these", "right of all"]
    head += [f"{low}-{high}" if low < high else f"{low}" for low, high in LENGTHS]
    rows = []
    for kind, name in enumerate(NAMES):
        speaks = said[:, kind] >= 0
        cells = [speaks.mean(), _mean(right[speaks, kind]), (right[:, kind] & speaks).mean()]
        for low, high in LENGTHS:
            of_length = speaks & (lengths[:, kind] >= low) & (lengths[:, kind] <= high)
            cells.append(_mean(right[of_length, kind]))
        rows.append([name, *(f"{100 * cell:.0f} %" for cell in cells)])
    for name, kinds in (("one of the first two", 2), ("one of the four", 4)):
        of_all = right[:, :kinds].any(1).mean()
        speaks = (said[:, :kinds] >= 0).any(1).mean()
        rows.append([name, f"{100 * speaks:.0f} %", "", f"{100 * of_all:.0f} %", *[""] * 7])
    return report.table(head, rows)


def _mean(flags: Flags) -> float:
    """The share of true ones, NaN of none."""
    return float(flags.mean()) if len(flags) else float("nan")


def main(arguments: list[str] | None = None) -> int:
    """Measure and print; other orders are compiled in a process of their own."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.echoes", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("data", type=Path, help="folder of a corpus")
    parser.add_argument("--cache", type=Path, default=Path("cache"))
    parser.add_argument("--orders", help="three lengths of each kind; those of the program")
    parser.add_argument("--pieces", type=int, default=8, help="of each style")
    parser.add_argument("--max-tokens", type=int, default=2048)
    options = parser.parse_args(arguments)
    if options.orders and "PARTIMENTO_ORDERS" not in os.environ:
        with tempfile.TemporaryDirectory() as folder:
            # What numba keeps does not know of other orders.
            environment = {"NUMBA_CACHE_DIR": folder, "PARTIMENTO_ORDERS": options.orders}
            again = [sys.executable, "-m", "benchmarks.echoes", *(arguments or sys.argv[1:])]
            return subprocess.run(again, env={**os.environ, **environment}, check=False).returncode
    if options.orders:
        echo._ORDERS[:] = [[int(n) for n in kind.split()] for kind in options.orders.split(",")]
    corpus = load_corpus(options.data, options.cache)
    print(table(listen(corpus.split("valid"), options.pieces, options.max_tokens)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
