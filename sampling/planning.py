"""From a request to a plan."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from partimento.errors import PartimentoError, SettingError
from partimento.music.chords import Chords
from partimento.music.instrument_ranges import HAS_VOICES
from partimento.music.instruments import find_instrument
from partimento.music.keys import KeyName
from partimento.music.scales import SCALES
from partimento.music.score import Chord
from partimento.request.request import Request
from partimento.request.schedules import bar_temperatures
from partimento.sampling.bar_groups import BarGroups
from partimento.sampling.key_pull import key_weights
from partimento.sampling.plan import FREE, SKIP, Plan, Rule, is_opener, stack_rules
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.chord_line import chord_tokens
from partimento.tokenizer.conditioning import Vector, nothing_told, tell_ensemble
from partimento.tokenizer.vocabulary import TokenArray

MAX_LINES = 10
"""Lines of a bar when the player names no instruments; 99 % of the corpus' bars have fewer."""
LINES_EACH = 4
"""Lines that one named instrument may have in a bar: two hands of two voices on a piano."""
DRUM_KEYS = range(35, 82)
"""The keys of the General MIDI drum map."""
NARROW_RANGE = 24
"""Allowed pitches below which no note rings over a bar line: one that still rings cannot be
struck again in its line, and a line must never run out of pitches."""

Tokens = Sequence[int]


def make_plan(
    request: Request,
    primer: TokenArray | None = None,
    new_bars: int | None = None,
    openings: Sequence[Tokens] = (),
    first_bar: int = 0,
    groups: BarGroups | None = None,
) -> Plan:
    """Turn a request into a plan; `primer` (T,) is a piece of tokens to go on from.

    `new_bars` follow the primer, as many as the request says by default; then come the fillings
    of the bars that a HOLE leaves out, in the primer or in an opening. `openings` are tokens that
    each of the first steps must open with, after the changes and chords of the request.
    `first_bar` is the number of the primer's first bar in the piece that it was cut from.
    `groups` say how the new bars are written, where their meter needs it.

    ValueError when wishes cannot hold together, such as a range without a pitch of the key.
    """
    prompt = np.array([v.BOS], np.uint16) if primer is None else _without_end(primer)
    if new_bars is None:
        new_bars = request.bars if groups is None else len(groups.written)
    header = _header(request, prompt)
    if groups is not None:  # each new bar says its own meter
        header[2] = FREE
    forced = _openings(request, prompt, header, new_bars, openings, groups)
    rules = _rules(request, prompt, int(header[0]), new_bars, forced)
    chosen, distinct = stack_rules(rules)
    temperatures = np.full(len(rules), request.temperature, np.float32)
    planned = _temperatures(request, groups)[: len(rules)]
    temperatures[: len(planned)] = planned
    return Plan(
        prompt=prompt,
        header=header,
        total_bars=int((prompt == v.BAR).sum()) + new_bars,
        first_bar=first_bar,
        steps_before=int(is_opener(prompt).sum()),
        forced=np.array([token for opening in forced for token in opening], np.uint16),
        forced_starts=np.cumsum([0, *(len(opening) for opening in forced)]).astype(np.int32),
        temperatures=temperatures,
        rule_of=chosen,
        rules=distinct,
        told=_told(_indices(request.instruments), int(header[0]))[None],
    )


def _told(instruments: list[int], style: int) -> Vector:
    """What the network is told: the instruments that were asked for, as the training says them.

    How many lines one has is left open where a single player may have several voices.
    """
    if not instruments and style == v.STYLES.index("drums"):
        instruments = [v.DRUMS]
    if not instruments:
        return nothing_told()
    lines = np.bincount(instruments, minlength=len(v.INSTRUMENTS))
    return tell_ensemble(lines, np.array(HAS_VOICES))


def _without_end(primer: TokenArray) -> TokenArray:
    return primer[:-1] if len(primer) and primer[-1] == v.EOS else primer


def _last(tokens: TokenArray, first: int, end: int, otherwise: int) -> int:
    """Value of the last token of a block of ids."""
    found = tokens[(tokens >= first) & (tokens < end)]
    return int(found[-1]) - first if len(found) else otherwise


def _header(request: Request, prompt: TokenArray) -> npt.NDArray[np.int32]:
    """(4,) style, key, meter and tempo."""
    style = FREE if request.style is None else v.style_index(request.style)
    key = request.key.index if isinstance(request.key, KeyName) else FREE
    meter = FREE if request.meter is None else v.METERS.index(request.meter)
    tempo = FREE if request.bpm is None else v.tempo_index(request.bpm)
    if style == FREE and set(_indices(request.instruments)) == {v.DRUMS}:
        style = v.STYLES.index("drums")
    if style == v.STYLES.index("drums") and request.key is None:
        key = SKIP
    if request.chords is not None and meter == FREE:
        meter = _last(prompt, v.METER, v.TEMPO, v.METERS.index((4, 4)))
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
        if value >= 0 and _last(prompt, first, end, -1) != value:
            changes.append(first + value)
    return changes


