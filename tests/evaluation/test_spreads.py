"""The bands of a corpus, and what its held-out music costs."""

from pathlib import Path

import numpy as np

from partimento.evaluation.spreads import opening, spread_of
from partimento.music.score import Note, Score, Track
from partimento.music.spread import ANY, COST
from partimento.sampling.engines import load_engine
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.decoding import decode
from partimento.tokenizer.encoding import encode
from partimento.training.corpus import Entry, Piece


def piece(style: str, step: int) -> Piece:
    notes = tuple(Note(i, 60 + i % 5, step) for i in range(0, 20 * 96, step))
    tokens = encode(Score(24, (Track(notes),), style=style)).tokens
    return Piece(Entry(f"{style}{step}.mid", style), tokens, len(notes))


def test_the_opening_of_a_piece_is_a_piece() -> None:
    tokens = piece("folk", 24).tokens
    cut = opening(tokens, 3)
    assert (cut == v.BAR).sum() == 3
    assert cut[-1] == v.EOS
    assert decode(cut).note_count == 12
    assert opening(cut, 3).tolist() == cut.tolist()


def test_bands_are_those_of_the_styles_and_of_all_together(tiny_checkpoint: Path) -> None:
    engine = load_engine(tiny_checkpoint)
    training = [piece("folk", 24), piece("folk", 12), piece("jazz", 6)]
    held_out = [piece("folk", 24), piece("jazz", 6)]
    spread = spread_of(training, held_out, [engine])
    assert set(spread.music) == {"folk", "jazz", ANY}
    np.testing.assert_allclose(spread.music["folk"]["density"], (1.1, 1.9))
    np.testing.assert_allclose(spread.music["jazz"]["density"], (4, 4))
    assert "parallels" not in spread.music["jazz"]  # of one line
    low, high = spread.bands("folk", engine.checkpoint)[COST]
    assert 0 < low == high
