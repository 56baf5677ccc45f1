"""Edits: the tasks of each, decoded one after the other, and the piece that comes out."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from partimento import __version__
from partimento.errors import SettingError
from partimento.music.bars import bar_starts
from partimento.music.chords import parse_chords
from partimento.music.key_finding import estimate_key
from partimento.music.keys import KeyName, key_name, usual_key
from partimento.music.score import Meter, Score
from partimento.music.sketch import Floats
from partimento.request.edit import WISHES_OF_NEW, Edit
from partimento.request.merging import combine
from partimento.request.request import Request
from partimento.request.settings import check_names
from partimento.request.values import Mode
from partimento.sampling.draw import derive_seed
from partimento.sampling.editing.original import Original, original_of
from partimento.sampling.editing.results import with_result, without_silent
from partimento.sampling.editing.tasks import removed, tasks_of
from partimento.sampling.editing.varying import varied
from partimento.sampling.editing.windows import DEFAULT_CONTEXT, Context, Window, open_window
from partimento.sampling.engine import Engine, OnBar
from partimento.sampling.generate import Piece
from partimento.sampling.provenance import Provenance
from partimento.sampling.resolution import random_seed
from partimento.sampling.sketcher import Sketcher, load_sketcher
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.vocabulary import TokenArray

_MAX_BARS = 512
"""That a request may ask for."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """One piece to make of an original."""

    original: Original
    edit: Edit
    request: Request
    """The wishes for what is new."""


def edit_pieces(
    wishes: Sequence[Alternative],
    engine: Engine,
    on_bar: OnBar | None = None,
    should_stop: Callable[[], bool] | None = None,
    context: Context = DEFAULT_CONTEXT,
    sketcher: Sketcher | None = None,
) -> list[Piece | None]:
    """Edit pieces, decoded together; the same wish gives the same piece alone or with others.

    `on_bar` hears (piece, finished new bars). When `should_stop` turns true, None stands for each
    piece that is not finished: half an edit is none. PartimentoError for wishes that cannot be met.
    """
    jobs = [_Job(wish, sketcher_for(wish.edit, engine, sketcher)) for wish in wishes]
    while any(job.tasks for job in jobs):
        waiting = [index for index, job in enumerate(jobs) if job.tasks]
        windows = [jobs[index].window(context) for index in waiting]

        def hear(piece: int, bars: int, waiting: list[int] = waiting) -> None:
            if on_bar is not None and bars:
                on_bar(waiting[piece], bars)

        began = time.perf_counter()
        seeds = [jobs[index].seed for index in waiting]
        plans = [window.plan for window in windows]
        decoded = engine.decode(plans, seeds, hear, should_stop)
        seconds = (time.perf_counter() - began) / len(waiting)
        for index, window, tokens in zip(waiting, windows, decoded, strict=True):
            if tokens[-1] == v.EOS:
                jobs[index].finish(window, tokens, seconds)
        if should_stop is not None and should_stop():
            break
    return [None if job.tasks else job.piece(engine) for job in jobs]


def check(wish: Alternative) -> int:
    """How many bars an edit writes, in all its tasks; SettingError for one that cannot be."""
    score = removed(wish.edit, wish.original.score)
    return sum(len(task.bars) for task in tasks_of(wish.edit, score, wish.request.instruments))


def request_for(wishes: Mapping[str, object], original: Original) -> Request:
    """The request of wishes for what is new; what these need to be told beside them the file says.

    PartimentoError for wishes that do not exist, are out of range or contradict each other.
    """
    check_names(wishes, {*WISHES_OF_NEW, "mode"})
    told = dict(wishes)
    chords, score = told.get("chords"), original.score
    has_degrees = isinstance(chords, str) and parse_chords(chords).needs_key
    if chords is not None:
        meter = score.meters[0] if score.meters else Meter(0, 4, 4)
        told["meter"] = f"{meter.numerator}/{meter.denominator}"
    if told.get("key") is None and (has_degrees or told.get("lock_key") or told.get("scale")):
        key = score.keys[0] if score.keys else estimate_key(score)
        told["key"] = None if key is None else key_name(key)
    return combine([told]).request


def sketcher_for(edit: Edit, engine: Engine, sketcher: Sketcher | None = None) -> Sketcher | None:
    """What varies an edit's sketch, by default that of the package; None where nothing is varied.

    SettingError for an engine that reads no sketches.
    """
    if edit.vary is None:
        return None
    if not engine.reads_sketches:
        raise SettingError(
            "vary", "needs weights that were trained to follow sketches; these are not"
        )
    return load_sketcher() if sketcher is None else sketcher


def replay_edit(provenance: Provenance, engine: Engine, sketcher: Sketcher | None = None) -> Piece:
    """Make an edited piece again; the engine must hold the same weights."""
    assert provenance.primer is not None
    assert provenance.edit is not None
    original = original_of(provenance.primer, provenance.style)
    edit = Edit.from_dict(provenance.edit)
    wish = Alternative(original, edit, provenance.request)
    [piece] = edit_pieces([wish], engine, sketcher=sketcher)
    assert piece is not None
    return piece


class _Job:
    """One edit under way."""

    def __init__(self, wish: Alternative, sketcher: Sketcher | None) -> None:
        self._wish, self._sketcher = wish, sketcher
        request, score = wish.request, removed(wish.edit, wish.original.score)
        seed = random_seed() if request.seed is None else request.seed
        self._score = score
        self.tasks = tasks_of(wish.edit, score, request.instruments)
        bars = sum(len(task.bars) for task in self.tasks)
        self._request = replace(
            with_key(request, score), seed=seed, bars=min(max(bars, 1), _MAX_BARS)
        )
        self._told: Floats | None = None
        if sketcher is not None and wish.edit.vary is not None:
            self._told = varied(score, self.tasks, wish.edit.vary, self._request, sketcher)
        self._number, self._seconds, self._count = 0, 0.0, 0
        self._tokens: TokenArray = np.zeros(0, np.uint16)

    @property
    def seed(self) -> int:
        """Of the task that is next."""
        assert self._request.seed is not None
        return derive_seed(self._request.seed, self._number)

    def window(self, context: Context) -> Window:
        """The task that is next, ready to be decoded."""
        window = open_window(self._score, self.tasks[0], self._request, context)
        if self._told is None:
            return window
        told = self._told[window.first :][: window.plan.total_bars]
        return replace(window, plan=window.plan._replace(sketch=told))

    def finish(self, window: Window, tokens: TokenArray, seconds: float) -> None:
        """Take what was decoded into the piece."""
        self._score = with_result(self._score, window, tokens, self._request)
        self._tokens = tokens
        self._count += len(tokens) - len(window.plan.prompt)
        self._seconds += seconds
        self._number += 1
        self.tasks.pop(0)

    def piece(self, engine: Engine) -> Piece:
        """The piece as its file has it."""
        provenance = Provenance(
            version=__version__,
            request=self._request,
            checkpoint=engine.checkpoint,
            engine=engine.name,
            precision=engine.precision,
            primer=self._wish.original.stored,
            edit=self._wish.edit.to_dict(),
            sketcher=None if self._sketcher is None else self._sketcher.name,
            style=self._wish.original.score.style,
        )
        score = without_silent(self._score)
        score = replace(score, texts=(provenance.to_text(), *score.texts))
        key = estimate_key(score)
        return Piece(
            score=score,
            tokens=self._tokens,
            request=self._request,
            bars=len(bar_starts(score)),
            key=None if key is None else str(key_name(key)),
            is_complete=True,
            decode_seconds=self._seconds,
            new_tokens=self._count,
            new_from=score.end + 1,
        )


def with_key(request: Request, score: Score) -> Request:
    """The request with the piece's own key, where a wish needs one and none is given."""
    if isinstance(request.key, KeyName) or not (request.key or request.lock_key or request.scale):
        return request
    key = score.keys[0] if score.keys else estimate_key(score)
    if key is None:
        return request
    name = key_name(key)
    if isinstance(request.key, Mode):
        name = usual_key(name.tonic, request.key.is_minor)
    return replace(request, key=name)
