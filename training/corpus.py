"""A folder of MIDI files as token arrays: read once, cached, divided into splits by work."""

import hashlib
import json
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.codec import TokenArray, encode
from partimento.tokenizer.errors import MidiError
from partimento.training.scores import load_training_score

CACHE_VERSION = 1
"""Raise it when the encoder changes what it writes for the same file."""
SPLITS = ("train", "valid", "test")


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a corpus, from its manifest or its folder."""

    path: str
    """Relative to the corpus folder."""
    style: str | None = None
    split: str = "train"
    work: str = ""
    """Pieces of one work never stand in two splits."""
    chords: str | None = None
    """Path of a chord file relative to the corpus folder."""
    source: str = ""
    key_known: bool = True


@dataclass(frozen=True, slots=True)
class Piece:
    """A tokenised piece."""

    entry: Entry
    tokens: TokenArray
    """(T,) the whole piece, chord lines included."""
    notes: int


@dataclass(frozen=True, slots=True)
class Corpus:
    """All pieces that could be read, and what was wrong with the others."""

    pieces: tuple[Piece, ...]
    problems: tuple[str, ...]
    """One line for each file left out."""
    fingerprint: str
    """Hash of the tokens of all pieces."""

    def split(self, name: str) -> list[Piece]:
        """The pieces of one split."""
        return [piece for piece in self.pieces if piece.entry.split == name]


def list_entries(folder: Path) -> list[Entry]:
    """The files of a corpus: its manifest.jsonl, or every MIDI file in it.

    Without a manifest the split is drawn from a hash of the file's name (94/3/3) and the
    style is the name of the top folder when that is a known one. A training piece whose work is
    also held out is left out. ValueError when there is no MIDI file.
    """
    manifest = folder / "manifest.jsonl"
    if manifest.is_file():
        entries = [_manifest_entry(line) for line in manifest.read_text("utf-8").splitlines()]
        for entry in entries:
            if entry.split not in SPLITS:
                raise ValueError(f"{manifest}: {entry.path}: split must be one of {SPLITS}")
        held_out = {entry.work for entry in entries if entry.work and entry.split != "train"}
        return [e for e in entries if e.split != "train" or e.work not in held_out]
    paths = sorted(p for p in folder.rglob("*") if p.suffix.lower() in (".mid", ".midi"))
    if not paths:
        raise ValueError(f"{folder}: no .mid files and no manifest.jsonl found")
    return [_folder_entry(path.relative_to(folder)) for path in paths]


def _manifest_entry(line: str) -> Entry:
    fields = json.loads(line)
    return Entry(
        path=fields["path"],
        style=fields.get("style"),
        split=fields.get("split", "train"),
        work=fields.get("work", ""),
        chords=fields.get("chords"),
        source=fields.get("source", ""),
        key_known=not fields.get("key_estimated", False),
    )


def _folder_entry(path: Path) -> Entry:
    top = path.parts[0].lower()
    known = top in v.STYLES or top in v.STYLE_ALIASES
    share = int(hashlib.sha256(path.name.encode()).hexdigest()[:8], 16) / 2**32
    split = "train" if share < 0.94 else "valid" if share < 0.97 else "test"
    return Entry(path=path.as_posix(), style=top if known else None, split=split)


def tokenize_entry(folder: Path, entry: Entry) -> tuple[TokenArray, int] | str:
    """Tokens and number of notes of one file, or one line that says why it was left out."""
    try:
        score = load_training_score(folder, entry.path, entry.style, entry.chords)
        return encode(score).tokens, score.note_count
    except (MidiError, ValueError, OSError) as error:
        return f"{entry.path}: {error}"


def load_corpus(folder: Path, cache: Path, processes: int = 2) -> Corpus:
    """Tokenise a corpus, or read it back from the cache when nothing has changed."""
    entries = list_entries(folder)
    path = cache / f"corpus-{_fingerprint(folder, entries)}.npz"
    if not path.is_file():
        results = list(_tokenize(folder, entries, processes))
        _save(path, entries, results)
    return _load(path)


def _fingerprint(folder: Path, entries: list[Entry]) -> str:
    digest = hashlib.sha256(f"{CACHE_VERSION} {v.fingerprint()}".encode())
    for entry in entries:
        stat = (folder / entry.path).stat() if (folder / entry.path).is_file() else None
        size = stat.st_size if stat else -1
        digest.update(f"{entry} {size}\n".encode())
    return digest.hexdigest()[:16]


def _tokenize(
    folder: Path, entries: list[Entry], processes: int
) -> Iterator[tuple[TokenArray, int] | str]:
    with ProcessPoolExecutor(processes) as pool:
        yield from pool.map(
            tokenize_entry, [folder] * len(entries), entries, chunksize=32
        )


def _save(path: Path, entries: list[Entry], results: list[tuple[TokenArray, int] | str]) -> None:
    """Write the cache to a temporary file, then rename it."""
    kept = [(e, r) for e, r in zip(entries, results, strict=True) if not isinstance(r, str)]
    lengths = [len(result[0]) for _, result in kept]
    index = {
        "entries": [asdict(entry) for entry, _ in kept],
        "notes": [result[1] for _, result in kept],
        "problems": [result for result in results if isinstance(result, str)],
    }
    tokens = np.concatenate([result[0] for _, result in kept]) if kept else np.zeros(0, np.uint16)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    with temporary.open("wb") as file:
        np.savez(
            file,
            tokens=tokens,
            lengths=np.array(lengths, np.int64),
            index=np.frombuffer(json.dumps(index).encode(), np.uint8),
        )
    temporary.replace(path)


def _load(path: Path) -> Corpus:
    with np.load(path) as arrays:
        tokens, lengths = arrays["tokens"], arrays["lengths"]
        index = json.loads(arrays["index"].tobytes())
    ends = np.cumsum(lengths)
    pieces = tuple(
        Piece(Entry(**fields), tokens[end - length : end], notes)
        for fields, notes, length, end in zip(
            index["entries"], index["notes"], lengths.tolist(), ends.tolist(), strict=True
        )
    )
    digest = hashlib.sha256(tokens.tobytes()).hexdigest()[:16]
    return Corpus(pieces, tuple(index["problems"]), digest)
