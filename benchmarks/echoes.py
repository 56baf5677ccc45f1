"""Measure how often the echo speaks and is right in held-out music, for contexts of any length.

python -m benchmarks.echoes DATA
python -m benchmarks.echoes DATA --orders "2 4 8, 3 5 8, 3 5 8, 4 7 12"
python -m benchmarks.echoes DATA --checkpoint weights/base.safetensors

The orders are those of the four kinds (in the line, in any key, shape, rhythm), in entries. A
second candidate is what a shorter context says, where it says something else. With a checkpoint,
candidates are mixed into what its network expects, which tells how much it does not know yet.
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

from partimento.evaluation.candidates import first_of_each_style
from partimento.model.loading import load_model
from partimento.tokenizer import cursor as c
from partimento.tokenizer import echo
from partimento.tokenizer import vocabulary as v
from partimento.training.corpus import Piece, load_corpus
from partimento.training.likelihood import evaluation_tokens, model_scorer

LENGTHS = ((1, 4), (5, 7), (8, 11), (12, 15), (16, 23), (24, 31), (32, 32))
"""Entries that match, first and last of each column."""
NAMES = ("in the line", "in any key", "shape", "rhythm")
Ids = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
_DURATIONS, _RESTS = np.array(v.DURATIONS, np.int64), np.array(v.RESTS, np.int64)
_forget, _hear, _recall = echo.forget, echo.hear, echo.recall
_matching, _token, _ORDERS = echo._matching, echo._token, echo._ORDERS


class Echoes(NamedTuple):
    """What the echo says of each next token."""

    said: Ids
    """(T, 4) tokens, -1 where a kind is silent."""
    lengths: Ids
    """(T, 4) entries that match."""
    second: Ids
    """(T, 4) what a shorter context says, -1 where it says nothing else."""
    came: Ids
    """(T,) the tokens that came."""
    piece: Ids
    """(T,) number of the piece."""


def listen(pieces: Iterable[Piece], each: int, max_tokens: int) -> Echoes:
    """The echo in the first pieces of each style."""
    cursor = c.new_cursor()
    state = (cursor.echo_tables, cursor.echo_entries, cursor.echo_lines, cursor.echo_counts)
    found, came = [], []
    for piece in first_of_each_style(pieces, each):
        tokens = evaluation_tokens(piece, max_tokens).astype(np.int64)
        ids = np.zeros((len(tokens) - 1, 12), np.int16)
        _walk(tokens, *state, ids)
        found.append(ids.astype(np.int64))
        came.append(tokens[1:])
    columns = np.concatenate(found)
    matched = columns[:, 1:8:2]
    # Matches at the same tick of the bar are counted above the others.
    lengths = np.where(matched > echo.MAX_LENGTH, matched - echo.MAX_LENGTH, matched)
    number = np.repeat(np.arange(len(came)), [len(tokens) for tokens in came])
    said, second = columns[:, :8:2] - 1, columns[:, 8:] - 1
    return Echoes(said, lengths, second, np.concatenate(came), number)


@njit
def _walk(tokens, tables, entries, lines, counts, out):  # type: ignore[no-untyped-def]  # numba
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
                out[i, 8 + kind] = _second(tables, entries, lines, counts, kind, line) + 1


@njit
def _second(tables, entries, lines, counts, kind, line):  # type: ignore[no-untyped-def]  # numba
    """What the longest context says that does not say what a longer one does; -1: nothing."""
    first = -1
    for order in range(2, -1, -1):
        place = lines[kind, line, echo.PLACE + order]
        position = tables[kind, order, place] - 1 if place >= 0 else -1
        if position < 0 or counts[kind] - position > echo.REMEMBERED:
            continue
        row = position & (echo.REMEMBERED - 1)
        code = entries[kind, row, echo.NEXT]
        if code == first or (kind == echo.IN_LINE and entries[kind, row, echo.LINE] != line):
            continue
        last = lines[kind, line, echo.LAST]
        if _matching(entries, counts[kind], kind, position, last) < _ORDERS[kind, order]:
            continue
        if first >= 0:
            return _token(lines[echo.ANY_KEY, line, echo.LAST_PITCH], code)
        first = code
    return -1


def table(echoes: Echoes) -> str:
    """Of each kind how often it speaks and is right, and how right it is by length of the match."""
    said, lengths, second, came, _ = echoes
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
    for kind, name in enumerate(NAMES):
        speaks = second[:, kind] >= 0
        hits = second[:, kind] == came
        wrong = (said[:, kind] >= 0) & ~right[:, kind]
        cells = [speaks.mean(), _mean(hits[speaks]), hits.mean(), _mean(hits[wrong])]
        shares = [f"{100 * cell:.1f} %" for cell in cells]
        rows.append([f"second, {name}", *shares[:3], f"{shares[3]} of what the first misses"])
        rows[-1] += [""] * (len(head) - len(rows[-1]))
    return report.table(head, rows)


def gains(echoes: Echoes, nats: Floats) -> str:
    """What a network's tokens cost (T,), and with candidates mixed into what it expects."""
    said, lengths, second, came, _ = echoes
    notes = int(((came >= v.PITCH) & (came < v.DURATION)).sum())
    bands = np.digitize(lengths, [low for low, _ in LENGTHS])
    firsts = mixed(-nats, said[:, :2], bands[:, 0] * 8 + bands[:, 1], echoes)
    seconds = mixed(firsts, second[:, :2], np.zeros(len(came), np.int64), echoes)
    rows = [
        [name, f"{-found.sum() / notes:.3f}"]
        for name, found in (
            ("the network alone", -nats),
            ("and what followed in the line and in any key", firsts),
            ("and their second candidates", seconds),
        )
    ]
    return report.table(["", "nats a note"], rows)


