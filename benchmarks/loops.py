"""How well the end of a loop leads to its beginning, beside real repeats in held-out music.

python -m benchmarks.loops CORPUS [--checkpoint WEIGHTS] [--pieces 16] [--bars 8]

In held-out game music, stretches of 4 to 16 bars are looked for that come back: the bar behind
them, and the next, are as their first two. What this first bar costs the network where it comes
back, in nats a note, is what loops are measured by: pieces as they end, the last bars of longer
pieces, and loops. Beside them stand the real stretches with their last two bars written anew,
the best of some: between the bars before and the return of the first ones, or without a view of
these. Last, excerpts of such pieces as they are cut, and the loops that `edit --loop` makes of
them.
"""

import argparse
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import chain, pairwise
from pathlib import Path

import numpy as np

from partimento.evaluation.infilling import excerpt
from partimento.model.checkpoint import shipped_checkpoint
from partimento.music.bars import bar_starts
from partimento.music.loops import opened
from partimento.music.midi.reader import read_midi
from partimento.music.score import Score
from partimento.request.edit import Edit
from partimento.request.request import Request
from partimento.sampling.editing.edit import Alternative, edit_pieces
from partimento.sampling.editing.original import make_original
from partimento.sampling.engine import Engine
from partimento.sampling.engines import load_engine
from partimento.sampling.generate import generate
from partimento.sampling.looping import return_cost, with_return
from partimento.sampling.plan import Plan
from partimento.sampling.planning import make_plan
from partimento.sampling.rules import last_value
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.encoding import encode
from partimento.tokenizer.loading import fit_score
from partimento.tokenizer.vocabulary import TokenArray
from partimento.training.corpus import tokenize_entry
from partimento.training.manifest import list_entries

PERIODS = range(4, 17)
"""Bars of a stretch."""
MOST_TOKENS = 1200
LEAST_NOTES = 4
"""Of the bar that comes back."""
EACH = 4
"""Most stretches of one piece."""
MOST_FIRST = 256
"""Bar at which an excerpt begins, at most."""
ANEW = 2
"""Last bars that are written anew, and first ones that are shown behind them."""

Cost = tuple[float, int]
"""Nats and notes of a first bar."""


def bars_of(tokens: TokenArray) -> list[list[int]]:
    """The header of a piece (T,), then its bars from BAR on, without EOS."""
    starts = np.flatnonzero(tokens == v.BAR)
    return [part.tolist() for part in np.split(tokens[tokens != v.EOS], starts)]


def repeats(tokens: TokenArray) -> Iterator[TokenArray]:
    """Each stretch that comes back, as a piece; its first bar is nowhere else in it.

    Stretches do not overlap.
    """
    _, *bars = bars_of(tokens)
    starts = np.flatnonzero(tokens == v.BAR)
    first = 0
    while first < len(bars) - PERIODS.start:
        for period in PERIODS:
            back = first + period
            stretch = bars[first:back]
            if (
                len(bars) >= back + 2
                and bars[first : first + 2] == bars[back : back + 2]
                and notes_in(bars[first]) >= LEAST_NOTES
                and sum(map(len, stretch)) <= MOST_TOKENS
                and bars[first] not in stretch[1:]
            ):
                yield np.array([*_header(tokens[: starts[first]]), *chain(*stretch)], np.uint16)
                first = back
                break
        first += 1


def notes_in(tokens: list[int]) -> int:
    """How many notes tokens have."""
    return sum(v.PITCH <= token < v.DURATION for token in tokens)


def _header(before: TokenArray) -> list[int]:
    """What is in force behind some tokens, as the header of a piece."""
    blocks = ((v.STYLE, v.DYNAMIC), (v.KEY, v.METER), (v.METER, v.TEMPO), (v.TEMPO, v.STYLE))
    found = [(first, last_value(before, first, end, -1)) for first, end in blocks]
    return [v.BOS, *(first + value for first, value in found if value >= 0)]


def cost(engine: Engine, tokens: TokenArray, bars: int) -> Cost:
    """Nats and notes of the first bar behind the last of so many bars."""
    notes = notes_in(bars_of(tokens)[1])
    return return_cost(tokens, bars, engine, make_plan(Request())) * notes, notes


def unaware_plan(tokens: TokenArray) -> Plan:
    """The last bars by one who does not know what follows, and who sees no end coming."""
    header, *bars = bars_of(tokens)
    return make_plan(Request(), np.array([*header, *chain(*bars[:-ANEW])], np.uint16), 2 * ANEW)


def filling_plan(tokens: TokenArray) -> Plan:
    """The last bars as holes between what stands before them and the return of the first."""
    header, *bars = bars_of(tokens)
    shown = [*header, *chain(*bars[:-ANEW]), *[v.BAR, v.HOLE] * ANEW]
    shown = with_return(np.array(shown, np.uint16), len(bars))[0].tolist()
    return make_plan(Request(), np.array([*shown, *bars[1]], np.uint16), 0)


WAYS: dict[str, Callable[[TokenArray], Plan]] = {
    "no end in sight": unaware_plan,
    "before the return": filling_plan,
}


