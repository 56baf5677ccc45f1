"""Which files a corpus has: those of its manifest, or all MIDI files of its folder."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from partimento.errors import PartimentoError, SettingError
from partimento.music.reading import music_files
from partimento.tokenizer import vocabulary as v

MANIFEST = "manifest.jsonl"
SPLITS = ("train", "valid", "test")


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a corpus, from its manifest or its folder."""

    path: str
    """Relative to the corpus folder."""
    style: str | None = None
    split: str = "train"
    work: str = ""
    """No piece of a held-out work is trained on; empty: the file is a work of its own."""
    chords: str | None = None
    """Path of a chord file relative to the corpus folder."""
    source: str = ""
    key_known: bool = True


def list_entries(folder: Path) -> list[Entry]:
    """The files of a corpus, without the training pieces whose work is also held out.

    Without a manifest.jsonl, every file of music: the split is drawn from a hash of its
    name (94/3/3), and the style is the name of the top folder when that is a known one.
    ValueError names the line of a manifest that is wrong, or says that there is no file.
    """
    return keep_works_apart(read_entries(folder))[0]


def read_entries(folder: Path) -> list[Entry]:
    """All that the manifest or the folder lists; ValueError as list_entries."""
    manifest = folder / MANIFEST
    if manifest.is_file():
        return _manifest_entries(manifest)
    paths = music_files(folder.rglob("*"))
    if not paths:
        raise PartimentoError(f"{folder}: no files of music and no {MANIFEST} found")
    return [_folder_entry(path.relative_to(folder)) for path in paths]


def keep_works_apart(entries: Iterable[Entry]) -> tuple[list[Entry], list[str]]:
    """Leave out training pieces of held-out works; the rest, and one line for each left out."""
    entries = list(entries)
    held_out = {entry.work: entry.split for entry in entries if entry.split != "train"}
    kept = []
    left_out = []
    for entry in entries:
        if entry.split == "train" and entry.work and entry.work in held_out:
            left_out.append(
                f"{entry.path}: not trained on, since work {entry.work} is also in the "
                f"{held_out[entry.work]} split"
            )
        else:
            kept.append(entry)
    return kept, left_out


def _manifest_entries(manifest: Path) -> list[Entry]:
    """The lines of a manifest; empty lines are passed over."""
    try:
        lines = manifest.read_text("utf-8").split("\n")
    except UnicodeDecodeError:
        raise PartimentoError(f"{manifest}: not UTF-8 text; save it as UTF-8") from None
    entries: dict[str, Entry] = {}
    line_of: dict[str, int] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            entry = _manifest_entry(line)
            if entry.path in entries:
                raise PartimentoError(f"{entry.path} stands in line {line_of[entry.path]} already")
        except ValueError as error:
            raise PartimentoError(f"{manifest}:{number}: {error}") from None
        entries[entry.path] = entry
        line_of[entry.path] = number
    if not entries:
        raise PartimentoError(
            f"{manifest}: lists no file; delete it to take all files of the folder"
        )
    return list(entries.values())


def _manifest_entry(line: str) -> Entry:
    """One line of a manifest; fields that are not used are passed over."""
    try:
        fields = json.loads(line)
    except json.JSONDecodeError as error:
        raise PartimentoError(f"not valid JSON ({error.msg} in column {error.colno})") from None
    if not isinstance(fields, dict):
        raise PartimentoError(f'expected an object such as {{"path": "a.mid"}}, got {line[:40]!r}')
    texts: dict[str, str | None] = {}
    for name in ("path", "style", "split", "work", "chords", "source"):
        value = fields.get(name)
        if value is not None and not isinstance(value, str):
            raise SettingError(name, f"must be text, got {value!r}")
        texts[name] = value
    if not texts["path"]:
        raise PartimentoError("path is missing; give the file relative to the manifest's folder")
    split = texts["split"] or "train"
    if split not in SPLITS:
        raise PartimentoError(f"split must be one of {', '.join(SPLITS)}, got {split!r}")
    if texts["style"] is not None:
        v.style_index(texts["style"])
    return Entry(
        path=texts["path"],
        style=texts["style"],
        split=split,
        work=texts["work"] or "",
        chords=texts["chords"],
        source=texts["source"] or "",
        key_known=not fields.get("key_estimated", False),
    )


def _folder_entry(path: Path) -> Entry:
    top = path.parts[0].lower()
    known = top in v.STYLES or top in v.STYLE_ALIASES
    share = int(hashlib.sha256(path.name.encode()).hexdigest()[:8], 16) / 2**32
    split = "train" if share < 0.94 else "valid" if share < 0.97 else "test"
    return Entry(path=path.as_posix(), style=top if known else None, split=split)
