"""The benchmark of the echo reads tokens as the cursor does."""

import numpy as np
import pytest
from benchmarks.echoes import Echoes, listen, table

from partimento.music.score import Note, Score, Track
from partimento.tokenizer import cursor as c
from partimento.tokenizer import echo
from partimento.tokenizer.encoding import encode
from partimento.tokenizer.features import FEATURES, SOUNDING_WIDTH, featurize
from partimento.training.corpus import Entry, Piece

RNG = np.random.default_rng(1)
PHRASE = [int(pitch) for pitch in RNG.integers(50, 70, 24)]
TRACKS = (
    Track(tuple(Note(12 * i, PHRASE[i % 24], 12) for i in range(96))),
    Track(tuple(Note(24 * i, PHRASE[i % 24] - 12, 24) for i in range(48)), 40),
)
TOKENS = encode(Score(24, TRACKS)).tokens


@pytest.mark.slow
def test_what_it_hears_is_what_the_features_say() -> None:
    heard = listen([Piece(Entry("a"), TOKENS, 1)], 1, len(TOKENS))
    ids = np.zeros((len(TOKENS), len(FEATURES)), np.int16)
    sounding = np.zeros((len(TOKENS), SOUNDING_WIDTH), np.uint8)
    featurize(c.new_cursor(), TOKENS, ids, sounding)
    names = [name for name, *_ in FEATURES]
    assert (heard.said >= 0).any(0).all()
    for kind, name in enumerate(echo.KINDS):
        expected = ids[:-1, names.index(name)]
        assert np.array_equal(heard.said[:, kind] + 1, expected)
    assert heard.came.tolist() == TOKENS[1:].tolist()


def test_the_table_counts_what_is_right() -> None:
    said = np.array([[5, -1, -1, -1], [6, 7, -1, -1]])
    lengths = np.array([[4, 0, 0, 0], [9, 32, 0, 0]])
    rows = table(Echoes(said, lengths, np.array([5, 7]))).splitlines()[2:]
    assert rows[0].startswith("| in the line | 100 % | 50 % | 50 % | 100 % |")
    assert rows[1].startswith("| in any key | 50 % | 100 % | 50 % |")
    assert rows[4].startswith("| one of the first two | 100 % |  | 100 % |")
