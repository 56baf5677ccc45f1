"""The pull of the lines: leaps and syncopation as often as they are asked."""

from dataclasses import replace

import numpy as np
import pytest

from partimento.music.attributes import usual_measure
from partimento.request.request import Request
from partimento.sampling.choice import read_tokens
from partimento.sampling.engine import Engine
from partimento.sampling.generate import Wish, generate_each
from partimento.sampling.line_pull import (
    AIMS,
    COUNTS,
    LEAPS,
    NO_AIMS,
    SYNCOPATION,
    Floats,
    line_aims,
    pull_lines,
)
from partimento.sampling.pieces import new_pieces, place
from partimento.sampling.planning import make_plan
from partimento.sampling.sketcher import Sketcher
from partimento.tokenizer import cursor as c
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.features import FEATURES, SOUNDING_WIDTH

PITCH = slice(v.PITCH, v.PITCH + 128)
LENGTH = slice(v.DURATION, v.REST)
BEAT = 24


def pulled(
    aims: Floats, counts: Floats, tick: int = 0, last: int = 60, open_: bool = False
) -> Floats:
    """(V,) equal logits as they are in a line at a tick of a bar."""
    scalars = np.zeros(len(c.SCALARS), np.int32)
    scalars[c.TICK], scalars[c.LENGTH] = tick, 96
    scalars[c.PHASE] = c.AFTER_PITCH if open_ else c.IN_LINE
    logits = np.zeros(v.SIZE, np.float32)
    pull_lines(logits, scalars, last, BEAT, aims, counts)
    return logits


def counted(*tokens: int) -> list[float]:
    """What is counted of a bar of 4/4 of a flute."""
    plan = make_plan(Request(bars=2, instruments=("flute",)))
    pieces = new_pieces([plan], 1)
    place(pieces, 0, plan, 1)
    ids, sounding = np.zeros((1, len(FEATURES)), np.int16), np.zeros((1, SOUNDING_WIDTH), np.uint8)
    header = [v.BOS, v.METER + v.METERS.index((4, 4)), v.TEMPO, v.BAR]
    for token in [*header, v.INSTRUMENT + v.INSTRUMENTS.index("flute"), *tokens]:
        read_tokens(pieces, np.zeros(1, np.int64), np.array([token]), ids, sounding)
    return list(pieces.counts[0].tolist())


def note(pitch: int, ticks: int) -> tuple[int, int]:
    return v.PITCH + pitch, v.DURATION + v.DURATIONS.index(ticks)


def test_leaps_and_moves_are_counted_and_repeated_notes_are_neither() -> None:
    found = counted(*note(60, 24), *note(60, 24), *note(64, 24), *note(72, 24))
    assert found[2 * LEAPS : 2 * LEAPS + 2] == [1, 2]


def test_notes_off_the_beat_that_ring_past_the_next_one_are_counted() -> None:
    found = counted(*note(60, 12), v.PITCH + 64, *note(60, 24), *note(62, 12), *note(62, 24))
    assert found[2 * SYNCOPATION : 2 * SYNCOPATION + 2] == [2, 5]


def test_leaps_gain_where_the_piece_lacks_them_and_lose_where_it_has_too_many() -> None:
    aims = line_aims({"leaps": 0.8})
    few, many = np.zeros((2, COUNTS), np.float32)
    few[2 * LEAPS + 1] = many[2 * LEAPS + 1] = 100
    many[2 * LEAPS] = 90
    is_leap = np.abs(np.arange(128) - 60) > 4
    for counts, gains in ((few, True), (many, False)):
        logits = pulled(aims, counts)[PITCH]
        assert (logits[is_leap] > logits[60]).all() == gains
        # All pitches together stay as likely.
        assert np.exp(logits.astype(np.float64)).sum() == pytest.approx(128, rel=1e-4)
    assert not pulled(aims, few, last=-1).any()  # the first note of a line leaps from nowhere
    assert not pulled(aims, few, open_=True).any()


def test_lengths_ring_past_the_beat_only_from_between_beats() -> None:
    aims, counts = line_aims({"syncopation": 0.95}), np.zeros(COUNTS, np.float32)
    assert not pulled(aims, counts, tick=24, open_=True).any()
    lengths = pulled(aims, counts, tick=36, open_=True)[LENGTH]
    late = np.array(v.DURATIONS) > 12
    assert lengths[late].min() > lengths[~late].max()
    assert np.exp(lengths.astype(np.float64)).sum() == pytest.approx(64, rel=1e-4)


def test_a_wish_for_something_else_pulls_no_line() -> None:
    assert (line_aims({"density": 0.5}) == NO_AIMS).all()
    assert (make_plan(Request(bars=2)).aims == NO_AIMS).all()
    aims = line_aims({"leaps": 0.25, "syncopation": 0.75})
    expected = [usual_measure(name, rank) for name, rank in zip(AIMS, (0.25, 0.75), strict=True)]
    assert aims.tolist() == pytest.approx(expected)
    assert not pulled(NO_AIMS, np.zeros(COUNTS, np.float32)).any()


def test_pieces_leap_as_they_are_asked_to(sketching_engine: Engine, sketcher: Sketcher) -> None:
    """Random weights leap nearly always by themselves."""
    wish = Request(bars=8, instruments=("flute",), meter="4/4", follow=0.0, best_of=1)
    shares = []
    for rank in (0.05, 0.95):
        wishes = [Wish(replace(wish, leaps=rank, seed=seed)) for seed in range(6)]
        moves = [
            np.abs(np.diff([note.pitch for note in track.notes]))
            for piece in generate_each(wishes, sketching_engine, sketcher=sketcher)
            if piece is not None
            for track in piece.score.tracks
        ]
        wide = np.concatenate(moves)
        shares.append(float((wide > 4).sum() / (wide > 0).sum()))
    assert shares[0] + 0.1 < shares[1]
