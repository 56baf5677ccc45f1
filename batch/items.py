"""From entries to items: every piece of a batch with its number, seed, name and request."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from partimento.batch.entries import MAX_ITEMS, Entry, Problem, PromptFile
from partimento.batch.formats import file_names
from partimento.batch.item_settings import NEW, meaning
from partimento.batch.names import DEFAULT_TEMPLATE, TEMPLATE_OF_FILES, make_name, name_key
from partimento.batch.orders import Order, Work, count_pieces, make_order, request_of
from partimento.batch.settings import (
    Settings,
    check_fields,
    inherited,
    is_shared,
    kind_of,
    normal_name,
)
from partimento.batch.sources import Sources
from partimento.errors import PartimentoError
from partimento.request.request import Request
from partimento.sampling.draw import derive_seed


@dataclass(frozen=True, slots=True)
class Item:
    """One piece to write."""

    index: int
    """Its number in the batch, from 1."""
    name: str
    """Of its files, without an ending."""
    wish: Work
    formats: tuple[str, ...]
    """What is written beside its MIDI file."""
    file: str
    line: int | None
    reading: str | None = None
    """What was understood of its prompt."""
    kind: str = NEW
    music: tuple[str, ...] = ()
    """The files of music that it is made of."""

    @property
    def request(self) -> Request:
        """With the seed of the piece and the bars to write."""
        return self.wish.request

    @property
    def files(self) -> tuple[str, ...]:
        """Names of its files, the MIDI file first."""
        return file_names(self.name, self.formats)


@dataclass(frozen=True, slots=True)
class Invalid:
    """One number of a batch that no piece can be written for."""

    index: int
    problem: Problem


@dataclass(frozen=True, slots=True)
class Batch:
    """All of the prompt files, checked."""

    seed: int
    items: tuple[Item, ...]
    invalid: tuple[Invalid, ...]
    problems: tuple[Problem, ...]
    """Everything that must be mended, in the order of the files."""

    warnings: tuple[str, ...] = ()
    """What was repaired in reading files of music, each said once."""

    @property
    def size(self) -> int:
        """The last number."""
        return len(self.items) + len(self.invalid)


def make_batch(
    files: Sequence[PromptFile],
    seed: int,
    options: Settings | None = None,
) -> Batch:
    """Check all entries and number their pieces.

    `options` are defaults above those of the files, all of them checked. Piece 1 has the seed
    of the batch, later ones seeds derived from it, so that each is made again alone. An entry
    with problems keeps its numbers.
    """
    maker = _Maker(seed, options or {})
    for file in files:
        maker.add_file(file)
    return Batch(
        seed,
        tuple(maker.items),
        tuple(maker.invalid),
        tuple(maker.problems),
        maker.sources.warnings,
    )


class _Maker:
    """What has been numbered so far."""

    def __init__(self, seed: int, options: Settings) -> None:
        self._seed, self._options = seed, options
        self._names: dict[str, Item] = {}
        self._next = 1
        self._faulty_defaults: dict[str, Problem] = {}
        self.sources = Sources()
        self.items: list[Item] = []
        self.invalid: list[Invalid] = []
        self.problems: list[Problem] = []

    def add_file(self, file: PromptFile) -> None:
        """Number the pieces of a file."""
        kind = NEW
        try:
            kind = kind_of(file.defaults)
        except PartimentoError as error:
            self.problems.append(Problem(file.path, file.defaults_line, str(error)))
        place = (file.path, file.defaults_line, kind)
        defaults, problems = check_fields(file.defaults, *place, of_any=True)
        self.problems += problems.values()
        self._faulty_defaults = {normal_name(name): x for name, x in problems.items()}
        defaults = _with_paths(defaults, file.path, kind)
        for entry in file.entries:
            if self._next > MAX_ITEMS + 1:
                return
            self._add(file.path, entry, defaults, kind)

    def _add(self, file: str, entry: Entry, defaults: Settings, default_kind: str) -> None:
        """Number the pieces of an entry, or note what is wrong with it."""
        problems = [] if entry.problem is None else [Problem(file, entry.line, entry.problem)]
        kind = default_kind
        try:
            kind = kind_of(entry.fields, default_kind)
        except PartimentoError as error:
            problems.append(Problem(file, entry.line, str(error)))
            settings, _ = check_fields(entry.fields, file, entry.line, of_any=True)
        else:
            settings, faulty = check_fields(entry.fields, file, entry.line, kind)
            problems = [*faulty.values(), *problems]
        from_defaults = [
            x
            for name, x in self._faulty_defaults.items()
            if name not in settings and is_shared(name, default_kind, kind)
        ]
        levels = (
            inherited(defaults, default_kind, kind),
            inherited(self._options, NEW, kind),
            _with_paths(settings, file, kind),
        )
        # What is wrong elsewhere in the entry does not change how many numbers it takes.
        count = count_pieces(kind, levels)
        first, self._next = self._next, self._next + count
        if self._next > MAX_ITEMS + 1:
            message = f"the batch must not have more than {MAX_ITEMS:,} pieces; split it"
            self.problems.append(Problem(file, entry.line, message))
            return
        if not (problems or from_defaults):
            try:
                self._add_pieces(file, entry, kind, levels, range(first, first + count))
                return
            except (PartimentoError, OSError) as error:
                problems.append(Problem(file, entry.line, " ".join(str(error).split())))
                self._forget(first)
        self.problems += problems
        reason = [*problems, *from_defaults][0]
        self.invalid += [Invalid(first + copy, reason) for copy in range(count)]

    def _forget(self, first: int) -> None:
        """Take back the pieces of an entry of which one cannot be written."""
        while self.items and self.items[-1].index >= first:
            for name in self.items.pop().files:
                self._names.pop(name_key(name), None)

    def _add_pieces(
        self, file: str, entry: Entry, kind: str, levels: Sequence[Settings], numbers: range
    ) -> None:
        """Add the pieces of an entry, whose numbers these are."""
        order = make_order(kind, levels, self.sources)
        seeds = [self._seed_of(order, copy, index) for copy, index in enumerate(numbers)]
        usual = DEFAULT_TEMPLATE if kind == NEW else TEMPLATE_OF_FILES
        template = order.beside.get("name", usual)
        formats = order.beside.get("also", ())
        assert isinstance(template, str)
        assert isinstance(formats, tuple)
        for copy, (index, work) in enumerate(zip(numbers, order.works(seeds), strict=True)):
            values = _name_values(file, entry, kind, order, request_of(work), index, copy)
            item = Item(
                index=index,
                name=make_name(template, values),
                wish=work,
                formats=formats,
                file=file,
                line=entry.line,
                reading=order.reading,
                kind=kind,
                music=order.music,
            )
            self._take_names(item)
            self.items.append(item)

    def _seed_of(self, order: Order, copy: int, index: int) -> int:
        """The seed of a piece: from that of its item, or else from that of the batch."""
        if order.request.seed is not None:
            return derive_seed(order.request.seed, copy)
        return derive_seed(self._seed, index - 1)

    def _take_names(self, item: Item) -> None:
        """Keep the names of an item's files; ValueError when another item has one of them."""
        for name in item.files:
            other = self._names.get(name_key(name))
            if other is not None:
                place = Problem(other.file, other.line, f"piece {other.index}")
                hint = "{copy}" if (other.file, other.line) == (item.file, item.line) else "{index}"
                raise PartimentoError(
                    f"the name {name} is taken by {place}; put {hint} into the template"
                )
        self._names.update((name_key(name), item) for name in item.files)


def _with_paths(settings: Settings, file: str, kind: str) -> Settings:
    """Settings whose files, which are named from where the prompt file is, are found from here."""
    folder = Path(file).parent
    found = {}
    for name, value in settings.items():
        setting = meaning(name, kind)
        is_path = setting is not None and setting.about.is_path
        found[name] = str(folder / value) if is_path and isinstance(value, str) else value
    return found


def _name_values(
    file: str, entry: Entry, kind: str, order: Order, request: Request, index: int, copy: int
) -> dict[str, object]:
    """What the fields of a template stand for."""
    return {
        "index": index,
        "copy": copy + 1,
        "seed": request.seed,
        "bars": request.bars,
        "style": request.style,
        "key": request.key,
        "scale": request.scale,
        "meter": request.meter,
        "bpm": request.bpm,
        "temperature": request.temperature,
        "prompt": request.prompt,
        "primer": None if request.primer is None else Path(request.primer).stem,
        "kind": kind,
        "music": "-".join(Path(path).stem for path in order.music) or None,
        "file": Path(file).stem,
        "line": entry.line,
    }
