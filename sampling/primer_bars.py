"""The bars to go on from: as their file has them, and as the model sees them."""

from dataclasses import dataclass

import numpy as np

from partimento.music.bars import Bar
from partimento.music.score import Score
from partimento.music.timeline import DEFAULT_BPM
from partimento.sampling.bar_groups import BarGroups, TimeSignature, group_bars, next_bars
from partimento.sampling.provenance import StoredPrimer
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.vocabulary import TokenArray


@dataclass(frozen=True, slots=True, eq=False)
class Primer:
    """A piece to go on from."""

    stored: StoredPrimer
    """All else follows from it."""
    score: Score
    """At the file's resolution."""
    tokens: TokenArray
    """(T,) without EOS."""
    bars: tuple[Bar, ...]
    """In ticks of the score."""
    lines: dict[tuple[int, int], int]
    """Index of the score's track that each line of an instrument (index, number) belongs to."""
    warnings: tuple[str, ...] = ()
    """One line each: what was repaired in reading and changed for the model."""

    @property
    def end(self) -> int:
        """The tick of the score at which new bars begin."""
        return self.bars[-1].start + self.bars[-1].length

    @property
    def bpm(self) -> float:
        """The tempo in force at the end."""
        return self.score.tempos[-1].bpm if self.score.tempos else DEFAULT_BPM

    @property
    def token_ticks(self) -> int:
        """The tick of the token grid at which new bars begin."""
        starts = np.flatnonzero(self.tokens == v.BAR)
        ends = np.append(starts[1:], len(self.tokens))
        meters = np.flatnonzero((self.tokens >= v.METER) & (self.tokens < v.TEMPO))
        in_force = self.tokens[meters[np.searchsorted(meters, ends) - 1]] - v.METER
        return int(np.array(v.BAR_TICKS)[in_force].sum())

    @property
    def token_key(self) -> int | None:
        """Index of the key that its last bar has for the model."""
        keys = self.tokens[(self.tokens >= v.KEY) & (self.tokens < v.METER)]
        return int(keys[-1]) - v.KEY if len(keys) else None

    def groups(self, count: int, meter: TimeSignature | None = None) -> BarGroups:
        """So many bars after the primer, in a meter or else as the primer goes on."""
        return group_bars([meter] * count if meter else next_bars(self.bars, count))
