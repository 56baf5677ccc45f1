"""What training tells the decoder of the sketches of a batch, noisy and with gaps, at random.

R rows, T time, C inputs of a place.
"""

import zlib
from dataclasses import dataclass

import numpy as np

from partimento.errors import PartimentoError
from partimento.model.latent.autoencoder import LEAST_NOISE, MOST_NOISE, Autoencoder, add_noise
from partimento.model.latent.conditioning import INPUTS, Bools, sketch_inputs
from partimento.music.note_tables import Ints
from partimento.music.sketch import Floats
from partimento.tokenizer.token_sketches import Places, place_tokens, sketch_tokens
from partimento.tokenizer.vocabulary import TokenArray


@dataclass(frozen=True)
class SketchShares:
    """How often a piece of a batch is told its sketch; the rest is told a stretch of it."""

    without: float = 0.5
    """Pieces without a sketch."""
    whole: float = 0.35
    """Pieces whose bars all have one."""

    def __post_init__(self) -> None:
        """Check that the shares are some."""
        if min(self.without, self.whole) < 0 or self.without + self.whole > 1:
            raise PartimentoError(
                f"without and whole must be shares of one whole, got {self.without}, {self.whole}"
            )


@dataclass(frozen=True)
class SketchTeller:
    """What the sketches of batches are made with."""

    autoencoder: Autoencoder
    shares: SketchShares

    def draw(self, tokens: Ints, rng: np.random.Generator) -> Floats:
        """(R, T, C) what the decoder is told at each token of a batch (R, T)."""
        return draw_sketches(tokens, self.autoencoder, rng, self.shares)


def draw_sketches(
    tokens: Ints,
    autoencoder: Autoencoder,
    rng: np.random.Generator,
    shares: SketchShares | None = None,
) -> Floats:
    """(R, T, C) what the decoder is told at each token of a batch (R, T).

    Each piece in a row has a noise level of its own. Bars that are cut off are not told.
    """
    shares = SketchShares() if shares is None else shares
    told = np.zeros((*tokens.shape, INPUTS), np.float32)
    for row, ids in enumerate(tokens.astype(np.uint16)):
        places = place_tokens(ids)
        if not places.bars:
            continue
        pieces = int(places.piece[-1]) + 1
        noise = _draw_noise(pieces, rng)[places.piece]
        known = places.is_whole & _draw_known(places, shares, rng)
        told[row] = tell(ids, places, autoencoder, noise, known, rng)
    return told


def tell(
    tokens: TokenArray,
    places: Places,
    autoencoder: Autoencoder,
    noise: Floats,
    known: Bools,
    rng: np.random.Generator,
) -> Floats:
    """(T, C) what is told at each token of a row (T,) of sketches with noise (B,), known (B,)."""
    vectors = autoencoder.encode(sketch_tokens(tokens, places))
    noisy = add_noise(vectors, noise[:, None], rng)
    values = autoencoder.decode(noisy, noise)
    table = sketch_inputs(values, noise, known, places.following)
    told: Floats = np.where(places.bar[:, None] >= 0, table[places.bar, places.slot], 0)
    return told


@dataclass(frozen=True)
class TrueSketches:
    """Tells a piece of all its own bars that are whole, at one noise level."""

    autoencoder: Autoencoder
    noise: float

    def __call__(self, tokens: TokenArray) -> Floats:
        """(T, C) what is told at each token of a piece (T,); a function of the piece alone."""
        places = place_tokens(tokens)
        if not places.bars:
            return np.zeros((len(tokens), INPUTS), np.float32)
        rng = np.random.default_rng(zlib.crc32(tokens.tobytes()))
        levels = np.full(places.bars, self.noise, np.float32)
        return tell(tokens, places, self.autoencoder, levels, places.is_whole, rng)


def _draw_noise(count: int, rng: np.random.Generator) -> Floats:
    """(count,) noise levels, their logarithms spread evenly."""
    levels: Floats = np.exp(rng.uniform(np.log(LEAST_NOISE), np.log(MOST_NOISE), count)).astype(
        np.float32
    )
    return levels


def _draw_known(places: Places, shares: SketchShares, rng: np.random.Generator) -> Bools:
    """(B,) which bars are told: none, all, a stretch, or all but a stretch of a piece."""
    known = np.zeros(places.bars, np.bool_)
    for piece in range(int(places.piece[-1]) + 1):
        bars = np.flatnonzero(places.piece == piece)
        draw = rng.random()
        if draw < shares.without or not len(bars):
            continue
        if draw < shares.without + shares.whole:
            known[bars] = True
            continue
        first, end = sorted(rng.integers(0, len(bars) + 1, 2).tolist())
        inside = np.zeros(len(bars), np.bool_)
        inside[first:end] = True
        known[bars] = inside if rng.random() < 0.5 else ~inside
    return known
