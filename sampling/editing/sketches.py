"""What the decoder is told of the bars that an edit writes: a sketch that suits those that stay.

B bars of the tokens, D numbers of a bar's vector, W values of a sketch, C inputs of a row.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from partimento.errors import PartimentoError
from partimento.model.latent.flow_conditions import Conditions
from partimento.model.latent.flow_sampling import SamplingConfig
from partimento.model.latent.guide import guide
from partimento.model.latent.plans import vary
from partimento.music.score import Score
from partimento.music.sketch import WIDTH, Floats, Sketch
from partimento.request.request import Request
from partimento.sampling.draw import derive_seed
from partimento.sampling.editing.outline import Outline, outline_of
from partimento.sampling.editing.tasks import Task
from partimento.sampling.engine import Engine
from partimento.sampling.sketch_pull import sketch_pull
from partimento.sampling.sketcher import Sketcher
from partimento.sampling.sketching import DRAWING, FOLLOW, GUIDANCE, TELLING, in_key
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.encoding import encode
from partimento.tokenizer.loading import fit_score
from partimento.tokenizer.token_sketches import sketch_tokens

BESIDE_KEPT = 0.6
"""How far bars move away from their own sketch where other lines of them stay."""


@dataclass(frozen=True, slots=True, eq=False)
class Bars:
    """The bars of a score, and which of them tasks write."""

    outline: Outline
    values: Floats
    """(B, W) their own sketch."""
    written: npt.NDArray[np.bool_]
    """(B,)."""


class Followed(NamedTuple):
    """The sketch of the bars that a task writes."""

    told: Floats
    """(B, ROWS, C) what the decoder is told of them."""
    pull: Floats
    """(B, PULLS) what its choices are weighed by; none where the sketch is hardly followed."""


def bars_of(score: Score, tasks: list[Task]) -> Bars:
    """The bars of a score that tasks write."""
    outline = outline_of(score)
    own = [bar for task in tasks for bar in task.bars]
    written = np.zeros(len(outline.bars), np.bool_)
    written[[bar for index in own for bar in outline.places.token_bars(index)]] = True
    values = np.zeros((len(outline.bars), WIDTH), np.float32)
    found = sketch_tokens(encode(fit_score(score, "the piece").score).tokens)
    values[: len(found)] = found
    return Bars(outline, values, written)


def conditions_of(outline: Outline, request: Request, task: Task | None = None) -> Conditions:
    """What the flow is told of a piece: what is in force in its first bar, and who plays.

    A task may have players of its own.
    """
    players = {instrument for instrument, _ in outline.lines}
    if task is not None:
        players |= {instrument for instrument, _ in task.players}
    key, meter, tempo = outline.bars[0].settings
    style = None if outline.style is None else outline.style - v.STYLE
    return Conditions(
        style=style if request.style is None else v.style_index(request.style),
        key=None if key is None else key - v.KEY,
        meter=None if meter is None else meter - v.METER,
        tempo=None if tempo is None else tempo - v.TEMPO,
        instruments=tuple(sorted(players)),
        attributes=request.attributes,
    )


def sketched(
    score: Score, task: Task, request: Request, given: Sketch | None, sketcher: Sketcher
) -> Followed:
    """The sketch of the bars that a task writes.

    Those that stay give their own sketch to the flow; where lines of a bar stay, it begins with
    that of the bar. The bars of a given sketch are, in their order, those that are written.
    """
    bars = bars_of(score, [task])
    values, known = bars.values, ~bars.written
    if given is not None:
        places = np.flatnonzero(bars.written)[: given.bars]
        values[places] = given.values()[: len(places)]
        known[places] = True
    vectors = sketcher.autoencoder.encode(values)
    conditions = conditions_of(bars.outline, request, task)
    seed = 0 if request.is_greedy else request.seed or 0  # greedy pieces have no other
    rng = np.random.default_rng(derive_seed(seed, DRAWING))
    guidance = GUIDANCE if request.guidance is None else request.guidance
    if not known.all():
        if task.role == "fill":
            drawn = sketcher.draw(conditions, vectors, known, rng, guidance)
        else:
            config = SamplingConfig(guidance=guidance)
            drawn = vary(sketcher.flow, conditions, vectors, BESIDE_KEPT, rng, known, config)
        vectors = _aimed(drawn, conditions, known, sketcher)
    follow = FOLLOW if request.follow is None else request.follow
    noise = np.random.default_rng(derive_seed(seed, TELLING))
    told = guide(vectors, sketcher.autoencoder, follow, noise, bars.written)
    drawn = sketcher.autoencoder.decode(vectors)
    drawn[~bars.written] = bars.values[~bars.written]
    return Followed(told, sketch_pull(drawn, follow))


def check_sketches(request: Request, engine: Engine) -> None:
    """PartimentoError for weights that read no sketches where a wish needs one."""
    if request.asks_for_sketch and not engine.reads_sketches:
        raise PartimentoError(
            "a sketch is asked for, which these weights do not read; give weights that were "
            "trained with sketches, or leave the sketch out"
        )


def _aimed(
    vectors: Floats, conditions: Conditions, known: npt.NDArray[np.bool_], sketcher: Sketcher
) -> Floats:
    """Drawn vectors (B, D), the new ones moved to the key, and to where asked attributes lie."""
    if conditions.key is not None and not known.any():
        vectors = in_key(vectors, conditions.key, sketcher)
    aim = sketcher.flow.aim(conditions.attributes)
    if aim is not None:
        vectors[~known] += aim.shift(vectors[~known])
    return vectors
