"""Edits: the tasks of each, decoded one after the other, and the piece that comes out."""

import io
import time
from collections.abc import Callable, Sequence
from itertools import islice

from partimento.music.sketch_files import read_sketch
from partimento.request.edit import Edit
from partimento.sampling.editing.alternatives import Alternative as Alternative
from partimento.sampling.editing.alternatives import request_for as request_for
from partimento.sampling.editing.original import original_of
from partimento.sampling.editing.seams import seam_of
from partimento.sampling.editing.tasks import removed, tasks_of
from partimento.sampling.editing.windows import DEFAULT_CONTEXT, Context
from partimento.sampling.editing.work import Work
from partimento.sampling.editing.work import sketcher_for as sketcher_for
from partimento.sampling.engine import Engine, OnBar
from partimento.sampling.generate import Piece
from partimento.sampling.provenance import Provenance
from partimento.sampling.sketcher import Sketcher
from partimento.tokenizer import vocabulary as v


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
    works = [Work(wish, engine, sketcher) for wish in wishes]
    while any(work.tasks for work in works):
        waiting = [index for index, work in enumerate(works) if work.tasks]
        windows = [works[index].window(context) for index in waiting]
        seeds = [works[index].seeds(window) for index, window in zip(waiting, windows, strict=True)]
        plans = [window.plan for window, own in zip(windows, seeds, strict=True) for _ in own]
        # One take speaks for all of a piece.
        speaking = [
            index if number == 0 else None
            for index, own in zip(waiting, seeds, strict=True)
            for number, _ in enumerate(own)
        ]

        def hear(take: int, bars: int, speaking: list[int | None] = speaking) -> None:
            piece = speaking[take]
            if on_bar is not None and bars and piece is not None:
                on_bar(piece, bars)

        began = time.perf_counter()
        decoded = iter(
            engine.decode(plans, [seed for own in seeds for seed in own], hear, should_stop)
        )
        seconds = (time.perf_counter() - began) / len(waiting)
        for index, window, own in zip(waiting, windows, seeds, strict=True):
            takes = list(islice(decoded, len(own)))
            if all(tokens[-1] == v.EOS for tokens in takes):
                works[index].finish(window, takes, seconds)
        if should_stop is not None and should_stop():
            break
    return [None if work.tasks else work.piece() for work in works]


def check(wish: Alternative) -> int:
    """How many bars an edit writes, in all its tasks; SettingError for one that cannot be."""
    edit, score = wish.edit, removed(wish.edit, wish.original.score)
    bars = sum(len(task.bars) for task in tasks_of(edit, score, wish.request.instruments))
    if edit.loop:
        bars += len(seam_of(score, None if edit.is_within_bars else edit.bars).bars)
    return bars


def replay_edit(provenance: Provenance, engine: Engine, sketcher: Sketcher | None = None) -> Piece:
    """Make an edited piece again; the engine must hold the same weights."""
    assert provenance.primer is not None
    assert provenance.edit is not None
    original = original_of(provenance.primer, provenance.style)
    edit = Edit.from_dict(provenance.edit)
    sketch = None if provenance.sketch is None else read_sketch(io.BytesIO(provenance.sketch))
    [piece] = edit_pieces(
        [Alternative(original, edit, provenance.request, sketch)], engine, sketcher=sketcher
    )
    assert piece is not None
    return piece
