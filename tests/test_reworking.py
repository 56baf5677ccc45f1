"""Pieces after others from the library: as on the command line."""

from collections.abc import Callable
from pathlib import Path

import pytest

import partimento
from partimento.errors import PartimentoError
from partimento.model.latent.conditioning import INPUTS
from partimento.model.latent.weights import shipped_part
from partimento.music.score import Note, Score, Track

TUNE = Score(24, (Track(tuple(Note(24 * i, 60 + i % 5, 24) for i in range(8))),))


@pytest.fixture
def checkpoint(save_tiny: Callable[..., Path]) -> Path:
    """A tiny model that reads sketches; skips without a flow."""
    try:
        shipped_part("flow")
    except ValueError:
        pytest.skip("this copy has no flow: put one into weights/")
    return save_tiny(sketch_width=INPUTS, name="sketching")


def test_a_piece_is_arranged(checkpoint: Path) -> None:
    piece = partimento.arrange(TUNE, "violin, cello", seed=1, checkpoint=checkpoint)
    assert piece.bars == 2
    assert {track.name for track in piece.score.tracks} <= {"violin", "cello"}
    assert piece.sketch is not None
    again = partimento.generate(
        sketch=piece.sketch, seed=1, instruments="violin", bpm=90, checkpoint=checkpoint
    )
    assert again.bars == 2
    with pytest.raises(PartimentoError, match="setting 'bars' does not exist"):
        partimento.arrange(TUNE, "violin", bars=3, checkpoint=checkpoint)


def test_pieces_are_blended(checkpoint: Path) -> None:
    pieces = partimento.blend(TUNE, TUNE, steps=2, seed=1, checkpoint=checkpoint)
    assert [piece.bars for piece in pieces] == [2, 2]
    assert pieces[0].request.seed == pieces[1].request.seed == 1
