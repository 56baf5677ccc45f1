"""Pieces after others: arranged and blended ones follow what they are told to."""

import numpy as np
import pytest

from partimento.errors import SettingError
from partimento.music.instruments import INSTRUMENTS
from partimento.music.score import Key, Meter, Note, Score, Tempo, Track
from partimento.request.request import Request
from partimento.sampling.engine import Engine
from partimento.sampling.generate import generate_each
from partimento.sampling.reworking import FOLLOW, arranged, blended, model_of, with_players
from partimento.sampling.sketcher import Sketcher

VIOLIN, CELLO, PIANO = (INSTRUMENTS.index(name) for name in ("violin", "cello", "piano"))


def tune(tonic: int, bars: int = 2, bpm: float = 80.0) -> Score:
    """Quarters of a piano that climb from the tonic; the last bar is in 3/4."""
    notes = tuple(Note(24 * i, 60 + tonic + 2 * (i % 4), 24) for i in range(4 * bars - 1))
    return Score(
        24,
        (Track(notes, program=0),),
        tempos=(Tempo(0, bpm),),
        meters=(Meter(0, 4, 4), Meter(96 * (bars - 1), 3, 4)),
        keys=(Key(0, tonic, is_minor=False),),
    )


def test_an_arrangement_has_the_key_tempo_and_bars_of_its_model(
    sketching_engine: Engine, sketcher: Sketcher
) -> None:
    wish = arranged(model_of(tune(2)), Request(instruments=("violin", "cello"), seed=1))
    assert (str(wish.request.key), wish.request.bpm, wish.request.bars) == ("D major", 80.0, 2)
    assert wish.request.follow == FOLLOW
    assert wish.sketch is not None
    played = np.flatnonzero(wish.sketch.sketch.instruments.all(0)).tolist()
    assert played == sorted([VIOLIN, CELLO])
    [piece] = generate_each([wish], sketching_engine, sketcher=sketcher)
    assert piece is not None
    assert [(m.tick, m.numerator) for m in piece.score.meters] == [(0, 4), (96, 3)]
    assert piece.score.keys[0].tonic == 2
    assert {track.name for track in piece.score.tracks} <= {"violin", "cello"}


def test_an_arrangement_in_another_key_is_transposed() -> None:
    plain = model_of(tune(2)).sketch
    moved = arranged(model_of(tune(2)), Request(instruments=("violin",), key="Bb", seed=1))
    assert moved.sketch is not None
    assert (moved.sketch.sketch.onsets == plain.transposed(-4).onsets).all()
    with pytest.raises(SettingError, match="instruments must name who is to play"):
        arranged(model_of(tune(2)), Request(seed=1))


def test_a_blend_goes_from_one_piece_to_the_other(sketcher: Sketcher) -> None:
    first, second = model_of(tune(0, 3, 60.0)), model_of(tune(5, 2, 240.0))
    wishes = blended(first, second, 5, Request(seed=1), sketcher)
    assert [wish.request.bpm for wish in wishes] == [
        pytest.approx(60 * 4 ** (i / 4), abs=1e-3) for i in range(5)
    ]
    assert {str(wish.request.key) for wish in wishes} == {"C major"}
    assert {wish.request.bars for wish in wishes} == {2}
    encode = sketcher.autoencoder.encode
    ends = [encode(first.sketch.part(0, 2).values()), encode(second.sketch.transposed(-5).values())]
    decoded = [sketcher.autoencoder.decode(vectors) for vectors in ends]
    for end, wish in zip(decoded, (wishes[0], wishes[-1]), strict=True):
        assert wish.sketch is not None
        np.testing.assert_allclose(wish.sketch.sketch.values(), end, atol=0.0051)
    with pytest.raises(SettingError, match=r"steps must be in \[2, 64\], got 1"):
        blended(first, second, 1, Request(seed=1), sketcher)


def test_players_play_where_there_was_music() -> None:
    sketch = model_of(tune(0)).sketch
    played = with_players(sketch, [CELLO])
    assert (played.instruments[:, CELLO] == 1).all()
    assert played.instruments.sum() == 2
    assert (played.onsets == sketch.onsets).all()
    assert sketch.instruments[:, PIANO].all()
