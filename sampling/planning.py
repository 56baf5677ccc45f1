"""From a request to a plan."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from partimento.errors import PartimentoError
from partimento.music.chords import Chords
from partimento.music.instrument_ranges import HAS_VOICES
from partimento.music.keys import KeyName
from partimento.music.score import Chord
from partimento.request.request import Request
from partimento.request.schedules import bar_temperatures
from partimento.sampling.bar_groups import BarGroups
from partimento.sampling.ensembles import Ensemble, asked_ensemble
from partimento.sampling.line_pull import line_aims
from partimento.sampling.plan import (
    FREE,
    NO_SKETCH,
    SKIP,
    Floats,
    Plan,
    is_opener,
    stack_rules,
)
from partimento.sampling.rules import last_value, rules_of_steps
from partimento.sampling.sketch_pull import NO_PULL
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.chord_line import chord_tokens
from partimento.tokenizer.conditioning import Vector, nothing_told, tell_ensemble
from partimento.tokenizer.vocabulary import TokenArray

Tokens = Sequence[int]


def make_plan(
    request: Request,
    primer: TokenArray | None = None,
    new_bars: int | None = None,
    openings: Sequence[Tokens] = (),
    first_bar: int = 0,
    groups: BarGroups | None = None,
    sketch: Floats | None = None,
    ensemble: Ensemble | None = None,
) -> Plan:
    """Turn a request into a plan; `primer` (T,) is a piece of tokens to go on from.

    `new_bars` follow the primer, as many as the request says by default; then come the fillings
    of the bars that a HOLE leaves out, in the primer or in an opening. `openings` are tokens that
    each of the first steps must open with, after the changes and chords of the request.
    `first_bar` is the number of the primer's first bar in the piece that it was cut from.
    `groups` say how the new bars are written, where their meter needs it. `sketch` (B, ROWS,
    INPUTS) is what the network is told of the first bars, those of the primer included.
    `ensemble` says who plays, by default the instruments that are asked for.

    ValueError when wishes cannot hold together, such as a range without a pitch of the key.
    """
    prompt = np.array([v.BOS], np.uint16) if primer is None else _without_end(primer)
    if new_bars is None:
        new_bars = request.bars if groups is None else len(groups.written)
    ensemble = ensemble or asked_ensemble(request)
    header = _header(request, prompt, ensemble)
    if groups is not None:  # each new bar says its own meter
        header[2] = FREE
    forced = _openings(request, prompt, header, new_bars, openings, groups)
    rules = rules_of_steps(request, prompt, int(header[0]), new_bars, forced, ensemble)
    chosen, distinct = stack_rules(rules)
    temperatures = np.full(len(rules), request.temperature, np.float32)
    planned = _temperatures(request, groups)[: len(rules)]
    temperatures[: len(planned)] = planned
    total_bars = int((prompt == v.BAR).sum()) + new_bars
    return Plan(
        prompt=prompt,
        header=header,
        total_bars=total_bars,
        first_bar=first_bar,
        steps_before=int(is_opener(prompt).sum()),
        forced=np.array([token for opening in forced for token in opening], np.uint16),
        forced_starts=np.cumsum([0, *(len(opening) for opening in forced)]).astype(np.int32),
        temperatures=temperatures,
        rule_of=chosen,
        rules=distinct,
        told=_told(ensemble.players, int(header[0]))[None],
        sketch=_checked(sketch, total_bars),
        pulled_bars=len(NO_PULL),
        pull=NO_PULL,
        aims=line_aims(request.attributes),
    )


def _told(instruments: Sequence[int], style: int) -> Vector:
    """What the network is told: who plays, as the training says it.

    How many lines one has is left open where a single player may have several voices.
    """
    if not instruments and style == v.STYLES.index("drums"):
        instruments = (v.DRUMS,)
    if not instruments:
        return nothing_told()
    lines = np.bincount(list(instruments), minlength=len(v.INSTRUMENTS))
    return tell_ensemble(lines, np.array(HAS_VOICES))


def _checked(sketch: Floats | None, bars: int) -> Floats:
    """What is told of a piece's bars; PartimentoError when it is of another shape."""
    if sketch is None:
        return NO_SKETCH
    if sketch.shape[1:] != NO_SKETCH.shape[1:] or len(sketch) > bars:
        _, rows, inputs = NO_SKETCH.shape
        raise PartimentoError(
            f"sketch must have shape (up to {bars} bars, {rows}, {inputs}), got {sketch.shape}; "
            "make it with sketch_inputs"
        )
    return np.ascontiguousarray(sketch, np.float32)


