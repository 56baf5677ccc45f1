"""What an item asks for, read and checked: how many pieces, and each of them for its seed."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from partimento.batch.item_settings import ARRANGE, BLEND, EDIT, NEW, VARY
from partimento.batch.settings import Settings
from partimento.batch.sources import Sources
from partimento.errors import SettingError
from partimento.music.difference import compare
from partimento.music.score import Score
from partimento.music.sketch_files import sketch_file
from partimento.request.edit import EDIT_SETTINGS, Edit
from partimento.request.merging import combine, merge
from partimento.request.request import Request
from partimento.request.reworking import VARIATION_SETTINGS, Blending, Variation
from partimento.request.values import MAX_BARS
from partimento.sampling.editing.edit import Alternative, check, request_for
from partimento.sampling.editing.work import sketcher_for
from partimento.sampling.engine import Engine
from partimento.sampling.generate import Wish
from partimento.sampling.provenance import without_provenance
from partimento.sampling.reworking import arranged, blended
from partimento.sampling.sketcher import load_sketcher
from partimento.sampling.sketching import sketcher_name

Work = Wish | Alternative
"""One piece to write: anew, or of an original some of whose bars and lines stay."""


@dataclass(frozen=True, slots=True)
class Order:
    """What an item asks for."""

    request: Request
    """Without a seed unless one was given."""
    beside: Mapping[str, object]
    """Settings about the files: `name` and `also`."""
    works: Callable[[Sequence[int]], list[Work]]
    """The pieces with their seeds, one for each copy."""
    music: tuple[str, ...] = ()
    """The files that they are made of."""
    reading: str | None = None
    """What was understood of the prompt."""


def count_pieces(kind: str, levels: Sequence[Settings]) -> int:
    """How many pieces levels of settings ask for."""
    name, usual = ("steps", Blending.steps) if kind == BLEND else ("count", 1)
    count: object = usual
    for level in levels:
        count = level.get(name, count)
    return count if isinstance(count, int) else usual


def make_order(kind: str, levels: Sequence[Settings], sources: Sources) -> Order:
    """The order of an item, whose levels of settings end with its own.

    PartimentoError for wishes that contradict each other, or that the files cannot meet.
    """
    if kind == NEW:
        return _new(levels, sources)
    told = merge(levels)
    beside: Settings = {n: told.pop(n) for n in ("count", "name", "also") if n in told}
    make = {EDIT: _changed, VARY: _changed, BLEND: _blended, ARRANGE: _arranged}[kind]
    return make(kind, told, beside, sources)


def _new(levels: Sequence[Settings], sources: Sources) -> Order:
    """A piece from nothing, or after a primer."""
    wishes = combine(levels)
    request, primer, sketch = wishes.request, None, None
    if request.primer is not None:
        primer = sources.primer(request.primer, request.primer_bars, request.primer_pedal)
    if request.sketch is not None:
        sketch = sources.sketch(request.sketch)
    keeps_primer = not wishes.beside.get("without_primer", False)

    def works(seeds: Sequence[int]) -> list[Work]:
        return [Wish(replace(request, seed=s), primer, keeps_primer, sketch) for s in seeds]

    reading = None if wishes.reading is None else wishes.reading.summary()
    return Order(request, wishes.beside, works, reading=reading)


def _changed(kind: str, told: Settings, beside: Settings, sources: Sources) -> Order:
    """A piece some of whose bars and lines are written anew."""
    path = str(told.pop(kind))
    own = VARIATION_SETTINGS if kind == VARY else EDIT_SETTINGS
    asked = {name: told.pop(name) for name in own if name in told}
    change = Variation.of(asked).edit if kind == VARY else Edit.from_dict(asked)
    original = sources.original(kind, path)
    request = request_for(told, original)
    sketch = None if request.sketch is None else sources.sketch(request.sketch).sketch
    bars = check(Alternative(original, change, request, sketch))
    request = replace(request, bars=min(max(bars, 1), MAX_BARS))

    def works(seeds: Sequence[int]) -> list[Work]:
        return [
            Alternative(original, change, replace(request, seed=seed), sketch) for seed in seeds
        ]

    return Order(request, beside, works, (path,))


def _arranged(kind: str, told: Settings, beside: Settings, sources: Sources) -> Order:
    """A piece for other players."""
    path = str(told.pop(kind))
    model, request = sources.model(kind, path), combine([told]).request

    def works(seeds: Sequence[int]) -> list[Work]:
        return [arranged(model, replace(request, seed=seed)) for seed in seeds]

    return Order(request, beside, works, (path,))


def _blended(kind: str, told: Settings, beside: Settings, sources: Sources) -> Order:
    """The pieces on the way from one to another, which have one seed."""
    if "to" not in told:
        raise SettingError(
            "to", "must name the file that the blend arrives at, such as to: other.mid"
        )
    paths = (str(told.pop(kind)), str(told.pop("to")))
    first, second = sources.model(kind, paths[0]), sources.model("to", paths[1])
    steps, request = Blending.of(told).steps, combine([told]).request

    def works(seeds: Sequence[int]) -> list[Work]:
        seeded = replace(request, seed=seeds[0])
        return [*blended(first, second, steps, seeded, load_sketcher())]

    return Order(request, beside, works, paths)


def request_of(work: Work) -> Request:
    """The request of a piece, as far as its file states it."""
    return work.job.request if isinstance(work, Wish) else work.request


def asked_change(work: Work) -> dict[str, object] | None:
    """What is to change in an original, as JSON keeps it; None for a piece without one."""
    return work.edit.to_dict() if isinstance(work, Alternative) else None


def changed_bars(work: Work, score: Score) -> tuple[int, ...] | None:
    """Numbers of the bars in which a piece is different from its original, from 1."""
    if isinstance(work, Wish):
        return None
    return compare(work.original.score, without_provenance(score)).changed_bars


def deciding(work: Work) -> list[object]:
    """What, beside its request, decides the notes of a piece, as JSON keeps it."""
    if isinstance(work, Alternative):
        original, given = work.original, work.sketch
        return [
            _sha256(original.stored.midi),
            original.score.style,
            work.edit.to_dict(),
            None if given is None else _sha256(sketch_file(given)),
        ]
    primer, sketch = work.primer, work.sketch
    return [
        None if primer is None else _sha256(primer.stored.midi),
        None if primer is None else primer.stored.bars,
        work.keep_primer,
        None if sketch is None else _sha256(sketch_file(sketch.sketch)),
    ]


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def sketcher_of(works: Sequence[Work], engine: Engine) -> str | None:
    """Name of what draws and varies the sketches of pieces; None where there are none.

    PartimentoError for an engine that reads no sketches.
    """
    jobs = [work.job for work in works if isinstance(work, Wish)]
    edits = [work for work in works if isinstance(work, Alternative)]
    varied = [sketcher_for(edit, engine) for edit in edits]
    names = {sketcher.name for sketcher in varied if sketcher is not None}
    return sketcher_name(jobs, engine) or next(iter(names), None)
