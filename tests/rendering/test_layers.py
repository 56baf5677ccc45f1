"""The files of layers."""

from pathlib import Path

import pytest

from partimento.errors import FileTakenError
from partimento.music.midi.reader import read_midi
from partimento.music.score import Note, Score, Track
from partimento.rendering.layers import layer_paths, write_layers

SCORE = Score(24, (Track((Note(0, 60, 24), Note(24, 62, 24))), Track((Note(0, 48, 48),), 32)))


def test_each_layer_is_a_file_and_none_is_overwritten_unasked(tmp_path: Path) -> None:
    paths = layer_paths(tmp_path / "out.mid", 2)
    write_layers(SCORE, paths)
    assert [read_midi(path)[0].note_count for (path,) in paths] == [1, 3]
    with pytest.raises(FileTakenError):
        write_layers(SCORE, paths)
    write_layers(SCORE, paths, force=True)
