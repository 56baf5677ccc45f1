"""Figures of captions, counted by hand on scores that are plainly so or not so."""

import math

import pytest

from partimento.evaluation.caption_figures import (
    PUBLISHED,
    Figures,
    instruments_f1,
    measure_captions,
    misses,
)
from partimento.evaluation.captions import Caption
from partimento.music.score import Meter, Note, Score, Tempo, Track

TUNE = tuple(Note(24 * i, 60 + step, 24) for i, step in enumerate((0, 4, 7, 5, 9, 0, 7, 11, 2, 0)))
PIANO, VIOLIN = 0, 40


def score(bpm: float = 100, meter: tuple[int, int] = (4, 4)) -> Score:
    """A tune in C major for piano and violin, with drums."""
    tracks = (Track(TUNE, program=PIANO), Track(TUNE, program=VIOLIN), Track(TUNE, is_drum=True))
    return Score(24, tracks, tempos=(Tempo(0, bpm),), meters=(Meter(0, *meter),))


def caption(
    bpm: float = 100, key: str | None = "C major", meter: str | None = "4/4", band: str = "piano"
) -> Caption:
    return Caption("text", "jazz", bpm, True, key, meter, tuple(band.split(", ")))


def test_each_figure_is_a_share_of_the_captions_that_say_it() -> None:
    pieces = [
        (caption(band="piano, violin, drums"), score()),
        (caption(bpm=118, key="A minor"), score()),
        (caption(bpm=180, key="D major", meter="3/4"), score()),
        (caption(key=None, meter=None), score()),
    ]
    found = measure_captions(pieces)
    assert (found.tempo, found.near_tempo) == (0.5, 0.75)
    assert (found.key, found.key_or_relative) == (1 / 3, 2 / 3)
    assert found.meter == 2 / 3
    assert found.instruments == pytest.approx((1 + 3 * 0.5) / 4)


def test_what_no_caption_says_has_no_figure() -> None:
    found = measure_captions([(caption(key=None, meter=None), score())])
    assert math.isnan(found.key)
    assert math.isnan(found.meter)


@pytest.mark.parametrize(
    ("names", "f1"),
    [
        (("piano", "violin", "drums"), 1.0),
        (("piano",), 0.5),
        (("fiddle", "piano"), 0.8),
        (("violin", "violin"), 0.5),
        (("trumpet",), 0.0),
    ],
)
def test_instruments_count_by_group_however_many_there_are(
    names: tuple[str, ...], f1: float
) -> None:
    assert instruments_f1(names, score()) == pytest.approx(f1)


def test_what_a_piece_is_not_is_said() -> None:
    assert misses(caption(band="piano, violin, drums"), score()) == []
    missed = misses(caption(bpm=180, key="D major", meter="3/4"), score())
    assert missed == [
        "tempo 100 instead of 180",
        "key C major instead of D major",
        "meter 4/4 instead of 3/4",
        "not piano",
    ]


def test_published_figures_stand_beside_the_first_four_rows() -> None:
    rows = Figures(0.1, 0.2, 0.3, 0.4, 0.5, 0.6).rows()
    assert [share for _, share in rows] == [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]
    assert all(len(figures) == 4 for figures in PUBLISHED.values())
