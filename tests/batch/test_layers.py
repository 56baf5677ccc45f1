"""Layers of loops in a batch."""

from pathlib import Path

from partimento.batch.writing import write_layer_files
from partimento.music.score import Note, Score, Track
from partimento.rendering.audio.settings import DEFAULT_SOUND


def test_the_layers_of_a_loop_are_files_of_its_name(tmp_path: Path) -> None:
    score = Score(24, (Track((Note(0, 60, 24),)), Track((Note(0, 48, 24), Note(24, 50, 24)))))
    names = write_layer_files(score, "001", ["png"], tmp_path, DEFAULT_SOUND, 2)
    assert names == ("001.layer1.mid", "001.layer2.mid")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)
