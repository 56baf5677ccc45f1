"""What models write beside the openings of held-out pieces: figures, and how alike the sets are."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import fields

import numpy as np
import numpy.typing as npt
import torch
from benchmarks import report
from benchmarks.remi_pieces import BALANCE, TOKENS
from miditok import REMI
from transformers import LlamaForCausalLM, StoppingCriteria, StoppingCriteriaList

from partimento.errors import PartimentoError
from partimento.evaluation.likeness import frechet_distance, separability
from partimento.evaluation.piece_statistics import (
    PieceStatistics,
    mean_statistics,
    measure_piece,
)
from partimento.model.latent.autoencoder import PART, Autoencoder
from partimento.model.latent.weights import shipped_part
from partimento.music.bars import bar_starts
from partimento.music.continuation import until_tick
from partimento.music.key_finding import estimate_key
from partimento.music.note_tables import tabulate
from partimento.music.score import Score
from partimento.music.sketch import Floats, gather_values
from partimento.music.workmanship import examine
from partimento.request.request import Request
from partimento.tokenizer.decoding import decode
from partimento.tokenizer.loading import load_score
from partimento.training.corpus import Corpus

BARS = 16
"""That are compared: the first ones of each piece."""
WRITTEN_BARS = 24
"""Of a piece that this program is asked for, so that its end is not among the bars compared."""


def held_out_openings(corpus: Corpus, count: int, rng: np.random.Generator) -> list[Score]:
    """Beginnings of different held-out pieces, their styles as frequent as in training."""
    tokens: dict[str | None, int] = {}
    for piece in corpus.split("train"):
        tokens[piece.entry.style] = tokens.get(piece.entry.style, 0) + len(piece.tokens)
    pieces = [*corpus.split("valid"), *corpus.split("test")]
    styles = [piece.entry.style for piece in pieces]
    weights = np.array([tokens.get(s, 0) ** BALANCE / styles.count(s) for s in styles])
    chosen = rng.choice(len(pieces), count, replace=False, p=weights / weights.sum())
    return [first_bars(decode(pieces[i].tokens)) for i in chosen]


def requests_like(scores: Sequence[Score], seed: int) -> list[Request]:
    """Requests for the styles of scores, all else left open."""
    return [
        Request(bars=WRITTEN_BARS, style=score.style, seed=seed + number)
        for number, score in enumerate(scores)
    ]


class _BarsWritten(StoppingCriteria):
    """Stops a row once it has begun the bar after the last one that is compared."""

    def __init__(self, bar: int) -> None:
        self.bar = bar

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor, **_: object) -> torch.Tensor:
        return (input_ids == self.bar).sum(1) > BARS


@torch.inference_mode()
def write(
    model: LlamaForCausalLM, remi: REMI, count: int, seed: int, most: int = TOKENS - 1
) -> list[Score]:
    """Openings as the Llama writes them with the sampling that `transformers` has by default.

    Each is of `most` tokens at most; those that cannot be read, or hold no note, are left out.
    """
    torch.manual_seed(seed)
    start = torch.full((count, 1), remi["BOS_None"])
    rows = model.generate(
        start,
        do_sample=True,
        max_new_tokens=most,
        attention_mask=torch.ones_like(start),
        stopping_criteria=StoppingCriteriaList([_BarsWritten(remi["Bar_None"])]),
    )
    scores = []
    for row in rows.tolist():
        data = remi.decode([token for token in row if token > remi["EOS_None"]]).dumps_midi()
        try:
            score = first_bars(load_score(io.BytesIO(data)).score)
        except PartimentoError:
            continue
        if score.note_count:
            scores.append(score)
    return scores


def first_bars(score: Score) -> Score:
    """The beginning of a score, or all of it when it is shorter."""
    bars = bar_starts(score)
    return until_tick(score, bars[BARS].start) if len(bars) > BARS else score


def compare(sets: Mapping[str, Sequence[Score]], reference: Sequence[Score], seed: int) -> str:
    """Means of the measures of each set, and how far it is from held-out music."""
    every = {"held-out": reference, **sets}
    columns = [_figures(scores) for scores in every.values()]
    rows = [[name, *(f"{found[name]:.3f}" for found in columns)] for name in columns[0]]
    autoencoder = Autoencoder.load(shipped_part(PART))
    vectors = {
        name: [autoencoder.encode(_sketch(score)) for score in scores]
        for name, scores in every.items()
    }
    real = vectors.pop("held-out")
    # Distances of sets of unequal size do not compare.
    bars = min(sum(map(len, pieces)) for pieces in [real, *vectors.values()])
    rng = np.random.default_rng(seed)
    distances, areas = ["-"], ["-"]
    for pieces in vectors.values():
        some = [rng.permutation(np.concatenate(p))[:bars] for p in (real, pieces)]
        distances.append(f"{frechet_distance(some[0], some[1]):.2f}")
        areas.append(f"{separability(_rows(real), _rows(pieces), rng):.3f}")
    rows += [["Fréchet distance", *distances], ["told apart (area)", *areas]]
    rows += [["pieces", *(str(len(scores)) for scores in every.values())]]
    return report.table(["", *every], rows)


def _figures(scores: Sequence[Score]) -> dict[str, float]:
    """Means by name; the key is the one that is heard, so that nobody is held to a wish."""
    pieces = [measure_piece(score, estimate_key(score)) for score in scores]
    mean = mean_statistics(pieces)
    found = {f.name.replace("_", " "): getattr(mean, f.name) for f in fields(PieceStatistics)}
    made = [examine(score) for score in scores]
    for name in ("repetition", "silence"):
        found[name] = float(np.nanmean([getattr(each, name) for each in made]))
    return found


def _sketch(score: Score) -> Floats:
    """(B, W) the sketch of each bar."""
    bars = bar_starts(score)
    return gather_values(tabulate(score, bars), np.array([bar.length for bar in bars], np.int64))


def _rows(pieces: Sequence[Floats]) -> npt.NDArray[np.float64]:
    """(N, 2 D) mean and spread of each piece's vectors over its bars."""
    return np.array([[*piece.mean(0), *piece.std(0)] for piece in pieces], np.float64)
