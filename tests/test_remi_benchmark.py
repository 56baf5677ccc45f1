"""The benchmark beside REMI: both read the same notes, and rows are full."""

from itertools import islice

import numpy as np
import pytest

from partimento.music.score import Meter, Note, Score, Track
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.encoding import encode
from partimento.training.corpus import Entry, Piece

pytest.importorskip("miditok")
pytest.importorskip("transformers")
from benchmarks.remi import ROWS, batches, build
from benchmarks.remi_pieces import TOKENS, Pieces, held_out, tokenizer

REMI = tokenizer()


def tune(seed: int) -> Piece:
    """Forty bars of quarters for a piano, and a drum on each of them."""
    rng = np.random.default_rng(seed)
    piano = Track(tuple(Note(24 * i, int(rng.integers(40, 80)), 24) for i in range(160)))
    drums = Track(tuple(Note(24 * i, 36, 6) for i in range(160)), is_drum=True)
    score = Score(24, (piano, drums), meters=(Meter(0, 4, 4),), style="folk")
    return Piece(Entry(f"{seed}", "folk"), encode(score).tokens, score.note_count)


@pytest.fixture(scope="module")
def pieces() -> list[Piece]:
    return [tune(seed) for seed in range(3)]


def test_held_out_bars_have_the_same_notes_for_both(pieces: list[Piece]) -> None:
    found = list(held_out(REMI, pieces, 2))
    assert len(found) == 2
    for tokens, ids in found:
        notes = int(((tokens >= v.PITCH) & (tokens < v.DURATION)).sum())
        names = [REMI[int(i)] for i in ids]
        assert sum(name.startswith("Pitch") for name in names) == notes
        assert len(ids) < TOKENS


def test_rows_are_full_and_transposed_within_the_vocabulary(pieces: list[Piece]) -> None:
    for batch in islice(batches(Pieces(REMI, pieces), 0), 3):
        assert batch.shape == (ROWS, TOKENS + 1)
        assert (batch[:, 0] == REMI["BOS_None"]).all()
        assert 0 <= int(batch.min()) <= int(batch.max()) < len(REMI)


def test_a_transposition_moves_pitches_alone(pieces: list[Piece]) -> None:
    source = Pieces(REMI, pieces)
    whole = source.ids(0).copy()
    kinds = np.array([REMI[int(i)].split("_")[0] for i in whole])
    for seed in range(6):
        found = source.excerpt(0, np.random.default_rng(seed))[1:]
        same, own = whole[len(whole) - len(found) :], kinds[len(whole) - len(found) :]
        assert np.array_equal(found[own != "Pitch"], same[own != "Pitch"])
        assert len(set((found - same)[own == "Pitch"].tolist())) == 1
    assert np.array_equal(source.ids(0), whole)


def test_the_llama_has_about_the_asked_size() -> None:
    for parameters in (1_000_000, 3_000_000):
        found = sum(p.numel() for p in build(REMI, parameters).parameters())
        assert abs(found - parameters) < 230_000
