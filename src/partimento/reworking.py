"""Pieces after others, from the library: arranged for other players, or blended."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import fields
from os import PathLike

from partimento.library import Piece, engine_of, read_wish
from partimento.music.reading import read_score
from partimento.music.score import Score
from partimento.music.sources import Source, source_name
from partimento.request.merging import combine
from partimento.request.request import Request
from partimento.request.settings import check_names
from partimento.request.sketch_wishes import SKETCH_WISHES
from partimento.sampling import written
from partimento.sampling.generate import Wish, generate_each
from partimento.sampling.resolution import random_seed
from partimento.sampling.reworking import Model, arranged, blended, model_of
from partimento.sampling.sketcher import load_sketcher

TAKEN = ("bars", "meter", "primer", "primer_bars", "primer_pedal", "no_sketch", "prompt")
"""Wishes that the pieces say themselves, beside those of a sketch but `follow`."""
WISHES = [
    field.name
    for field in fields(Request)
    if field.name not in TAKEN and field.name not in set(SKETCH_WISHES) - {"follow"}
]


def arrange(
    music: Source | Score,
    instruments: str | Sequence[str],
    *,
    checkpoint: str | PathLike[str] | None = None,
    **wishes: object,
) -> Piece:
    """Write a file of music or a score anew for other instruments, after its sketch.

    Key, meters and tempo are those of the music where nothing else is wished; `style`, `key`,
    `follow`, `seed` and others are wishes as in `generate`. The weights must read sketches.
    """
    request = _request({**wishes, "instruments": instruments})
    [piece] = _write([arranged(_model(music), request)], checkpoint)
    return piece


def blend(
    first: Source | Score,
    second: Source | Score,
    *,
    steps: int = 5,
    checkpoint: str | PathLike[str] | None = None,
    **wishes: object,
) -> list[Piece]:
    """Pieces on the way from one piece of music to another, both ends included.

    They last as long as the shorter one and are in the key of the first; all have one seed. The
    weights must read sketches.
    """
    models = (_model(first), _model(second))
    return _write(blended(*models, steps, _request(wishes), load_sketcher()), checkpoint)


def _request(wishes: Mapping[str, object]) -> Request:
    """The request of wishes, with a seed."""
    check_names(wishes, WISHES)
    told = {name: read_wish(name, value) for name, value in wishes.items()}
    return combine([{"seed": random_seed(), **told}]).request


def _model(music: Source | Score) -> Model:
    """What is taken from music; what was repaired in it is told."""
    if isinstance(music, Score):
        model = model_of(music)
    else:
        score, found = read_score(music)
        model = model_of(score, source_name(music), found)
    for warning in model.warnings:
        warnings.warn(warning, stacklevel=3)
    return model


def _write(wishes: Sequence[Wish], checkpoint: str | PathLike[str] | None) -> list[Piece]:
    pieces = []
    for piece in generate_each(wishes, engine_of(checkpoint)):
        assert piece is not None  # nothing stops it
        made = {field.name: getattr(piece, field.name) for field in fields(written.Piece)}
        pieces.append(Piece(**made))
    return pieces
