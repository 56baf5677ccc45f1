"""The benchmark of the echo reads tokens as the cursor does."""

import numpy as np
import pytest
from benchmarks.echoes import Echoes, listen, mixed, table

from partimento.music.score import Note, Score, Track
from partimento.tokenizer import cursor as c
from partimento.tokenizer import echo
from partimento.tokenizer import vocabulary as v
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
    second = np.array([[-1, -1, -1, -1], [7, -1, -1, -1]])
    heard = Echoes(said, lengths, second, np.array([5, 7]), np.array([0, 0]))
    rows = table(heard).splitlines()[2:]
    assert rows[0].startswith("| in the line | 100 % | 50 % | 50 % | 100 % |")
    assert rows[1].startswith("| in any key | 50 % | 100 % | 50 % |")
    assert rows[4].startswith("| one of the first two | 100 % |  | 100 % |")
    missed = "100.0 % of what the first misses"
    assert rows[6].startswith(f"| second, in the line | 50.0 % | 100.0 % | 50.0 % | {missed} |")


@pytest.mark.slow
def test_the_second_candidate_is_what_a_shorter_context_says_otherwise() -> None:
    run = (60, 62, 64, 65, 67, 69, 71, 72)
    pitches = (*run, 55, 50, 71, 72, 57, *run, 55)
    notes = tuple(Note(3 * i, pitch, 3) for i, pitch in enumerate(pitches))
    tokens = encode(Score(24, (Track(notes),))).tokens
    heard = listen([Piece(Entry("a"), tokens, 1)], 1, len(tokens))
    last = np.flatnonzero(heard.came == v.PITCH + 55)[-1]
    assert heard.said[last, echo.IN_LINE] == v.PITCH + 55
    assert heard.second[last, echo.IN_LINE] == v.PITCH + 57
    assert not (heard.second == heard.said)[heard.second >= 0].any()


def test_a_candidate_that_is_right_makes_tokens_cheaper_and_a_wrong_one_costs_nothing() -> None:
    came = RNG.integers(6, 100, 4000)
    one, none = np.zeros((4000, 4), np.int64), np.zeros(4000, np.int64)
    heard = Echoes(one, one, one, came, np.arange(4000) // 400)
    before = np.full(4000, -2.0)
    for share, least, most in ((1.0, 1.9, 2.0), (0.5, 0.35, 0.4), (0.0, -0.01, 0.0)):
        said = np.where(RNG.random(4000) < share, came, 5)[:, None]
        gained = (mixed(before, said, none, heard) - before).mean()
        assert least <= gained <= most
    silent = np.full((4000, 1), -1)
    assert np.allclose(mixed(before, silent, none, heard), before)
