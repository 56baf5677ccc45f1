"""Tempo and length out of speeds, dances, moods, bars and time."""

import math
from collections.abc import Sequence

from partimento.music.metre import parse_meter
from partimento.request.words.choices import SAID, Choices, number, rank
from partimento.request.words.recognition import Finding
from partimento.request.words.rules import about, decides, in_order, last_wins

NEUTRAL_BPM = 100.0
"""A mood with this tempo leaves the tempo of a dance as it is."""
TEMPO_BEARERS = ("styles", "forms", "progressions", "dances")
"""Sections whose tempo the words for speed and mood are relative to."""
LENGTH_BPM, LENGTH_METER = 110.0, "4/4"
"""Tempo and meter of a piece whose length is given in time and which has none."""
FITTING_BPM = (30.0, 300.0)
"""Tempos that may follow from bars and a length in time."""


def settle_tempo(choices: Choices, setting: str, ranked: Sequence[Finding]) -> Choices:
    """The last tempo counts; a word for speed or a mood changes that of a dance or style."""
    winner = decides(choices, setting, ranked)
    choices = last_wins(choices, setting, ranked)
    bases = [finding for finding in ranked if finding.section in TEMPO_BEARERS]
    moods = [finding for finding in ranked if finding.section == "moods"]
    if winner is None or not bases:
        return choices
    base = number(bases[-1], setting)
    if winner.section == "speeds":
        return choices.revise(setting, float(round(base * number(winner, "factor"))))
    if winner is bases[-1] and moods:
        bpm = float(round(base * math.sqrt(number(moods[-1], setting) / NEUTRAL_BPM)))
        return choices.agree(moods[-1], setting, bpm).revise(setting, bpm)
    return choices


def settle_length(choices: Choices, setting: str, ranked: Sequence[Finding]) -> Choices:
    """The bars as written, or as many as last so long."""
    counted, timed = about(ranked, setting), about(ranked, "seconds")
    if setting in choices.options:
        return choices.overrule_all((*counted, *timed), f"the option {setting}", setting)
    last = max(
        (*counted, *timed),
        key=lambda f: (rank(f, setting), setting in f.settings, f.start),
        default=None,
    )
    if last is None:
        return choices
    for finding in (*counted, *timed):
        if finding is last:
            continue
        fits = False
        if finding in timed:
            choices, fits = _fit_tempo(choices, last, finding)
        if not fits:
            shared = setting if setting in finding.settings else "seconds"
            choices = choices.yield_to(last, finding, shared)
    if setting in last.settings:
        return choices.take(last, setting, last.settings[setting])
    if choices.value("bpm") is None:
        choices = choices.having("bpm", LENGTH_BPM)
    if choices.value("meter") is None:
        choices = choices.having("meter", LENGTH_METER)
    bar_seconds = _quarters(choices) * 60.0 / _bpm(choices)
    return choices.take(last, setting, max(1, round(number(last, "seconds") / bar_seconds)))


def _fit_tempo(choices: Choices, counted: Finding, timed: Finding) -> tuple[Choices, bool]:
    """Take the tempo at which so many bars last so long, when no other is said; whether it was."""
    tempos = in_order(about(choices.findings, "bpm"), "bpm")
    is_said = any(rank(finding, "bpm") >= SAID for finding in tempos)
    if is_said or "bpm" in choices.options or rank(timed, "bars") < SAID:
        return choices, False
    if "bars" not in counted.settings or rank(counted, "bars") < rank(timed, "bars"):
        return choices, False
    if "meter" not in choices.settings:
        choices = choices.having("meter", str(choices.value("meter") or LENGTH_METER))
    quarters = number(counted, "bars") * _quarters(choices)
    bpm = round(quarters * 60.0 / number(timed, "seconds"), 2)
    if not FITTING_BPM[0] <= bpm <= FITTING_BPM[1]:
        return choices, False
    return choices.drop("bpm").take(timed, "bpm", bpm), True


def _quarters(choices: Choices) -> float:
    """Quarter notes in a bar."""
    numerator, denominator = parse_meter(str(choices.value("meter")))
    return 4.0 * numerator / denominator


def _bpm(choices: Choices) -> float:
    """The tempo, within what bars can be counted by."""
    bpm = choices.value("bpm")
    assert isinstance(bpm, (int, float))
    return min(max(float(bpm), 10.0), 400.0)
