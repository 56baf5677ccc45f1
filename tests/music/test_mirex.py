"""The JSON of the MIREX task, against an example that is written out."""

import json

import pytest

from partimento.errors import PartimentoError
from partimento.music.mirex import END, FIRST, read_prompt, write_generation
from partimento.music.score import Note, Score, Track

EXAMPLE = """{
  "prompt": [
    {"start": 16, "pitch": 72, "duration": 6},
    {"start": 16, "pitch": 57, "duration": 14},
    {"start": 79, "pitch": 60, "duration": 4}
  ]
}"""
"""The first two notes are those of the task's own example."""


def test_the_example_of_the_task_is_read_from_its_first_bar_on() -> None:
    prompt = read_prompt(EXAMPLE, "example.json")
    assert prompt.bars == 4
    assert prompt.score.ticks_per_quarter == 24
    [track] = prompt.score.tracks
    assert track.notes == (Note(0, 57, 84), Note(0, 72, 36), Note(63 * 6, 60, 24))


def test_a_pickup_is_a_bar_of_its_own() -> None:
    text = EXAMPLE.replace("[", '[{"start": 12, "pitch": 67, "duration": 4},', 1)
    prompt = read_prompt(text, "example.json")
    assert prompt.bars == 5
    assert prompt.score.tracks[0].notes[0] == Note(72, 67, 24)
    assert prompt.score.tracks[0].notes[1] == Note(96, 57, 84)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"start": 79', '"start": 80', r"note 3: start must be in \[0, 79\], got 80"),
        ('"pitch": 60', '"pitch": 128', r"note 3: pitch must be in \[0, 127\], got 128"),
        ('"duration": 6', '"duration": 0', r"note 1: duration must be in \[1, 272\], got 0"),
        ('"duration": 6', '"duration": 1.5', "note 1: duration must be"),
        ('"duration": 6', '"length": 6', "note 1: duration must be .* got None"),
        ('"prompt"', '"output"', "holds no notes"),
        ("]", "", "not valid JSON"),
    ],
)
def test_what_is_wrong_with_a_prompt_is_said(old: str, new: str, told: str) -> None:
    with pytest.raises(PartimentoError, match=f"bad.json: {told}"):
        read_prompt(EXAMPLE.replace(old, new), "bad.json")


def test_a_note_that_is_no_object_is_refused() -> None:
    with pytest.raises(PartimentoError, match="note 1 must be an object, got 5"):
        read_prompt('{"prompt": [5]}', "bad.json")


def test_new_bars_are_counted_from_80_and_cut_at_272() -> None:
    notes = (Note(0, 40, 24), Note(0, 52, 12), Note(191 * 6, 60, 60))
    drums = Track((Note(0, 36, 6),), is_drum=True)
    assert json.loads(write_generation(Score(24, (Track(notes), drums)))) == {
        "generation": [
            {"start": 80, "pitch": 40, "duration": 4},
            {"start": 80, "pitch": 52, "duration": 2},
            {"start": 271, "pitch": 60, "duration": 1},
        ]
    }
    assert (FIRST, END) == (80, 272)


def test_triplets_go_to_the_nearest_sixteenth_and_no_note_comes_twice() -> None:
    triplets = tuple(Note(8 * i, 60, 8) for i in range(3))
    again = (Note(0, 60, 48), Note(192 * 6, 60, 6), Note(191 * 6 + 4, 62, 2))
    found = json.loads(write_generation(Score(24, (Track(triplets), Track(again)))))["generation"]
    assert [(n["start"], n["duration"]) for n in found] == [(80, 8), (81, 2), (83, 1)]
    finer = Score(480, (Track((Note(120, 64, 1),)),))
    assert json.loads(write_generation(finer))["generation"] == [
        {"start": 81, "pitch": 64, "duration": 1}
    ]
