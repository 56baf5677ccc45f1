"""The rules of the bars: what the first, the last and all others are held to."""

import numpy as np

from partimento.music.instrument_ranges import PLAYABLE
from partimento.request.request import Request
from partimento.sampling.ensembles import LINES_EACH, Ensemble, asked_ensemble
from partimento.sampling.plan import Rule
from partimento.sampling.rules import MAX_LINES, rules_of_steps
from partimento.tokenizer import vocabulary as v

PROMPT = np.array([v.BOS], np.uint16)
FOLK = v.STYLES.index("folk")


def rules_of(request: Request, ensemble: Ensemble | None = None) -> list[Rule]:
    forced: list[list[int]] = [[] for _ in range(request.bars)]
    ensemble = ensemble or asked_ensemble(request)
    return rules_of_steps(request, PROMPT, FOLK, request.bars, forced, ensemble)


def test_the_first_bar_shows_the_instruments_and_the_last_one_closes() -> None:
    request = Request(bars=3, instruments=("violin", "violin", "cello"))
    rules = rules_of(request)
    assert [bool(rule.may_rest) for rule in rules] == [False, True, True]
    assert [bool(rule.must_sound) for rule in rules] == [True, False, True]
    assert [bool(rule.must_close) for rule in rules] == [False, False, True]


def test_every_bar_has_the_named_instruments_in_as_many_lines_as_they_have_voices() -> None:
    request = Request(bars=2, instruments=("flute", "flute", "piano"))
    for rule in rules_of(request):
        assert rule.least_lines[v.INSTRUMENTS.index("flute")] == 2
        assert rule.least_lines.sum() == 3
        assert rule.most_lines[v.INSTRUMENTS.index("flute")] == 2
        assert rule.most_together == rule.most_lines.sum() == 2 + LINES_EACH


def test_without_named_instruments_any_may_play_but_those_left_out() -> None:
    request = Request(bars=1, without=("flute",))
    [rule] = rules_of(request)
    assert rule.most_together == MAX_LINES
    assert (rule.most_lines == 0).sum() == 1


def test_players_who_were_not_asked_for_may_play_and_no_others() -> None:
    flute, piano = (v.INSTRUMENTS.index(name) for name in ("flute", "piano"))
    ensemble = Ensemble((flute, piano), is_heard=False, reach={flute: (50, 70)})
    [rule] = rules_of(Request(bars=1), ensemble)
    assert rule.least_lines.sum() == 0
    assert np.flatnonzero(rule.most_lines).tolist() == sorted((flute, piano))
    assert (rule.lowest[flute], rule.highest[flute]) == (50, PLAYABLE[flute][1])
    assert (rule.lowest[piano], rule.highest[piano]) == PLAYABLE[piano]
