"""Measure what sketches are good for; the figures stand in docs/sketch.md.

python -m benchmarks.sketches attributes   asked attributes beside those of the pieces
python -m benchmarks.sketches form         how alike bars are where a form says so
python -m benchmarks.sketches blend        the way from one piece to another
python -m benchmarks.sketches vary         how like the original variations are
python -m benchmarks.sketches likeness     generated pieces beside held-out ones
python -m benchmarks.sketches structure    self-similarity of long pieces beside held-out ones

The last four need --data, a folder to train on, of whose held-out pieces they take some.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from partimento.errors import PartimentoError
from partimento.evaluation.likeness import frechet_distance, self_similarity, separability
from partimento.music.attributes import score_attributes
from partimento.music.form import parse_form
from partimento.music.sketch import BITS, ONSETS, PITCHES, Floats
from partimento.request.request import Request
from partimento.request.sketch_wishes import ATTRIBUTE_WISHES
from partimento.sampling.engine import Engine
from partimento.sampling.engines import load_engine
from partimento.sampling.generate import Piece, Wish, generate_each
from partimento.sampling.reworking import blended, model_of
from partimento.sampling.sketcher import Sketcher, load_sketcher
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.decoding import decode
from partimento.tokenizer.token_sketches import sketch_tokens
from partimento.tokenizer.vocabulary import TokenArray
from partimento.training.corpus import tokenize_entry
from partimento.training.manifest import keep_works_apart, read_entries

TOGETHER = 16
"""Pieces that are decoded at once."""
LAGS = (1, 2, 4, 8, 16, 32)

Figures = dict[str, object]


@dataclass(frozen=True)
class Bench:
    """What measures, and how much of it."""

    engine: Engine
    sketcher: Sketcher
    pieces: int
    bars: int
    seed: int
    wishes: dict[str, object]
    """Beside those of the part, such as follow and guidance."""
    data: Path | None = None

    def generate(self, wishes: Sequence[Wish]) -> Iterator[Piece]:
        """The pieces of wishes, in groups."""
        for first in range(0, len(wishes), TOGETHER):
            group = wishes[first : first + TOGETHER]
            for piece in generate_each(group, self.engine, sketcher=self.sketcher):
                assert piece is not None
                yield piece
            print(f"{first + len(group)} of {len(wishes)}", end="\r", file=sys.stderr)

    def excerpts(self) -> list[TokenArray]:
        """The first bars of held-out pieces that are long enough, in an order of the seed's."""
        if self.data is None:
            raise PartimentoError("this part needs --data")
        entries = [e for e in keep_works_apart(read_entries(self.data))[0] if e.split == "valid"]
        found: list[TokenArray] = []
        for index in np.random.default_rng(self.seed).permutation(len(entries)).tolist():
            result = tokenize_entry(self.data, entries[index])
            if len(found) == self.pieces:
                break
            tokens = None if isinstance(result, str) else _first_bars(result[0], self.bars)
            if tokens is not None:
                found.append(tokens)
        return found


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
        name: {"r": _round(np.corrcoef(np.array(found).T)[0, 1]), "pieces": len(found)}
        for name, found in pairs.items()
    }


def form(bench: Bench) -> Figures:
    """Mean F1 of the onsets of bars that return, of bars at the same place of other sections."""
    request = {"bars": bench.bars, "form": "AABA", **bench.wishes}
    styles = ("folk", "keyboard", "song", "chorale", "quartet", "pop")
    wishes = [
        Wish(Request.from_dict({**request, "seed": n, "style": styles[n % len(styles)]}))
        for n in range(bench.pieces)
    ]
    sections = parse_form("AABA", bench.bars)
    length = bench.bars // 4
    returning, others = [], []
    for piece in bench.generate(wishes):
        onsets = sketch_tokens(piece.tokens)[:, :ONSETS]
        for i, first in enumerate(sections):
            for second in sections[i + 1 :]:
                scores = [
                    _f1(onsets[first.first + bar], onsets[second.first + bar])
                    for bar in range(length)
                ]
                (returning if first.name == second.name else others).extend(scores)
    return {"returning": _round(np.mean(returning)), "other": _round(np.mean(others))}


def blend(bench: Bench) -> Figures:
    """Distance of the vectors of blended pieces to those of both ends, and their notes."""
    excerpts = bench.excerpts()
    pairs = list(zip(excerpts[::2], excerpts[1::2], strict=False))
    request = Request.from_dict({"seed": bench.seed, **bench.wishes})
    shares = 5
    to_first, to_second = np.zeros((2, len(pairs), shares))
    for row, (one, other) in enumerate(pairs):
        models = [model_of(decode(tokens)) for tokens in (one, other)]
        wishes = blended(models[0], models[1], shares, request, bench.sketcher)
        ends = [_vectors(bench, wish.sketch.sketch.values()) for wish in wishes if wish.sketch]
        for column, piece in enumerate(bench.generate(wishes)):
            own = _vectors(bench, sketch_tokens(piece.tokens))
            to_first[row, column] = np.sqrt(((own - ends[0]) ** 2).mean())
            to_second[row, column] = np.sqrt(((own - ends[-1]) ** 2).mean())
    return {
        "to the first": _rounded(to_first.mean(0)),
        "to the second": _rounded(to_second.mean(0)),
    }


