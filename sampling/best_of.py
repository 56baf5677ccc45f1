"""Several pieces for one wish, of which the best is kept."""

import math
from collections.abc import Sequence
from dataclasses import replace

from partimento.music.timeline import from_tick
from partimento.sampling.engine import Engine
from partimento.sampling.ranking import (
    Candidate,
    candidate_count,
    candidates,
    choose,
    shipped_spread,
)
from partimento.sampling.resolution import random_seed
from partimento.sampling.written import Piece, Wish
from partimento.tokenizer.decoding import decode


def candidates_of(wish: Wish) -> list[Wish]:
    """The pieces to write of which one is kept; the one that is asked for without a choice."""
    if candidate_count(wish.request) == 1:
        return [wish]
    seed = random_seed() if wish.request.seed is None else wish.request.seed
    requests = candidates(replace(wish.request, seed=seed))
    is_rated = wish.request.best_of is not None
    return [replace(wish, request=request, is_candidate=is_rated) for request in requests]


def best(group: Sequence[Wish], pieces: Sequence[Piece | None], engine: Engine) -> Piece | None:
    """The best of the candidates of one piece; of those that are complete, when some are."""
    if len(group) == 1:
        return pieces[0]
    found = [(w, p) for w, p in zip(group, pieces, strict=True) if p is not None]
    found = [(w, p) for w, p in found if p.is_complete] or found
    if not found:
        return None
    starts = [0 if wish.primer is None else wish.primer.token_ticks for wish, _ in found]
    choice = choose(
        [
            Candidate(from_tick(decode(p.tokens), start), p.nats_a_note or math.nan, p.common)
            for (_, p), start in zip(found, starts, strict=True)
        ],
        engine.checkpoint,
        shipped_spread(),
        group[0].request.attributes,
    )
    return replace(found[choice.place][1], choice=choice)
