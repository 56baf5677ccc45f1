"""What the measures of sketches share: the models, held-out music, and wishes for pieces like it.

T tokens, B bars, D numbers of a bar's vector.
"""

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from partimento.errors import PartimentoError
from partimento.evaluation.likeness import frechet_distance, separability
from partimento.music.sketch import BITS, ONSETS, PITCHES, Floats
from partimento.request.request import Request
from partimento.sampling.engine import Engine
from partimento.sampling.generate import Piece, Wish, generate_each
from partimento.sampling.sketcher import Sketcher
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.token_sketches import sketch_tokens
from partimento.tokenizer.vocabulary import TokenArray
from partimento.training.corpus import tokenize_entry
from partimento.training.manifest import list_entries

TOGETHER = 16
"""Pieces that are decoded at once."""

Figures = dict[str, object]


@dataclass(frozen=True)
class Bench:
    """What measures, and how much of it."""

    engine: Engine
    sketcher: Sketcher
    checkpoint: Path
    """The engine's weights."""
    pieces: int
    bars: int
    seed: int = 0
    wishes: dict[str, object] = field(default_factory=dict)
    """Beside those of the part, such as follow and guidance."""
    data: Path | None = None

    def generate(self, wishes: Sequence[Wish]) -> Iterator[Piece]:
        """The pieces of wishes, in groups."""
        for first in range(0, len(wishes), TOGETHER):
            group = wishes[first : first + TOGETHER]
            for piece in generate_each(group, self.engine, sketcher=self.sketcher):
                assert piece is not None
                yield piece
            show_progress(first + len(group), len(wishes))

    def held_out(self) -> Iterator[TokenArray]:
        """The held-out pieces, in an order of the seed's."""
        if self.data is None:
            raise PartimentoError("this part needs --data, a folder to train on")
        entries = [entry for entry in list_entries(self.data) if entry.split == "valid"]
        for index in np.random.default_rng(self.seed).permutation(len(entries)).tolist():
            result = tokenize_entry(self.data, entries[index])
            if not isinstance(result, str):
                yield result[0]

    def excerpts(self) -> list[TokenArray]:
        """The first bars of held-out pieces that are long enough; PartimentoError without any."""
        found: list[TokenArray] = []
        for piece in self.held_out():
            tokens = first_bars(piece, self.bars)
            if tokens is not None:
                found.append(tokens)
            if len(found) == self.pieces:
                break
        if not found:
            raise PartimentoError(f"{self.data}: no held-out piece is longer than {self.bars} bars")
        return found

    def vectors(self, values: Floats) -> Floats:
        """(B, D) the vectors of the values of bars."""
        return self.sketcher.autoencoder.encode(values)

    def compare(self, first: Sequence[Floats], second: Sequence[Floats]) -> Figures:
        """Fréchet distance of the bars and separability of the pieces of two sets (B, D)."""
        rows = [np.array([[*p.mean(0), *p.std(0)] for p in pieces]) for pieces in (first, second)]
        area = separability(rows[0], rows[1], np.random.default_rng(self.seed))
        distance = frechet_distance(np.concatenate(first), np.concatenate(second))
        return {"frechet": rounded(distance), "area": rounded(area)}


def show_progress(done: int, total: int) -> None:
    """How far a part is, on a terminal."""
    if sys.stderr.isatty():
        print(f"{done} of {total}", end="\r", file=sys.stderr)


def first_bars(tokens: TokenArray, bars: int) -> TokenArray | None:
    """The tokens (T,) of the first bars of a piece; None when it has no more than these."""
    starts = np.flatnonzero(tokens == v.BAR)
    return None if len(starts) <= bars else np.append(tokens[: starts[bars]], np.uint16(v.EOS))


def header_of(tokens: TokenArray) -> dict[str, int]:
    """Style, key, meter and tempo of a piece (T,), as far as its header says them: indices."""
    head = tokens[: int(np.flatnonzero(tokens == v.BAR)[0])].tolist()
    blocks = {
        **{"style": (v.STYLE, v.DYNAMIC), "key": (v.KEY, v.METER)},
        **{"meter": (v.METER, v.TEMPO), "tempo": (v.TEMPO, v.STYLE)},
    }
    return {
        name: token - first
        for token in head
        for name, (first, end) in blocks.items()
        if first <= token < end
    }


def players_of(tokens: TokenArray) -> tuple[int, ...]:
    """The instruments that play in a piece (T,), as indices."""
    played = sketch_tokens(tokens)[:, ONSETS + PITCHES : BITS].any(0)
    return tuple(np.flatnonzero(played).tolist())


def wish_like(tokens: TokenArray, seed: int, wishes: dict[str, object]) -> Wish:
    """The wish for a piece in the style, key, meter, tempo and with the instruments of another."""
    header = header_of(tokens)
    settings: dict[str, object] = {"bars": int((tokens == v.BAR).sum())}
    if "style" in header:
        settings["style"] = v.STYLES[header["style"]]
    if "key" in header:
        settings["key"] = v.KEYS[header["key"]]
    if "meter" in header:
        settings["meter"] = "{}/{}".format(*v.METERS[header["meter"]])
    if "tempo" in header:
        settings["bpm"] = v.TEMPOS[header["tempo"]]
    settings["instruments"] = [v.INSTRUMENTS[index] for index in players_of(tokens)]
    return Wish(replace(Request.from_dict({**settings, **wishes}), seed=seed))


def both(bench: Bench, excerpts: Sequence[TokenArray]) -> Iterator[tuple[str, list[Piece]]]:
    """Pieces like excerpts, with sketches and without."""
    kinds: dict[str, dict[str, object]] = {
        "sketch": {"follow": 0.5, **bench.wishes},
        "none": {"no_sketch": True},
    }
    for name, wishes in kinds.items():
        asked = [wish_like(tokens, seed, wishes) for seed, tokens in enumerate(excerpts)]
        yield name, list(bench.generate(asked))


def f1(first: npt.NDArray[np.floating], second: npt.NDArray[np.floating]) -> float:
    """F1 of what is there in both of two arrays of zeros and ones; 1 for two of zeros."""
    total = float(first.sum() + second.sum())
    return 2 * float(np.minimum(first, second).sum()) / total if total else 1.0


def rounded(value: float | np.floating) -> float:
    """To three decimals."""
    return round(float(value), 3)


def all_rounded(values: Iterable[float | np.floating]) -> list[float]:
    """To three decimals."""
    return [rounded(value) for value in values]
