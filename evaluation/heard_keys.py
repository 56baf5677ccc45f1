"""Whether the key that was asked for is heard: what an estimator finds in the notes of pieces."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from partimento.evaluation.piece_statistics import column_means, measure_piece
from partimento.music.key_finding import estimate_key
from partimento.music.keys import KeyName
from partimento.music.score import Key, Score
from partimento.request.request import Request
from partimento.request.words import read_request
from partimento.request.words.lexicon import load_lexicon
from partimento.sampling.engine import Engine
from partimento.sampling.generate import generate
from partimento.tokenizer import vocabulary as v

EQUAL, RELATIVE, FIFTH, PARALLEL, OTHER = "equal", "relative", "a fifth off", "parallel", "other"
BATCH = 32
"""Pieces that are decoded together."""


@dataclass(frozen=True, slots=True)
class HeardKeys:
    """How often the asked keys are heard, and what that costs in colour."""

    pieces: int
    shares: dict[str, float]
    """Share of the pieces by how the key that is heard relates to the asked one."""
    by_style: dict[str, float]
    """Share of each style's pieces in which the asked key is heard."""
    mode: float
    """Share of the pieces that are heard in the asked mode, major or minor."""
    entropy: float
    """Mean entropy of the pitch classes in bits."""
    in_scale: float
    """Mean share of the notes in the scale of the asked key."""


def relation(asked: Key | KeyName, heard: Key | None) -> str:
    """How a key that is heard relates to the asked one.

    >>> relation(Key(0, 0, False), Key(0, 9, True))
    'relative'
    """
    if heard is None:
        return OTHER
    steps = (heard.tonic - asked.tonic) % 12
    if heard.is_minor == asked.is_minor:
        return {0: EQUAL, 5: FIFTH, 7: FIFTH}.get(steps, OTHER)
    if steps == 0:
        return PARALLEL
    return RELATIVE if steps == (3 if asked.is_minor else 9) else OTHER


def key_requests(count: int, seed: int, key_pull: float | None = None) -> list[Request]:
    """Requests of every melodic style in turn, in keys drawn at random."""
    rng = np.random.default_rng(seed)
    styles = [style for style in v.STYLES if style != "drums"]
    return [
        Request(
            style=styles[index % len(styles)],
            key=v.KEYS[int(rng.integers(len(v.KEYS)))],
            seed=seed + index,
            key_pull=Request().key_pull if key_pull is None else key_pull,
        )
        for index in range(count)
    ]


def mood_requests(count: int, seed: int, key_pull: float | None = None) -> list[Request]:
    """Requests in words: each mood of the table that has a mode in turn, the tonic left open."""
    moods = [
        entry.words[0]
        for entry in load_lexicon().entries
        if entry.section == "moods" and "mode" in entry.settings
    ]
    pull = {} if key_pull is None else {"key_pull": key_pull}
    return [
        read_request(f"{moods[index % len(moods)]} music", {"seed": seed + index, **pull})[0]
        for index in range(count)
    ]


def generated(requests: Sequence[Request], engine: Engine) -> Iterator[tuple[Request, Score]]:
    """The piece of each request, with the request as it was resolved."""
    for start in range(0, len(requests), BATCH):
        for piece in generate(requests[start : start + BATCH], engine):
            yield piece.request, piece.score


def measure_keys(pieces: Iterable[tuple[Request, Score]]) -> HeardKeys:
    """What is heard in pieces that were asked for in a key."""
    relations: list[tuple[str, str]] = []
    modes, figures = 0, []
    for request, score in pieces:
        assert isinstance(request.key, KeyName)
        heard = estimate_key(score)
        relations.append((score.style or "", relation(request.key, heard)))
        modes += heard is not None and heard.is_minor == request.key.is_minor
        measured = measure_piece(score, request.key.at())
        figures.append((measured.pitch_class_entropy, measured.key_compliance))
    count = len(relations)
    if not count:
        return HeardKeys(0, {}, {}, *[math.nan] * 3)
    counts = Counter(found for _, found in relations)
    by_style: dict[str, list[bool]] = {}
    for style, found in relations:
        by_style.setdefault(style, []).append(found == EQUAL)
    return HeardKeys(
        count,
        {name: counts[name] / count for name in (EQUAL, RELATIVE, FIFTH, PARALLEL, OTHER)},
        {style: sum(equal) / len(equal) for style, equal in sorted(by_style.items())},
        modes / count,
        *column_means(figures, 2),
    )
