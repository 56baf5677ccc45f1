"""Loops: pieces whose end leads back to their beginning.

More bars are written than the loop has, so that no end is in sight and music comes back by
itself. Among stretches of the asked length whose first bar costs the model little where it stands
behind the last one, the most varied is taken; where there is none, other drafts are written.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import NamedTuple

import numpy as np

from partimento.music.bars import Bar, bar_starts
from partimento.music.continuation import until_tick
from partimento.music.keys import KeyName
from partimento.music.score import Score
from partimento.music.timeline import from_tick
from partimento.request.request import Request
from partimento.request.values import MAX_BARS
from partimento.sampling.draw import derive_seed
from partimento.sampling.engine import Engine
from partimento.sampling.plan import Plan
from partimento.sampling.planning import make_plan
from partimento.sampling.rules import last_value
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.decoding import decode
from partimento.tokenizer.encoding import encode
from partimento.tokenizer.vocabulary import TokenArray

MORE_BARS = 24
"""Bars that are written beside those of the loop; docs/experiments.md, "Loops"."""
LISTENED = 8
"""Stretches whose cost is asked for: those that go on most like they begin."""

ENOUGH = 0.32
"""Nats a note that a first bar may cost at the end: what it costs in real repeats of game music."""
DRAFTS = 6
"""Drafts that are written, at most, until one has such a stretch."""
_FIRST_SEED = 2_000_000
"""Number of the first seed that is derived for them."""

_CHANGES = ((v.KEY, v.METER), (v.METER, v.TEMPO), (v.TEMPO, v.STYLE))
"""First token and end of what a bar may change: key, meter, tempo."""

Onsets = set[tuple[int, int, bool]]
"""Tick in the bar, pitch, and whether it is a drum, of each note."""


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """Some bars of a longer draft."""

    score: Score
    """From tick 0 on; notes may ring on past the end."""
    end: int
    """The tick at which it ends."""
    tokens: TokenArray
    """(T,) of a piece of its own."""
    first_bar: int
    """Of the draft."""
    variety: int
    """How many of its bars are unlike all others."""


class Loop(NamedTuple):
    """What was found."""

    stretch: Stretch
    further_tokens: int
    """Tokens that were decoded for it beside those of the first draft."""
    further_seconds: float
    """What these took."""


def draft_request(request: Request) -> Request:
    """The request for what a loop is cut from."""
    bars = min(request.bars + MORE_BARS, MAX_BARS)
    return replace(request, bars=bars, loop=False, layers=None)


def find_loop(tokens: TokenArray, request: Request, engine: Engine, draft: Plan) -> Loop:
    """The most varied stretch of a draft (T,), or of others of its plan, that leads back.

    Where none does well enough, the one that does best.
    """
    # The likeliest choice is the same with every seed; and others would have to be compared with
    # the training music again.
    drafts = 1 if request.is_greedy or request.original is not None else DRAFTS
    found: list[tuple[float, Stretch]] = []
    further, taken = 0, 0.0
    for number in range(drafts):
        if number:
            seed = derive_seed(request.seed or 0, _FIRST_SEED + number)
            begun = time.perf_counter()
            [tokens] = engine.decode([draft], [seed])
            taken += time.perf_counter() - begun
            further += len(tokens) - len(draft.prompt)
        for each in stretches(decode(tokens), request):
            found.append((return_cost(each.tokens, request.bars, engine, draft), each))
        good = [(-each.variety, cost, each) for cost, each in found if cost <= ENOUGH]
        if good:
            return Loop(min(good, key=lambda rated: rated[:2])[2], further, taken)
    return Loop(min(found, key=lambda rated: rated[0])[1], further, taken)


def stretches(score: Score, request: Request) -> list[Stretch]:
    """Stretches of a draft that may be the loop, those first that go on as they begin."""
    bars = _bars(score, draft_request(request).bars)
    notes = [_onsets(score, bar) for bar in bars]
    least = max(1.0, sum(map(len, notes)) / len(notes) / 2)
    rated = [
        (_likeness(notes[first], notes[first + request.bars]), -first)
        for first in _firsts(request, len(bars) - request.bars)
        if len(notes[first]) >= least
    ]
    firsts = [-first for _, first in sorted(rated, reverse=True)[:LISTENED]] or [0]
    return [
        _stretch(
            score,
            bars[first : first + request.bars],
            first,
            len({frozenset(each) for each in notes[first : first + request.bars]}),
        )
        for first in firsts
    ]


def return_cost(tokens: TokenArray, bars: int, engine: Engine, told: Plan) -> float:
    """Nats a note of the first bar of a loop (T,) behind its last one.

    The network is told of the ensemble what it is told in a plan.
    """
    shown, back = with_return(tokens, bars)
    plan = make_plan(Request(), shown[:-back], new_bars=1)._replace(told=told.told)
    new = shown[-back:]
    notes = int(((new >= v.PITCH) & (new < v.DURATION)).sum())
    return float(engine.nats(plan, shown).sum()) / max(1, notes)


def with_return(tokens: TokenArray, bars: int) -> tuple[TokenArray, int]:
    """So many bars of a piece (T,) and its first bar once more; how many tokens that has.

    BAR itself is not counted, nor what takes back the key, meter and tempo.
    """
    starts = np.flatnonzero(tokens == v.BAR)
    parts = [part.tolist() for part in np.split(tokens[tokens != v.EOS], starts)]
    before = np.array([*chain(*parts[: bars + 1])], np.uint16)
    header = np.array(parts[0])
    asked = [(first, end, last_value(header, first, end, -1)) for first, end in _CHANGES]
    changes = [
        first + value
        for first, end, value in asked
        if value >= 0 and last_value(before, first, end, -1) != value
    ]
    back = parts[1][1:]
    return np.array([*before.tolist(), v.BAR, *changes, *back], np.uint16), len(back)


def _firsts(request: Request, most: int) -> Sequence[int]:
    """Bars of a draft with which a loop may begin: with asked chords, where they begin anew."""
    if request.chords is None:
        return range(max(most, 1))
    meter = request.meter or (4, 4)
    key = request.key if isinstance(request.key, KeyName) else None
    labels = request.chords.by_bar(meter, most + request.bars, key)
    loop = labels[: request.bars]
    return [0, *(n for n in range(1, most) if labels[n : n + request.bars] == loop)]


def _bars(score: Score, count: int) -> list[Bar]:
    """So many bars of a score; silent ones at its end are as long as the last one with notes."""
    found = bar_starts(score)[:count]
    last = found[-1]
    missing = range(1, count - len(found) + 1)
    return [*found, *(Bar(last.start + n * last.length, last.length, last.meter) for n in missing)]


def _onsets(score: Score, bar: Bar) -> Onsets:
    end = bar.start + bar.length
    return {
        (note.onset - bar.start, note.pitch, track.is_drum)
        for track in score.tracks
        for note in track.notes
        if bar.start <= note.onset < end
    }


def _likeness(one: Onsets, other: Onsets) -> float:
    """Share of the notes of two bars that are in both."""
    return len(one & other) / max(1, len(one | other))


def _stretch(score: Score, bars: Sequence[Bar], first: int, variety: int) -> Stretch:
    start, end = bars[0].start, bars[-1].start + bars[-1].length
    cut = from_tick(until_tick(score, end), start)
    return Stretch(cut, end - start, encode(cut).tokens, first, variety)
