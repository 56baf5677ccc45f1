"""The lines of a piece in another order, the same in all bars.

A line is known by its instrument and its number among the lines of that instrument; empty lines
are written anew, so that each line keeps one number throughout.
"""

import numpy as np

from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.bar_lines import Line, split_lines
from partimento.tokenizer.vocabulary import TokenArray


def shuffle_lines(tokens: TokenArray, rng: np.random.Generator) -> TokenArray:
    """Put the lines of all bars into one other order, drawn at random."""
    bars = split_lines(tokens)
    ranks: dict[Line, float] = {}
    for bar in bars:
        for line in bar.lines:
            ranks.setdefault(line, float(rng.random()))
    order = sorted(ranks, key=lambda line: ranks[line])
    result: list[int] = []
    for bar in bars:
        result += bar.start
        last = {line[0]: ranks[line] for line in order if len(bar.lines.get(line, ())) > 1}
        for line in order:
            if ranks[line] <= last.get(line[0], -1.0):
                result += bar.lines.get(line, [v.INSTRUMENT + line[0]])
    return np.array(result, np.uint16)


def put_line_last(tokens: TokenArray, rng: np.random.Generator) -> TokenArray:
    """Write one line, drawn at random, after the others in all bars."""
    bars = split_lines(tokens)
    lines = list(dict.fromkeys(line for bar in bars for line in bar.lines))
    if len(lines) < 2:
        return tokens
    last = lines[int(rng.integers(len(lines)))]
    before = sum(line[0] == last[0] for line in lines) - 1
    result: list[int] = []
    for bar in bars:
        others = [line for line in bar.lines if line != last]
        result += [*bar.start, *(token for line in others for token in bar.lines[line])]
        own = bar.lines.get(last, [])
        if len(own) > 1:
            missing = before - sum(line[0] == last[0] for line in others)
            result += [v.INSTRUMENT + last[0]] * missing + own
    return np.array(result, np.uint16)
