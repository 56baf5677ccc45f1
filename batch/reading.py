"""From paths on the command line to entries: text, YAML, JSON lines, CSV, MIDI, folders, globs."""

import csv
import glob
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NoReturn

from partimento.batch.entries import (
    MAX_ITEMS,
    NESTED,
    Entry,
    Field,
    Fields,
    InputError,
    Problem,
    PromptFile,
)
from partimento.batch.settings import from_text
from partimento.batch.yaml_text import Located, parse_yaml
from partimento.errors import PartimentoError
from partimento.music.reading import MUSIC_ENDINGS, is_music_name, music_files

MAX_BYTES = 16 << 20
"""Of a prompt file; a hundred thousand lines of wishes are a third of it."""


def find_files(names: Sequence[str], out: Path) -> tuple[list[Path], list[Problem]]:
    """The files that names, folders and patterns lead to, in order, each once.

    A folder stands for the MIDI files in it and below, a pattern for all that it matches; what
    lies in `out`, where the pieces go, is none of them.
    """
    files: dict[Path, None] = {}
    problems = []
    for name in names:
        path = Path(name)
        if path.is_file():
            found = [path]
        elif path.is_dir():
            found = _midi_files(path, out)
        else:
            found = [Path(match) for match in sorted(glob.glob(name, recursive=True))]
            found = [p for match in found for p in _expand(match, out)]
        if not found:
            what = "holds no MIDI file" if path.is_dir() else "no such file"
            problems.append(Problem(name, None, what))
        files.update(dict.fromkeys(found))
    return list(files), problems


def _expand(path: Path, out: Path) -> list[Path]:
    return [] if _is_inside(path, out) else _midi_files(path, out) if path.is_dir() else [path]


def _midi_files(folder: Path, out: Path) -> list[Path]:
    return music_files(path for path in folder.rglob("*") if not _is_inside(path, out))


def _is_inside(path: Path, out: Path) -> bool:
    return path.resolve().is_relative_to(out.resolve())


def read_file(path: Path) -> tuple[PromptFile, list[Problem]]:
    """All entries of a file, and what is wrong with the file as a whole."""
    name = str(path)
    ending = path.suffix.lower()
    if is_music_name(path.name):
        return PromptFile(name, (Entry(None, {"primer": Field(path.name, None)}),)), []
    reader = _READERS.get(ending)
    try:
        if reader is None:
            raise InputError(
                None, f"the ending must be one of {' '.join([*_READERS, *MUSIC_ENDINGS])}"
            )
        file = reader(name, _read_text(path))
    except InputError as error:
        # The file keeps one number, so that the items of later files are what they were.
        return PromptFile(name, (Entry(error.line, problem=str(error)),)), []
    if not file.entries:
        return file, [Problem(name, 1, "the file holds nothing to write")]
    return file, []


def _read_text(path: Path) -> str:
    """The text of a file, with line feeds between its lines."""
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise InputError(
                1, f"the file is {size >> 20} MiB large, more than {MAX_BYTES >> 20}; split it"
            )
        data = path.read_bytes()
    except OSError as error:
        raise InputError(None, f"cannot be read: {error.strerror}") from None
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError(1, "the file is UTF-16; save it as UTF-8")
    try:
        text = data.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(
            line, f"byte 0x{data[error.start]:02x} is not UTF-8; save the file as UTF-8"
        ) from None
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    at = text.find("\0")
    if at >= 0:
        raise InputError(text.count("\n", 0, at) + 1, "a zero byte; this is no text file")
    return text


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines that hold something, with their numbers."""
    count = 0
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            count += 1
            _check_count(count, number)
            yield number, line.strip()


def _check_count(count: int, line: int) -> None:
    if count > MAX_ITEMS:
        raise InputError(line, f"more than {MAX_ITEMS:,} items; split the file")


def _read_prompts(name: str, text: str) -> PromptFile:
    """A prompt a line; what starts with # is a comment."""
    return PromptFile(
        name,
        tuple(
            Entry(number, {"prompt": Field(line, number)})
            for number, line in _lines(text)
            if not line.startswith("#")
        ),
    )


def _read_json_lines(name: str, text: str) -> PromptFile:
    """A JSON object a line."""
    return PromptFile(name, tuple(_json_entry(number, line) for number, line in _lines(text)))


