"""A file as the encoder wants it: on the grid, in bars of the vocabulary, with what was changed."""

from pathlib import Path

import pytest

from partimento.errors import MidiError
from partimento.music.bars import bar_starts
from partimento.tokenizer.loading import load_score
from partimento.tokenizer.vocabulary import METERS


def test_real_pieces_come_on_the_grid_in_bars_of_the_vocabulary(pieces_folder: Path) -> None:
    for path in pieces_folder.glob("*.mid"):
        loaded = load_score(path)
        assert loaded.score.ticks_per_quarter == 24
        assert {bar.meter for bar in bar_starts(loaded.score)} <= set(METERS), path
        assert loaded.score.note_count > 0


def test_what_is_no_midi_file_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "tune.mid"
    path.write_bytes(b"no music")
    with pytest.raises(MidiError, match=r"tune\.mid"):
        load_score(path)
