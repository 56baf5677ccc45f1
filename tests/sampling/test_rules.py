"""The rules of the bars: what the first, the last and all others are held to."""

import numpy as np

from partimento.request.request import Request
from partimento.sampling.rules import LINES_EACH, MAX_LINES, rules_of_steps
from partimento.tokenizer import vocabulary as v

PROMPT = np.array([v.BOS], np.uint16)
FOLK = v.STYLES.index("folk")


def test_the_first_bar_shows_the_instruments_and_the_last_one_closes() -> None:
    request = Request(bars=3, instruments=("violin", "violin", "cello"))
    first, middle, last = rules_of_steps(request, PROMPT, FOLK, 3, [[], [], []])
    assert first.least_lines.sum() == 3
    assert middle.least_lines.sum() == last.least_lines.sum() == 0
    assert [bool(rule.must_sound) for rule in (first, middle, last)] == [True, False, True]
    assert [bool(rule.must_close) for rule in (first, middle, last)] == [False, False, True]
    assert middle.most_together == 3 * LINES_EACH


def test_without_named_instruments_any_may_play_but_those_left_out() -> None:
    request = Request(bars=1, without=("flute",))
    [rule] = rules_of_steps(request, PROMPT, FOLK, 1, [[]])
    assert rule.most_together == MAX_LINES
    assert (rule.most_lines == 0).sum() == 1
