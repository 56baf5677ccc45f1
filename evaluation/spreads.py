"""Between which figures the music of a corpus lies, by style, for the choice among candidates."""

import math
from collections.abc import Iterable, Sequence
from typing import TypeVar

import numpy as np

from partimento.evaluation.candidates import first_of_each_style
from partimento.music.score import Score
from partimento.music.spread import ANY, Band, Spread, band_of
from partimento.music.workmanship import Workmanship, examine
from partimento.request.request import Request
from partimento.sampling.engine import Engine
from partimento.sampling.planning import make_plan
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.decoding import decode
from partimento.tokenizer.vocabulary import TokenArray
from partimento.training.corpus import Piece

T = TypeVar("T")
BARS = 16
"""Of each piece, from its start."""
PIECES = 60
"""Of each style."""


def opening(tokens: TokenArray, bars: int = BARS) -> TokenArray:
    """The first bars of a piece as a piece of its own."""
    starts = np.flatnonzero(tokens == v.BAR)
    if len(starts) <= bars:
        return tokens
    return np.append(tokens[: starts[bars]], np.uint16(v.EOS))


def spread_of(
    training: Iterable[Piece], held_out: Sequence[Piece], engines: Sequence[Engine]
) -> Spread:
    """The bands of the figures of training music, and of what held-out music costs the engines."""
    figures: dict[str, list[Workmanship]] = {}
    for piece in first_of_each_style(training, PIECES):
        score = decode(opening(piece.tokens))
        figures.setdefault(_style(score), []).append(examine(score))
    music = {style: _bands(found) for style, found in [*figures.items(), _pooled(figures)]}
    costs = {}
    for engine in engines:
        nats: dict[str, list[float]] = {}
        for piece in held_out:
            tokens = opening(piece.tokens)
            nats.setdefault(_style(decode(tokens)), []).append(nats_a_note(engine, tokens))
        bands = {style: band_of(found) for style, found in [*nats.items(), _pooled(nats)]}
        costs[engine.checkpoint] = {s: band for s, band in bands.items() if band is not None}
    return Spread(music, costs)


def nats_a_note(engine: Engine, tokens: TokenArray) -> float:
    """What a whole piece costs an engine that is told its length, all tokens divided by notes."""
    plan = make_plan(Request(bars=max(1, int((tokens == v.BAR).sum()))))
    notes = int(((tokens >= v.PITCH) & (tokens < v.DURATION)).sum())
    return float(engine.nats(plan, tokens).sum()) / notes if notes else math.nan


def _style(score: Score) -> str:
    return score.style or ANY


def _pooled(by_style: dict[str, list[T]]) -> tuple[str, list[T]]:
    """All styles together."""
    return ANY, [each for found in by_style.values() for each in found]


def _bands(found: list[Workmanship]) -> dict[str, Band]:
    """The band of each figure that some of the music has."""
    columns = zip(Workmanship._fields, zip(*found, strict=True), strict=True)
    bands = {name: band_of(values) for name, values in columns}
    return {name: band for name, band in bands.items() if band is not None}
