"""The choice among candidates: the piece whose figures lie nearest to usual music of its style.

Nearest, not likeliest: a piece that costs the model least repeats itself. Each figure outside the
band of the middle four fifths of held-out music counts by how far it is outside, in widths of the
band, up to 1; the sum is the distance. Asked attributes come before that: each adds by how far the
piece is from it. Of several pieces with the least distance the first is taken, so that among good
ones chance decides as it would have without a choice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from partimento.music.attributes import score_attributes
from partimento.music.known_passages import Common
from partimento.music.score import Score
from partimento.music.spread import COST, Spread, excess, read_spread
from partimento.music.workmanship import examine
from partimento.request.request import Request
from partimento.sampling.draw import derive_seed

SPREAD_FILE = "spread.json"
"""Beside the shipped weights."""
RUN = "common_run"
RUN_BAND = (0.0, 15.0)
"""Notes of the longest run in common with the training music that cost nothing."""
AIMED = 4
"""Pieces of which one is kept where attributes are asked for and nothing is said of a choice."""
MISSED = 20.0
"""What an attribute adds that is missed by all of its range: a tenth of it as much as two figures
that are far outside."""
_FIRST_SEED = 2_000_000
"""Number of the first seed that is derived; smaller ones are those of pieces and redraws."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A piece that may be chosen."""

    score: Score
    """On the token grid, a track for each line."""
    nats_a_note: float
    """What its new tokens cost the model; not a number where that was not asked."""
    common: Common | None


@dataclass(frozen=True, slots=True)
class Choice:
    """Which piece was chosen, and why."""

    place: int
    """Number of the candidate, from 0."""
    distances: tuple[float, ...]
    """Of each candidate."""
    figures: dict[str, float]
    """Of the one that was chosen; those that it has none of are left out."""
    outside: tuple[str, ...]
    """Its figures that are outside their bands."""
    attributes: dict[str, float] = field(default_factory=dict)
    """What it has of each attribute that was asked for."""

    def summary(self) -> str:
        """The choice in a few words.

        >>> Choice(1, (0.5, 0.25), {}, ("silence",)).summary()
        'best of 2 (distance 0.25 of 0.25 to 0.50; outside: silence)'
        """
        low, high = min(self.distances), max(self.distances)
        outside = f"; outside: {', '.join(self.outside)}" if self.outside else ""
        count, own = len(self.distances), self.distances[self.place]
        told = f"best of {count} (distance {own:.2f} of {low:.2f} to {high:.2f}{outside})"
        return told.replace("_", " ")


def candidate_count(request: Request) -> int:
    """How many pieces are written of which one is kept: 1 without a choice."""
    if request.best_of is not None:
        return request.best_of
    # The likeliest choice is the same with every seed.
    return AIMED if request.attributes and not request.is_greedy else 1


def candidates(request: Request) -> list[Request]:
    """The requests among whose pieces one is chosen, each with a seed of its own."""
    count = candidate_count(request)
    if count == 1:
        return [request]
    assert request.seed is not None, "a seed was drawn before"
    seeds = [derive_seed(request.seed, _FIRST_SEED + place) for place in range(count)]
    # Attributes ask for a choice, unless the request says that there is none.
    done = 1 if request.attributes else None
    return [replace(request, best_of=done, seed=seed) for seed in seeds]


def choose(
    found: Sequence[Candidate],
    checkpoint: str,
    spread: Spread,
    wished: Mapping[str, float] | None = None,
) -> Choice:
    """The candidate with the least distance, the first of several.

    `wished` are the attributes that are asked for, by name.
    """
    wished = {} if wished is None else wished
    figures = [_figures(candidate) for candidate in found]
    ranks = [_attributes(candidate.score, wished) for candidate in found]
    excesses, distances = [], []
    for candidate, own, has in zip(found, figures, ranks, strict=True):
        bands = {**spread.bands(candidate.score.style, checkpoint), RUN: RUN_BAND}
        outside = {name: excess(x, bands[name]) for name, x in own.items() if name in bands}
        # What has nothing of an attribute, as drums have no register, misses it altogether.
        missed = sum(abs(has[name] - x) if name in has else 1.0 for name, x in wished.items())
        excesses.append(outside)
        distances.append(round(sum(outside.values()) + MISSED * missed, 4))
    place = distances.index(min(distances))
    return Choice(
        place,
        tuple(distances),
        {name: round(value, 4) for name, value in figures[place].items()},
        tuple(name for name, value in excesses[place].items() if value > 0),
        ranks[place],
    )


@lru_cache(maxsize=1)
def shipped_spread() -> Spread:
    """The spread of the package."""
    return read_spread(Path(str(files("partimento.weights").joinpath(SPREAD_FILE))))


def _figures(candidate: Candidate) -> dict[str, float]:
    """What is compared, by name, without what a piece has nothing of."""
    found = examine(candidate.score)._asdict()
    found[COST] = candidate.nats_a_note
    if candidate.common is not None:
        found[RUN] = float(candidate.common.longest)
    return {name: value for name, value in found.items() if value == value}


def _attributes(score: Score, wished: Mapping[str, float]) -> dict[str, float]:
    """What a piece has of the attributes that are asked for, by name."""
    found = score_attributes(score) if wished else {}
    return {name: round(found[name], 4) for name in wished if name in found}