def mixed(logarithms: Floats, candidates: Ids, cell: Ids, echoes: Echoes) -> Floats:
    """(T,) log-probabilities of what came after candidates (T, C) are mixed in.

    Their weights are those that make one half of the pieces likeliest, for each cell and for who
    speaks there; they count in the other half. Expectation and maximisation, 60 rounds.
    """
    speaks = candidates >= 0
    hits = (candidates == echoes.came[:, None]) & speaks
    each = np.concatenate([np.exp(logarithms)[:, None], hits], 1)  # (T, 1 + C)
    groups = np.unique(np.concatenate([cell[:, None], speaks], 1), axis=0, return_inverse=True)[1]
    result = logarithms.copy()
    for half in (0, 1):
        fitted = echoes.piece % 2 != half
        for group in range(int(groups.max()) + 1):
            inside = groups.ravel() == group
            chosen, held = each[inside & fitted], inside & ~fitted
            result[held] = np.log(each[held] @ _weights(chosen, speaks[inside][0]))
    return result


def _weights(probabilities: Floats, speaks: Flags) -> Floats:
    """(1 + C,) the shares of the network and of the candidates that speak."""
    prior = np.concatenate([[8.0], np.where(speaks, 0.2, 0.0)])
    weights: Floats = prior / prior.sum()
    for _ in range(60 if len(probabilities) else 0):
        shares = probabilities * weights
        shares /= shares.sum(1, keepdims=True)
        weights = shares.sum(0) + prior
        weights /= weights.sum()
    return weights


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
    parser.add_argument("--checkpoint", type=Path, help="network to mix candidates into")
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
    echoes = listen(corpus.split("valid"), options.pieces, options.max_tokens)
    print(table(echoes))
    if options.checkpoint is not None:
        score = model_scorer(load_model(options.checkpoint)[0])
        pieces = first_of_each_style(corpus.split("valid"), options.pieces)
        nats = [score(evaluation_tokens(piece, options.max_tokens)).nats for piece in pieces]
        print()
        print(gains(echoes, np.concatenate(nats)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
