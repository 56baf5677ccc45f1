"""Pieces after others, from the library: edited, varied, arranged for other players, or blended."""

from collections.abc import Mapping, Sequence
from os import PathLike

from partimento.library import engine_of, read_wish
from partimento.music.bar_ranges import BarRanges
from partimento.music.reading import read_score
from partimento.music.score import Score
from partimento.music.sources import Source, source_name
from partimento.pieces import Piece, finished, warn
from partimento.request.edit import EDIT_SETTINGS, Edit
from partimento.request.merging import combine
from partimento.request.request import Request
from partimento.request.reworking import MODE, WISHES_AFTER_OTHERS, WISHES_OF_VARIED, Variation
from partimento.request.settings import check_names
from partimento.sampling.editing.edit import Alternative, edit_pieces, request_for
from partimento.sampling.editing.original import make_original, read_original
from partimento.sampling.generate import generate_each
from partimento.sampling.resolution import random_seed
from partimento.sampling.reworking import Model, arranged, blended, model_of
from partimento.sampling.sketcher import load_sketcher


def edit(
    music: Source | Score,
    *,
    checkpoint: str | PathLike[str] | None = None,
    **wishes: object,
) -> Piece:
    """Write some bars or lines of a piece anew; everything else stays, event for event.

    What changes is named as the fields of `Edit`: fill="5-8", line="violin", reroll="bass",
    replace="piano 2", add="drums", remove="flute", accompany="piano", harmonise="satb",
    loop=True, and bars="3-4" for where. Other wishes, such as chords, pitch_range, density,
    temperature or seed, hold for what is new. Raises PartimentoError for bars and lines that the
    piece has none of.
    """
    change = {
        name: EDIT_SETTINGS[name].reader.from_text(value) if isinstance(value, str) else value
        for name, value in wishes.items()
        if name in EDIT_SETTINGS
    }
    new = {name: value for name, value in wishes.items() if name not in EDIT_SETTINGS}
    return _edited(music, Edit.from_dict(change), new, checkpoint)


def vary(
    music: Source | Score,
    amount: float = 0.3,
    *,
    bars: BarRanges | Sequence[int | str] | str | int | None = None,
    keep: str | Sequence[str] | None = None,
    checkpoint: str | PathLike[str] | None = None,
    **wishes: object,
) -> Piece:
    """Write a piece anew after its own sketch, and move away from it by an amount from 0 to 1.

    0 stays near, 1 is new. bars="5-8" varies these bars alone, and the lines that `keep` names
    stay; what is kept is so event for event. Wishes such as key, follow, temperature or seed hold
    for what is new. The weights must read sketches.
    """
    check_names(wishes, {**WISHES_OF_VARIED, **MODE})
    kept = [keep] if isinstance(keep, str) else keep
    return _edited(music, Variation(amount, bars, kept).edit, wishes, checkpoint)


def arrange(
    music: Source | Score,
    instruments: str | Sequence[str],
    *,
    checkpoint: str | PathLike[str] | None = None,
    **wishes: object,
) -> Piece:
    """Write a file of music or a score anew for other instruments, after its sketch.

    Instruments are named as in `generate`: "flute, guitar", "string quartet". Key, meters and
    tempo are those of the music where nothing else is wished; `style`, `key`, `follow`, `seed` and
    others are wishes as in `generate`. The weights must read sketches.
    """
    request = _request({**wishes, "instruments": instruments})
    wish = arranged(_model(music), request)
    [piece] = finished(generate_each([wish], engine_of(checkpoint)))
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
    request = _request(wishes)
    between = blended(_model(first), _model(second), steps, request, load_sketcher())
    return finished(generate_each(between, engine_of(checkpoint)))


def _edited(
    music: Source | Score,
    change: Edit,
    wishes: Mapping[str, object],
    checkpoint: str | PathLike[str] | None,
) -> Piece:
    """The piece with a change; wishes hold for what is new."""
    original = make_original(music) if isinstance(music, Score) else read_original(music)
    warn(original.warnings, calls=2)
    told = {name: read_wish(name, value) for name, value in wishes.items()}
    alternative = Alternative(original, change, request_for(told, original))
    [piece] = finished(edit_pieces([alternative], engine_of(checkpoint)))
    return piece


def _request(wishes: Mapping[str, object]) -> Request:
    """The request of wishes, with a seed."""
    check_names(wishes, {**WISHES_AFTER_OTHERS, **MODE})
    told = {name: read_wish(name, value) for name, value in wishes.items()}
    return combine([{"seed": random_seed(), **told}]).request


def _model(music: Source | Score) -> Model:
    """What is taken from music; what was repaired in it is told."""
    if isinstance(music, Score):
        model = model_of(music)
    else:
        score, found = read_score(music)
        model = model_of(score, source_name(music), found)
    warn(model.warnings, calls=2)
    return model
