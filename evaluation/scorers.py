"""What models say of held-out pieces: n-grams, and networks with what they expect in vain."""

import numpy as np
import numpy.typing as npt
import torch

from partimento.evaluation.ngram import NGram
from partimento.tokenizer import cursor as c
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.grammar import allowed
from partimento.tokenizer.vocabulary import TokenArray
from partimento.tokenizer.walk import advance
from partimento.training.likelihood import Predictor, Scorer, Scores, costs


def ngram_scorer(ngram: NGram) -> Scorer:
    """Score with an n-gram."""

    def score(tokens: TokenArray) -> Scores:
        return Scores(-ngram.log_probabilities(tokens)[1:])

    return score


def checking_scorer(predict: Predictor) -> Scorer:
    """Score with a network, and sum what it gives to tokens that the grammar forbids."""

    @torch.inference_mode()
    def score(tokens: TokenArray) -> Scores:
        logarithms = predict(tokens)  # (T - 1, vocabulary)
        legal = torch.from_numpy(legal_tokens(tokens)[1:]).to(logarithms.device)
        mass = logarithms.exp().masked_fill(legal, 0).sum(1)
        return Scores(costs(logarithms, tokens), mass.cpu().double().numpy())

    return score


def legal_tokens(tokens: TokenArray) -> npt.NDArray[np.bool_]:
    """(T, SIZE) whether the grammar lets each token stand where tokens (T,) has its t-th."""
    cursor = c.new_cursor()
    masks = np.zeros((len(tokens), v.SIZE), np.uint8)
    for mask, token in zip(masks, tokens.tolist(), strict=True):
        allowed(cursor, mask)
        advance(cursor, token)
    return masks.astype(np.bool_)
