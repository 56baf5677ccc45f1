"""One edit under way: its tasks one after the other, and the piece that comes out."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from partimento import __version__
from partimento.errors import SettingError
from partimento.music.bars import bar_starts
from partimento.music.key_finding import estimate_key
from partimento.music.keys import KeyName, key_name, usual_key
from partimento.music.score import Score
from partimento.music.sketch import Floats, Sketch
from partimento.music.sketch_files import sketch_file
from partimento.request.request import Request
from partimento.request.values import MAX_BARS, Mode
from partimento.sampling.draw import derive_seed
from partimento.sampling.editing.alternatives import Alternative
from partimento.sampling.editing.results import with_result, without_silent
from partimento.sampling.editing.seams import SEAM_TAKES, Seam, as_loop, seam_of, unrolled
from partimento.sampling.editing.sketches import Followed, check_sketches, sketched
from partimento.sampling.editing.takes import (
    as_it_stands,
    best_take,
    cost_behind,
    seeds_of,
    without_stop,
)
from partimento.sampling.editing.tasks import removed, tasks_of
from partimento.sampling.editing.varying import varied
from partimento.sampling.editing.windows import Context, Window, open_window
from partimento.sampling.engine import Engine
from partimento.sampling.looping import ENOUGH
from partimento.sampling.provenance import Provenance
from partimento.sampling.resolution import random_seed
from partimento.sampling.sketch_pull import NO_PULL
from partimento.sampling.sketch_reading import find_sketch
from partimento.sampling.sketcher import Sketcher, load_sketcher
from partimento.sampling.written import Piece
from partimento.tokenizer.vocabulary import TokenArray


class Work:
    """One edit under way; `tasks` are those that are left."""

    def __init__(self, wish: Alternative, engine: Engine, sketcher: Sketcher | None) -> None:
        self._wish, self._engine = wish, engine
        self._sketch = _given(wish)
        self._sketcher = sketcher_for(wish, engine, sketcher)
        request, score = wish.request, removed(wish.edit, wish.original.score)
        seed = random_seed() if request.seed is None else request.seed
        self._score = score
        self.tasks = tasks_of(wish.edit, score, request.instruments)
        bars = sum(len(task.bars) for task in self.tasks)
        self._request = replace(
            with_key(request, score), seed=seed, bars=min(max(bars, 1), MAX_BARS)
        )
        self._varied: Floats | None = None
        if self._sketcher is not None and wish.edit.vary is not None:
            self._varied = varied(score, self.tasks, wish.edit.vary, self._request, self._sketcher)
        self._number, self._seconds, self._count = 0, 0.0, 0
        self._tokens: TokenArray = np.zeros(0, np.uint16)
        self._seam: Seam | None = None
        self._has_new_end = False
        self._open_seam()

    def seeds(self, window: Window) -> list[int]:
        """Of the takes of the task that is next."""
        assert self._request.seed is not None
        seed = derive_seed(self._request.seed, self._number)
        return seeds_of(seed, window.takes)

    def window(self, context: Context) -> Window:
        """The task that is next, ready to be decoded."""
        task = self.tasks[0]
        if self._seam is not None:
            context = replace(context, takes=SEAM_TAKES)
        elif task.role != "fill" or self._varied is not None:
            context = replace(context, takes=1)
        window = open_window(self._score, task, self._request, context)
        if self._sketcher is None:
            return window
        if self._varied is None:
            found = sketched(self._score, task, self._request, self._sketch, self._sketcher)
        else:
            found = Followed(self._varied, NO_PULL)
        own = slice(window.first, window.first + window.plan.total_bars)
        told, pull = found.told[own], found.pull[own]
        plan = window.plan._replace(sketch=told, pulled_bars=len(pull), pull=pull)
        return replace(window, plan=plan)

    def finish(self, window: Window, takes: Sequence[TokenArray], seconds: float) -> None:
        """Take what was decoded into the piece: the one take, or the best."""
        self._count += sum(len(tokens) - len(window.plan.prompt) for tokens in takes)
        self._seconds += seconds
        self._number += 1
        self.tasks.pop(0)
        if self._seam is None or self._seam.is_asked or not self._leads_back(window):
            tokens = without_stop(best_take(takes, window, self._engine), window)
            self._score = with_result(self._score, window, tokens, self._request)
            self._tokens = tokens
            self._has_new_end = self._seam is not None
        self._open_seam()

    def piece(self) -> Piece:
        """The piece as its file has it."""
        engine, wish = self._engine, self._wish
        provenance = Provenance(
            version=__version__,
            request=self._request,
            checkpoint=engine.checkpoint,
            engine=engine.name,
            precision=engine.precision,
            primer=wish.original.stored,
            edit=wish.edit.to_dict(),
            sketcher=None if self._sketcher is None else self._sketcher.name,
            sketch=None if self._sketch is None else sketch_file(self._sketch),
            style=wish.original.score.style,
        )
        score = without_silent(self._score)
        if self._seam is not None:
            score = as_loop(score, self._seam, self._has_new_end)
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

    def _open_seam(self) -> None:
        """Begin with the loop that was asked for, when all else is done."""
        edit = self._wish.edit
        if self.tasks or not edit.loop or self._seam is not None:
            return
        self._seam = seam_of(self._score, None if edit.is_within_bars else edit.bars)
        self._score = unrolled(self._score, self._seam)
        self.tasks = [self._seam.task]

    def _leads_back(self, window: Window) -> bool:
        """Whether the end leads to the beginning as it is."""
        return cost_behind(as_it_stands(window), window, self._engine) <= ENOUGH


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


def _given(wish: Alternative) -> Sketch | None:
    """The sketch that is given, or that the request names."""
    name = wish.request.sketch
    return find_sketch(name).sketch if wish.sketch is None and name is not None else wish.sketch


def sketcher_for(
    wish: Alternative, engine: Engine, sketcher: Sketcher | None = None
) -> Sketcher | None:
    """What draws or varies an edit's sketch, by default that of the package; None without one.

    PartimentoError for an engine that reads no sketches.
    """
    is_given = wish.sketch is not None or wish.request.sketch is not None
    if wish.edit.vary is None and not is_given and not wish.request.asks_for_sketch:
        return None
    if wish.edit.vary is not None and not engine.reads_sketches:
        raise SettingError(
            "vary", "needs weights that were trained to follow sketches; these are not"
        )
    if wish.edit.vary is not None and is_given:
        raise SettingError("sketch", "is the piece's own in a variation; leave it out")
    check_sketches(wish.request, engine)
    return load_sketcher() if sketcher is None else sketcher
