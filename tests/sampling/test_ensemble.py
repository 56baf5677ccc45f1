"""Instruments that are asked for play throughout, each as one who plays it could."""

from collections import defaultdict

import numpy as np
import pytest

from partimento.errors import SettingError
from partimento.model.checkpoint import shipped_checkpoint
from partimento.music.bars import bar_starts
from partimento.music.instrument_ranges import HAS_VOICES, PLAYABLE
from partimento.music.instruments import INSTRUMENT_OF_PROGRAM, find_family
from partimento.request.request import Request
from partimento.sampling.engines import load_engine
from partimento.sampling.generate import Piece, generate
from partimento.sampling.planning import make_plan
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.decoding import decode

ENSEMBLES = (
    ("flute", "cello"),
    ("piano", "drums"),
    ("trumpet", "piano", "acoustic bass", "drums"),
    ("violin", "piano"),
    ("oboe", "harp"),
    ("saxophone",),
)


@pytest.fixture(scope="module")
def pieces() -> list[Piece]:
    """Sixteen bars for each ensemble, by the shipped weights."""
    requests = [
        Request(instruments=names, seed=seed) for names in ENSEMBLES for seed in range(1, 3)
    ]
    return generate(requests, load_engine(shipped_checkpoint()))


def struck(piece: Piece) -> dict[int, set[int]]:
    """Bars in which each instrument strikes a note."""
    found: dict[int, set[int]] = defaultdict(set)
    starts = [bar.start for bar in bar_starts(piece.score)]
    for track in piece.score.tracks:
        instrument = v.DRUMS if track.is_drum else INSTRUMENT_OF_PROGRAM[track.program]
        found[instrument] |= {int(np.searchsorted(starts, n.onset, "right")) for n in track.notes}
    return found


def test_every_named_instrument_strikes_in_two_bars_of_three_and_no_other_one(
    pieces: list[Piece],
) -> None:
    for piece in pieces:
        asked = {v.INSTRUMENTS.index(name) for name in piece.request.instruments or ()}
        bars = struck(piece)
        assert set(bars) == asked
        assert min(len(found) for found in bars.values()) >= 10, piece.request


def test_no_note_is_outside_its_instrument(pieces: list[Piece]) -> None:
    for piece in pieces:
        for track in piece.score.tracks:
            if track.is_drum:
                continue
            low, high = PLAYABLE[INSTRUMENT_OF_PROGRAM[track.program]]
            assert all(low <= note.pitch <= high for note in track.notes), piece.request


def test_one_who_plays_one_note_at_a_time_has_one_line(pieces: list[Piece]) -> None:
    for piece in pieces:
        tokens = piece.tokens
        for bar in np.split(tokens, np.flatnonzero(tokens == v.BAR)):
            for name in piece.request.instruments or ():
                index = v.INSTRUMENTS.index(name)
                lines = int((bar == v.INSTRUMENT + index).sum())
                assert lines <= (4 if HAS_VOICES[index] else 1), piece.request


def test_a_range_that_an_instrument_cannot_reach_is_refused() -> None:
    with pytest.raises(SettingError, match="pitch_range must hold a note that the flute plays"):
        make_plan(Request(instruments=("flute",), pitch_range="C1-C2"))


def test_guitar_music_is_for_guitars() -> None:
    plan = make_plan(Request(style="guitar"))
    allowed = set(np.flatnonzero(plan.rules.most_lines[0]).tolist())
    assert allowed == set(find_family("guitar"))


def test_what_is_not_named_may_play_anything() -> None:
    rules = make_plan(Request()).rules
    assert (rules.lowest == 0).all()
    assert (rules.highest == 127).all()
    assert not rules.least_lines.any()


def test_pieces_of_named_instruments_decode(pieces: list[Piece]) -> None:
    assert all(decode(piece.tokens).note_count > 16 for piece in pieces)
