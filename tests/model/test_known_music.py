"""Which passages belong to which weights."""

from pathlib import Path

import numpy as np

from partimento.model.checkpoint import read_header, shipped_checkpoint
from partimento.model.known_music import known_music, passages_file
from partimento.music.known_passages import know, save_known
from partimento.music.reading import read_score
from partimento.tokenizer.decoding import decode
from partimento.tokenizer.encoding import encode
from partimento.tokenizer.loading import fit_score


def test_passages_count_for_the_training_data_that_they_name(tmp_path: Path) -> None:
    checkpoint = tmp_path / "model.safetensors"
    assert known_music(checkpoint, "abc") is None
    save_known(know(np.zeros(0, np.uint64), frozenset({"abc"})), passages_file(checkpoint))
    assert known_music(checkpoint, "abc") is not None
    assert known_music(checkpoint, "abd") is None


def test_the_shipped_passages_are_of_the_shipped_weights_and_small() -> None:
    checkpoint = shipped_checkpoint()
    assert passages_file(checkpoint).stat().st_size <= 3_000_000
    assert known_music(checkpoint, read_header(checkpoint).data) is not None


def test_a_piece_of_the_training_music_is_known(pieces_folder: Path) -> None:
    checkpoint = shipped_checkpoint()
    known = known_music(checkpoint, read_header(checkpoint).data)
    assert known is not None
    longest = {}
    for path in sorted(pieces_folder.glob("*.mid")):
        score = fit_score(read_score(path)[0], path.name).score
        longest[path.stem] = known.common(decode(encode(score).tokens)).longest
    assert max(longest.values()) == 64, longest
