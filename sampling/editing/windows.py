"""A task as the model meets it: the bars around, and what is left out for it to write.

Bars between kept ones are left out by HOLE and filled after the end of the window, so that the
model knows what comes after them as well as what came before. Or they are written in their place,
behind what stands before them, and what follows judges them. A line for all bars of a piece is
written bar after bar behind the other lines, which are forced. Lines that are written anew come
last in every bar, as in training.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from partimento.music.chords import Chords
from partimento.music.keys import KeyName
from partimento.music.score import Score
from partimento.request.request import Request
from partimento.sampling.editing.outline import BarWriter, Outline, outline_of, padding
from partimento.sampling.editing.rules import Scene, hold
from partimento.sampling.editing.tasks import Task
from partimento.sampling.plan import Plan
from partimento.sampling.planning import make_plan
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.bar_lines import Line, renumbered, sounding
from partimento.tokenizer.chord_line import chord_tokens

MOST_LEFT = 64
"""Bars that the model is told are left behind those that it writes in their place, at most."""
LISTENED = 1
"""Bars behind those that are written in their place by which takes of them are judged."""


@dataclass(frozen=True, slots=True)
class Context:
    """How many bars of the tokens the model sees around those that it fills, and how it does."""

    before: int = 64
    after: int = 2
    takes: int = 8
    """How often bars in a row are written in their place, for the best one to be kept; 1: they are
    left out, and filled once behind the end."""


DEFAULT_CONTEXT = Context()


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """A task that is ready to be decoded."""

    task: Task
    plan: Plan
    outline: Outline
    first: int
    """Index of the bar of the tokens at which it begins."""
    written: tuple[int, ...]
    """Indices of the bars of the tokens that are written, in the order of the plan's steps."""
    targets: Mapping[Line, Line]
    """The outline's line that each line of the tokens is; further ones are new."""
    instrument: int | None
    """Of the line that is written; None: all lines are."""
    others: int = 0
    """Kept lines of that instrument, which stand before it."""
    is_whole: bool = False
    """Whether all bars of the piece are written, bar after bar."""
    behind: tuple[int, ...] = ()
    """The tokens of what follows in the window, where bars are written in their place."""
    takes: int = 1
    """How often they are written, for the best one to be kept."""


def open_window(
    score: Score, task: Task, request: Request, context: Context = DEFAULT_CONTEXT
) -> Window:
    """The plan of a task, for a request whose wishes are about what is new."""
    outline = outline_of(_heard(score, task))
    places = outline.places
    written = sorted({bar for own in task.bars for bar in places.token_bars(own)})
    own = _own_lines(outline, task)
    order = [line for line in outline.lines if line not in own] + own
    is_anew = task.is_anew or task.role != "fill"
    is_whole = is_anew and len(written) == len(outline.bars)
    if own and not is_whole:  # the line rests where it rested
        written = [
            bar for bar in written if sounding(outline.bars[bar].lines) & set(own)
        ] or written
    is_in_row = written[-1] - written[0] < len(written)
    in_place = is_whole or (context.takes > 1 and is_in_row)
    first, end = max(0, written[0] - context.before), written[-1] + 1
    end += min(context.after, LISTENED) if in_place else context.after
    last = min(end, len(outline.bars))
    scene = Scene(score, task, outline, own, range(first, last), tuple(written))
    text = (_in_place if in_place else _with_holes)(scene, order, request)
    plan = make_plan(
        _plain(request, task, len(written)),
        np.array(text.prompt, np.uint16),
        text.new_bars,
        text.openings,
        first_bar=first,
    )
    is_line = task.role != "fill"
    return Window(
        task=task,
        plan=hold(plan, scene, request),
        outline=outline,
        first=first,
        written=scene.written,
        targets=renumbered(order),
        instrument=scene.instrument if is_line else None,
        others=scene.others if is_line else 0,
        is_whole=is_whole,
        behind=tuple(text.behind),
        takes=context.takes if text.behind else 1,
    )


class _Text(NamedTuple):
    """What a plan is made of."""

    prompt: list[int]
    openings: list[list[int]]
    """Of each bar that is written."""
    new_bars: int = 0
    behind: Sequence[int] = ()


