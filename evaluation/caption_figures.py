"""How well pieces are what captions say of them: tempo, key, meter and instruments."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from partimento.evaluation.captions import Caption
from partimento.evaluation.heard_keys import EQUAL, RELATIVE, relation
from partimento.music.instruments import (
    DRUMS,
    INSTRUMENT_OF_PROGRAM,
    find_instrument,
    find_players,
)
from partimento.music.key_finding import estimate_key
from partimento.music.keys import parse_key
from partimento.music.score import Score
from partimento.tokenizer import vocabulary as v

PUBLISHED: dict[str, tuple[float, ...]] = {
    "Text2midi": (0.397, 0.658, 0.336, 0.356),
    "MuseCoco": (0.217, 0.546, 0.137, 0.146),
}
"""The first four measures, on captions of MidiCaps: K. Bhandari and others, "Text2midi: Generating
Symbolic Music from Captions", AAAI 2025."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Shares of the pieces of which a caption says it; NaN when none does."""

    tempo: float
    """In the same of the vocabulary's twelve bins, 40 to 240 beats a minute."""
    near_tempo: float
    """In the same bin or the one beside it."""
    key: float
    """Heard in the notes, by an estimator."""
    key_or_relative: float
    meter: float
    instruments: float
    """Mean F1 of the instruments, by the vocabulary's 33 groups."""

    def rows(self) -> list[tuple[str, float]]:
        """Each measure by its name."""
        names = ("tempo in the bin", "within one bin", "key", "key or relative key", "meter")
        values = (self.tempo, self.near_tempo, self.key, self.key_or_relative, self.meter)
        return [*zip(names, values, strict=True), ("instruments (F1)", self.instruments)]


def measure_captions(pieces: Iterable[tuple[Caption, Score]]) -> Figures:
    """What of their captions is true of pieces."""
    found: dict[str, list[float]] = {name: [] for name in Figures.__slots__}
    for caption, score in pieces:
        distance = abs(v.tempo_index(score.tempos[0].bpm) - v.tempo_index(caption.bpm))
        found["tempo"].append(distance == 0)
        found["near_tempo"].append(distance <= 1)
        if caption.key is not None:
            heard = relation(parse_key(caption.key), estimate_key(score))
            found["key"].append(heard == EQUAL)
            found["key_or_relative"].append(heard in (EQUAL, RELATIVE))
        if caption.meter is not None:
            meter = score.meters[0]
            found["meter"].append(f"{meter.numerator}/{meter.denominator}" == caption.meter)
        found["instruments"].append(instruments_f1(caption.instruments, score))
    return Figures(**{name: _mean(values) for name, values in found.items()})


def instruments_f1(names: Sequence[str], score: Score) -> float:
    """F1 of the instruments that play in a score against those that are named.

    How many of each there are does not count: a caption's choir has as many parts as it likes.
    """
    asked = {find_instrument(player)[1] for player in find_players(tuple(names))}
    playing = {
        DRUMS if track.is_drum else INSTRUMENT_OF_PROGRAM[track.program]
        for track in score.tracks
        if track.notes
    }
    return 2 * len(asked & playing) / (len(asked) + len(playing))


def misses(caption: Caption, score: Score) -> list[str]:
    """What a piece is that its caption does not say, in words."""
    figures = measure_captions([(caption, score)])
    heard = estimate_key(score)
    meter = score.meters[0]
    key = None if heard is None else v.KEYS[heard.tonic + 12 * heard.is_minor]
    said = {
        "tempo": f"tempo {score.tempos[0].bpm:g} instead of {caption.bpm:g}",
        "key": f"key {key} instead of {caption.key}",
        "meter": f"meter {meter.numerator}/{meter.denominator} instead of {caption.meter}",
        "instruments": f"not {', '.join(caption.instruments)}",
    }
    return [text for name, text in said.items() if getattr(figures, name) < 1]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else math.nan
