"""Pieces with a form beside held-out pieces in which sections return.

B bars, L onsets of a bar.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from benchmarks.sketch_bench import Bench, Figures, f1, first_bars, rounded, wish_like

from partimento.errors import PartimentoError
from partimento.music.form import parse_form
from partimento.music.sketch import ONSETS, Floats
from partimento.tokenizer.token_sketches import sketch_tokens
from partimento.tokenizer.vocabulary import TokenArray

FORM = "AABA"
SECTION = 8
"""Bars of a section in held-out pieces."""
SEEN = 2
"""Bars by which a return is found; they do not count."""
LEAST_ONSETS = 3
"""Of each of them."""
EACH = 2
"""Returns of one held-out piece, at most."""


class Return(NamedTuple):
    """A section and where it comes back."""

    first: int
    """Number of its first bar."""
    again: int
    """Number of the bar where it begins anew."""


class Likeness(NamedTuple):
    """F1 of the onsets of bars at the same place of two sections."""

    returning: list[float]
    other: list[float]


def form(bench: Bench) -> Figures:
    """Onset F1 of bars of sections that return and of others, generated and held-out.

    The pieces are AABA in the style, key, meter, tempo and for the instruments of the held-out
    ones. In those a return is found by its first two bars, so only the bars after them count; in
    the generated ones these too, and all bars beside them.
    """
    found = [(tokens, pairs) for tokens in bench.held_out() if (pairs := _returns_in(tokens))]
    long = [
        (tokens, pairs) for tokens, pairs in found if first_bars(tokens, bench.bars) is not None
    ]
    long = long[: bench.pieces]
    if not long:
        raise PartimentoError(f"no section returns in held-out pieces of over {bench.bars} bars")
    held = [held_likeness(_onsets(tokens), pairs) for tokens, pairs in long]
    wishes = []
    for seed, (tokens, _) in enumerate(long):
        start = first_bars(tokens, bench.bars)
        assert start is not None
        wishes.append(wish_like(start, seed, {"form": FORM, "follow": 0.8, **bench.wishes}))
    pieces = [_onsets(piece.tokens) for piece in bench.generate(wishes)]
    return {
        "pieces": len(pieces),
        "held-out, from the third bar on": _means(held),
        "generated, from the third bar on": _means([made_likeness(p, SEEN) for p in pieces]),
        "generated, all bars": _means([made_likeness(p, 0) for p in pieces]),
    }


def returns(onsets: Floats) -> Iterator[Return]:
    """Sections that come back in a piece (B, L): their first two bars are equal both times.

    The first bar is nowhere in between, so that a figure which goes on and on is no return, and
    the bars before differ: it does not begin in the middle of one.
    """
    keys = [bar.tobytes() for bar in onsets]
    for again in range(SECTION, len(keys) - SECTION + 1):
        if onsets[again : again + SEEN].sum(1).min() < LEAST_ONSETS:
            continue
        for first in range(again - SECTION, -1, -1):
            if keys[first] == keys[again]:
                is_alike = keys[first : first + SEEN] == keys[again : again + SEEN]
                begins = first == 0 or keys[first - 1] != keys[again - 1]
                if is_alike and begins and keys[again] not in keys[first + 1 : again]:
                    yield Return(first, again)
                break


def held_likeness(onsets: Floats, pairs: Sequence[Return]) -> Likeness:
    """Likeness of sections (B, L) that return, and of those in between and behind them."""
    found = Likeness([], [])
    for first, again in pairs:
        found.returning.extend(_bars_alike(onsets, first, again, SEEN))
        for other in range(first + SECTION, len(onsets) - SECTION + 1, SECTION):
            if abs(other - again) >= SECTION:
                found.other.extend(_bars_alike(onsets, first, other, SEEN))
    return found


def made_likeness(onsets: Floats, skipped: int) -> Likeness:
    """Likeness of the sections of a piece (B, L) of the form, without the first bars of each."""
    found = Likeness([], [])
    sections = parse_form(FORM, len(onsets))
    for index, one in enumerate(sections):
        for two in sections[index + 1 :]:
            into = found.returning if one.name == two.name else found.other
            into.extend(_bars_alike(onsets, one.first, two.first, skipped, one.bars))
    return found


def _bars_alike(
    onsets: Floats, first: int, second: int, skipped: int, bars: int = SECTION
) -> list[float]:
    return [f1(onsets[first + bar], onsets[second + bar]) for bar in range(skipped, bars)]


def _returns_in(tokens: TokenArray) -> list[Return]:
    """The first returns of a piece that do not overlap."""
    kept: list[Return] = []
    for each in returns(_onsets(tokens)):
        if len(kept) < EACH and (not kept or each.again >= kept[-1].again + SECTION):
            kept.append(each)
    return kept


def _onsets(tokens: TokenArray) -> Floats:
    return sketch_tokens(tokens)[:, :ONSETS]


def _means(found: Sequence[Likeness]) -> Figures:
    """Means over the pieces that have any, and how many times as alike returning bars are."""
    returning, other = (
        float(np.mean([np.mean(each[side]) for each in found if each[side]])) for side in (0, 1)
    )
    return {
        "returning": rounded(returning),
        "other": rounded(other),
        "times": rounded(returning / max(other, 1e-9)),
    }
