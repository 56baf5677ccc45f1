"""Pieces that are written anew after the sketches of others: arranged, blended.

What comes out is a wish with a sketch of its own, so that it is decoded, stored and made again as
any sketched piece.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from partimento.errors import SettingError
from partimento.model.latent.plans import blend
from partimento.music.key_finding import estimate_key
from partimento.music.keys import KeyName, key_name
from partimento.music.score import Score
from partimento.music.sketch import ONSETS, PITCHES, Floats, Sketch
from partimento.music.sketch_files import FoundSketch
from partimento.music.timeline import DEFAULT_BPM
from partimento.request.request import Request
from partimento.request.reworking import Blending
from partimento.request.values import MAX_BARS
from partimento.sampling.continuing import BPM_RANGE
from partimento.sampling.ensembles import indices
from partimento.sampling.generate import Wish
from partimento.sampling.sketch_reading import sketch_music
from partimento.sampling.sketcher import Sketcher
from partimento.tokenizer import vocabulary as v

FOLLOW = 0.8
"""How closely the sketch of a file is followed when nothing is said of it."""


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """A piece after which another one is written."""

    sketch: Sketch
    key: KeyName | None
    bpm: float
    warnings: tuple[str, ...] = ()


def model_of(score: Score, name: str = "the piece", warnings: Sequence[str] = ()) -> Model:
    """What is taken from a score: its sketch, key and tempo. MidiError as `fit_score`."""
    found = sketch_music(score, name, tuple(warnings))
    key = score.keys[0] if score.keys else estimate_key(score)
    low, high = BPM_RANGE
    bpm = score.tempos[0].bpm if score.tempos else DEFAULT_BPM
    return Model(
        sketch=found.sketch.part(0, MAX_BARS),
        key=None if key is None else key_name(key),
        bpm=min(max(bpm, low), high),
        warnings=found.warnings,
    )


def arranged(model: Model, request: Request) -> Wish:
    """The wish for a piece arranged for the instruments that a request names, in its key."""
    if request.instruments is None:
        raise SettingError("instruments", "must name who is to play")
    sketch = model.sketch.transposed(_semitones(model.key, request.key))
    sketch = with_players(sketch, indices(request.instruments))
    return _wish(sketch, model, request)


def blended(
    first: Model, second: Model, steps: int, request: Request, sketcher: Sketcher
) -> list[Wish]:
    """The wishes for pieces on the way from one to another, both ends included.

    They last as long as the shorter one and are in the key of the first, or in the one that is
    asked for; the tempo goes along by equal ratios, the meter changes in the middle.
    """
    steps = Blending(steps).steps
    bars = min(first.sketch.bars, second.sketch.bars)
    key = request.key if isinstance(request.key, KeyName) else first.key
    ends = []
    for model in (first, second):
        moved = model.sketch.transposed(_semitones(model.key, key)).part(0, bars)
        ends.append(sketcher.autoencoder.encode(moved.values()))
    wishes = []
    for share in np.linspace(0, 1, steps).tolist():
        model = first if share <= 0.5 else second
        bpm = first.bpm ** (1 - share) * second.bpm**share
        values = sketcher.autoencoder.decode(blend(ends[0], ends[1], share))
        sketch = Sketch.of_values(tidied(values), model.sketch.meters[:bars])
        wishes.append(_wish(sketch, Model(sketch, key or model.key, bpm), request))
    return wishes


def with_players(sketch: Sketch, instruments: Sequence[int]) -> Sketch:
    """The sketch played by some instruments throughout; what only drums play is theirs alone."""
    values = sketch.values()
    players = np.zeros(len(v.INSTRUMENTS), np.float32)
    players[list(instruments)] = 1
    sounds = sketch.instruments.max(1, initial=0)[:, None]
    values[:, ONSETS + PITCHES : ONSETS + PITCHES + len(players)] = sounds * players
    return Sketch.of_values(values, sketch.meters)


def tidied(values: Floats) -> Floats:
    """Values in steps of a hundredth: a file that stores them is a tenth as long."""
    tidy: Floats = (np.round(values.astype(np.float64) * 100) / 100).astype(np.float32)
    return tidy


def _wish(sketch: Sketch, model: Model, request: Request) -> Wish:
    """A wish that follows a sketch, in the model's key and tempo where nothing else is asked."""
    request = replace(
        request,
        bars=sketch.bars,
        key=model.key if request.key is None else request.key,
        bpm=round(model.bpm, 3) if request.bpm is None else request.bpm,
        follow=FOLLOW if request.follow is None else request.follow,
    )
    return Wish(request, sketch=FoundSketch(sketch))


def _semitones(own: KeyName | None, asked: object) -> int:
    """The nearest way from a key to the tonic of another one, up or down; 0 without them."""
    if own is None or not isinstance(asked, KeyName):
        return 0
    return (asked.tonic - own.tonic + 6) % 12 - 6
