"""A variation: the sketch of a piece, moved away from, as what the decoder is told of its bars.

B bars of the tokens, D numbers of a bar's vector, C inputs of a row.
"""

import numpy as np

from partimento.model.latent.flow_sampling import SamplingConfig
from partimento.model.latent.guide import guide
from partimento.model.latent.plans import vary
from partimento.music.score import Score
from partimento.music.sketch import Floats
from partimento.request.request import Request
from partimento.sampling.draw import derive_seed
from partimento.sampling.editing.sketches import bars_of, conditions_of
from partimento.sampling.editing.tasks import Task
from partimento.sampling.sketcher import Sketcher
from partimento.sampling.sketching import DRAWING, GUIDANCE, TELLING

FOLLOW = 0.8
"""How closely the varied sketch is followed when nothing is said of it."""


def varied(
    score: Score, tasks: list[Task], amount: float, request: Request, sketcher: Sketcher
) -> Floats:
    """(B, ROWS, C) what is told of the bars that tasks write, varied by an amount from 0 to 1.

    The bars that stay keep their vectors, and the others are drawn to suit them.
    """
    bars = bars_of(score, tasks)
    vectors = sketcher.autoencoder.encode(bars.values)
    seed = 0 if request.is_greedy else request.seed or 0  # greedy pieces have no other
    moved = vary(
        sketcher.flow,
        conditions_of(bars.outline, request),
        vectors,
        amount,
        np.random.default_rng(derive_seed(seed, DRAWING)),
        ~bars.written,
        SamplingConfig(guidance=GUIDANCE if request.guidance is None else request.guidance),
    )
    follow = FOLLOW if request.follow is None else request.follow
    noise = np.random.default_rng(derive_seed(seed, TELLING))
    return guide(moved, sketcher.autoencoder, follow, noise, bars.written)
