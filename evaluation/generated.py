"""Generated pieces beside the ends of held-out ones: what is legal about them, what alike."""

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from itertools import islice

import numpy as np

from partimento.errors import MidiError
from partimento.evaluation.originality import LENGTHS, Likeness, measure_likeness
from partimento.evaluation.piece_statistics import (
    PieceStatistics,
    column_means,
    mean_statistics,
    measure_piece,
)
from partimento.music.bars import bar_starts
from partimento.music.midi.writer import midi_bytes
from partimento.music.score import Score
from partimento.music.timeline import from_tick
from partimento.request.request import Request
from partimento.sampling.engine import Engine
from partimento.sampling.generate import Piece as GeneratedPiece
from partimento.sampling.generate import generate
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.decoding import decode
from partimento.tokenizer.loading import load_score
from partimento.training.corpus import Piece

BARS = 16
"""Length of the generated pieces, and of the ends of the held-out ones beside them."""
_BATCH = 12
"""Pieces that are decoded together: one of each style."""


@dataclass(slots=True)
class Sample:
    """Pieces that are measured."""

    statistics: dict[str, list[PieceStatistics]] = field(default_factory=dict)
    """By style."""
    scores: dict[str, list[Score]] = field(default_factory=dict)
    """By style, in the same order, a track for each line."""
    likeness: dict[str, list[Likeness]] = field(default_factory=dict)
    """To the training music, by style, in the same order; empty when it was not measured."""
    pieces: int = 0
    valid_files: int = 0
    """Pieces whose MIDI file reads back with the same notes."""
    exact_bars: int = 0
    """Pieces that end by themselves after exactly the bars that were asked for."""

    def add(self, style: str, score: Score, lines: Score | None = None) -> None:
        """Measure a piece, in place; `lines` has its lines apart, where the score joins some."""
        self.pieces += 1
        self.statistics.setdefault(style, []).append(measure_piece(score))
        self.scores.setdefault(style, []).append(score if lines is None else lines)

    def mean(self) -> PieceStatistics:
        """The mean over the styles, each of which counts the same."""
        return mean_statistics(mean_statistics(pieces) for pieces in self.statistics.values())

    def mean_shares(self) -> dict[int, float]:
        """By length, the share of notes in passages that the training music has too.

        The mean over the styles that have pitched notes, each of which counts the same.
        """
        styles = [_mean_shares(pieces) for pieces in self.likeness.values()]
        return dict(zip(LENGTHS, column_means(styles, len(LENGTHS)), strict=True))

    def longest(self) -> dict[str, int]:
        """By style, the notes of the longest passage that the training music has too."""
        return {
            style: max(piece.longest for piece in pieces) for style, pieces in self.likeness.items()
        }

    def to_dict(self) -> dict[str, object]:
        """Means over and by style as JSON values."""
        longest = self.longest()
        styles = {}
        for style, pieces in sorted(self.statistics.items()):
            styles[style] = {"pieces": len(pieces), **asdict(mean_statistics(pieces))}
            if style in self.likeness:
                shares = _mean_shares(self.likeness[style])
                styles[style]["known_passages"] = dict(zip(LENGTHS, shares, strict=True))
                styles[style]["longest_known_passage"] = longest[style]
        content: dict[str, object] = {"pieces": self.pieces, "mean": asdict(self.mean())}
        if self.likeness:
            content["known_passages"] = self.mean_shares()
            content["longest_known_passage"] = max(longest.values())
        return {**content, "styles": styles}


def draw_requests(count: int, seed: int) -> list[list[Request]]:
    """Requests in batches: every style in turn, in keys drawn at random; drums have no key."""
    rng = np.random.default_rng(seed)
    requests = []
    for index in range(count):
        style = v.STYLES[index % len(v.STYLES)]
        key = v.KEYS[int(rng.integers(len(v.KEYS)))]
        requests.append(
            Request(
                bars=BARS, style=style, key=None if style == "drums" else key, seed=seed + index
            )
        )
    return [requests[start : start + _BATCH] for start in range(0, count, _BATCH)]


def measure_generated(batches: Iterable[list[Request]], engine: Engine) -> Sample:
    """Generate a piece for each request and measure it."""
    sample = Sample()
    for requests in batches:
        for piece in generate(requests, engine):
            sample.add(piece.request.style or "unknown", piece.score, decode(piece.tokens))
            sample.valid_files += reads_back(piece.score)
            sample.exact_bars += has_exact_bars(piece)
    return sample


def measure_held_out(pieces: Iterable[Piece]) -> Sample:
    """Measure the last bars of held-out pieces, as many as generated ones have."""
    sample = Sample()
    for piece in pieces:
        style = piece.entry.style or "unknown"
        sample.add(v.STYLE_ALIASES.get(style, style), last_bars(decode(piece.tokens)))
    return sample


def compare_with_training(samples: Sequence[Sample], training: Iterable[Piece]) -> None:
    """Measure what the samples' pieces have in common with the training pieces, in place."""
    scores = [s for sample in samples for pieces in sample.scores.values() for s in pieces]
    found = iter(measure_likeness(scores, (decode(piece.tokens) for piece in training)))
    for sample in samples:
        sample.likeness = {
            style: list(islice(found, len(pieces))) for style, pieces in sample.scores.items()
        }


def last_bars(score: Score) -> Score:
    """The end of a score, or all of it when it is shorter."""
    bars = bar_starts(score)
    return from_tick(score, bars[-BARS].start) if len(bars) > BARS else score


def has_exact_bars(piece: GeneratedPiece) -> bool:
    """Whether a piece closes after the bars that were asked for."""
    return piece.is_complete and piece.bars == piece.request.bars


def reads_back(score: Score) -> bool:
    """Whether the score's MIDI file can be read again and holds the same notes."""
    try:
        found = load_score(io.BytesIO(midi_bytes(score))).score
    except MidiError:
        return False
    return sorted(_notes(found)) == sorted(_notes(score))


def _notes(score: Score) -> Iterator[tuple[int, int, int]]:
    for track in score.tracks:
        for note in track.notes:
            yield note.onset, note.pitch, 0 if track.is_drum else note.duration


def _mean_shares(pieces: list[Likeness]) -> tuple[float, ...]:
    return column_means((piece.shares for piece in pieces), len(LENGTHS))
