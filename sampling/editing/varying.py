"""A variation: the sketch of a piece, moved away from, as what the decoder is told of its bars.

B bars of the tokens, D numbers of a bar's vector, C inputs of a row.
"""

import numpy as np

from partimento.model.latent.flow_conditions import Conditions
from partimento.model.latent.flow_sampling import SamplingConfig
from partimento.model.latent.guide import guide
from partimento.model.latent.plans import vary
from partimento.music.score import Score
from partimento.music.sketch import WIDTH, Floats
from partimento.request.request import Request
from partimento.sampling.draw import derive_seed
from partimento.sampling.editing.outline import Outline, outline_of
from partimento.sampling.editing.tasks import Task
from partimento.sampling.sketcher import Sketcher
from partimento.sampling.sketching import DRAWING, GUIDANCE, TELLING
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.encoding import encode
from partimento.tokenizer.loading import fit_score
from partimento.tokenizer.token_sketches import sketch_tokens

FOLLOW = 0.8
"""How closely the varied sketch is followed when nothing is said of it."""


def varied(
    score: Score, tasks: list[Task], amount: float, request: Request, sketcher: Sketcher
) -> Floats:
    """(B, ROWS, C) what is told of the bars that tasks write, varied by an amount from 0 to 1.

    The bars that stay keep their vectors, and the others are drawn to suit them.
    """
    outline = outline_of(score)
    own = [bar for task in tasks for bar in task.bars]
    written = np.zeros(len(outline.bars), np.bool_)
    written[[bar for index in own for bar in outline.places.token_bars(index)]] = True
    values = np.zeros((len(outline.bars), WIDTH), np.float32)
    found = sketch_tokens(encode(fit_score(score, "the piece").score).tokens)
    values[: len(found)] = found
    vectors = sketcher.autoencoder.encode(values)
    seed = 0 if request.is_greedy else request.seed or 0  # greedy pieces have no other
    moved = vary(
        sketcher.flow,
        _conditions(outline, request),
        vectors,
        amount,
        np.random.default_rng(derive_seed(seed, DRAWING)),
        ~written,
        SamplingConfig(guidance=GUIDANCE if request.guidance is None else request.guidance),
    )
    follow = FOLLOW if request.follow is None else request.follow
    noise = np.random.default_rng(derive_seed(seed, TELLING))
    return guide(moved, sketcher.autoencoder, follow, noise, written)


def _conditions(outline: Outline, request: Request) -> Conditions:
    """What the flow is told of a piece: what is in force in its first bar, and who plays."""
    key, meter, tempo = outline.bars[0].settings
    style = None if outline.style is None else outline.style - v.STYLE
    return Conditions(
        style=style if request.style is None else v.style_index(request.style),
        key=None if key is None else key - v.KEY,
        meter=None if meter is None else meter - v.METER,
        tempo=None if tempo is None else tempo - v.TEMPO,
        instruments=tuple(sorted({instrument for instrument, _ in outline.lines})),
        attributes=request.attributes,
    )
