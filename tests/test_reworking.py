"""Pieces after others from the library: as on the command line; `edit` is in test_library."""

from collections.abc import Callable
from pathlib import Path

import pytest

import partimento
from partimento.errors import PartimentoError
from partimento.model.latent.conditioning import INPUTS
from partimento.model.latent.weights import shipped_part
from partimento.music.difference import compare
from partimento.music.midi.writer import write_midi
from partimento.music.score import Note, Score, Track
from partimento.sampling.provenance import without_provenance

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


def test_a_piece_is_varied_as_an_edit_varies_it(checkpoint: Path, tmp_path: Path) -> None:
    path = tmp_path / "tune.mid"
    write_midi(TUNE, path)
    piece = partimento.vary(path, 0.4, bars="2", seed=3, checkpoint=checkpoint)
    assert compare(TUNE, without_provenance(piece.score)).changed_bars == (2,)
    edited = partimento.edit(path, vary=0.4, bars=2, seed=3, checkpoint=checkpoint)
    assert edited.score == piece.score
    assert partimento.vary(TUNE, seed=3, checkpoint=checkpoint).request.seed == 3


def test_a_line_that_is_kept_may_be_named_alone(checkpoint: Path) -> None:
    pair = Score(24, (*TUNE.tracks, Track(TUNE.tracks[0].notes, 40, name="solo")))
    piece = partimento.vary(pair, 0.9, keep="solo", seed=3, checkpoint=checkpoint)
    found = compare(pair, without_provenance(piece.score))
    assert {change.line for change in found.notes} == {"piano"}


def test_a_variation_that_cannot_be_is_refused(checkpoint: Path, tiny_checkpoint: Path) -> None:
    with pytest.raises(PartimentoError, match=r"amount must be in \[0, 1\], got 2"):
        partimento.vary(TUNE, 2, checkpoint=checkpoint)
    with pytest.raises(PartimentoError, match="setting 'chords' does not exist"):
        partimento.vary(TUNE, chords="C G", checkpoint=checkpoint)
    with pytest.raises(PartimentoError, match="vary needs weights that were trained to follow"):
        partimento.vary(TUNE, checkpoint=tiny_checkpoint)


def test_an_ensemble_is_named_by_a_word(checkpoint: Path) -> None:
    piece = partimento.arrange(TUNE, "string trio", seed=1, checkpoint=checkpoint)
    assert piece.request.instruments == ("violin", "viola", "cello")
