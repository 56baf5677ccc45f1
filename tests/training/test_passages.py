"""The passages of the training music beside the weights, those that they began with included."""

from pathlib import Path

import numpy as np
import pytest

from partimento.errors import PartimentoError
from partimento.model.checkpoint import read_header
from partimento.model.known_music import known_music, passages_file
from partimento.music.score import Note, Score, Track
from partimento.tokenizer.decoding import decode
from partimento.tokenizer.encoding import encode
from partimento.training import passages
from partimento.training.corpus import Entry, Piece
from partimento.training.passages import check_same_folder, passages_of, save_passages


def tune(seed: int) -> Piece:
    rng = np.random.default_rng(seed)
    notes = tuple(Note(12 * i, int(rng.integers(50, 80)), 12) for i in range(64))
    return Piece(Entry(f"{seed}.mid"), encode(Score(24, (Track(notes),))).tokens, 64)


def test_every_piece_is_known_however_many_are_read_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pieces = [tune(seed) for seed in range(5)]
    monkeypatch.setattr(passages, "CHUNK_TOKENS", 2 * len(pieces[0].tokens))
    heard: list[int] = []
    known = passages_of(pieces, ["abc"], heard.append)
    assert sum(heard) == 5
    assert known.trained == {"abc"}
    assert [known.common(decode(piece.tokens)).longest for piece in pieces] == [64] * 5
    assert known.common(decode(tune(9).tokens)).longest == 0


def test_no_piece_at_all_is_a_collection_too() -> None:
    assert passages_of([]).common(decode(tune(1).tokens)).longest == 0


def test_what_a_model_began_with_stays_known(tiny_checkpoint: Path, tmp_path: Path) -> None:
    first, second = (tmp_path / name / "model.safetensors" for name in ("first", "second"))
    for path in (first, second):
        path.parent.mkdir()
        path.write_bytes(tiny_checkpoint.read_bytes())
    data = read_header(first).data
    save_passages(first, passages_of([tune(1)], [data]))
    assert save_passages(second, passages_of([tune(2)], [data]), first) == passages_file(second)
    for path, longest in ((first, [64, 0]), (second, [64, 64])):
        known = known_music(path, data)
        assert known is not None
        assert known.trained == {data}
        found = [known.common(decode(tune(seed).tokens)).longest for seed in (1, 2)]
        assert found == longest
    assert known_music(second, "another") is None
    assert known_music(tiny_checkpoint, data) is None


def test_weights_of_two_folders_are_indexed_apart(tmp_path: Path) -> None:
    check_same_folder([tmp_path / "a", tmp_path / "b"])
    with pytest.raises(PartimentoError, match="2 folders"):
        check_same_folder([tmp_path / "a", tmp_path / "x" / "b"])
