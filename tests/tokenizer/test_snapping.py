"""Where played notes belong, on tracks small enough to see it."""

import numpy as np
import pytest

from partimento.tokenizer.snapping import drum_durations, is_notated, snap_ends, snap_onsets

BARS = np.arange(0.0, 960.0, 96.0)
EIGHTHS = np.arange(0.0, 960.0, 12.0)


def jitter(ticks: np.ndarray, size: float) -> np.ndarray:
    """As a player would, always the same."""
    return np.asarray(ticks + np.random.default_rng(1).normal(0, size, len(ticks)))


def test_notes_on_the_grid_are_notation_and_played_ones_are_not() -> None:
    assert is_notated(EIGHTHS, BARS, 0.03, is_fine=True)
    assert not is_notated(np.abs(jitter(EIGHTHS, 0.8)), BARS, 0.03, is_fine=True)


def test_quintuplets_are_notation_although_they_are_off_the_grid() -> None:
    assert is_notated(np.arange(0.0, 960.0, 4.8), BARS, 0.03, is_fine=True)


def test_no_notes_are_notation() -> None:
    assert is_notated(np.zeros(0), BARS, 0.03, is_fine=True)


def test_played_sixteenths_and_triplets_go_to_their_own_grids() -> None:
    written = np.array([0.0, 6, 12, 18, 24, 32, 40])
    onsets, steps = snap_onsets(np.abs(jitter(written, 0.5)), BARS, is_exact=False)
    assert onsets.tolist() == written.astype(int).tolist()
    assert steps == {0: 6, 24: 8}


def test_exact_onsets_stay_where_they_are() -> None:
    onsets, _ = snap_onsets(np.array([0.0, 7.0, 25.0]), BARS, is_exact=True)
    assert onsets.tolist() == [0, 7, 25]


def test_a_stroke_lasts_a_sixteenth_or_to_the_next_one() -> None:
    assert drum_durations(np.array([0, 0, 4, 24])).tolist() == [4, 4, 6, 6]


@pytest.mark.parametrize(("end", "duration"), [(22.0, 24), (25.5, 24), (13.0, 12)])
def test_an_end_near_the_next_onset_meets_it(end: float, duration: int) -> None:
    played = np.array([0.0, 24.0])
    ends = np.array([end, 48.0])
    onsets = np.array([0, 24])
    assert snap_ends(played, ends, onsets, {0: 6, 24: 6}, BARS)[0] == duration
