"""The passages of the training music, kept beside the weights so that pieces can be compared."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np

from partimento.errors import PartimentoError
from partimento.model.checkpoint import read_header
from partimento.model.known_music import known_music, passages_file
from partimento.music.known_passages import PASSAGE, KnownPassages, joined, know, save_known
from partimento.tokenizer.token_passages import passages_of_tokens
from partimento.training.corpus import Piece

CHUNK_TOKENS = 500_000
"""Tokens that are read at once: some hundred megabytes of arrays."""


def passages_of(
    pieces: Sequence[Piece],
    trained: Iterable[str] = (),
    on_piece: Callable[[int], None] = lambda count: None,
) -> KnownPassages:
    """The passages of some pieces; `on_piece` hears how many more are read.

    `trained` are the fingerprints of the training data that they are.
    """
    hashes = [np.zeros(0, np.uint64)]
    chunk: list[Piece] = []
    for piece in pieces:
        chunk.append(piece)
        if sum(len(each.tokens) for each in chunk) >= CHUNK_TOKENS or piece is pieces[-1]:
            tokens = np.concatenate([each.tokens for each in chunk])
            hashes.append(np.unique(passages_of_tokens(tokens, PASSAGE)))
            on_piece(len(chunk))
            chunk = []
    return know(np.concatenate(hashes), frozenset(trained))


def save_passages(checkpoint: Path, known: KnownPassages, started_from: Path | None = None) -> Path:
    """Write passages beside a checkpoint, with those of the checkpoint that it began with.

    The path of the file.
    """
    before = None
    if started_from is not None and started_from.is_file():
        before = known_music(started_from, read_header(started_from).data)
    if before is not None:
        mine = known.trained
        known = KnownPassages(joined([known, before]).sets, mine)
    path = passages_file(checkpoint)
    save_known(known, path)
    return path


def check_same_folder(checkpoints: Sequence[Path]) -> None:
    """Refuse checkpoints of several folders: each has a file of passages of its own."""
    folders = {path.absolute().parent for path in checkpoints}
    if len(folders) > 1:
        raise PartimentoError(
            f"the checkpoints are in {len(folders)} folders; index those of each by themselves"
        )
