"""Tokens taken apart into bars and lines, to be put together in another order.

A line is known by its instrument and its number among the lines of that instrument. Where lines
of a bar are left out or moved, empty ones (the instrument's token alone) keep the count.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.vocabulary import TokenArray

Line = tuple[int, int]
"""Instrument, and number among its lines."""


class BarLines(NamedTuple):
    """What stands between two BAR, FILL or EOS tokens."""

    start: list[int]
    """Tokens before the first line: the opening token, changes, chords."""
    lines: dict[Line, list[int]]
    """By instrument and number among its lines, each with the instrument's token."""


def split_lines(tokens: TokenArray) -> list[BarLines]:
    """What stands before the first BAR, then each bar or filling; EOS alone comes last."""
    bars = [BarLines([], {})]
    counts: dict[int, int] = {}
    current = bars[0].start
    for token in tokens.tolist():
        if token in (v.BAR, v.FILL, v.EOS):
            bars.append(BarLines([], {}))
            counts = {}
            current = bars[-1].start
        elif v.INSTRUMENT <= token < v.KEY:
            instrument = token - v.INSTRUMENT
            number = counts.get(instrument, 0)
            counts[instrument] = number + 1
            current = bars[-1].lines[instrument, number] = []
        current.append(token)
    return bars


def sounding(lines: dict[Line, list[int]]) -> set[Line]:
    """The lines that are more than their instrument's token."""
    return {line for line, tokens in lines.items() if len(tokens) > 1}


def ordered(lines: dict[Line, list[int]], order: Sequence[Line]) -> list[int]:
    """The tokens of some lines of a bar in an order in which a line's place gives its number.

    Lines that are silent are left out where no later line of their instrument sounds.
    """
    heard = sounding(lines)
    last = {line[0]: place for place, line in enumerate(order) if line in heard}
    result: list[int] = []
    for place, line in enumerate(order):
        if place <= last.get(line[0], -1):
            result += lines.get(line) or [v.INSTRUMENT + line[0]]
    return result


def renumbered(order: Iterable[Line]) -> dict[Line, Line]:
    """The line that each line of tokens is, when lines are written in an order: by new number."""
    counts: dict[int, int] = {}
    result: dict[Line, Line] = {}
    for line in order:
        number = counts.get(line[0], 0)
        counts[line[0]] = number + 1
        result[line[0], number] = line
    return result
