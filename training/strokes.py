"""A line of a bar as strokes with their places, and strokes as tokens again."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.encoding import rest_tokens


class Stroke(NamedTuple):
    """Notes of a line that begin together."""

    onset: int
    """Grid ticks from the start of the bar."""
    pitches: tuple[int, ...]
    """From the highest down, as tokens have them."""
    duration: int
    """Grid ticks."""
    dynamic: int
    """Index of the dynamic in force."""

    @property
    def end(self) -> int:
        """Grid ticks from the start of the bar."""
        return self.onset + self.duration


def read_strokes(line: Iterable[int], dynamic: int = v.DEFAULT_DYNAMIC) -> list[Stroke]:
    """The strokes of the tokens of one line in a bar; `dynamic` is in force before them."""
    strokes = []
    tick = 0
    pitches: list[int] = []
    for token in line:
        if v.PITCH <= token < v.DURATION:
            pitches.append(token - v.PITCH)
        elif v.DURATION <= token < v.REST:
            ticks = v.DURATIONS[token - v.DURATION]
            strokes.append(Stroke(tick, tuple(pitches), ticks, dynamic))
            tick += ticks
            pitches = []
        elif v.REST <= token < v.INSTRUMENT:
            tick += v.RESTS[token - v.REST]
        elif v.DYNAMIC <= token < v.ROOT:
            dynamic = token - v.DYNAMIC
    return strokes


def write_strokes(
    instrument: int, strokes: Sequence[Stroke], dynamic: int = v.DEFAULT_DYNAMIC
) -> list[int]:
    """Tokens of a line, its instrument's first; strokes come in order and do not overlap."""
    tokens = [v.INSTRUMENT + instrument]
    tick = 0
    for stroke in strokes:
        tokens += rest_tokens(stroke.onset - tick)
        if stroke.dynamic != dynamic:
            dynamic = stroke.dynamic
            tokens.append(v.DYNAMIC + dynamic)
        tokens += [v.PITCH + pitch for pitch in stroke.pitches]
        tokens.append(v.DURATION + v.DURATIONS.index(stroke.duration))
        tick = stroke.end
    return tokens


def fitting_duration(ticks: int) -> int:
    """The longest duration of the vocabulary that is no longer than so many ticks.

    >>> fitting_duration(26), fitting_duration(48)
    (24, 48)
    """
    longest: int = v.DURATIONS[bisect_right(v.DURATIONS, ticks) - 1]
    return longest