def _change_meters(
    openings: list[list[int]], prompt: TokenArray, meters: Sequence[tuple[int, int]]
) -> None:
    """Open each bar whose meter is not that of the bar before with its own, in place."""
    current = _last(prompt, v.METER, v.TEMPO, -1)
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


def _rules(
    request: Request, prompt: TokenArray, style: int, new_bars: int, forced: Sequence[Tokens]
) -> list[Rule]:
    """The rule of each step: the first one shows the instruments, the last bar closes the piece."""
    before = int((prompt == v.BAR).sum())
    is_open = request.chords is None or request.chords.is_open
    instruments = _indices(request.instruments)
    pitches = _pitches(request, prompt)
    usual = Rule(
        pitches=pitches,
        key_weights=key_weights(_key_pull(request)),
        most_lines=_most_lines(instruments, _indices(request.without), style),
        least_lines=_counts([]),
        most_together=np.array(LINES_EACH * len(instruments) or MAX_LINES, np.int32),
        may_ring=np.array(pitches[0].sum() >= NARROW_RANGE),
        may_label=np.array(before == 0 and is_open),
        must_sound=np.array(False),
        must_close=np.array(False),
        top_k=np.array(request.top_k or 0, np.int32),
        top_p=np.array(request.top_p, np.float64),
        min_p=np.array(request.min_p, np.float64),
        breaks_loops=np.array(not request.allow_loops),
    )
    bars = _bars_of_steps(prompt, new_bars, forced)
    written = [step for step, opening in enumerate(forced) if v.HOLE not in opening]
    least = _counts(instruments)
    rules = [usual] * len(forced)
    if written:
        rules[written[0]] = usual._replace(least_lines=least, must_sound=np.array(True))
    for step in written:
        if bars[step] == before + new_bars - 1:
            rules[step] = rules[step]._replace(
                must_sound=np.array(True), must_close=np.array(is_open)
            )
    return rules


def _bars_of_steps(prompt: TokenArray, new_bars: int, forced: Sequence[Tokens]) -> list[int]:
    """Number of the bar that each step writes."""
    number, holes = -1, []
    for token in prompt.tolist():
        number += token == v.BAR
        if token == v.HOLE:
            holes.append(number)
    new = [number + 1 + step for step in range(new_bars)]
    holes = holes[int((prompt == v.FILL).sum()) :]
    new_holes = [bar for bar, opening in zip(new, forced, strict=False) if v.HOLE in opening]
    return [*new, *holes, *new_holes]


def _indices(names: tuple[str, ...] | None) -> list[int]:
    """Index of each instrument."""
    return [find_instrument(name)[1] for name in names or ()]


def _counts(instruments: list[int]) -> npt.NDArray[np.int32]:
    """How often each instrument is named."""
    counts = np.zeros(len(v.INSTRUMENTS), np.int32)
    np.add.at(counts, instruments, 1)
    return counts


def _most_lines(instruments: list[int], without: list[int], style: int) -> npt.NDArray[np.int32]:
    """Most lines of each instrument."""
    if instruments:
        return LINES_EACH * _counts(instruments)
    lines = np.full(len(v.INSTRUMENTS), MAX_LINES, np.int32)
    # A kit alone is a style of its own; others get one when it is asked for.
    if style == v.STYLES.index("drums"):
        lines[:] = 0
        lines[v.DRUMS] = MAX_LINES
    lines[without] = 0
    return lines


def _key_pull(request: Request) -> float:
    """How much the key pulls: not at all where a scale, or chords without a key, are the wish."""
    has_other_centre = request.scale is not None or (request.chords and request.key is None)
    return 0.0 if has_other_centre else request.key_pull


def _pitches(request: Request, prompt: TokenArray) -> npt.NDArray[np.uint8]:
    """Allowed pitches of melodic lines and of drums."""
    allowed = np.zeros((2, 128), np.uint8)
    allowed[1, DRUM_KEYS.start : DRUM_KEYS.stop] = 1
    low, high = request.pitch_range or (0, 127)
    allowed[0, low : high + 1] = 1
    scale = request.scale
    if request.lock_key or scale is not None:
        if isinstance(request.key, KeyName):
            tonic, is_minor = request.key.tonic, request.key.is_minor
        else:
            index = _last(prompt, v.KEY, v.METER, -1)
            if index < 0:
                name = "lock_key" if scale is None else "scale"
                raise SettingError(name, "needs a key; give one, or a primer that has one")
            tonic, is_minor = index % 12, index >= 12
        steps = SCALES[scale or ("minor" if is_minor else "major")]
        for pitch in range(128):
            if (pitch - tonic) % 12 not in steps:
                allowed[0, pitch] = 0
    if not allowed[0].any():
        held = request.key if scale is None else f"{scale} on {request.key}"
        raise SettingError(
            "pitch_range", f"{request.pitch_range} holds no note of {held}; widen the range"
        )
    return allowed