def _without_end(primer: TokenArray) -> TokenArray:
    return primer[:-1] if len(primer) and primer[-1] == v.EOS else primer


def _header(request: Request, prompt: TokenArray, ensemble: Ensemble) -> npt.NDArray[np.int32]:
    """(4,) style, key, meter and tempo."""
    style = FREE if request.style is None else v.style_index(request.style)
    key = request.key.index if isinstance(request.key, KeyName) else FREE
    meter = FREE if request.meter is None else v.METERS.index(request.meter)
    tempo = FREE if request.bpm is None else v.tempo_index(request.bpm)
    if style == FREE and set(ensemble.players) == {v.DRUMS}:
        style = v.STYLES.index("drums")
    if style == v.STYLES.index("drums") and request.key is None:
        key = SKIP
    if request.chords is not None and meter == FREE:
        meter = last_value(prompt, v.METER, v.TEMPO, v.METERS.index((4, 4)))
    return np.array([style, key, meter, tempo], np.int32)


def _openings(
    request: Request,
    prompt: TokenArray,
    header: npt.NDArray[np.int32],
    new_bars: int,
    further: Sequence[Tokens],
    groups: BarGroups | None,
) -> list[list[int]]:
    """What each step must open with: the changes after a primer, the chords, and further tokens."""
    forced: list[list[int]] = [[] for _ in range(new_bars)]
    if groups is not None:
        _change_meters(forced, prompt, groups.written)
    if new_bars and (prompt == v.BAR).any():
        forced[0] = sorted(forced[0] + _changes(prompt, header))
    if request.chords is not None:
        labels = _labels(request, request.chords, header, groups)
        for opening, spans in zip(forced, labels, strict=False):
            opening += chord_tokens(tuple(spans))
    for opening, tokens in zip(forced, further, strict=False):
        opening += tokens
    holes = int((prompt == v.HOLE).sum() - (prompt == v.FILL).sum())
    holes += sum(opening.count(v.HOLE) for opening in forced)
    forced += [[] for _ in range(holes)]
    if not forced:
        raise PartimentoError(
            "the primer leaves no bar out and no bar follows it; ask for new bars"
        )
    if len(further) > len(forced):
        raise PartimentoError(f"openings must be at most one for each of {len(forced)} steps")
    for opening, tokens in zip(forced[new_bars:], further[new_bars:], strict=False):
        opening += tokens
    return forced


def _changes(prompt: TokenArray, header: npt.NDArray[np.int32]) -> list[int]:
    """Tokens that turn a primer's key, meter and tempo into the asked ones."""
    changes = []
    for value, first, end in zip(
        header[1:].tolist(),
        (v.KEY, v.METER, v.TEMPO),
        (v.METER, v.TEMPO, v.STYLE),
        strict=True,
    ):
        if value >= 0 and last_value(prompt, first, end, -1) != value:
            changes.append(first + value)
    return changes


def _change_meters(
    openings: list[list[int]], prompt: TokenArray, meters: Sequence[tuple[int, int]]
) -> None:
    """Open each bar whose meter is not that of the bar before with its own, in place."""
    current = last_value(prompt, v.METER, v.TEMPO, -1)
    for opening, meter in zip(openings, map(v.METERS.index, meters), strict=False):
        if meter != current:
            opening.append(v.METER + meter)
        current = meter


def _labels(
    request: Request, chords: Chords, header: npt.NDArray[np.int32], groups: BarGroups | None
) -> Sequence[Sequence[Chord]]:
    """The chords of each new bar of the tokens, in grid ticks from its start."""
    key = request.key if isinstance(request.key, KeyName) else None
    if groups is None:
        return chords.by_bar(v.METERS[header[2]], request.bars, key)
    by_meter = {found: chords.by_bar(found, request.bars, key) for found in set(groups.bars)}
    return groups.regroup([by_meter[found][bar] for bar, found in enumerate(groups.bars)])


def _temperatures(request: Request, groups: BarGroups | None) -> npt.NDArray[np.float32]:
    """Temperature of each new bar of the tokens."""
    temperatures = bar_temperatures(request)
    if groups is None:
        return temperatures
    return temperatures[[groups.bar_of(index) for index in range(len(groups.written))]]
