"""The attributes of a passage: what moves them, and what does not."""

from dataclasses import replace

import numpy as np
import pytest

from partimento.music.attributes import (
    ATTRIBUTES,
    DECILES,
    bar_statistics,
    measure,
    rank,
    score_attributes,
    usual_measure,
)
from partimento.music.note_tables import Notes
from partimento.music.score import Meter, Note, Score, Track


def line(*events: tuple[int, int, int], velocity: int = 80) -> Track:
    """A track of (onset, pitch, duration)."""
    return Track(tuple(Note(*event, velocity) for event in events))


def piece(*tracks: Track) -> Score:
    return Score(24, tracks, meters=(Meter(0, 4, 4),))


SCALE = [(24 * n, 60 + pitch, 24) for n, pitch in enumerate((0, 2, 4, 5, 7, 9, 11, 12))]
"""C major in quarters, two bars."""


def plain(score: Score) -> dict[str, float]:
    """Measures of two bars of 4/4, by name."""
    rows = [
        (n.onset // 96, n.onset % 96, n.duration, n.pitch, n.velocity, 32 * t.is_drum, i)
        for i, t in enumerate(score.tracks)
        for n in t.notes
    ]
    notes = Notes(*np.array(rows, np.int64).T)
    statistics = bar_statistics(notes, np.array([96, 96]), np.array([24, 24]), 24)
    onsets = np.zeros((2, 240), np.float32)
    return dict(zip(ATTRIBUTES, measure(statistics, onsets).tolist(), strict=True))


def test_the_measures_of_a_scale_are_those_counted_by_hand() -> None:
    found = plain(piece(line(*SCALE)))
    assert found["density"] == 1
    assert found["polyphony"] == 1
    assert found["register"] == pytest.approx(np.mean([p for _, p, _ in SCALE]))
    assert found["range"] == pytest.approx(np.std([p for _, p, _ in SCALE]))
    assert found["loudness"] == 80
    assert found["length"] == 0
    assert found["syncopation"] == found["chromaticism"] == found["leaps"] == 0


def test_a_second_voice_doubles_the_polyphony() -> None:
    low = [(onset, pitch - 12, ticks) for onset, pitch, ticks in SCALE]
    found = plain(piece(line(*SCALE), line(*low)))
    assert found["polyphony"] == found["density"] == 2
    # Each line moves by step; between the lines there is no move.
    assert found["leaps"] == 0


def test_rests_do_not_thin_the_polyphony() -> None:
    assert plain(piece(line((0, 60, 24), (0, 64, 24), (168, 62, 24))))["polyphony"] == 1.5


def test_a_note_held_over_the_beat_is_a_syncopation() -> None:
    assert plain(piece(line((0, 60, 12), (12, 62, 24), (36, 64, 12), (96, 60, 96))))[
        "syncopation"
    ] == pytest.approx(1 / 4)


def test_black_keys_among_white_ones_are_chromatic() -> None:
    tune = [*SCALE[:7], (168, 61, 24)]
    assert plain(piece(line(*tune)))["chromaticism"] == pytest.approx(1 / 8)


def test_moves_wider_than_a_third_are_leaps() -> None:
    tune = line((0, 60, 24), (24, 64, 24), (48, 69, 24), (72, 69, 24), (96, 57, 96))
    assert plain(piece(tune))["leaps"] == pytest.approx(2 / 3)


def test_drums_have_no_pitch() -> None:
    drums = replace(line((0, 36, 6), (24, 38, 6), (96, 36, 6)), is_drum=True)
    found = score_attributes(piece(drums))
    assert set(found) == {"density", "loudness", "repetition"}


def test_a_piece_that_repeats_itself_says_so() -> None:
    bar = [(0, 60, 24), (24, 64, 24), (48, 67, 48)]
    again = [(onset + 96 * n, pitch, ticks) for n in range(4) for onset, pitch, ticks in bar]
    other = [(7 * n, 40 + n * n % 31, 7) for n in range(48)]
    assert score_attributes(piece(line(*again)))["repetition"] == 1
    assert score_attributes(piece(line(*other)))["repetition"] < 0.5


def test_transposing_moves_the_register_alone() -> None:
    tune = [(6 * n, 60 + n * 7 % 13, 9) for n in range(60)]
    low = score_attributes(piece(line(*tune)))
    high = score_attributes(piece(line(*((o, p + 5, d) for o, p, d in tune))))
    assert high.pop("register") > low.pop("register")
    assert high == pytest.approx(low)


def test_the_resolution_of_a_score_does_not_count() -> None:
    fine = [(20 * onset, pitch, 20 * ticks) for onset, pitch, ticks in SCALE]
    score = Score(480, (line(*fine),), meters=(Meter(0, 4, 4),))
    assert score_attributes(score) == pytest.approx(score_attributes(piece(line(*SCALE))))


def test_ranks_run_from_0_to_1_and_keep_the_order() -> None:
    assert rank(DECILES[:, 0] - 1) == pytest.approx(0)
    assert rank(DECILES[:, -1] + 1) == pytest.approx(1)
    steps = np.stack([rank(DECILES[:, n]) for n in range(11)])
    assert (np.diff(steps, axis=0) >= 0).all()
    assert np.isnan(rank(np.full(10, np.nan))).all()


def test_a_score_without_notes_has_no_attributes() -> None:
    assert score_attributes(Score(24, ())) == {}


@pytest.mark.parametrize("attribute", ATTRIBUTES)
def test_the_usual_measure_of_a_rank_has_that_rank(attribute: str) -> None:
    column = ATTRIBUTES.index(attribute)
    for wished in (0.0, 0.65, 0.83, 1.0):
        measures = np.full(len(ATTRIBUTES), np.nan)
        measures[column] = usual_measure(attribute, wished)
        assert rank(measures)[column] == pytest.approx(wished, abs=1e-5)