def rewritten(plan: Plan, written: TokenArray, tokens: TokenArray) -> TokenArray:
    """A stretch with the last bars that follow a plan's prompt."""
    header, *bars = bars_of(tokens)
    new = written[len(plan.prompt) :].tolist()
    openers = [at for at, token in enumerate(new) if token in (v.BAR, v.FILL, v.EOS)]
    last = [[v.BAR, *new[start + 1 : end]] for start, end in list(pairwise(openers))[:ANEW]]
    return np.array([*header, *chain(*bars[:-ANEW], *last)], np.uint16)


def main(arguments: list[str] | None = None) -> int:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.loops", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--checkpoint", type=Path, default=shipped_checkpoint())
    parser.add_argument("--draws", type=int, default=16, help="ends for each real stretch")
    parser.add_argument("--ways", nargs="*", choices=WAYS, default=list(WAYS))
    parser.add_argument("--pieces", type=int, default=16, help="pieces and loops to write")
    parser.add_argument("--bars", type=int, default=8, help="their length")
    options = parser.parse_args(arguments)
    entries = [e for e in list_entries(options.corpus) if (e.style, e.split) == ("game", "valid")]
    found: list[TokenArray] = []
    for entry in entries:
        found += list(repeats(tokenize_entry(options.corpus, entry)[0]))[:EACH]
    print(f"{len(found)} stretches of {len(entries)} pieces", file=sys.stderr)
    engine = load_engine(options.checkpoint, "numba", "int8")
    real = [cost(engine, tokens, len(bars_of(tokens)) - 1) for tokens in found]
    print("| last bars | nats a note of the first bar | of a real repeat |\n|---|---|---|")
    print(_row("of a real repeat", real, real), flush=True)
    for name in options.ways:
        _rewrite(name, engine, found, real, options.draws)
    for name, is_loop in (("of a piece", False), ("of a loop", True)):
        requests = [
            Request(style="game", bars=options.bars, loop=is_loop, seed=seed)
            for seed in range(options.pieces)
        ]
        pieces = generate(requests, engine) if requests else []
        costs = [cost(engine, piece.tokens, options.bars) for piece in pieces]
        if costs:
            print(_row(name, costs, real), flush=True)
            kinds = [len({tuple(bar) for bar in bars_of(piece.tokens)[1:]}) for piece in pieces]
            print(f"{name}: {np.mean(kinds):.1f} different bars of {options.bars}", flush=True)
    paths = [options.corpus / entry.path for entry in entries]
    given = excerpts(paths, options.pieces, options.bars)
    for name, scores in (
        ("of an excerpt", given),
        ("of an excerpt made a loop", edited(given, engine)),
    ):
        costs = [cost(engine, _encoded(score), options.bars) for score in scores]
        if costs:
            print(_row(name, costs, real), flush=True)
    return 0


def excerpts(paths: list[Path], count: int, bars: int) -> list[Score]:
    """So many excerpts of so many bars, of the pieces in turn, that begin with some notes."""
    found: list[Score] = []
    scores = [replace(read_midi(path)[0], style="game") for path in paths]
    for first in range(0, MOST_FIRST, bars):
        for score in scores:
            if first + bars <= len(bar_starts(score)) and len(found) < count:
                cut = excerpt(score, first, bars)
                is_full = len(bar_starts(cut)) == bars
                if is_full and notes_in(bars_of(_encoded(cut))[1]) >= LEAST_NOTES:
                    found.append(cut)
    return found


def edited(scores: list[Score], engine: Engine) -> list[Score]:
    """The loops that an edit makes of scores."""
    edit = Edit(loop=True)
    wishes = [
        Alternative(make_original(score), edit, Request(seed=seed))
        for seed, score in enumerate(scores)
    ]
    pieces = [piece for piece in edit_pieces(wishes, engine) if piece is not None]
    return [opened(piece.score) for piece in pieces]


def _encoded(score: Score) -> TokenArray:
    return encode(fit_score(score, "the excerpt").score).tokens


def _rewrite(
    name: str, engine: Engine, found: list[TokenArray], real: list[Cost], draws: int
) -> None:
    """Print what the first bars of real stretches cost behind other last bars."""
    plans = [WAYS[name](tokens) for tokens in found]
    seeds = [seed for _ in plans for seed in range(draws)]
    decoded = engine.decode([plan for plan in plans for _ in range(draws)], seeds)
    costs: list[list[Cost]] = []
    for index, tokens in enumerate(found):
        each = decoded[index * draws : (index + 1) * draws]
        ends = [rewritten(plans[index], written, tokens) for written in each]
        costs.append([cost(engine, end, len(bars_of(tokens)) - 1) for end in ends])
    print(_row(f"{name}, one", list(chain(*costs)), real))
    for count in [count for count in (4, 16) if count <= draws]:
        best = [min(each[:count]) for each in costs]
        print(_row(f"{name}, best of {count}", best, real), flush=True)


def _row(name: str, costs: list[Cost], real: list[Cost]) -> str:
    """A row of a table: nats a note, and the ratio to a real repeat."""

    def a_note(pairs: list[Cost]) -> float:
        return sum(nats for nats, _ in pairs) / sum(notes for _, notes in pairs)

    return f"| {name} | {a_note(costs):.3f} | {a_note(costs) / a_note(real):.2f} |"


if __name__ == "__main__":
    sys.exit(main())
