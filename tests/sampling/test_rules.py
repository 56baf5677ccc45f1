"""The rules of the bars: what the first, the last and all others are held to."""

import numpy as np

from partimento.request.request import Request
from partimento.sampling.rules import LINES_EACH, MAX_LINES, rules_of_steps
from partimento.tokenizer import vocabulary as v

PROMPT = np.array([v.BOS], np.uint16)
FOLK = v.STYLES.index("folk")


def test_the_first_bar_shows_the_instruments_and_the_last_one_closes() -> None:
    request = Request(bars=3, instruments=("violin", "violin", "cello"))
    rules = rules_of_steps(request, PROMPT, FOLK, 3, [[], [], []])
    assert [bool(rule.may_rest) for rule in rules] == [False, True, True]
    assert [bool(rule.must_sound) for rule in rules] == [True, False, True]
    assert [bool(rule.must_close) for rule in rules] == [False, False, True]


def test_every_bar_has_the_named_instruments_in_as_many_lines_as_they_have_voices() -> None:
    request = Request(bars=2, instruments=("flute", "flute", "piano"))
    for rule in rules_of_steps(request, PROMPT, FOLK, 2, [[], []]):
        assert rule.least_lines[v.INSTRUMENTS.index("flute")] == 2
        assert rule.least_lines.sum() == 3
        assert rule.most_lines[v.INSTRUMENTS.index("flute")] == 2
        assert rule.most_together == rule.most_lines.sum() == 2 + LINES_EACH


def test_without_named_instruments_any_may_play_but_those_left_out() -> None:
    request = Request(bars=1, without=("flute",))
    [rule] = rules_of_steps(request, PROMPT, FOLK, 1, [[]])
    assert rule.most_together == MAX_LINES
    assert (rule.most_lines == 0).sum() == 1
