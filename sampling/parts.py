"""The tokens of pieces as engines write them: part by part, then whole or bar by bar."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from typing import NamedTuple

import numpy as np

from partimento.sampling.engine import OnBar
from partimento.sampling.plan import Plan, is_opener
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.vocabulary import TokenArray

NOTHING: TokenArray = np.zeros(0, np.uint16)


class Part(NamedTuple):
    """What was written of a piece since its last part; nothing when it begins."""

    piece: int
    """Index of its plan."""
    tokens: TokenArray = NOTHING
    """(T,)"""
    finished: int = 0
    """Steps that ended with these tokens."""


Parts = Generator[Sequence[Part], None, None]
"""Parts of several pieces at a time, until all are written."""


def collect(
    parts: Parts,
    plans: Sequence[Plan],
    on_bar: OnBar | None,
    should_stop: Callable[[], bool] | None,
) -> list[TokenArray]:
    """The tokens of each piece, as `Engine.decode` says."""
    written = [[plan.prompt] for plan in plans]
    with closing(parts):
        for found in parts:
            for part in found:
                written[part.piece].append(part.tokens)
                if on_bar is not None and (part.finished or not len(part.tokens)):
                    on_bar(part.piece, part.finished)
            has_tokens = any(len(part.tokens) for part in found)
            if has_tokens and should_stop is not None and should_stop():
                break
    return [np.concatenate(tokens) for tokens in written]


def by_bar(parts: Parts, plan: Plan) -> Iterator[TokenArray]:
    """The prompt and the tokens of each finished step, as `Engine.stream` says."""
    yield plan.prompt
    waiting = NOTHING
    with closing(parts):
        for found in parts:
            waiting = np.concatenate([waiting, *(part.tokens for part in found)])
            # The first opener is that of the step that is open; each later one ends a step.
            *finished, waiting = np.split(waiting, np.flatnonzero(is_opener(waiting))[1:])
            yield from finished
    if len(waiting) and waiting[-1] == v.EOS:
        yield waiting


def count_finished(tokens: TokenArray, plan: Plan) -> int:
    """How many steps are finished: all of a piece that ends, else all but the last."""
    opened = int(is_opener(tokens).sum()) - plan.steps_before
    is_complete = len(tokens) > 0 and tokens[-1] == v.EOS
    return opened if is_complete else max(0, opened - 1)


def first_steps(tokens: TokenArray, plan: Plan, count: int) -> TokenArray:
    """The tokens up to the end of so many steps; bars that are still left out stay empty."""
    starts = np.flatnonzero(is_opener(tokens))
    end = plan.steps_before + count
    if end >= len(starts):
        return tokens
    kept = tokens[: starts[end]]
    empty = int((kept == v.HOLE).sum() - (kept == v.FILL).sum())
    return np.concatenate([kept, np.array([*[v.FILL] * empty, v.EOS], np.uint16)])
