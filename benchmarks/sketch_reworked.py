"""Pieces after others: how like the original variations are, and the way from one to another."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from benchmarks.sketch_bench import Bench, Figures, all_rounded, f1, rounded, show_progress

from partimento.music.difference import compare
from partimento.music.score import Score
from partimento.music.sketch import ONSETS, Floats
from partimento.request.edit import Edit
from partimento.request.request import Request
from partimento.sampling.editing.edit import Alternative, edit_pieces
from partimento.sampling.editing.original import Original, make_original
from partimento.sampling.planning import make_plan
from partimento.sampling.provenance import without_provenance
from partimento.sampling.reworking import blended, model_of
from partimento.sampling.sketch_reading import sketch_music
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.decoding import decode
from partimento.tokenizer.token_sketches import sketch_tokens
from partimento.tokenizer.vocabulary import TokenArray

AMOUNTS = (0.1, 0.3, 0.5, 0.7, 0.9)
KEPT = "5-8"
"""Bars that are varied alone, while the others are kept."""
SHARES = 5
"""Pieces from one to another, both ends included."""


def vary(bench: Bench) -> Figures:
    """Onset F1 of variations with their originals, and the share that keep what is kept."""
    originals = [make_original(decode(tokens)) for tokens in bench.excerpts()]
    own = [_onsets(original.score) for original in originals]
    figures: Figures = {"pieces": len(originals), "amounts": list(AMOUNTS)}
    whole, part = [], []
    for amount in AMOUNTS:
        varied = _varied(bench, originals, Edit(vary=amount))
        whole.append(np.mean([_likeness(s, o) for s, o in zip(varied, own, strict=True)]))
        varied = _varied(bench, originals, Edit.from_dict({"vary": amount, "bars": KEPT}))
        part.append(np.mean([_is_kept(o.score, s) for o, s in zip(originals, varied, strict=True)]))
        show_progress(len(part), len(AMOUNTS))
    return {**figures, "f1": all_rounded(whole), f"kept beside bars {KEPT}": all_rounded(part)}


def blend(bench: Bench) -> Figures:
    """Blended pieces: distance of their vectors to those of both ends, and their cost.

    The cost is what the model would pay for the notes without any sketch, in nats a note; `bump`
    is by how much the dearest piece on the way lies above the dearer end.
    """
    excerpts = bench.excerpts()
    pairs = list(zip(excerpts[::2], excerpts[1::2], strict=False))
    request = Request.from_dict({"seed": bench.seed, **bench.wishes})
    distances = np.zeros((2, len(pairs), SHARES))
    costs = np.zeros((len(pairs), SHARES, 2))  # nats and notes
    for row, pair in enumerate(pairs):
        first, second = (model_of(decode(tokens)) for tokens in pair)
        wishes = blended(first, second, SHARES, request, bench.sketcher)
        ways = [bench.vectors(wish.sketch.sketch.values()) for wish in wishes if wish.sketch]
        for column, piece in enumerate(bench.generate(wishes)):
            made = bench.vectors(sketch_tokens(piece.tokens))
            for end, vectors in enumerate((ways[0], ways[-1])):
                distances[end, row, column] = np.sqrt(((made - vectors) ** 2).mean())
            costs[row, column] = cost(bench, piece.tokens)
    originals = np.array([cost(bench, tokens) for tokens in excerpts]).sum(0)
    nats, notes = costs.sum(0).T
    return {
        "pairs": len(pairs),
        "to the first": all_rounded(distances[0].mean(0)),
        "to the second": all_rounded(distances[1].mean(0)),
        "nats a note": all_rounded(nats / notes),
        "nats a note, originals": rounded(originals[0] / originals[1]),
        "bump": rounded(bump((nats / notes).tolist())),
    }


def cost(bench: Bench, tokens: TokenArray) -> tuple[float, int]:
    """Nats that a piece (T,) costs the model without a sketch, and its notes."""
    bars = int((tokens == v.BAR).sum())
    nats = bench.engine.nats(make_plan(Request(), new_bars=bars), tokens)
    return float(nats.sum()), int(((tokens >= v.PITCH) & (tokens < v.DURATION)).sum())


def bump(costs: Sequence[float]) -> float:
    """By how much the dearest between the ends lies above the dearer end, as a share of it.

    >>> bump([1.0, 1.5, 1.25])
    0.2
    """
    return round(max(costs[1:-1]) / max(costs[0], costs[-1]) - 1, 9)


def _varied(bench: Bench, originals: Sequence[Original], edit: Edit) -> list[Score]:
    """Variations of whole pieces, or of some bars of theirs."""
    request = replace(Request.from_dict(bench.wishes), seed=bench.seed)
    wishes = [Alternative(original, edit, request) for original in originals]
    pieces = edit_pieces(wishes, bench.engine, sketcher=bench.sketcher)
    # Nothing stops them, so all are there.
    return [without_provenance(piece.score) for piece in pieces if piece is not None]


def _is_kept(before: Score, after: Score) -> bool:
    """Whether nothing but the bars that were to be varied is different, event for event."""
    first, last = map(int, KEPT.split("-"))
    return set(compare(before, after).changed_bars) <= set(range(first, last + 1))


def _onsets(score: Score) -> Floats:
    return sketch_music(score).sketch.values()[:, :ONSETS]


def _likeness(score: Score, onsets: Floats) -> float:
    """Onset F1 of a score with an original, as far as both last."""
    own = _onsets(score)
    bars = min(len(own), len(onsets))
    return f1(own[:bars], onsets[:bars])
