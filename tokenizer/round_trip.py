"""What a score loses on its way into tokens and back."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from partimento.music.bars import bar_starts
from partimento.music.score import Score
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.decoding import decode
from partimento.tokenizer.vocabulary import TokenArray

Sound = tuple[int, int, int, int]
"""Onset, pitch, duration and index of the instrument (drums are one)."""


@dataclass(frozen=True, slots=True)
class RoundTrip:
    """How a score and its decoded tokens differ."""

    notes: int
    """Notes of the score."""
    lost: int
    """Notes of the score that the tokens do not mean."""
    extra: int
    """Notes of the tokens that are not in the score; a changed note is lost and extra."""
    bars: int
    """Bars of the score."""
    wrong_bars: int
    """Bars too many or too few, and those whose own tokens mean a note that is not in them."""

    @property
    def kept_share(self) -> float:
        """Share of the notes that come back, 0..1."""
        return share_kept(self.notes, self.lost, self.extra)


def share_kept(notes: int, lost: int, extra: int) -> float:
    """Share of so many notes that come back, 0..1; extra notes count like lost ones."""
    return 1 - max(lost, extra) / max(1, notes)


def check_round_trip(score: Score, tokens: TokenArray) -> RoundTrip:
    """Compare a quantised, re-barred score with what its tokens mean, note for note.

    Each bar's tokens are also decoded alone, so that a note in the wrong bar shows even when
    it stands at the right time. ValueError where the grammar forbids a token.
    """
    wanted = Counter(_sounds(score))
    found = Counter(_sounds(decode(tokens)))
    bars = bar_starts(score)
    starts = [bar.start for bar in bars]
    notes_of_bars: list[Counter[Sound]] = [Counter() for _ in bars]
    for (onset, pitch, duration, instrument), count in wanted.items():
        bar = bisect_right(starts, onset) - 1
        notes_of_bars[bar][onset - starts[bar], pitch, duration, instrument] += count
    pieces = list(_single_bars(tokens))
    wrong = abs(len(pieces) - len(bars))
    for piece, notes in zip(pieces, notes_of_bars, strict=False):
        wrong += bool(Counter(_sounds(decode(piece))) - notes)
    return RoundTrip(
        notes=score.note_count,
        lost=(wanted - found).total(),
        extra=(found - wanted).total(),
        bars=len(bars),
        wrong_bars=wrong,
    )


def _sounds(score: Score) -> Iterator[Sound]:
    for track in score.tracks:
        instrument = v.DRUMS if track.is_drum else v.INSTRUMENT_OF_PROGRAM[track.program]
        for note in track.notes:
            yield note.onset, note.pitch, note.duration, instrument


def _single_bars(tokens: TokenArray) -> Iterator[TokenArray]:
    """Each bar as a piece of one bar, in the meter in force."""
    edges = [*np.flatnonzero(tokens == v.BAR).tolist(), len(tokens)]
    meters = np.flatnonzero((tokens >= v.METER) & (tokens < v.TEMPO))
    for start, end in pairwise(edges):
        meter = tokens[meters[np.searchsorted(meters, start) - 1]]
        header = np.array([v.BOS, meter, v.TEMPO], np.uint16)
        yield np.concatenate([header, tokens[start:end]])
