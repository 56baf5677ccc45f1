"""Generated pieces: what is heard of asked attributes, and how like held-out pieces they are."""

from collections.abc import Sequence

import numpy as np
from benchmarks.sketch_bench import Bench, Figures, both, rounded

from partimento.evaluation.likeness import self_similarity
from partimento.music.attributes import score_attributes
from partimento.music.sketch import ONSETS, Floats
from partimento.request.request import Request
from partimento.request.sketch_wishes import ATTRIBUTE_WISHES
from partimento.sampling.generate import Wish
from partimento.tokenizer.decoding import decode
from partimento.tokenizer.token_sketches import sketch_tokens

LAGS = (1, 2, 4, 8, 16, 32)


def attributes(bench: Bench) -> Figures:
    """Correlation of asked attributes, one a piece, with the ranks that the pieces have."""
    rng = np.random.default_rng(bench.seed)
    wishes = []
    for number in range(bench.pieces):
        wanted = {ATTRIBUTE_WISHES[number % len(ATTRIBUTE_WISHES)]: round(float(rng.random()), 3)}
        values = {"bars": bench.bars, "seed": number, **bench.wishes, **wanted}
        wishes.append(Wish(Request.from_dict(values)))
    pairs: dict[str, list[tuple[float, float]]] = {name: [] for name in ATTRIBUTE_WISHES}
    for wish, piece in zip(wishes, bench.generate(wishes), strict=True):
        ranks = score_attributes(decode(piece.tokens))
        for name, value in wish.request.attributes.items():
            if name in ranks:
                pairs[name].append((value, ranks[name]))
    return {
        name: {"r": rounded(np.corrcoef(np.array(found).T)[0, 1]), "pieces": len(found)}
        for name, found in pairs.items()
        if len(found) > 1
    }


def likeness(bench: Bench) -> Figures:
    """Fréchet distance of the bars and separability of the pieces, held-out against generated."""
    excerpts = bench.excerpts()
    real = [bench.vectors(sketch_tokens(tokens)) for tokens in excerpts]
    figures: Figures = {"pieces": len(real), "real halves": bench.compare(real[::2], real[1::2])}
    for name, pieces in both(bench, excerpts):
        made = [bench.vectors(sketch_tokens(piece.tokens)) for piece in pieces]
        figures[name] = bench.compare(real, made)
    return figures


def structure(bench: Bench) -> Figures:
    """Mean and spread over pieces of the self-similarity at some distances."""
    excerpts = bench.excerpts()
    figures: Figures = {
        "pieces": len(excerpts),
        "held-out": _similarities([sketch_tokens(tokens) for tokens in excerpts]),
    }
    for name, pieces in both(bench, excerpts):
        figures[name] = _similarities([sketch_tokens(piece.tokens) for piece in pieces])
    return figures


def _similarities(pieces: Sequence[Floats]) -> Figures:
    found: dict[int, list[float]] = {lag: [] for lag in LAGS}
    for values in pieces:
        for lag, similarity in self_similarity(values[:, :ONSETS], LAGS).items():
            found[lag].append(similarity)
    return {
        str(lag): [rounded(np.mean(values)), rounded(np.std(values))]
        for lag, values in found.items()
        if values
    }
