"""Sketches: what they hold, moved, joined, cut, and written to files."""

import random
from pathlib import Path

import numpy as np
import pytest

from partimento.music.bars import bar_starts
from partimento.music.instruments import INSTRUMENT_OF_PROGRAM
from partimento.music.score import Meter, Note, Score, Track
from partimento.music.sketch import LANES, SLOTS, WIDTH, Sketch, join
from partimento.music.sketch_files import read_sketch, sketch_file
from partimento.music.sketching import sketch_score

PIANO_AND_DRUMS = Score(
    ticks_per_quarter=24,
    tracks=(
        Track((Note(0, 60, 24, 127), Note(36, 64, 12, 127), Note(72, 61, 72, 127)), program=0),
        Track((Note(0, 36, 6, 127), Note(12, 42, 6, 127), Note(72, 38, 6, 127)), is_drum=True),
    ),
    meters=(Meter(0, 3, 4),),
)
"""Two bars of 3/4, 72 ticks each: a slot lasts 4.5 ticks."""


def random_score(seed: int) -> Score:
    """Twelve bars of 4/4 for flute, piano and drums."""
    rng = random.Random(seed)
    tracks = []
    for program, is_drum, low, high in ((73, False, 60, 84), (0, False, 36, 72), (0, True, 35, 60)):
        places = {(rng.randrange(0, 12 * 96, 3), rng.randrange(low, high)) for _ in range(90)}
        notes = (Note(*place, rng.randrange(1, 60), rng.randrange(1, 128)) for place in places)
        tracks.append(Track(tuple(sorted(notes)), program, is_drum))
    return Score(24, tuple(tracks), meters=(Meter(0, 4, 4),))


def set_onsets(sketch: Sketch) -> set[tuple[int, int, int]]:
    return {(int(b), int(s), int(n)) for b, s, n in np.argwhere(sketch.onsets > 0)}


def test_a_sketch_says_what_starts_where() -> None:
    sketch = sketch_score(PIANO_AND_DRUMS)
    # Bar, slot (tick * 16 // 72), lane: 12 is the bass drum, 13 the snare, 14 the hi-hat.
    assert set_onsets(sketch) == {
        (0, 0, 0),
        (0, 8, 4),
        (1, 0, 1),
        (0, 0, 12),
        (0, 2, 14),
        (1, 0, 13),
    }
    assert np.argwhere(sketch.pitches > 0).tolist() == [[0, 60], [0, 64], [1, 61]]
    assert np.argwhere(sketch.instruments > 0).tolist() == [[0, 0], [0, 32], [1, 0], [1, 32]]
    assert sketch.meters == ((3, 4), (3, 4))
    notes, loudness, length = sketch.levels.T
    assert notes == pytest.approx(np.log([5, 3]) / 4)
    assert loudness == pytest.approx([1, 1])
    assert length == pytest.approx(np.sqrt([(24 + 12 + 6 + 6) / 4 / 72, (72 + 6) / 2 / 72]))


def test_a_bar_without_notes_is_zero() -> None:
    score = Score(24, (Track((Note(96, 60, 24),)),), meters=(Meter(0, 4, 4),))
    assert not sketch_score(score).values()[0].any()


def test_a_score_without_notes_has_a_sketch_without_bars() -> None:
    assert sketch_score(Score(24, ())).bars == 0


@pytest.mark.parametrize("semitones", [-7, -1, 1, 12])
def test_the_sketch_of_a_transposed_score_is_the_transposed_sketch(semitones: int) -> None:
    score = random_score(3)
    tracks = []
    for track in score.tracks:
        up = 0 if track.is_drum else semitones
        notes = (Note(n.onset, n.pitch + up, n.duration, n.velocity) for n in track.notes)
        tracks.append(Track(tuple(notes), track.program, track.is_drum))
    moved = Score(24, tuple(tracks), meters=score.meters)
    expected = sketch_score(score).transposed(semitones)
    assert (sketch_score(moved).values() == expected.values()).all()


def test_what_leaves_the_pitches_in_transposing_is_lost() -> None:
    score = Score(24, (Track((Note(0, 126, 24), Note(24, 2, 24))),))
    assert np.flatnonzero(sketch_score(score).transposed(3).pitches[0]).tolist() == [5]
    assert np.flatnonzero(sketch_score(score).transposed(-3).pitches[0]).tolist() == [123]


