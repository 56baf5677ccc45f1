"""From entries to items: every piece of a batch with its number, seed, name and request."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from partimento.batch.entries import MAX_ITEMS, Entry, Problem, PromptFile
from partimento.batch.formats import file_names
from partimento.batch.names import DEFAULT_TEMPLATE, make_name, name_key
from partimento.batch.settings import Settings, check_fields, normal_name
from partimento.errors import PartimentoError
from partimento.music.sketch_files import FoundSketch
from partimento.request.merging import Wishes, combine
from partimento.request.request import Request
from partimento.sampling.draw import derive_seed
from partimento.sampling.generate import Wish
from partimento.sampling.primer import read_primer
from partimento.sampling.primer_bars import Primer
from partimento.sampling.sketch_reading import find_sketch


@dataclass(frozen=True, slots=True)
class Item:
    """One piece to write."""

    index: int
    """Its number in the batch, from 1."""
    name: str
    """Of its files, without an ending."""
    wish: Wish
    formats: tuple[str, ...]
    """What is written beside its MIDI file."""
    file: str
    line: int | None
    reading: str | None = None
    """What was understood of its prompt."""

    @property
    def request(self) -> Request:
        """With the seed of the piece."""
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

    @property
    def size(self) -> int:
        """The last number."""
        return len(self.items) + len(self.invalid)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was repaired in reading primers and sketches, each said once."""
        read = (file for item in self.items for file in (item.wish.primer, item.wish.sketch))
        return tuple(dict.fromkeys(w for f in read if f is not None for w in f.warnings))


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
    return Batch(seed, tuple(maker.items), tuple(maker.invalid), tuple(maker.problems))


class _Maker:
    """What has been numbered so far."""

    def __init__(self, seed: int, options: Settings) -> None:
        self._seed, self._options = seed, options
        self._primers: dict[tuple[str, int | None, bool], Primer] = {}
        self._sketches: dict[str, FoundSketch] = {}
        self._names: dict[str, Item] = {}
        self._next = 1
        self._faulty_defaults: dict[str, Problem] = {}
        self.items: list[Item] = []
        self.invalid: list[Invalid] = []
        self.problems: list[Problem] = []

    def add_file(self, file: PromptFile) -> None:
        """Number the pieces of a file."""
        defaults, problems = check_fields(file.defaults, file.path, file.defaults_line)
        self.problems += problems.values()
        self._faulty_defaults = {normal_name(name): x for name, x in problems.items()}
        defaults = _with_path(defaults, file.path)
        for entry in file.entries:
            if self._next > MAX_ITEMS + 1:
                return
            self._add(file.path, entry, defaults)

    def _add(self, file: str, entry: Entry, defaults: Settings) -> None:
        """Number the pieces of an entry, or note what is wrong with it."""
        settings, faulty = check_fields(entry.fields, file, entry.line)
        problems = list(faulty.values())
        inherited = [x for name, x in self._faulty_defaults.items() if name not in settings]
        if entry.problem is not None:
            problems.append(Problem(file, entry.line, entry.problem))
        levels = (defaults, self._options, _with_path(settings, file))
        # What is wrong elsewhere in the entry does not change how many numbers it takes.
        count = _count(levels)
        first, self._next = self._next, self._next + count
        if self._next > MAX_ITEMS + 1:
            message = f"the batch must not have more than {MAX_ITEMS:,} pieces; split it"
            self.problems.append(Problem(file, entry.line, message))
            return
        if not (problems or inherited):
            try:
                wishes = combine(levels)
                for copy in range(count):
                    self._add_piece(file, entry, wishes, first + copy, copy)
                return
            except (PartimentoError, OSError) as error:
                problems.append(Problem(file, entry.line, " ".join(str(error).split())))
                self._forget(first)
        self.problems += problems
        reason = [*problems, *inherited][0]
        self.invalid += [Invalid(first + copy, reason) for copy in range(count)]

    def _forget(self, first: int) -> None:
        """Take back the pieces of an entry of which one cannot be written."""
        while self.items and self.items[-1].index >= first:
            for name in self.items.pop().files:
                self._names.pop(name_key(name), None)

    def _add_piece(self, file: str, entry: Entry, wishes: Wishes, index: int, copy: int) -> None:
        request = wishes.request
        if request.seed is not None:
            seed = derive_seed(request.seed, copy)
        else:
            seed = derive_seed(self._seed, index - 1)
        primer = None
        if request.primer is not None:
            primer = self._read_primer(request.primer, request.primer_bars, request.primer_pedal)
        sketch = None if request.sketch is None else self._read_sketch(request.sketch)
        keeps_primer = not wishes.beside.get("without_primer", False)
        wish = Wish(replace(request, seed=seed), primer, keeps_primer, sketch)
        resolved = wish.job.request
        template = wishes.beside.get("name", DEFAULT_TEMPLATE)
        formats = wishes.beside.get("also", ())
        assert isinstance(template, str)
        assert isinstance(formats, tuple)
        item = Item(
            index=index,
            name=make_name(template, _name_values(file, entry, resolved, index, copy)),
            wish=wish,
            formats=formats,
            file=file,
            line=entry.line,
            reading=None if wishes.reading is None else wishes.reading.summary(),
        )
        self._take_names(item)
        self.items.append(item)

    def _read_primer(self, path: str, bars: int | None, has_pedal: bool) -> Primer:
        if (path, bars, has_pedal) not in self._primers:
            if not Path(path).is_file():
                raise PartimentoError(f"primer {path}: no such file")
            self._primers[path, bars, has_pedal] = read_primer(Path(path), bars, has_pedal)
        return self._primers[path, bars, has_pedal]

    def _read_sketch(self, path: str) -> FoundSketch:
        if path not in self._sketches:
            if not Path(path).is_file():
                raise PartimentoError(f"sketch {path}: no such file")
            self._sketches[path] = find_sketch(Path(path))
        return self._sketches[path]

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


def _with_path(settings: Settings, file: str) -> Settings:
    """Settings whose files, which are named from where the prompt file is, are found from here."""
    named = {name: settings.get(name) for name in ("primer", "sketch")}
    found = {n: str(Path(file).parent / p) for n, p in named.items() if isinstance(p, str)}
    return {**settings, **found}


def _count(levels: Sequence[Settings]) -> int:
    """How many pieces the levels ask for."""
    count: object = 1
    for level in levels:
        count = level.get("count", count)
    return count if isinstance(count, int) else 1


def _name_values(
    file: str, entry: Entry, request: Request, index: int, copy: int
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
        "file": Path(file).stem,
        "line": entry.line,
    }
