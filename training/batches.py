"""Batches of excerpts, balanced by style; each is a function of the seed and its number.

B batch, T time, F features, S sounding entries, C conditioning entries, R entries of what is told
of a sketch.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from partimento.errors import PartimentoError, SettingError
from partimento.tokenizer import cursor as c
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.conditioning import CONDITIONING_WIDTH
from partimento.tokenizer.features import FEATURES, SOUNDING_WIDTH, featurize
from partimento.training.corpus import Piece
from partimento.training.excerpts import Augmentation, Excerpt, draw_excerpt
from partimento.training.grooves import Grooves
from partimento.training.latent.conditions import SketchTeller

LEAST_TOKENS = 256
"""An excerpt is cut to the room that is left in its row, but not shorter than this."""


class Batch(NamedTuple):
    """What a step of training reads."""

    tokens: npt.NDArray[np.int64]
    """(B, T) input ids."""
    features: npt.NDArray[np.int16]
    """(B, T, F) derived features beside each input."""
    sounding: npt.NDArray[np.uint8]
    """(B, T, S) what sounds where the next token stands."""
    targets: npt.NDArray[np.int64]
    """(B, T) the next ids."""
    conditioning: npt.NDArray[np.float32]
    """(B, T, C) what is told of the piece."""
    sketch: npt.NDArray[np.float32] | None = None
    """(B, T, R) what is told of the sketches; None: the model has no ear for them."""


@dataclass(frozen=True)
class BatchConfig:
    """The shape of a batch and how styles are weighed."""

    rows: int = 8
    """Rows of a batch."""
    tokens: int = 1024
    """Tokens of a row."""
    balance: float = 0.4
    """A style is drawn in proportion to its tokens to this power: 1 as found, 0 all equal."""

    def __post_init__(self) -> None:
        """Check every field."""
        if self.rows < 1 or self.tokens < 16:
            raise PartimentoError(
                f"rows must be at least 1 and tokens at least 16, got {self.rows}, {self.tokens}"
            )
        if not 0 <= self.balance <= 1:
            raise SettingError("balance", f"must be in [0, 1], got {self.balance}")


class Batches:
    """Draws any batch of an endless series; the same seed and number give the same one."""

    def __init__(
        self,
        pieces: list[Piece],
        config: BatchConfig,
        augmentation: Augmentation,
        seed: int,
        rank: int = 0,
        teller: SketchTeller | None = None,
    ) -> None:
        if not pieces:
            raise PartimentoError("no pieces to train on: the train split is empty")
        self._pieces = pieces
        self._config = config
        self._augmentation = augmentation
        self._grooves = Grooves(pieces)
        self._seed = (seed, rank)
        self._teller = teller
        self._cumulative = np.cumsum(piece_weights(pieces, config.balance))
        self._cursor = c.new_cursor()

    def batch(self, number: int) -> Batch:
        """Draw a batch; rows are filled with excerpts one after another."""
        rng = np.random.default_rng((*self._seed, number))
        rows, time = self._config.rows, self._config.tokens
        tokens = np.full((rows, time + 1), v.PAD, np.uint16)
        features = np.zeros((rows, time + 1, len(FEATURES)), np.int16)
        sounding = np.zeros((rows, time + 1, SOUNDING_WIDTH), np.uint8)
        conditioning = np.zeros((rows, time + 1, CONDITIONING_WIDTH), np.float32)
        for row in range(rows):
            filled = 0
            while filled < time + 1:
                room = slice(filled, time + 1)
                excerpt = self._draw(rng, max(time + 1 - filled, LEAST_TOKENS))
                count = self._write(
                    excerpt, tokens[row, room], features[row, room], sounding[row, room]
                )
                conditioning[row, filled : filled + count] = excerpt.conditioning
                filled += count
        read = tokens[:, :-1].astype(np.int64)
        sketch = None
        if self._teller is not None:
            # Random numbers of their own: the same music is drawn with sketches and without.
            sketch = self._teller.draw(read, np.random.default_rng((*self._seed, number, 1)))
        return Batch(
            read,
            features[:, :-1],
            sounding[:, :-1],
            tokens[:, 1:].astype(np.int64),
            conditioning[:, :-1],
            sketch,
        )

    def _draw(self, rng: np.random.Generator, length: int) -> Excerpt:
        at = np.searchsorted(self._cumulative, rng.random() * self._cumulative[-1], "right")
        piece = self._pieces[min(int(at), len(self._pieces) - 1)]
        return draw_excerpt(piece.tokens, length, self._augmentation, rng, self._grooves)

    def _write(
        self,
        excerpt: Excerpt,
        tokens: npt.NDArray[np.uint16],
        features: npt.NDArray[np.int16],
        sounding: npt.NDArray[np.uint8],
    ) -> int:
        """Copy as much of an excerpt as fits; return how much that was."""
        count = min(len(tokens), len(excerpt.tokens))
        tokens[:count] = excerpt.tokens[:count]
        c.reset(self._cursor, excerpt.total_bars, excerpt.first_bar)
        featurize(self._cursor, tokens[:count], features[:count], sounding[:count])
        return count


def piece_weights(pieces: list[Piece], balance: float) -> npt.NDArray[np.float64]:
    """How often each piece is drawn: by its length, and its style's tokens to a power."""
    styles: dict[str | None, int] = {}
    for piece in pieces:
        style = v.STYLE_ALIASES.get(piece.entry.style or "", piece.entry.style)
        styles[style] = styles.get(style, 0) + len(piece.tokens)
    weights = [
        len(piece.tokens)
        * styles[v.STYLE_ALIASES.get(piece.entry.style or "", piece.entry.style)] ** (balance - 1)
        for piece in pieces
    ]
    return np.array(weights, np.float64)
