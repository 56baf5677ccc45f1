"""Batches: functions of seed, rank and number, balanced by style, with the cursor's features."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from partimento.model.latent.autoencoder import Autoencoder
from partimento.model.latent.conditioning import INPUTS, KNOWN
from partimento.music.score import Score
from partimento.tokenizer import cursor as c
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.conditioning import CONDITIONING_WIDTH
from partimento.tokenizer.encoding import encode
from partimento.tokenizer.features import FEATURES, SOUNDING_WIDTH, write_features
from partimento.tokenizer.walk import advance
from partimento.training.batches import Batch, BatchConfig, Batches, piece_weights
from partimento.training.corpus import Entry, Piece
from partimento.training.excerpts import Augmentation
from partimento.training.latent.conditions import SketchShares, SketchTeller

CONFIG = BatchConfig(rows=3, tokens=300)


def piece(tokens: int, style: str | None) -> Piece:
    return Piece(Entry("", style), np.zeros(tokens, np.uint16), 1)


@pytest.fixture(scope="module")
def pieces(random_score: Callable[..., Score]) -> list[Piece]:
    found = []
    for seed, style in enumerate(("folk", "jazz", "folk", "game")):
        score = random_score(seed, style)
        found.append(Piece(Entry(f"{seed}", style), encode(score).tokens, score.note_count))
    return found


def equal(one: Batch, two: Batch) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(one, two, strict=True))


def test_a_batch_is_a_function_of_seed_rank_and_number(pieces: list[Piece]) -> None:
    def draw(seed: int, rank: int, number: int) -> Batch:
        return Batches(pieces, CONFIG, Augmentation(), seed, rank).batch(number)

    batches = Batches(pieces, CONFIG, Augmentation(), 7, 1)
    batches.batch(0)
    batches.batch(9)
    assert equal(batches.batch(5), draw(7, 1, 5))
    for other in ((8, 1, 5), (7, 0, 5), (7, 1, 6)):
        assert not equal(draw(7, 1, 5), draw(*other))


def test_sketches_are_told_beside_the_same_music(
    pieces: list[Piece], autoencoder: Autoencoder
) -> None:
    plain = Batches(pieces, CONFIG, Augmentation(), 7).batch(3)
    teller = SketchTeller(autoencoder, SketchShares(without=0.0, whole=1.0))
    batches = Batches(pieces, CONFIG, Augmentation(), 7, teller=teller)
    told = batches.batch(3)
    assert plain.sketch is None
    assert told.sketch is not None
    assert equal(plain, told._replace(sketch=None))
    assert told.sketch.shape == (3, 300, INPUTS)
    assert told.sketch[..., KNOWN].mean() > 0.5
    assert not np.array_equal(told.sketch, batches.batch(4).sketch)
    assert np.array_equal(told.sketch, batches.batch(3).sketch)


def test_targets_are_the_next_tokens_and_rows_are_full(pieces: list[Piece]) -> None:
    batch = Batches(pieces, CONFIG, Augmentation(), 0).batch(0)
    assert batch.tokens.shape == batch.targets.shape == (3, 300)
    assert batch.features.shape == (3, 300, len(FEATURES))
    assert batch.sounding.shape == (3, 300, SOUNDING_WIDTH)
    assert np.array_equal(batch.tokens[:, 1:], batch.targets[:, :-1])
    assert (batch.tokens[:, 0] == v.BOS).all()
    assert v.PAD not in batch.targets


def test_features_are_those_of_a_cursor_that_starts_anew_at_each_excerpt(
    pieces: list[Piece],
) -> None:
    # Not told how many bars there are, and always from the start: one cursor fits all excerpts.
    augmentation = replace(Augmentation(), bars_known=0, from_start=1)
    batch = Batches(pieces, CONFIG, augmentation, 0).batch(0)
    features = np.zeros(len(FEATURES), np.int16)
    sounding = np.zeros(SOUNDING_WIDTH, np.uint8)
    for row in range(CONFIG.rows):
        for t in range(CONFIG.tokens):
            if batch.tokens[row, t] == v.BOS:
                cursor = c.new_cursor()
            advance(cursor, int(batch.tokens[row, t]))
            write_features(cursor, features, sounding)
            assert np.array_equal(batch.features[row, t], features)
            assert np.array_equal(batch.sounding[row, t], sounding)


def test_each_token_is_told_what_its_excerpt_is_told(pieces: list[Piece]) -> None:
    batch = Batches(pieces, CONFIG, Augmentation(drop_ensemble=0.5), 0).batch(0)
    assert batch.conditioning.shape == (3, 300, CONDITIONING_WIDTH)
    told = set()
    for tokens, vectors in zip(batch.tokens, batch.conditioning, strict=True):
        starts = np.flatnonzero(tokens == v.BOS).tolist()
        for start, end in zip(starts, [*starts[1:], len(tokens)], strict=True):
            assert (vectors[start:end] == vectors[start]).all()
            told.add(vectors[start].tobytes())
    assert len(told) > 1


def test_features_stay_within_their_sizes(pieces: list[Piece]) -> None:
    batches = Batches(pieces, CONFIG, Augmentation(), 0)
    largest = np.max([batches.batch(n).features.max((0, 1)) for n in range(5)], 0)
    assert (largest < [size for _, size in FEATURES]).all()
    assert min(batches.batch(n).features.min() for n in range(5)) >= 0


@pytest.mark.parametrize(
    ("balance", "shares"),
    [(1.0, (0.9, 0.1)), (0.0, (0.5, 0.5)), (0.5, (0.75, 0.25))],
)
def test_styles_are_drawn_by_their_tokens_to_the_power_of_balance(
    balance: float, shares: tuple[float, float]
) -> None:
    pieces = [piece(600, "chorale"), piece(300, "hymn"), piece(100, "folk")]
    weights = piece_weights(pieces, balance)
    weights /= weights.sum()
    # Hymns share the chorales' token, and so their weight.
    assert weights[0] + weights[1] == pytest.approx(shares[0])
    assert weights[2] == pytest.approx(shares[1])
    assert weights[0] == pytest.approx(2 * weights[1])


def test_batches_draw_as_the_weights_say(pieces: list[Piece]) -> None:
    augmentation = replace(Augmentation(), drop_style=0)
    batches = Batches(pieces, BatchConfig(rows=64, tokens=16, balance=0.0), augmentation, 0)
    drawn: Counter[str] = Counter()
    for number in range(5):
        drawn.update(v.name(int(token)) for token in batches.batch(number).tokens[:, 1])
    assert sum(drawn.values()) == 320
    assert set(drawn) == {"style folk", "style jazz", "style game"}
    # Four standard deviations of a third of 320 draws.
    assert all(abs(n - 320 / 3) < 34 for n in drawn.values())


def test_pieces_without_a_style_count_as_one() -> None:
    pieces = [piece(50, None), piece(50, None), piece(100, "folk")]
    weights = piece_weights(pieces, 0.0)
    assert (weights / weights.sum()).tolist() == pytest.approx([0.25, 0.25, 0.5])


def test_an_empty_train_split_is_an_error() -> None:
    with pytest.raises(ValueError, match="train split is empty"):
        Batches([], CONFIG, Augmentation(), 0)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"rows": 0}, "rows must be at least 1 and tokens at least 16, got 0, 1024"),
        ({"tokens": 15}, "got 8, 15"),
        ({"balance": 1.1}, r"balance must be in \[0, 1\], got 1.1"),
    ],
)
def test_a_wrong_shape_is_refused(settings: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(BatchConfig(), **settings)
