"""The bars of a corpus as sketches, eight bits to a byte, with what is in force at each.

N bars of all pieces, P pieces.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from partimento.errors import PartimentoError
from partimento.music.attributes import bar_statistics
from partimento.music.metre import beat_ticks
from partimento.music.note_tables import Ints
from partimento.music.score import GRID_TICKS_PER_QUARTER
from partimento.music.sketch import BITS, Floats, gather_values, transpose_values
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.token_sketches import note_table, place_tokens
from partimento.tokenizer.vocabulary import TokenArray
from partimento.training.corpus import Piece

Bytes = npt.NDArray[np.uint8]
_BEATS = np.array([beat_ticks(meter, GRID_TICKS_PER_QUARTER) for meter in v.METERS], np.int64)


@dataclass(frozen=True, eq=False)
class Bars:
    """The bars of pieces, one piece after another."""

    bits: Bytes
    """(N, bytes) what is yes or no of each bar."""
    levels: npt.NDArray[np.float16]
    """(N, levels)."""
    starts: Ints
    """(P + 1,) number of the first bar of each piece, and N."""
    styles: Ints
    """(P,) index into STYLES plus one; 0 unknown."""
    statistics: Floats
    """(N, K) what the attributes of any stretch add up."""
    headers: Bytes
    """(N, 3) key, meter and tempo in force at each bar: index plus one; 0 unknown."""

    @property
    def count(self) -> int:
        """Number of bars, N."""
        return len(self.bits)

    @property
    def pieces(self) -> int:
        """Number of pieces, P."""
        return len(self.styles)

    def values(self, at: Ints | slice, semitones: int = 0) -> Floats:
        """(chosen, WIDTH) sketch values of chosen bars, moved up by semitones."""
        bits = np.unpackbits(self.bits[at], axis=1, count=BITS).astype(np.float32)
        values = np.concatenate([bits, self.levels[at].astype(np.float32)], 1)
        return transpose_values(values, semitones) if semitones else values

    def bar_weights(self) -> npt.NDArray[np.float64]:
        """(N,) how often to draw each bar: a style by the root of its number of bars."""
        lengths = np.diff(self.starts)
        of_bar = np.repeat(self.styles, lengths)
        weights = np.bincount(of_bar)[of_bar] ** -0.5
        balanced: npt.NDArray[np.float64] = weights / weights.sum()
        return balanced


def collect_bars(pieces: Sequence[Piece]) -> Bars:
    """Sketch all bars of pieces; takes about a minute for the training corpus."""
    bits, levels, statistics, headers, lengths, styles = [], [], [], [], [], []
    for piece in pieces:
        places = place_tokens(piece.tokens)
        notes = note_table(piece.tokens, places)
        values = gather_values(notes, places.lengths)
        beats = _BEATS[places.meters]
        table = bar_statistics(notes, places.lengths, beats, GRID_TICKS_PER_QUARTER)
        statistics.append(table.astype(np.float32))
        bits.append(np.packbits(values[:, :BITS].astype(bool), axis=1))
        levels.append(values[:, BITS:].astype(np.float16))
        headers.append(_headers(piece.tokens))
        lengths.append(len(values))
        is_style = (piece.tokens >= v.STYLE) & (piece.tokens < v.DYNAMIC)
        styles.append(int(piece.tokens[is_style][0]) - v.STYLE + 1 if is_style.any() else 0)
    if not bits:
        raise PartimentoError("no pieces to train on: the split is empty")
    return Bars(
        np.concatenate(bits),
        np.concatenate(levels),
        np.cumsum([0, *lengths]),
        np.array(styles, np.int64),
        np.concatenate(statistics),
        np.concatenate(headers),
    )


def _headers(tokens: TokenArray) -> Bytes:
    """(bars, 3) key, meter and tempo in force in each bar of a piece: index plus one."""
    bars = np.flatnonzero(tokens == v.BAR)
    # Changes stand right behind BAR, so the bar's last token knows what is in force.
    ends = np.append(bars[1:], len(tokens)) - 1
    columns = []
    for first, end in ((v.KEY, v.METER), (v.METER, v.TEMPO), (v.TEMPO, v.STYLE)):
        is_said = (tokens >= first) & (tokens < end)
        said = np.where(is_said, tokens.astype(np.int64) - first + 1, 0)
        last = np.maximum.accumulate(np.where(is_said, np.arange(len(tokens)), 0))
        columns.append(np.where(is_said[last], said[last], 0)[ends])
    return np.stack(columns, 1).astype(np.uint8)
