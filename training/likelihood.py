"""Held-out likelihood: nats per note and per token, by style."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from partimento.model.transformer import Transformer
from partimento.tokenizer import cursor as c
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.conditioning import count_lines, nothing_told, tell_ensemble
from partimento.tokenizer.features import FEATURES, SOUNDING_WIDTH, featurize
from partimento.tokenizer.vocabulary import TokenArray
from partimento.training.corpus import Piece
from partimento.training.excerpts import drop_chords


class Scores(NamedTuple):
    """What a model says of the tokens (T,) of a piece, the first one taken as given."""

    nats: npt.NDArray[np.float64]
    """(T - 1,) that each next token costs."""
    forbidden: npt.NDArray[np.float64] | None = None
    """(T - 1,) probability put on tokens that the grammar forbids there; None: not measured."""


Predictor = Callable[[TokenArray], Tensor]
"""From tokens (T,) to the log-probabilities (T - 1, vocabulary) of the next ones."""
Scorer = Callable[[TokenArray], Scores]
"""From tokens (T,) to what a model says of them."""


@dataclass(slots=True)
class Likelihood:
    """Sums over the pieces of a style."""

    nats: float = 0.0
    notes: int = 0
    tokens: int = 0
    pieces: int = 0
    forbidden: float = 0.0
    """Probability on tokens that the grammar forbids; 0 when not measured."""

    @property
    def nats_per_note(self) -> float:
        """The cost of everything that is written, rests and bar lines too, for each note."""
        return self.nats / max(1, self.notes)

    @property
    def nats_per_token(self) -> float:
        """The mean cost of a token."""
        return self.nats / max(1, self.tokens)

    @property
    def forbidden_share(self) -> float:
        """Mean probability on tokens that the grammar forbids."""
        return self.forbidden / max(1, self.tokens)

    def add(self, other: "Likelihood") -> None:
        """Add the sums of another one, in place."""
        self.nats += other.nats
        self.notes += other.notes
        self.tokens += other.tokens
        self.pieces += other.pieces
        self.forbidden += other.forbidden


def evaluation_tokens(piece: Piece, max_tokens: int) -> TokenArray:
    """The first tokens of a piece, without its chord line, which most requests lack."""
    return drop_chords(piece.tokens)[:max_tokens]


def likelihood_by_style(
    score: Scorer,
    pieces: Iterable[Piece],
    max_tokens: int = 2048,
    pieces_per_style: int | None = None,
) -> dict[str, Likelihood]:
    """Sum what a scorer says of each style's pieces (the first ones, when limited)."""
    result: dict[str, Likelihood] = {}
    for piece in pieces:
        sums = result.setdefault(piece.entry.style or "unknown", Likelihood())
        if pieces_per_style is not None and sums.pieces >= pieces_per_style:
            continue
        tokens = evaluation_tokens(piece, max_tokens)
        is_note = (tokens[1:] >= v.PITCH) & (tokens[1:] < v.DURATION)
        scores = score(tokens)
        forbidden = 0.0 if scores.forbidden is None else float(scores.forbidden.sum())
        nats = float(scores.nats.sum())
        sums.add(Likelihood(nats, int(is_note.sum()), len(tokens) - 1, 1, forbidden))
    return result


def total(likelihoods: dict[str, Likelihood]) -> Likelihood:
    """The sums over all styles."""
    result = Likelihood()
    for likelihood in likelihoods.values():
        result.add(likelihood)
    return result


def model_scorer(model: Transformer, total_bars: int = 0, tells_ensemble: bool = False) -> Scorer:
    """Score with a network in one pass; it is not told how many bars there are."""
    predict = predictor(model, total_bars, tells_ensemble)

    @torch.inference_mode()
    def score(tokens: TokenArray) -> Scores:
        return Scores(costs(predict(tokens), tokens))

    return score


def predictor(
    model: Transformer,
    total_bars: int = 0,
    tells_ensemble: bool = False,
    tell: Callable[[TokenArray], npt.NDArray[np.float32]] | None = None,
) -> Predictor:
    """What a network expects; it is not told how many bars there are unless they are given.

    When it tells the ensemble, it is that of the tokens that are scored. `tell` says what it is
    told of a sketch at each token; by default there is none.
    """
    cursor = c.new_cursor()
    device = next(model.parameters()).device

    def conditioning(tokens: TokenArray) -> Tensor | None:
        """What the network is told beside each token (1, T - 1, C)."""
        if model.config.conditioning_width is None:
            return None
        told = tell_ensemble(count_lines(tokens)) if tells_ensemble else nothing_told()
        return torch.from_numpy(told).to(device).expand(1, len(tokens) - 1, -1)

    def predict(tokens: TokenArray) -> Tensor:
        ids = np.zeros((len(tokens), len(FEATURES)), np.int16)
        sounding = np.zeros((len(tokens), SOUNDING_WIDTH), np.uint8)
        c.reset(cursor, total_bars, 0)
        featurize(cursor, tokens, ids, sounding)
        logits, _ = model(
            torch.from_numpy(tokens[None, :-1].astype(np.int64)).to(device),
            torch.from_numpy(ids[None, :-1]).to(device),
            torch.from_numpy(sounding[None, :-1]).to(device),
            conditioning=conditioning(tokens),
            sketch=None if tell is None else torch.from_numpy(tell(tokens)[None, :-1]).to(device),
        )
        return functional.log_softmax(logits[0].float(), -1)

    return predict


def costs(logarithms: Tensor, tokens: TokenArray) -> npt.NDArray[np.float64]:
    """(T - 1,) nats of the tokens that came, out of those (T - 1, vocabulary) of all."""
    came = torch.from_numpy(tokens[1:, None].astype(np.int64)).to(logarithms.device)
    nats: npt.NDArray[np.float64] = -logarithms.gather(1, came)[:, 0].cpu().double().numpy()
    return nats
