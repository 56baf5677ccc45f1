"""Passages that pieces share with the training music, and those that are nobody's own."""

import math
from dataclasses import replace

import numpy as np
import pytest

from partimento.evaluation.originality import LENGTHS, Likeness, measure_likeness
from partimento.music.score import Note, Score, Track

NONE = Likeness(0, (0.0,) * len(LENGTHS))


def draw_notes(count: int, seed: int, start: int = 0) -> list[Note]:
    """A line of random steps; some notes sound together."""
    rng = np.random.default_rng(seed)
    onsets = start + np.cumsum(rng.choice([0, 6, 12, 24], count, p=[0.1, 0.3, 0.4, 0.2]))
    pitches = 40 + rng.permutation(48)[np.arange(count) % 48]
    return [
        Note(onset, pitch, 6)
        for onset, pitch in zip(onsets.tolist(), pitches.tolist(), strict=True)
    ]


def moved(notes: list[Note], ticks: int = 0, semitones: int = 0) -> list[Note]:
    return [Note(n.onset + ticks, n.pitch + semitones, n.duration + 3) for n in notes]


def score_of(*lines: list[Note], is_drum: bool = False) -> Score:
    return Score(24, tuple(Track(tuple(sorted(line)), is_drum=is_drum) for line in lines))


def shares(*lengths: tuple[int, float]) -> tuple[float, ...]:
    return tuple(dict(lengths).get(length, 0.0) for length in LENGTHS)


def test_random_lines_have_nothing_in_common() -> None:
    training = [score_of(draw_notes(300, seed)) for seed in range(2, 8)]
    assert measure_likeness([score_of(draw_notes(300, 1))], training) == [NONE]


def test_a_passage_is_found_in_another_key_at_another_place_held_for_another_time() -> None:
    theme = sorted(draw_notes(17, seed=1))
    before, after = draw_notes(40, seed=2), draw_notes(43, seed=3, start=2000)
    piece = score_of([*before, *moved(theme, 1000, 5), *after])
    training = [score_of(draw_notes(50, seed=4), [*theme, *draw_notes(50, seed=5, start=700)])]
    assert measure_likeness([piece], training) == [
        Likeness(16, shares((8, 0.17), (12, 0.17), (16, 0.17)))
    ]


@pytest.mark.parametrize("change", ["pitch", "onset"])
def test_one_changed_note_cuts_a_passage_in_two(change: str) -> None:
    theme = [replace(note, onset=24 * i) for i, note in enumerate(draw_notes(24, seed=1))]
    copy = list(theme)
    copy[9] = replace(theme[9], **{change: getattr(theme[9], change) + 1})
    (likeness,) = measure_likeness([score_of(copy)], [score_of(theme)])
    assert likeness == Likeness(12, shares((8, 23 / 24), (12, 14 / 24)))


def test_what_a_few_steps_make_is_nobodys_own() -> None:
    strum = [Note(24 * (i // 3), (67, 64, 60)[i % 3], 12) for i in range(60)]
    drone = [Note(12 * i, 48, 12) for i in range(60)]
    score = score_of(strum, drone)
    (likeness,) = measure_likeness([score], [score])
    assert likeness.longest == 12
    assert likeness.shares[LENGTHS.index(16) :] == (0.0,) * 5
    assert measure_likeness([score_of(drone)], [score]) == [NONE]


def test_drums_and_empty_scores_share_nothing() -> None:
    drums = score_of(draw_notes(64, seed=1), is_drum=True)
    for likeness in measure_likeness([drums, score_of(), score_of([])], [drums]):
        assert likeness.longest == 0
        assert all(map(math.isnan, likeness.shares))
    assert measure_likeness([], [drums]) == []
    for training in ([], [drums], [score_of([Note(0, 60, 24)])]):
        assert measure_likeness([score_of(draw_notes(64, seed=1))], training) == [NONE]


def test_pieces_are_measured_alone() -> None:
    theme = draw_notes(64, seed=1)
    pieces = [score_of(theme), score_of(draw_notes(64, seed=2)), score_of(theme[:32])]
    found = measure_likeness(pieces, [score_of(theme)])
    assert [likeness.longest for likeness in found] == [64, 0, 32]
    assert found[0].shares == (1.0,) * len(LENGTHS)
