"""A file of music as the codec wants it: on the token grid, in bars of the vocabulary."""

from collections.abc import Sequence
from dataclasses import dataclass

from partimento.errors import MidiError
from partimento.music.reading import read_score
from partimento.music.score import Score
from partimento.music.sources import Source, source_name
from partimento.tokenizer.quantize import QuantizeReport, quantize
from partimento.tokenizer.rebar import rebar


@dataclass(frozen=True, slots=True)
class LoadedScore:
    """A score on the token grid and how it came there."""

    score: Score
    """24 ticks a quarter; every bar has a meter of the vocabulary."""
    warnings: tuple[str, ...]
    """One line each: what was repaired in reading and changed in the bars."""
    report: QuantizeReport


def load_score(source: Source) -> LoadedScore:
    """Read, quantise and re-bar a file of music, in this order. Raises MidiError."""
    score, warnings = read_score(source)
    return fit_score(score, source_name(source), warnings)


def fit_score(score: Score, name: str, warnings: Sequence[str] = ()) -> LoadedScore:
    """Quantise and re-bar a score; `name` begins every message, `warnings` of reading go first.

    Raises MidiError.
    """
    try:
        score, report, bar_warnings = on_grid(score)
    except MidiError as error:
        raise MidiError(f"{name}: {error}") from error
    return LoadedScore(score, (*warnings, *(f"{name}: {w}" for w in bar_warnings)), report)


def on_grid(score: Score) -> tuple[Score, QuantizeReport, list[str]]:
    """Quantise and re-bar a score; with it what was moved, and warnings about its bars.

    Quantising first means that all bar lines are whole grid ticks. Raises MidiError.
    """
    score, report = quantize(score)
    score, warnings = rebar(score)
    return score, report, warnings
