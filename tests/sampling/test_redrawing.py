"""What the training music has too is written anew, and such a piece can be made again."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from partimento.errors import PartimentoError
from partimento.model.known_music import passages_file
from partimento.music.known_passages import (
    PASSAGE,
    Common,
    KnownPassages,
    know,
    save_known,
)
from partimento.music.passages import lines_of, passage_hashes
from partimento.music.score import Note
from partimento.request.request import Request
from partimento.sampling.engines import load_engine
from partimento.sampling.generate import Piece, generate
from partimento.sampling.primer import make_primer
from partimento.sampling.provenance import read_provenance
from partimento.sampling.redrawing import MAX_REDRAWS, with_token
from partimento.sampling.replaying import replay
from partimento.tokenizer.decoding import decode
from partimento.tokenizer.vocabulary import TokenArray

SEED = 4
"""Of a piece with a line whose steps are not all the same, in its second half too."""
WISH = Request(bars=6, instruments=("violin", "cello"), meter="4/4", key="C")


def known_from(tokens: TokenArray, start: int = 0) -> KnownPassages:
    """What a piece is made of, as if the model had been trained on it."""
    lines = lines_of(decode(tokens), start)
    hashes = [passage_hashes(line.steps, PASSAGE) for line in lines]
    return know(np.concatenate(hashes), frozenset({""}))


def write(checkpoint: Path, request: Request, seed: int, **more: object) -> Piece:
    [piece] = generate([replace(request, seed=seed)], load_engine(checkpoint), **more)  # type: ignore[call-overload]  # a primer or nothing
    assert isinstance(piece, Piece)
    return piece


@pytest.fixture
def checkpoint(tiny_checkpoint: Path, tmp_path: Path) -> Path:
    """A copy of the tiny model, with room for files beside it."""
    path = tmp_path / "model.safetensors"
    path.write_bytes(tiny_checkpoint.read_bytes())
    return path


@pytest.mark.parametrize("seed", [0, SEED])
def test_a_piece_that_is_known_is_written_anew_and_replayed(checkpoint: Path, seed: int) -> None:
    first = write(checkpoint, WISH, seed)
    assert (first.common, first.redraws) == (None, 0)
    save_known(known_from(first.tokens), passages_file(checkpoint))
    again = write(checkpoint, WISH, seed)
    assert again.common is not None
    assert again.tokens.tolist() == first.tokens.tolist()
    asked = replace(WISH, original=16)
    piece = write(checkpoint, asked, seed)
    assert again.common.longest >= 16
    assert again.common.share > 0.5
    assert piece.redraws > 0
    assert piece.is_original
    assert piece.common is not None
    assert piece.common.longest < 16
    assert piece.bars == WISH.bars
    provenance = read_provenance(piece.score)
    assert provenance is not None
    assert len(provenance.redraws) == piece.redraws
    passages_file(checkpoint).unlink()  # what was written anew is stored, not found again
    assert replay(provenance, load_engine(checkpoint)).tokens.tolist() == piece.tokens.tolist()


def test_pieces_are_redrawn_together_as_they_are_alone(checkpoint: Path) -> None:
    known = known_from(write(checkpoint, WISH, SEED).tokens)
    save_known(known, passages_file(checkpoint))
    asked = [replace(WISH, original=16, seed=seed) for seed in (SEED, 2)]
    asked.append(replace(WISH, seed=SEED))
    together = generate(asked, load_engine(checkpoint))
    assert [piece.redraws > 0 for piece in together] == [True, False, False]
    for request, piece in zip(asked, together, strict=True):
        [alone] = generate([request], load_engine(checkpoint))
        assert alone.tokens.tolist() == piece.tokens.tolist()
        assert alone.redraws == piece.redraws


def test_bars_before_the_run_stay(checkpoint: Path) -> None:
    first = write(checkpoint, WISH, SEED)
    half = 3 * 4 * 24
    save_known(known_from(first.tokens, half), passages_file(checkpoint))
    piece = write(checkpoint, replace(WISH, original=16), SEED)
    assert piece.redraws > 0
    assert piece.is_original
    before, after = (
        [note for track in decode(tokens).tracks for note in track.notes if note.onset < half]
        for tokens in (first.tokens, piece.tokens)
    )
    assert before == after


def test_a_primer_may_be_known_and_greedy_pieces_cannot_be_redrawn(checkpoint: Path) -> None:
    first = write(checkpoint, WISH, SEED)
    primer = make_primer(first.score)
    save_known(known_from(first.tokens), passages_file(checkpoint))
    piece = write(checkpoint, replace(WISH, original=16), 7, primer=primer)
    assert piece.redraws == 0
    assert piece.common == Common(0, 0.0)
    greedy = replace(WISH, temperature=0)
    save_known(known_from(write(checkpoint, greedy, SEED).tokens), passages_file(checkpoint))
    piece = write(checkpoint, replace(greedy, original=16), SEED)
    assert piece.redraws == 0
    assert piece.common is not None
    assert piece.is_original == (piece.common.longest < 16)


def test_what_is_always_known_is_given_up_after_some_redraws(
    checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_known(known_from(write(checkpoint, WISH, SEED).tokens), passages_file(checkpoint))
    monkeypatch.setattr(KnownPassages, "first_run", lambda *_: 4 * 24 * 4)
    monkeypatch.setattr(KnownPassages, "common", lambda *_: Common(20, 0.5))
    piece = write(checkpoint, replace(WISH, original=16), SEED)
    assert piece.redraws == MAX_REDRAWS
    assert not piece.is_original
    provenance = read_provenance(piece.score)
    assert provenance is not None
    steps = [each.step for each in provenance.redraws]
    assert steps == sorted(steps, reverse=True)
    assert (steps[0], steps[-1]) == (4, 0)
    assert len({each.seed for each in provenance.redraws}) == MAX_REDRAWS


def test_originality_needs_an_index_of_the_same_training_data(checkpoint: Path) -> None:
    with pytest.raises(PartimentoError, match="partimento index"):
        write(checkpoint, replace(WISH, original=16), SEED)
    other = know(np.zeros(0, np.uint64), frozenset({"another"}))
    save_known(other, passages_file(checkpoint))
    assert load_engine(checkpoint).known is None


def test_a_note_that_no_token_can_say_is_held_a_little_shorter() -> None:
    # Joined lines of one instrument may add up to 204 ticks, as 8.5 quarters.
    assert with_token(Note(144, 60, 204, 80)) == Note(144, 60, 192, 80)
    assert with_token(Note(0, 60, 24, 80)) == Note(0, 60, 24, 80)
