"""Passages of lines: in any key, at any time, and those that are nobody's own."""

import numpy as np

from partimento.music.passages import are_own, covered, lines_of, passage_hashes
from partimento.music.score import Note, Score, Track

TUNE = [(0, 60), (12, 62), (24, 64), (24, 72), (36, 65), (60, 67), (72, 60), (96, 59), (108, 55)]


def score_of(*lines: list[tuple[int, int]], is_drum: bool = False) -> Score:
    tracks = (tuple(sorted(Note(onset, pitch, 6) for onset, pitch in line)) for line in lines)
    return Score(24, tuple(Track(notes, is_drum=is_drum) for notes in tracks))


def test_a_passage_has_the_same_hash_in_any_key_wherever_it_stands() -> None:
    moved = [(onset + 500, pitch - 7) for onset, pitch in TUNE]
    [here] = lines_of(score_of(TUNE))
    [there] = lines_of(score_of([(0, 40), (6, 80), *moved, (700, 50)]))
    found = passage_hashes(there.steps, 5).tolist()
    assert found[2:7] == passage_hashes(here.steps, 5).tolist()
    assert len(set(found)) == len(found) == 8


def test_another_interval_or_time_makes_another_passage() -> None:
    for change in ((96, 60), (95, 59)):
        other = [change if note == (96, 59) else note for note in TUNE]
        first, second = (lines_of(score_of(tune))[0] for tune in (TUNE, other))
        same = passage_hashes(first.steps, 3) == passage_hashes(second.steps, 3)
        assert same.tolist() == [True] * 5 + [False] * 2


def test_a_line_shorter_than_a_passage_has_none() -> None:
    for notes in (1, 2, 9):
        [line] = lines_of(score_of(TUNE[:notes]))
        assert len(passage_hashes(line.steps, 10)) == len(are_own(line.steps, 10)) == 0
        assert len(passage_hashes(line.steps, 9)) == (1 if notes == 9 else 0)


def test_chords_are_read_downwards_and_drums_not_at_all() -> None:
    [line] = lines_of(score_of([(0, 60), (0, 67), (0, 64), (12, 60)]))
    up = passage_hashes(line.steps, 4)
    assert up == passage_hashes(
        lines_of(score_of([(0, 67), (0, 64), (0, 60), (12, 60)]))[0].steps, 4
    )
    assert lines_of(score_of(TUNE, is_drum=True)) == []


def test_lines_begin_at_a_tick() -> None:
    [line] = lines_of(score_of(TUNE, [(0, 60)]), start=60)
    assert line.onsets.tolist() == [60, 72, 96, 108]


def test_one_step_in_four_must_be_unlike_the_others() -> None:
    scale = lines_of(score_of([(12 * i, 40 + i) for i in range(9)]))[0].steps
    assert are_own(scale, 4).tolist() == [True] * 6  # one step, of three
    assert not are_own(scale, 5).any()
    [line] = lines_of(score_of(TUNE))
    assert are_own(line.steps, 9).tolist() == [True]


def test_notes_of_overlapping_passages_are_covered_once() -> None:
    starts = np.array([False, True, True, False, False, False, True])
    assert covered(starts, 3).tolist() == [False, *[True] * 4, False, *[True] * 3]
    assert not covered(np.zeros(2, bool), 3).any()
