"""The benchmark of requests: what it counts, and that it runs."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from benchmarks.requests import Heard, draw_requests, hear, notes_outside, shares

from partimento.music.score import Note, Score, Track
from partimento.request.request import Request
from partimento.sampling.generate import Piece
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.encoding import encode

ROOT = Path(__file__).parents[1]
PIANO, FLUTE = v.INSTRUMENTS.index("piano"), v.INSTRUMENTS.index("flute")


def piece(*names: str) -> Piece:
    """Eight bars: a piano in all of them, a flute in one, below its range."""
    piano = Track(tuple(Note(96 * bar, 60, 96) for bar in range(8)))
    flute = Track((Note(0, 50, 24), Note(24, 70, 24)), 73)
    score = Score(24, (piano, flute))
    tokens = encode(score).tokens
    return Piece(
        *(score, tokens, Request(instruments=names or None)), 8, None, True, 0.0, len(tokens)
    )


def test_shares_are_of_the_bars_in_which_an_instrument_strikes() -> None:
    assert shares(piece().tokens) == {PIANO: 1.0, FLUTE: 1 / 8}


def test_a_piece_is_held_to_what_was_asked() -> None:
    everything = frozenset((PIANO, FLUTE))
    assert hear(piece("piano", "flute")) == Heard(1 / 8, 0, 1, 0, 0, everything)
    assert hear(piece("piano")) == Heard(1.0, 0, 1, 1, 1, everything)
    assert hear(piece()) == Heard(1.0, 0, 1, 0, 1, everything)
    assert hear(piece("piano", "flute", "harp")).least_share == 0


def test_notes_outside_are_counted_by_instrument() -> None:
    assert notes_outside(piece().score) == 1
    drums = Track((Note(0, 34, 6), Note(6, 36, 6)), is_drum=True)
    assert notes_outside(Score(24, (drums,))) == 1


def test_requests_have_one_to_four_instruments_in_all_styles() -> None:
    requests = draw_requests(88, is_open=False, bars=16, seed=1)
    assert {len(request.instruments or ()) for request in requests} == {1, 2, 3, 4}
    assert {request.style for request in requests} == set(v.STYLES) - {"drums"}
    assert requests == draw_requests(88, is_open=False, bars=16, seed=1)
    assert all(r.instruments is None for r in draw_requests(9, is_open=True, bars=16, seed=1))


@pytest.mark.slow
def test_the_tables_are_printed(tiny_checkpoint: Path) -> None:
    for arguments in ((), ("--open",)):
        done = subprocess.run(
            [
                *(sys.executable, "-m", "benchmarks.requests", *arguments),
                *("--count", "4", "--bars", "2", "--checkpoint", str(tiny_checkpoint)),
            ],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        rows = [line.split(" | ") for line in done.stdout.splitlines()]
        assert rows[-1][:2] == ["| all", "4"]
        assert np.sum([int(row[1]) for row in rows[2:-1]]) == 4