def _with_holes(scene: Scene, order: Sequence[Line], request: Request) -> _Text:
    """The window's bars, those that are written left out and opened behind its end."""
    writer, prompt, key = _begun(scene, order, request)
    for bar in scene.window:
        is_left_out = bar in scene.written
        prompt += [v.BAR, *writer.changes(bar, key if is_left_out else None)]
        prompt += [v.HOLE] if is_left_out else writer.content(bar)
    chords = _labels(scene.outline, scene.written, request)
    return _Text(prompt, [[*chords[bar], *_forced(writer, scene, bar)] for bar in scene.written])


def _in_place(scene: Scene, order: Sequence[Line], request: Request) -> _Text:
    """The bars before those that are written, which follow one after the other.

    The model knows how many bars are left of the piece, and is stopped when the last one that it
    writes is finished.
    """
    writer, prompt, key = _begun(scene, order, request)
    first, last = scene.written[0], scene.written[-1]
    for bar in range(scene.window.start, first):
        prompt += [v.BAR, *writer.changes(bar), *writer.content(bar)]
    chords = _labels(scene.outline, scene.written, request)
    openings = [
        [*writer.changes(bar, key), *chords[bar], *_forced(writer, scene, bar)]
        for bar in scene.written
    ]
    if first > scene.window.start and key is not None:  # the plan itself changes to an asked key
        openings[0] = [token for token in openings[0] if not v.KEY <= token < v.METER]
    behind: list[int] = []
    for bar in range(last + 1, scene.window.stop):
        behind += [v.BAR, *writer.changes(bar), *writer.content(bar)]
    left = min(len(scene.outline.bars) - 1 - last, MOST_LEFT)
    if left:
        openings.append([v.EOS])
    return _Text(prompt, openings, len(scene.written) + left, behind)


def _begun(
    scene: Scene, order: Sequence[Line], request: Request
) -> tuple[BarWriter, list[int], int | None]:
    """A writer of a window's bars, the tokens before the first one, and the key of new bars."""
    key = v.KEY + request.key.index if isinstance(request.key, KeyName) else None
    style = scene.outline.style if request.style is None else v.STYLE + v.style_index(request.style)
    writer = BarWriter(scene.outline, order)
    first = scene.window.start
    return writer, writer.head(first, style, key if first in scene.written else None), key


def _heard(score: Score, task: Task) -> Score:
    """What the model hears of a score: of a melody that is harmonised, a soprano alone."""
    if task.role != "harmonise" or task.track is None:
        return score
    choir = v.REPRESENTATIVE_PROGRAMS[v.INSTRUMENTS.index("choir")]
    melody = replace(score.tracks[task.track], program=choir, is_drum=False)
    return replace(score, tracks=(melody,), style="chorale")


def _own_lines(outline: Outline, task: Task) -> list[Line]:
    """The lines of the outline that a task writes anew, where not all."""
    return [] if task.role != "rewrite" or task.track is None else outline.lines_of(task.track)


def _forced(writer: BarWriter, scene: Scene, bar: int) -> list[int]:
    """The kept lines of a bar that is written, and the instrument of the new one: what is forced
    must not end in a kept line, which could go on."""
    if scene.task.role == "fill":
        return []
    content = writer.content(bar, without=scene.own)
    before = padding(content, scene.instrument, scene.others)
    return [*content, *before, v.INSTRUMENT + scene.instrument]


def _labels(outline: Outline, written: Sequence[int], request: Request) -> dict[int, list[int]]:
    """The chord tokens of each bar that is written."""
    labels: dict[int, list[int]] = {bar: [] for bar in written}
    if request.chords is None:
        return labels
    for index, bar in enumerate(written):
        meter = outline.bars[bar].settings[1]
        assert meter is not None
        labels[bar] = _chord_tokens(request.chords, request, v.METERS[meter - v.METER], index)
    return labels


def _chord_tokens(
    chords: Chords, request: Request, meter: tuple[int, int], index: int
) -> list[int]:
    """The chord tokens of one of the bars that chords are asked for."""
    key = request.key if isinstance(request.key, KeyName) else None
    return chord_tokens(chords.by_bar(meter, index + 1, key)[index])


def _plain(request: Request, task: Task, bars: int) -> Request:
    """The request for the plan: what the window says itself is left out."""
    has_centre = request.chords is not None and request.key is None
    return replace(
        request,
        bars=min(bars, 512),
        meter=None,
        bpm=None,
        chords=None,
        key_pull=0.0 if has_centre else request.key_pull,
        instruments=request.instruments if task.role == "fill" else None,
        without=request.without if task.role == "fill" else None,
    )
