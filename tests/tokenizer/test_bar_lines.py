"""Bars are taken apart into lines and put together again, each line keeping one number."""

import numpy as np

from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.bar_lines import ordered, renumbered, split_lines

HEAD = [v.BOS, v.METER + 2, v.TEMPO + 5]
QUARTER = v.DURATION + v.DURATIONS.index(24)
PIANO, CELLO = 0, 15


def line(instrument: int, *pitches: int) -> list[int]:
    notes = (token for pitch in pitches for token in (v.PITCH + pitch, QUARTER))
    return [v.INSTRUMENT + instrument, *notes]


FIRST = {(PIANO, 0): line(PIANO, 72), (PIANO, 1): line(PIANO, 60), (CELLO, 0): line(CELLO, 40)}


def test_bars_are_split_at_their_lines() -> None:
    bar = [token for tokens in FIRST.values() for token in tokens]
    tokens = np.array([*HEAD, v.BAR, v.KEY + 3, *bar, v.BAR, v.EOS], np.uint16)
    head, first, second, end = split_lines(tokens)
    assert (head.start, head.lines) == (HEAD, {})
    assert (first.start, first.lines) == ([v.BAR, v.KEY + 3], FIRST)
    assert (second.start, second.lines, end.start) == ([v.BAR], {}, [v.EOS])


def test_lines_in_another_order_keep_the_count_by_empty_ones() -> None:
    assert ordered(FIRST, [(PIANO, 1), (CELLO, 0), (PIANO, 0)]) == [
        *line(PIANO, 60),
        *line(CELLO, 40),
        *line(PIANO, 72),
    ]
    only = {(PIANO, 0): line(PIANO, 72)}
    assert ordered(only, [(PIANO, 1), (CELLO, 0), (PIANO, 0)]) == [v.INSTRUMENT, *line(PIANO, 72)]
    assert ordered(only, [(PIANO, 0), (PIANO, 1)]) == line(PIANO, 72)
    assert ordered({(PIANO, 0): [v.INSTRUMENT]}, [(PIANO, 0), (PIANO, 1)]) == []


def test_numbers_in_another_order_are_known() -> None:
    order = [(PIANO, 1), (CELLO, 0), (PIANO, 0)]
    first, second = (PIANO, 0), (PIANO, 1)
    assert renumbered(order) == {first: second, (CELLO, 0): (CELLO, 0), second: first}
