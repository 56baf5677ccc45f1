"""From findings and options to the settings of a request: the table of rules, and what follows."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from partimento.errors import PartimentoError
from partimento.request.readers import Whole
from partimento.request.request import REQUEST_SETTINGS, Request
from partimento.request.settings import nearest
from partimento.request.sketch_wishes import ATTRIBUTE_WISHES
from partimento.request.values import WORD_ORDER
from partimento.request.words.choices import Choices
from partimento.request.words.harmony import settle_chords
from partimento.request.words.lexicon import Lexicon, Value
from partimento.request.words.players import settle_players, suits, too_narrow
from partimento.request.words.recognition import VALUES, Finding
from partimento.request.words.rules import (
    Rule,
    Unfit,
    about,
    by_mention,
    in_order,
    last_wins,
    naming,
)
from partimento.request.words.tempo import settle_length, settle_tempo
from partimento.request.words.tonality import settle_tonality


def resolve(
    findings: Sequence[Finding],
    unwanted: Sequence[Finding],
    options: Mapping[str, object],
    lexicon: Lexicon,
) -> Choices:
    """Settle every setting.

    The settings together with the options make a valid request if the options do.
    """
    choices = Choices(findings, unwanted, options, lexicon)
    for rule in RULES:
        choices = rule.apply(choices)
    return _without_unfit(_within_limits(choices))


def _roomy(choices: Choices, setting: str) -> tuple[Sequence[Finding], Sequence[Unfit]]:
    """Ranges, without the last ones that leave an instrument too little room."""
    ranked = in_order(about(choices.findings, setting), setting)
    unfit = []
    while ranked:
        last = ranked[-1]
        name = too_narrow(choices, str(last.settings[setting]))
        if name is None or last.section == VALUES:
            break
        if last.section == "registers":
            unfit.append((last, f"leaves too little of what {name} can play"))
        ranked.pop()
    return ranked, unfit


def _in_range(choices: Choices, setting: str) -> tuple[Sequence[Finding], Sequence[Unfit]]:
    """Registers, without those whose range does not count."""
    named = about(choices.findings, setting)
    return [f for f in named if "pitch_range" in choices.used.get(f, {})], ()


def _suitable(choices: Choices, setting: str) -> tuple[Sequence[Finding], Sequence[Unfit]]:
    """Styles, without those that only come along and do not suit the instruments."""
    fit, unfit = [], []
    for finding in about(choices.findings, setting):
        style = finding.settings[setting]
        if finding.section not in ("forms", "dances", "progressions") or suits(choices, style):
            fit.append(finding)
        elif set(finding.settings) == {setting}:
            unfit.append((finding, f"style {style} does not suit the instruments"))
    return fit, unfit


def _settle_style(choices: Choices, setting: str, ranked: Sequence[Finding]) -> Choices:
    """The last style counts; drums alone have no scale, and no key but a written one."""
    choices = last_wins(choices, setting, ranked)
    players = choices.value("instruments")
    only_drums = isinstance(players, (tuple, list)) and set(players) == {"drums"}
    if not only_drums and choices.value(setting) != "drums":
        return choices
    if not about(choices.findings, "tonic"):
        choices = choices.without("key")
    return choices.without("scale")


RULES = (
    *map(Rule, ("meter", "dynamic", "swing", "temperature", "seed", "lock_key")),
    Rule("key", settle_tonality, naming("tonic", "scale", "mode")),
    Rule("instruments", settle_players, naming("instruments", "group"), by_mention),
    Rule("pitch_range", candidates=_roomy),
    *(Rule(name) for name in ATTRIBUTE_WISHES if name != "register"),
    Rule("register", candidates=_in_range),
    Rule("style", _settle_style, _suitable),
    Rule("bpm", settle_tempo),
    Rule("bars", settle_length, naming("bars", "seconds")),
    Rule("chords", settle_chords, naming("progression", "chords")),
)
"""In the order in which one setting may depend on others: the tempo of a style, the bars of it."""


def _within_limits(choices: Choices) -> Choices:
    """Move numbers into the range that a request takes."""
    for setting in ("bars", "bpm", "temperature", "seed"):
        value = choices.settings.get(setting)
        if value is None:
            continue
        interval = REQUEST_SETTINGS[setting].interval
        assert isinstance(value, (int, float))
        assert interval is not None
        held = nearest(value, interval)
        if held != value:
            finding = next(f for f, used in choices.used.items() if setting in used)
            choices = choices.warn(finding, f"{setting} must be in {interval}, took {held:g}")
        is_whole = isinstance(REQUEST_SETTINGS[setting].reader, Whole)
        choices = choices.having(setting, int(held) if is_whole else float(held))
    return choices


def _without_unfit(choices: Choices) -> Choices:
    """Leave out what makes no valid request beside the options and the settings before it."""
    found = {
        setting: choices.settings[setting]
        for setting in WORD_ORDER
        if setting in choices.settings and setting not in choices.options
    }
    try:
        Request.from_dict({**found, **choices.options})
    except PartimentoError:
        return _that_fit(replace(choices, settings=found))
    return replace(choices, settings=found)


def _that_fit(choices: Choices) -> Choices:
    """Settings one by one, without those that make no request with the ones before them."""
    kept: dict[str, Value] = {}
    for setting, value in choices.settings.items():
        try:
            Request.from_dict({**kept, **choices.options, setting: value})
        except PartimentoError as error:
            deciding = [finding for finding, used in choices.used.items() if setting in used]
            for finding in deciding[-1:]:
                choices = choices.warn(finding, str(error))
            choices = choices.drop(setting)
            continue
        kept[setting] = value
    return replace(choices, settings=kept)
