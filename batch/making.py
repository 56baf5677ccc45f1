"""Groups of items through the engine, and each piece to its files and its line."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from partimento.batch.items import Item
from partimento.batch.orders import asked_change, changed_bars
from partimento.batch.records import (
    Making,
    Record,
    Source,
    failed_record,
    file_sha256,
    fingerprint,
)
from partimento.batch.renderers import Renderers, Write, describe
from partimento.batch.writing import write_files, write_layer_files
from partimento.music.facts import facts_of
from partimento.rendering.audio.settings import Sound
from partimento.sampling.editing.edit import Alternative, edit_pieces
from partimento.sampling.engine import Engine, OnBar
from partimento.sampling.generate import Piece, Wish, generate_each

PIECES_EACH = 16
"""Pieces of a group for each core: enough that the weights are read for many at a time."""
BARS_EACH = 256
"""New bars of a group for each core: what a kill may lose, some seconds of work."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an item."""

    item: Item
    piece: Piece | None = None
    error: str | None = None
    """Why there is no piece, in one line; None as well when it was stopped."""


def groups(
    items: Sequence[Item], cores: int, pieces: int | None = None, workers: int = 1
) -> Iterator[list[Item]]:
    """Items that are decoded together, the longest first, those of one primer side by side.

    `pieces` is the most of a group; by default it follows from the cores of a worker, and each
    of the workers gets a group if there are pieces enough.
    """
    order = sorted(items, key=_place)
    group: list[Item] = []
    bars = 0
    most = pieces or min(PIECES_EACH * cores, -(-len(items) // workers))
    for item in order:
        is_full = pieces is None and bars + item.request.bars > BARS_EACH * cores
        if len(group) == most or (is_full and len(group) >= cores):
            yield group
            group, bars = [], 0
        group.append(item)
        bars += item.request.bars
    if group:
        yield group


def _place(item: Item) -> tuple[bool, int, str, int]:
    """Edits stand apart: they are decoded by themselves."""
    request = item.request
    is_edit = isinstance(item.wish, Alternative)
    return is_edit, -request.bars, request.primer or "", item.index


def decode(
    items: Sequence[Item],
    engine: Engine,
    on_bar: Callable[[Item, int], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> list[Outcome]:
    """Decode items together; when that fails, each by itself, so that only the bad ones fail."""

    try:
        pieces = _write(items, engine, on_bar, should_stop)
    except Exception as error:
        # Whatever it was, the other pieces of an unattended run are worth having.
        if len(items) == 1:
            return [Outcome(items[0], error=describe(error))]
        return [out for item in items for out in decode([item], engine, on_bar, should_stop)]
    return [
        Outcome(item, piece if piece is not None and piece.is_complete else None)
        for item, piece in zip(items, pieces, strict=True)
    ]


def _write(
    items: Sequence[Item],
    engine: Engine,
    on_bar: Callable[[Item, int], None] | None,
    should_stop: Callable[[], bool] | None,
) -> list[Piece | None]:
    """The pieces of items: new ones are decoded together, and so are edits."""
    wishes = {place: i.wish for place, i in enumerate(items) if isinstance(i.wish, Wish)}
    edits = {place: i.wish for place, i in enumerate(items) if isinstance(i.wish, Alternative)}
    made: dict[int, Piece | None] = {}

    def hearing(places: Sequence[int]) -> OnBar:
        def hear(piece: int, bars: int) -> None:
            if on_bar is not None:
                on_bar(items[places[piece]], bars)

        return hear

    if wishes:
        pieces = generate_each([*wishes.values()], engine, hearing([*wishes]), should_stop)
        made.update(zip(wishes, pieces, strict=True))
    if edits:
        pieces = edit_pieces([*edits.values()], engine, hearing([*edits]), should_stop)
        made.update(zip(edits, pieces, strict=True))
    return [made[place] for place in range(len(items))]


def done_record(
    item: Item, piece: Piece, folder: Path, names: Sequence[str], making: Making
) -> Record:
    """The line of a piece whose files are in a folder."""
    facts = facts_of(piece.score)
    return Record(
        index=item.index,
        name=item.name,
        status="done",
        files={name: file_sha256(folder / name) for name in names},
        seed=item.request.seed,
        settings=piece.request.to_dict(),
        prompt=item.request.prompt,
        reading=item.reading,
        source=Source(item.file, item.line),
        kind=item.kind,
        music=item.music,
        edit=asked_change(item.wish),
        changed_bars=changed_bars(item.wish, piece.score),
        bars=piece.bars,
        notes=facts.notes,
        tokens=piece.new_tokens,
        style=piece.score.style,
        key=facts.key,
        bpm=facts.bpm,
        music_seconds=piece.music_seconds,
        common_run=None if piece.common is None else piece.common.longest,
        common_share=None if piece.common is None else round(piece.common.share, 4),
        redraws=piece.redraws,
        best_of=None if piece.choice is None else asdict(piece.choice),
        checkpoint=making.checkpoint,
        engine=making.engine,
        precision=making.precision,
        batch_seed=making.batch_seed,
        fingerprint=fingerprint(item, making),
    )


def finish(
    outcome: Outcome,
    folder: Path,
    sound: Sound,
    making: Making,
    write: Write = write_files,
) -> Record | None:
    """Write an outcome's files into an empty folder; its line. None when it was stopped."""
    if outcome.error is not None:
        return failed_record(outcome.item, outcome.error, making)
    if outcome.piece is None:
        return None
    item, piece = outcome.item, outcome.piece
    try:
        names = write(piece.score, piece.performance, item.name, item.formats, folder, sound)
        if item.request.layers is not None:
            place = (item.name, item.formats, folder, sound)
            names += write_layer_files(piece.performance, *place, item.request.layers)
        return done_record(item, piece, folder, names, making)
    except Exception as error:
        return failed_record(item, describe(error).replace(f"{folder}{os.sep}", ""), making)


def submit(
    renderers: Renderers, outcome: Outcome, folder: Path, sound: Sound, making: Making
) -> Future[Record | None]:
    """`finish` an outcome, what is rendered by a process."""
    run = partial(finish, outcome, folder, sound, making)
    return renderers.submit(run, bool(outcome.item.formats))