def test_a_sketch_of_a_random_score_agrees_with_a_slow_count() -> None:
    score = random_score(5)
    sketch = sketch_score(score)
    for number, bar in enumerate(bar_starts(score)):
        onsets, pitches, instruments = set(), set(), set()
        for track in score.tracks:
            for note in track.notes:
                if bar.start <= note.onset < bar.start + bar.length and not track.is_drum:
                    onsets.add(((note.onset - bar.start) * 16 // 96, note.pitch % 12))
                    pitches.add(note.pitch)
                    instruments.add(INSTRUMENT_OF_PROGRAM[track.program])
        found = {(int(s), int(lane)) for s, lane in np.argwhere(sketch.onsets[number, :, :12] > 0)}
        assert found == onsets
        assert set(np.flatnonzero(sketch.pitches[number]).tolist()) == pitches
        assert set(np.flatnonzero(sketch.instruments[number, :-1]).tolist()) == instruments


def test_parts_joined_again_are_the_whole() -> None:
    sketch = sketch_score(random_score(1))
    again = join([sketch.part(0, 5), sketch.part(5, sketch.bars)])
    assert (again.values() == sketch.values()).all()
    assert again.meters == sketch.meters
    assert join([]).bars == 0


def test_values_and_arrays_are_two_views_of_a_sketch() -> None:
    sketch = sketch_score(random_score(2))
    values = sketch.values()
    assert values.shape == (sketch.bars, WIDTH)
    again = Sketch.of_values(values)
    assert (again.onsets == sketch.onsets).all()
    assert again.onsets.shape == (sketch.bars, SLOTS, LANES)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"pitches": np.zeros((2, 127))}, "pitches of a sketch must have shape"),
        ({"levels": np.full((2, 3), 1.5)}, "levels of a sketch must lie between 0 and 1"),
        ({"levels": np.full((2, 3), np.nan)}, "levels of a sketch must lie between 0 and 1"),
        ({"meters": ((4, 4),)}, "one meter for each of its 2 bars, got 1"),
    ],
)
def test_what_is_no_sketch_is_refused(change: dict[str, object], message: str) -> None:
    sketch = sketch_score(PIANO_AND_DRUMS)
    names = ("onsets", "pitches", "instruments", "levels", "meters")
    fields = {name: getattr(sketch, name) for name in names}
    with pytest.raises(ValueError, match=message):
        Sketch(**{**fields, **change})


def test_a_sketch_survives_its_file(tmp_path: Path) -> None:
    sketch = sketch_score(random_score(7))
    vague = Sketch.of_values(sketch.values() * np.float32(0.7), sketch.meters)
    path = tmp_path / "plan.npz"
    path.write_bytes(sketch_file(vague))
    again = read_sketch(path)
    assert (again.values() == vague.values()).all()
    assert again.meters == vague.meters


def test_a_sketch_file_can_be_written_by_hand(tmp_path: Path) -> None:
    path = tmp_path / "hand.npz"
    onsets = np.zeros((1, 16, 15), np.uint8)
    onsets[0, ::4, 0] = 1
    np.savez(
        path,
        format="partimento sketch 1",
        onsets=onsets,
        pitches=np.eye(128, dtype=np.uint8)[60:61],
        instruments=np.eye(33, dtype=np.uint8)[:1],
        levels=np.full((1, 3), 0.5),
        meters=np.zeros((0, 2), np.uint8),
    )
    sketch = read_sketch(path)
    assert set_onsets(sketch) == {(0, 0, 0), (0, 4, 0), (0, 8, 0), (0, 12, 0)}


def test_a_damaged_sketch_file_says_so(tmp_path: Path) -> None:
    path = tmp_path / "broken.npz"
    with pytest.raises(ValueError, match=r"broken\.npz: no such sketch file"):
        read_sketch(path)
    whole = sketch_file(sketch_score(PIANO_AND_DRUMS))
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ValueError, match=r"broken\.npz: not a readable sketch"):
        read_sketch(path)
    np.savez(path, format="something else")
    with pytest.raises(ValueError, match=r"broken\.npz: its `format` is not"):
        read_sketch(path)
    path.write_text("no sketch")
    with pytest.raises(ValueError, match=r"broken\.npz"):
        read_sketch(path)
