"""Of several pieces the one nearest to real music is kept, and it is a piece like any other."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from partimento.music.attributes import score_attributes
from partimento.music.known_passages import Common
from partimento.music.score import Note, Score, Track
from partimento.music.spread import ANY, Spread
from partimento.request.request import Request
from partimento.sampling.continuing import plan_of
from partimento.sampling.engine import Engine
from partimento.sampling.engines import load_engine
from partimento.sampling.generate import Piece, generate
from partimento.sampling.nats import nats_of
from partimento.sampling.primer import make_primer
from partimento.sampling.provenance import read_provenance
from partimento.sampling.ranking import (
    AIMED,
    MISSED,
    Candidate,
    candidate_count,
    candidates,
    choose,
    shipped_spread,
)
from partimento.sampling.replaying import replay
from partimento.tokenizer.decoding import decode

WISH = Request(bars=2, instruments=("violin", "cello"), meter="4/4", key="C", seed=5)
SPREAD = Spread(
    {ANY: {"silence": (0.0, 0.1), "density": (0.9, 1.1), "in_key": (0.5, 1.0)}},
    {"abc": {ANY: (1.0, 2.0)}},
)


def tune(step: int, length: int = 24) -> Score:
    """A note every so many ticks."""
    return Score(24, (Track(tuple(Note(i, 60, length) for i in range(0, 192, step))),))


def candidate(score: Score, nats: float = 1.5, run: int = 0) -> Candidate:
    return Candidate(score, nats, Common(run, 0.0))


def test_the_candidate_nearest_to_the_bands_is_chosen() -> None:
    usual, dense, gaps = tune(24), tune(12, 12), tune(24, 12)
    found = choose([candidate(gaps), candidate(dense), candidate(usual)], "abc", SPREAD)
    assert found.place == 2
    assert found.distances == (1.0, 1.0, 0.0)
    assert found.outside == ()
    assert (found.figures["density"], found.figures["cost"]) == (1.0, 1.5)


def test_neither_the_likeliest_nor_the_unlikeliest_piece_is_preferred() -> None:
    found = choose([candidate(tune(24), nats) for nats in (0.5, 1.9, 1.1, 2.5)], "abc", SPREAD)
    assert found.distances == (0.5, 0.0, 0.0, 0.5)
    assert found.place == 1  # the first of those that are as good
    other = choose([candidate(tune(24), nats) for nats in (0.5, 1.9)], "other weights", SPREAD)
    assert other.distances == (0.0, 0.0)


def test_what_the_training_music_has_too_counts_against_a_piece() -> None:
    found = choose([candidate(tune(24), run=18), candidate(tune(24))], "abc", SPREAD)
    assert found.place == 1
    assert found.distances == (0.2, 0.0)


def test_an_asked_attribute_counts_before_all_usual_figures() -> None:
    low = Score(24, (Track(tuple(Note(i, 40, 24) for i in range(0, 192, 24))),))
    high = Score(24, (Track(tuple(Note(i, 80, 12) for i in range(0, 192, 24))),))  # and gaps
    pair = [candidate(low), candidate(high)]
    assert choose(pair, "abc", SPREAD).place == 0
    found = choose(pair, "abc", SPREAD, {"register": 0.9})
    assert found.place == 1
    assert set(found.attributes) == {"register"}
    assert found.attributes["register"] > 0.9
    assert found.distances[0] > found.distances[1] + 0.5 * MISSED
    assert choose(pair, "abc", SPREAD, {"register": 0.1}).place == 0


def test_a_piece_that_has_nothing_of_an_asked_attribute_misses_it() -> None:
    drums = Score(24, (Track(tuple(Note(i, 40, 24) for i in range(0, 192, 24)), is_drum=True),))
    found = choose([candidate(drums), candidate(tune(24))], "abc", SPREAD, {"register": 1.0})
    assert found.place == 1
    assert found.distances[0] >= MISSED


def test_attributes_ask_for_a_choice_unless_the_request_says_otherwise() -> None:
    assert candidate_count(WISH) == 1
    assert candidate_count(replace(WISH, density=0.5)) == AIMED
    assert candidate_count(replace(WISH, density=0.5, best_of=1)) == 1
    assert candidate_count(replace(WISH, density=0.5, best_of=7)) == 7
    assert candidate_count(replace(WISH, density=0.5, temperature=0)) == 1
    drawn = candidates(replace(WISH, density=0.5))
    assert len({each.seed for each in drawn}) == AIMED
    # Each is a request for itself alone, which gives the same piece.
    assert [candidate_count(each) for each in drawn] == [1] * AIMED


def test_the_piece_nearest_to_the_attributes_is_kept(sketching_engine: Engine) -> None:
    wish = replace(WISH, register=0.9)
    [piece] = generate([wish], sketching_engine)
    assert piece.choice is not None
    tried = generate(candidates(wish), sketching_engine)
    missed = [abs(score_attributes(decode(p.tokens))["register"] - 0.9) for p in tried]
    chosen = tried[piece.choice.place]
    assert piece.tokens.tolist() == chosen.tokens.tolist()
    assert missed[piece.choice.place] <= min(missed) + 0.2
    assert piece.choice.attributes["register"] == pytest.approx(
        score_attributes(decode(chosen.tokens))["register"], abs=1e-4
    )
    assert piece.nats_a_note is None  # a choice by attributes asks for no costs


def test_every_style_has_its_bands_in_the_package() -> None:
    spread = shipped_spread()
    assert {"folk", "chorale", "pop", "keyboard", ANY} <= set(spread.music)
    low, high = spread.music["folk"]["in_key"]
    assert 0.8 < low <= high <= 1


def test_a_chosen_piece_is_that_of_its_own_seed_and_is_made_again(tiny_checkpoint: Path) -> None:
    engine = load_engine(tiny_checkpoint)
    [piece] = generate([replace(WISH, best_of=3)], engine)
    assert piece.choice is not None
    assert len(piece.choice.distances) == 3
    assert piece.choice.distances[piece.choice.place] == min(piece.choice.distances)
    assert piece.request.best_of is None
    tried = generate(candidates(replace(WISH, best_of=3)), engine)
    assert len({each.request.seed for each in tried}) == 3
    assert piece.tokens.tolist() == tried[piece.choice.place].tokens.tolist()
    assert piece.score == tried[piece.choice.place].score
    provenance = read_provenance(piece.score)
    assert provenance is not None
    assert replay(provenance, engine).score == piece.score


def test_pieces_with_and_without_a_choice_are_written_together(tiny_checkpoint: Path) -> None:
    heard: dict[int, int] = {}

    def hear(piece: int, bars: int) -> None:
        heard[piece] = heard.get(piece, 0) + bars

    engine = load_engine(tiny_checkpoint)
    requests = [WISH, replace(WISH, best_of=2), replace(WISH, seed=6)]
    pieces = generate(requests, engine, None, True, hear)
    assert heard == {0: 2, 1: 2, 2: 2}
    for request, piece in zip(requests, pieces, strict=True):
        [alone] = generate([request], engine)
        assert alone.tokens.tolist() == piece.tokens.tolist()
        assert (piece.choice is None) == (request.best_of is None)


def test_only_what_is_new_is_compared_after_a_primer(tiny_checkpoint: Path) -> None:
    engine = load_engine(tiny_checkpoint)
    [piece] = generate([replace(WISH, best_of=2)], engine, make_primer(tune(12, 12)))
    assert isinstance(piece, Piece)
    assert piece.choice is not None
    alone = next(
        each
        for each in generate(
            candidates(replace(WISH, best_of=2)), engine, make_primer(tune(12, 12))
        )
        if each.request.seed == piece.request.seed
    )
    new_notes = alone.score.note_count - tune(12, 12).note_count
    assert piece.choice.figures["density"] == pytest.approx(new_notes / 8, abs=1e-3)


@pytest.mark.parametrize("engine_name", ["numba", "torch"])
def test_the_engines_agree_on_what_tokens_cost(tiny_checkpoint: Path, engine_name: str) -> None:
    [piece] = generate([WISH], load_engine(tiny_checkpoint))
    plan = plan_of(piece.request, None)
    engine = load_engine(tiny_checkpoint, engine_name, "float32")  # type: ignore[arg-type]  # a plain text
    nats = engine.nats(plan, piece.tokens)
    assert len(nats) == len(piece.tokens) - len(plan.prompt)
    assert (nats > 0).all()
    wide = load_engine(tiny_checkpoint, "numba", "float32").nats(plan, piece.tokens)
    np.testing.assert_allclose(nats, wide, atol=1e-3)
    # What stands before a token decides: a piece that is cut costs the same until there.
    half = len(piece.tokens) // 2
    np.testing.assert_allclose(engine.nats(plan, piece.tokens[:half]), nats[: half - 1], atol=1e-4)


def test_the_cost_of_a_token_is_the_logarithm_of_its_probability() -> None:
    logits = np.log(np.array([[0.5, 0.25, 0.25], [0.1, 0.8, 0.1]], np.float32)) + 700
    found = nats_of(logits.astype(np.float32), np.array([1, 1], np.uint16))
    np.testing.assert_allclose(found, [np.log(4), -np.log(0.8)], rtol=1e-4)
