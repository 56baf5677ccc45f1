"""What training tells of sketches: noisy ones, gaps, nothing of bars that are cut off."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from partimento.model.latent.autoencoder import PART, Autoencoder
from partimento.model.latent.conditioning import INPUTS, KNOWN, LEVEL, sketch_inputs
from partimento.model.latent.weights import shipped_part
from partimento.model.loading import load_model
from partimento.music.note_tables import Ints
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.encoding import encode
from partimento.tokenizer.loading import load_score
from partimento.tokenizer.token_sketches import place_tokens, sketch_tokens
from partimento.tokenizer.vocabulary import TokenArray
from partimento.training.latent.conditions import SketchShares, TrueSketches, draw_sketches, tell
from partimento.training.likelihood import costs, predictor

LegalWalk = Callable[..., TokenArray]


@pytest.fixture(scope="module")
def batch(legal_walk: LegalWalk) -> Ints:
    """Four rows of 500 tokens, several pieces in each, the last one cut off."""
    rows = [np.concatenate([legal_walk(30 * row + n, 180) for n in range(9)]) for row in range(4)]
    return np.stack([row[:500] for row in rows]).astype(np.int64)


def test_without_sketches_nothing_is_told(batch: Ints, autoencoder: Autoencoder) -> None:
    shares = SketchShares(without=1.0, whole=0.0)
    told = draw_sketches(batch, autoencoder, np.random.default_rng(0), shares)
    assert told.shape == (*batch.shape, INPUTS)
    assert not told.any()


def test_whole_sketches_tell_every_bar_but_those_cut_off(
    batch: Ints, autoencoder: Autoencoder
) -> None:
    shares = SketchShares(without=0.0, whole=1.0)
    told = draw_sketches(batch, autoencoder, np.random.default_rng(0), shares)
    for row, ids in zip(told, batch, strict=True):
        places = place_tokens(ids.astype(np.uint16))
        expected = (places.bar >= 0) & np.append(places.is_whole, False)[places.bar]
        assert (row[:, KNOWN] == expected).all()
        assert not row[places.bar < 0].any()


def test_each_token_is_told_the_row_of_its_bar_and_slot(
    batch: Ints, autoencoder: Autoencoder
) -> None:
    """Without noise it is what the encoded and decoded sketch says there."""
    tokens = batch[0].astype(np.uint16)
    places = place_tokens(tokens)
    none = np.zeros(places.bars, np.float32)
    rng = np.random.default_rng(0)
    told = tell(tokens, places, autoencoder, none, places.is_whole, rng)
    values = autoencoder.decode(autoencoder.encode(sketch_tokens(tokens)))
    table = sketch_inputs(values, none, places.is_whole, places.following)
    for t, (bar, slot) in enumerate(zip(places.bar, places.slot, strict=True)):
        assert (told[t] == (table[bar, slot] if bar >= 0 else 0)).all()
    assert told[:, :KNOWN].any()


def test_the_true_sketch_tells_every_whole_bar_at_its_noise_level(
    batch: Ints, autoencoder: Autoencoder
) -> None:
    tokens = batch[1].astype(np.uint16)
    places = place_tokens(tokens)
    expected = (places.bar >= 0) & np.append(places.is_whole, False)[places.bar]
    levels = []
    for noise in (0.05, 1.5):
        told = TrueSketches(autoencoder, noise)(tokens)
        assert (told[:, KNOWN] == expected).all()
        levels += np.unique(told[expected, LEVEL]).tolist()
    assert levels == pytest.approx([-1, 1])
    header = tokens[: np.flatnonzero(tokens == v.BAR)[0]]
    assert not TrueSketches(autoencoder, 0.1)(header).any()


def test_shares_hold_over_many_pieces(autoencoder: Autoencoder, legal_walk: LegalWalk) -> None:
    rng = np.random.default_rng(2)
    piece = legal_walk(3, 150, without=[v.HOLE])[None].astype(np.int64)
    known = [draw_sketches(piece, autoencoder, rng)[0, :, KNOWN] for _ in range(300)]
    inside = place_tokens(piece[0].astype(np.uint16)).bar >= 0
    shares = np.array([row[inside].mean() for row in known])
    assert (shares == 0).mean() == pytest.approx(0.5, abs=0.1)
    assert (shares == 1).mean() == pytest.approx(0.35, abs=0.1)
    assert ((shares > 0) & (shares < 1)).any()


def test_the_same_seed_tells_the_same(batch: Ints, autoencoder: Autoencoder) -> None:
    first, second = (draw_sketches(batch, autoencoder, np.random.default_rng(9)) for _ in "ab")
    assert (first == second).all()


def test_shares_beyond_the_whole_are_refused() -> None:
    with pytest.raises(ValueError, match=r"shares of one whole, got 0\.6, 0\.6"):
        SketchShares(0.6, 0.6)


@pytest.mark.slow
def test_the_shipped_model_follows_a_true_sketch_the_closer_the_clearer_it_is(
    shipped: Path, pieces_folder: Path
) -> None:
    model, header = load_model(shipped)
    if header.config.sketch_width is None:
        pytest.skip("the shipped model was trained without sketches")
    autoencoder = Autoencoder.load(shipped_part(PART))
    pieces = [encode(load_score(path).score).tokens[:512] for path in pieces_folder.glob("*.mid")]
    nats = []
    for noise in (0.1, 0.5, 1.0, None):
        tell_sketch = None if noise is None else TrueSketches(autoencoder, noise)
        predict = predictor(model, tell=tell_sketch)
        with torch.inference_mode():
            nats.append(sum(float(costs(predict(tokens), tokens).sum()) for tokens in pieces))
    assert nats == sorted(nats)
    assert nats[0] < 0.75 * nats[-1]