def likeness(bench: Bench) -> Figures:
    """Fréchet distance of the bars and separability of the pieces, held-out against generated."""
    excerpts = bench.excerpts()
    real = [_vectors(bench, sketch_tokens(tokens)) for tokens in excerpts]
    figures: Figures = {"pieces": len(real), "real halves": _compare(real[::2], real[1::2], bench)}
    for name, wishes in (
        ("sketch", {"follow": 0.5, **bench.wishes}),
        ("none", {"no_sketch": True}),
    ):
        asked = [
            Wish(replace(_request_like(tokens, wishes), seed=n))
            for n, tokens in enumerate(excerpts)
        ]
        made = [_vectors(bench, sketch_tokens(piece.tokens)) for piece in bench.generate(asked)]
        figures[name] = _compare(real, made, bench)
    return figures


def structure(bench: Bench) -> Figures:
    """Mean and spread over pieces of the self-similarity at some distances."""
    excerpts = bench.excerpts()
    figures: Figures = {"held-out": _similarities([sketch_tokens(t) for t in excerpts])}
    for name, wishes in (
        ("sketch", {"follow": 0.5, **bench.wishes}),
        ("none", {"no_sketch": True}),
    ):
        asked = [
            Wish(replace(_request_like(tokens, wishes), seed=n))
            for n, tokens in enumerate(excerpts)
        ]
        figures[name] = _similarities([sketch_tokens(p.tokens) for p in bench.generate(asked)])
    return figures


PARTS = {
    **{"attributes": attributes, "form": form, "blend": blend},
    **{"likeness": likeness, "structure": structure},
}


def _both(bench: Bench, excerpts: Sequence[TokenArray]) -> Iterator[tuple[str, Iterator[Piece]]]:
    """Pieces like held-out ones, with sketches and without."""
    kinds = {"sketch": {"follow": 0.5, **bench.wishes}, "none": {"no_sketch": True}}
    for name, wishes in kinds.items():
        requests = [_request_like(tokens, wishes) for tokens in excerpts]
        asked = [Wish(replace(request, seed=seed)) for seed, request in enumerate(requests)]
        yield name, bench.generate(asked)


def _compare(first: Sequence[Floats], second: Sequence[Floats], bench: Bench) -> Figures:
    """Both distances of two sets of pieces (bars, D)."""
    rows = [np.array([[*p.mean(0), *p.std(0)] for p in pieces]) for pieces in (first, second)]
    rng = np.random.default_rng(bench.seed)
    return {
        "frechet": _round(frechet_distance(np.concatenate(first), np.concatenate(second))),
        "area": _round(separability(rows[0], rows[1], rng)),
    }


def _similarities(pieces: Sequence[Floats]) -> Figures:
    found: dict[int, list[float]] = {lag: [] for lag in LAGS}
    for values in pieces:
        for lag, similarity in self_similarity(values[:, :ONSETS], LAGS).items():
            found[lag].append(similarity)
    return {
        str(lag): [_round(np.mean(values)), _round(np.std(values))]
        for lag, values in found.items()
        if values
    }


def _vectors(bench: Bench, values: Floats) -> Floats:
    return bench.sketcher.autoencoder.encode(values)


def _first_bars(tokens: TokenArray, bars: int) -> TokenArray | None:
    """The tokens (T,) of the first bars of a piece; None when it has fewer."""
    starts = np.flatnonzero(tokens == v.BAR)
    return None if len(starts) <= bars else np.append(tokens[: starts[bars]], np.uint16(v.EOS))


def _request_like(tokens: TokenArray, wishes: dict[str, object]) -> Request:
    """The wish for a piece in the style, key, meter, tempo and with the instruments of another."""
    head = tokens[: int(np.flatnonzero(tokens == v.BAR)[0])].tolist()
    settings: dict[str, object] = {"bars": int((tokens == v.BAR).sum())}
    for token in head:
        if v.STYLE <= token < v.DYNAMIC:
            settings["style"] = v.STYLES[token - v.STYLE]
        elif v.KEY <= token < v.METER:
            settings["key"] = v.KEYS[token - v.KEY]
        elif v.METER <= token < v.TEMPO:
            settings["meter"] = "{}/{}".format(*v.METERS[token - v.METER])
        elif v.TEMPO <= token < v.STYLE:
            settings["bpm"] = v.TEMPOS[token - v.TEMPO]
    played = sketch_tokens(tokens)[:, ONSETS + PITCHES : BITS].any(0)
    settings["instruments"] = [v.INSTRUMENTS[i] for i in np.flatnonzero(played).tolist()]
    return Request.from_dict({**settings, **wishes})


def _f1(first: npt.NDArray[np.floating], second: npt.NDArray[np.floating]) -> float:
    total = float(first.sum() + second.sum())
    return 2 * float(np.minimum(first, second).sum()) / total if total else 1.0


def _round(value: float | np.floating) -> float:
    return round(float(value), 3)


def _rounded(values: npt.NDArray[np.float64]) -> list[float]:
    return [_round(value) for value in values]


def main(arguments: list[str] | None = None) -> int:
    """Measure one part and print its figures as JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sketches", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("part", choices=PARTS)
    parser.add_argument("--checkpoint", type=Path, help="weights; the shipped ones by default")
    parser.add_argument("--flow", type=Path, help="flow; the shipped one by default")
    parser.add_argument("--pieces", type=int, default=300)
    parser.add_argument("--bars", type=int, default=16)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--wishes", type=json.loads, default={}, help='such as {"follow": 0.4}')
    parser.add_argument("--data", type=Path)
    options = parser.parse_args(arguments)
    bench = Bench(
        engine=load_engine(options.checkpoint),
        sketcher=load_sketcher(flow=options.flow),
        pieces=options.pieces,
        bars=options.bars,
        seed=options.seed,
        wishes=options.wishes,
        data=options.data,
    )
    print(json.dumps({options.part: PARTS[options.part](bench)}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
