"""A folder of MIDI files as token arrays: read once, cached, divided into splits by work."""

import hashlib
import io
import json
import multiprocessing
import signal
import zipfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import cache as remembered
from functools import partial
from pathlib import Path

import numpy as np

from partimento.errors import MidiError
from partimento.music.files import write_whole
from partimento.processors import available_cores
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.encoding import encode
from partimento.tokenizer.vocabulary import TokenArray
from partimento.training.manifest import Entry, keep_works_apart, list_entries, read_entries
from partimento.training.scores import load_training_score

__all__ = ["Corpus", "Entry", "Piece", "list_entries", "load_corpus", "tokenize_entry"]

ENCODERS = ("music", "tokenizer", "training/scores.py", "training/chord_labels.py")
"""Folders and modules that decide which tokens a file becomes; a change in one makes new
caches."""
POOL_FILES = 64
"""A corpus with fewer files is read without further processes: they take seconds to start."""

Progress = Callable[[int, int], None]
"""Told how many files are done, and of how many."""
_Tokenized = tuple[TokenArray, int] | str
"""Tokens and number of notes, or one line that says why there are none."""


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
    """Hash of the tokens of all pieces and of the splits they are in."""

    def split(self, name: str) -> list[Piece]:
        """The pieces of one split."""
        return [piece for piece in self.pieces if piece.entry.split == name]


def tokenize_entry(folder: Path, entry: Entry) -> _Tokenized:
    """Tokens and number of notes of one file, or one line that says why it was left out."""
    try:
        score = load_training_score(folder, entry.path, entry.style, entry.chords)
        return encode(score).tokens, score.note_count
    except (MidiError, ValueError, OSError) as error:
        reason = " ".join(str(error).split())
        return reason if entry.path in reason else f"{entry.path}: {reason}"


def load_corpus(
    folder: Path,
    cache: Path,
    processes: int | None = None,
    on_progress: Progress = lambda done, total: None,
) -> Corpus:
    """Tokenise a corpus, or read it back from the cache when nothing has changed.

    A cache counts for the same files, manifest and version of the encoder. `processes` defaults
    to one for each processor at hand. ValueError as list_entries.
    """
    entries, conflicts = keep_works_apart(read_entries(folder))
    path = cache / f"corpus-{_fingerprint(folder, entries, conflicts)}.npz"
    try:
        return _load(path)
    except FileNotFoundError:
        pass
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        path.unlink()  # damaged: made anew
    results = []
    for result in _tokenize(folder, entries, processes or available_cores()):
        results.append(result)
        on_progress(len(results), len(entries))
    results = _without_copies(entries, results)
    _save(path, entries, results, conflicts)
    return _load(path)


def _fingerprint(folder: Path, entries: Iterable[Entry], conflicts: list[str]) -> str:
    """Hash of what the cache depends on: the files' content, the entries, the encoder."""
    digest = hashlib.sha256(f"{encoder_version()} {conflicts}\n".encode())
    for entry in entries:
        contents = [
            _content_hash(folder / name) for name in (entry.path, entry.chords) if name is not None
        ]
        digest.update(f"{entry} {contents}\n".encode())
    return digest.hexdigest()[:16]


def _content_hash(path: Path) -> str:
    """Hash of a file's bytes, not of its date: copies and clones keep their cache."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return "unreadable"


@remembered
def encoder_version() -> str:
    """Hash of the source of all modules that decide which tokens a file becomes."""
    digest = hashlib.sha256()
    for place in (Path(__file__).parents[1] / name for name in ENCODERS):
        for path in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _tokenize(folder: Path, entries: list[Entry], processes: int) -> Iterator[_Tokenized]:
    """Tokenise in order, in several processes when that pays."""
    tokenize = partial(tokenize_entry, folder)
    if processes == 1 or len(entries) < POOL_FILES:
        yield from map(tokenize, entries)
        return
    # Spawned: a fork would copy torch's threads in whatever state they are.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(processes, context, _leave_interrupts_to_the_parent)
    try:
        yield from pool.map(tokenize, entries, chunksize=16)
    finally:
        pool.shutdown(cancel_futures=True)


def _leave_interrupts_to_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _without_copies(entries: list[Entry], results: list[_Tokenized]) -> list[_Tokenized]:
    """Leave out training pieces whose bars are those of a held-out piece, note for note."""
    held_out = {
        _bars(result): entry
        for entry, result in zip(entries, results, strict=True)
        if entry.split != "train" and not isinstance(result, str)
    }
    checked = list(results)
    for index, (entry, result) in enumerate(zip(entries, results, strict=True)):
        if entry.split == "train" and not isinstance(result, str):
            twin = held_out.get(_bars(result))
            if twin is not None:
                checked[index] = (
                    f"{entry.path}: not trained on, since it is the same music as {twin.path} in "
                    f"the {twin.split} split"
                )
    return checked


def _bars(result: tuple[TokenArray, int]) -> bytes:
    """All tokens after the header, which holds the style and not the music."""
    tokens, _ = result
    return tokens[int(np.argmax(tokens == v.BAR)) :].tobytes()


def _save(
    path: Path, entries: list[Entry], results: list[_Tokenized], conflicts: list[str]
) -> None:
    kept = [(e, r) for e, r in zip(entries, results, strict=True) if not isinstance(r, str)]
    index = {
        "entries": [asdict(entry) for entry, _ in kept],
        "notes": [notes for _, (_, notes) in kept],
        "problems": [*(r for r in results if isinstance(r, str)), *conflicts],
    }
    tokens = np.concatenate([np.zeros(0, np.uint16), *(tokens for _, (tokens, _) in kept)])
    splits = " ".join(entry.split for entry, _ in kept)
    buffer = io.BytesIO()
    np.savez(
        buffer,
        tokens=tokens,
        lengths=np.array([len(tokens) for _, (tokens, _) in kept], np.int64),
        index=np.frombuffer(json.dumps(index).encode(), np.uint8),
        fingerprint=hashlib.sha256(tokens.tobytes() + splits.encode()).hexdigest()[:16],
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, buffer.getvalue())


def _load(path: Path) -> Corpus:
    with np.load(path) as arrays:
        tokens, lengths = arrays["tokens"], arrays["lengths"]
        index = json.loads(arrays["index"].tobytes())
        # The first caches hold none; a run that began with one of them goes on.
        digest = (
            str(arrays["fingerprint"])
            if "fingerprint" in arrays
            else hashlib.sha256(tokens.tobytes()).hexdigest()[:16]
        )
    ends = np.cumsum(lengths)
    pieces = tuple(
        Piece(Entry(**fields), tokens[end - length : end], notes)
        for fields, notes, length, end in zip(
            index["entries"], index["notes"], lengths.tolist(), ends.tolist(), strict=True
        )
    )
    return Corpus(pieces, tuple(index["problems"]), digest)
