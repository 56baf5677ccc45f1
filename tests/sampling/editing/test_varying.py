"""Variations: what is kept stays event for event, the rest moves away, and is made again."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from partimento.errors import SettingError
from partimento.music.midi.writer import midi_bytes
from partimento.music.score import Note, Score, Track
from partimento.request.edit import Edit
from partimento.request.request import Request
from partimento.sampling.editing.edit import Alternative, edit_pieces, replay_edit
from partimento.sampling.editing.original import make_original
from partimento.sampling.engine import Engine
from partimento.sampling.engines import load_engine
from partimento.sampling.generate import Piece
from partimento.sampling.provenance import read_provenance
from partimento.sampling.sketcher import Sketcher

BAR = 1920


def duet() -> Score:
    """Eight bars of a violin and a cello, off the grid by some ticks."""
    violin = tuple(Note(480 * i + i % 3, 67 + i % 7, 470) for i in range(32))
    cello = tuple(Note(960 * i + 2, 48 + i % 5, 900) for i in range(16))
    return Score(480, (Track(violin, 40, name="violin"), Track(cello, 42, name="cello")))


def varied(engine: Engine, sketcher: Sketcher, **edit: object) -> Piece:
    wish = Alternative(make_original(duet()), Edit.from_dict(edit), Request(seed=4))
    [piece] = edit_pieces([wish], engine, sketcher=sketcher)
    assert piece is not None
    return piece


def notes(score: Score, track: int, bars: range) -> list[Note]:
    spans = range(bars.start * BAR, bars.stop * BAR)
    return [note for note in score.tracks[track].notes if note.onset in spans]


def test_bars_and_lines_that_are_kept_stay_as_they_are(
    sketching_engine: Engine, sketcher: Sketcher
) -> None:
    whole = duet()
    piece = varied(sketching_engine, sketcher, vary=0.5, bars="3-4")
    assert piece.score.ticks_per_quarter == 480
    for track in range(2):
        for bars in (range(2), range(4, 8)):
            assert notes(piece.score, track, bars) == notes(whole, track, bars)
    assert piece.score.tracks[0].notes != whole.tracks[0].notes
    piece = varied(sketching_engine, sketcher, vary=0.5, keep=("cello",))
    assert piece.score.tracks[1] == whole.tracks[1]
    assert piece.score.tracks[0].notes != whole.tracks[0].notes


def test_a_whole_piece_is_varied_and_made_again(
    sketching_engine: Engine, sketcher: Sketcher
) -> None:
    piece = varied(sketching_engine, sketcher, vary=0.5)
    assert piece.bars <= 8
    assert piece.score.tracks[0].notes != duet().tracks[0].notes
    provenance = read_provenance(piece.score)
    assert provenance is not None
    assert provenance.sketcher == "tiny"
    again = replay_edit(provenance, sketching_engine, sketcher)
    assert midi_bytes(again.performance) == midi_bytes(piece.performance)
    other = varied(sketching_engine, sketcher, vary=1.0)
    assert other.score.tracks != piece.score.tracks


def test_a_variation_that_cannot_be_is_refused(
    sketching_engine: Engine, sketcher: Sketcher, save_tiny: Callable[..., Path]
) -> None:
    with pytest.raises(SettingError, match="keep must leave a line to vary, got all of them"):
        varied(sketching_engine, sketcher, vary=0.5, keep=("violin", "cello"))
    with pytest.raises(SettingError, match="vary needs weights that were trained to follow"):
        varied(load_engine(save_tiny()), sketcher, vary=0.5)
    for edit, message in (
        ({"keep": ("violin",), "add": ("flute",)}, "keep needs vary"),
        ({"vary": 0.5, "reroll": "violin"}, "vary must stand alone"),
        ({"vary": 1.5}, r"vary must be in \[0, 1\], got 1.5"),
    ):
        with pytest.raises(SettingError, match=message):
            Edit.from_dict(edit)
    assert Edit(vary=0.0).to_dict() == {"vary": 0.0}
    assert replace(Edit(vary=0.2), keep=("violin",)).keep == ("violin",)
