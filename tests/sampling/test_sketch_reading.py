"""Sketches from files of any kind."""

from pathlib import Path

import numpy as np
import pytest

from partimento.errors import MidiError
from partimento.music.midi.writer import write_midi
from partimento.music.score import Meter, Note, Score, Track
from partimento.music.sketch_files import sketch_file
from partimento.sampling.sketch_reading import find_sketch, sketch_music

WALTZ = Score(
    24,
    (Track(tuple(Note(24 * i, (60, 64, 67)[i % 3], 24) for i in range(6)), program=40),),
    meters=(Meter(0, 3, 4),),
)


def test_music_and_the_file_of_its_sketch_say_the_same(tmp_path: Path) -> None:
    midi, plan = tmp_path / "waltz.mid", tmp_path / "waltz.npz"
    write_midi(WALTZ, midi)
    found = find_sketch(midi)
    assert found.sketch.meters == ((3, 4), (3, 4))
    slots, lanes = np.nonzero(found.sketch.onsets[0])
    assert list(zip(slots.tolist(), lanes.tolist(), strict=True)) == [(0, 0), (5, 4), (10, 7)]
    plan.write_bytes(sketch_file(found.sketch))
    assert (find_sketch(plan).sketch.values() == found.sketch.values()).all()
    assert (sketch_music(WALTZ).sketch.values() == found.sketch.values()).all()


def test_played_notes_are_put_on_the_grid_first() -> None:
    late = Score(480, (Track(tuple(Note(480 * i + 9, 60, 460) for i in range(4)), program=0),))
    slots, _ = np.nonzero(sketch_music(late).sketch.onsets[0])
    assert slots.tolist() == [0, 4, 8, 12]


def test_a_file_without_notes_has_no_sketch(tmp_path: Path) -> None:
    path = tmp_path / "silent.mid"
    write_midi(Score(24, ()), path)
    with pytest.raises(MidiError, match=r"silent\.mid"):
        find_sketch(path)