def _json_entry(number: int, line: str) -> Entry:
    try:
        content = json.loads(line, object_pairs_hook=_once, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        return Entry(number, problem=f"not valid JSON: {error.msg} at column {error.colno}")
    except RecursionError:
        return Entry(number, problem="nested too deep")
    except ValueError as error:
        return Entry(number, problem=str(error).partition(";")[0])
    if not isinstance(content, dict):
        example = '{"prompt": "a slow waltz", "bars": 8}'
        return Entry(number, problem=f"a line must be an object such as {example}")
    return Entry(number, {key: Field(_flat(x), number) for key, x in content.items()})


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Pairs as a dict; ValueError when a key stands there twice."""
    content: dict[str, object] = {}
    for key, value in pairs:
        if key in content:
            raise PartimentoError(f"the key {key[:40]!r} stands here twice")
        content[key] = value
    return content


def _no_constant(name: str) -> NoReturn:
    raise PartimentoError(f"{name} is not a number")


def _flat(value: object) -> object:
    """A list as a tuple of its values; what is deeper is not looked into."""
    if isinstance(value, dict):
        return NESTED
    if isinstance(value, list):
        return tuple(NESTED if isinstance(part, dict | list) else part for part in value)
    return value


def _read_yaml(name: str, text: str) -> PromptFile:
    """A list of items, or a mapping with `items` and `defaults`; an item may be a prompt."""
    root = parse_yaml(text)
    if root is None or root.value is None:
        return PromptFile(name, ())
    defaults: Fields = {}
    line = None
    items = root
    if isinstance(root.value, dict):
        for key, value in root.value.items():
            if key not in ("defaults", "items"):
                raise InputError(value.line, f"{key[:40]!r} must be 'defaults' or 'items'")
        if "items" not in root.value:
            raise InputError(root.line, "'items' is missing, the list of what to write")
        items = root.value["items"]
        if "defaults" in root.value:
            given = root.value["defaults"]
            line = given.line
            if not isinstance(given.value, dict):
                raise InputError(line, "'defaults' must be a mapping such as 'style: folk'")
            defaults = _yaml_fields(given)
    if not isinstance(items.value, list):
        raise InputError(items.line, "the items must be a list, each after a dash")
    for count, item in enumerate(items.value, 1):
        _check_count(count, item.line)
    return PromptFile(name, tuple(_yaml_entry(item) for item in items.value), defaults, line)


def _yaml_entry(item: Located) -> Entry:
    if isinstance(item.value, str):
        return Entry(item.line, {"prompt": Field(item.value, item.line)})
    if not isinstance(item.value, dict):
        return Entry(item.line, problem="an item must be a prompt, or a mapping of settings")
    return Entry(item.line, _yaml_fields(item))


def _yaml_fields(mapping: Located) -> Fields:
    assert isinstance(mapping.value, dict)
    return {key: Field(_plain(part), part.line) for key, part in mapping.value.items()}


def _plain(located: Located) -> object:
    if isinstance(located.value, dict):
        return NESTED
    if isinstance(located.value, list):
        return tuple(NESTED if isinstance(x.value, dict | list) else x.value for x in located.value)
    return located.value


def _read_csv(name: str, text: str) -> PromptFile:
    """A row an item; the header names the settings, and an empty cell sets nothing.

    Cells are divided by commas, or as the header's are: by semicolons, as spreadsheets do where
    the comma stands in numbers, or by tabs. Columns without a name at the end must be empty.
    """
    lines = text.split("\n")
    divider = _divider(lines)
    header: list[str] | None = None
    entries: list[Entry] = []
    done = 0
    while done < len(lines):
        line = done + 1
        _check_count(len(entries), line)
        problem, cells = None, []
        try:
            rest = (lines[index] + "\n" for index in range(done, len(lines)))
            rows = csv.reader(rest, delimiter=divider, strict=True)
            cells = [cell.strip() for cell in next(rows)]
            while cells and not cells[-1] and (header is None or len(cells) > len(header)):
                cells.pop()
        except csv.Error as error:
            problem = f"not valid CSV: {error}; a quote inside quotes is written twice"
        if header is not None and any(cells) and len(cells) != len(header):
            count = f"{len(cells)} cells where the header has {len(header)}"
            problem = f"{count}; put a cell with {_DIVIDERS[divider]} into quotes"
        # A quote that is never closed swallows what follows: after a problem the next line
        # starts anew, so that no good row is lost.
        done += 1 if problem else rows.line_num
        if problem and header is None:
            raise InputError(line, problem)
        if problem:
            entries.append(Entry(line, problem=problem))
        elif any(cells) and header is None:
            header = _csv_header(cells, line)
        elif any(cells) and header is not None:
            pairs = zip(header, cells, strict=True)
            fields = {key: Field(from_text(key, x), line) for key, x in pairs if x}
            entries.append(Entry(line, fields))
    return PromptFile(name, tuple(entries))


_DIVIDERS = {",": "commas", ";": "semicolons", "\t": "tabs"}


def _divider(lines: list[str]) -> str:
    """What divides the cells: a comma unless the header has only semicolons or tabs."""
    header = next((line for line in lines if line.strip()), "")
    if "," in header:
        return ","
    return next((divider for divider in _DIVIDERS if divider in header), ",")


def _csv_header(cells: list[str], line: int) -> list[str]:
    for cell in cells:
        if not cell:
            raise InputError(line, "a column has no name")
        if cells.count(cell) > 1:
            raise InputError(line, f"the column {cell[:40]!r} stands here twice")
    return cells


_READERS: dict[str, Callable[[str, str], PromptFile]] = {
    ".txt": _read_prompts,
    ".yaml": _read_yaml,
    ".yml": _read_yaml,
    ".jsonl": _read_json_lines,
    ".csv": _read_csv,
}
