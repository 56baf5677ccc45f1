"""From findings and options to the settings of a request."""

import math
from collections.abc import Mapping, Sequence

from partimento.errors import PartimentoError
from partimento.music.chords import parse_chords
from partimento.music.degrees import spell_progression
from partimento.music.keys import parse_key
from partimento.music.metre import METERS, parse_meter
from partimento.request.readers import Whole
from partimento.request.request import REQUEST_SETTINGS, Request
from partimento.request.settings import nearest
from partimento.request.values import WORD_ORDER
from partimento.request.words.choices import SAID, Choices, number
from partimento.request.words.lexicon import Lexicon, Value
from partimento.request.words.players import settle_players, suits, too_narrow
from partimento.request.words.recognition import VALUES, Finding
from partimento.request.words.tonality import settle_tonality

NEUTRAL_BPM = 100.0
"""A mood with this tempo leaves the tempo of a dance as it is."""
TEMPO_BEARERS = ("styles", "forms", "progressions", "dances")
"""Sections whose tempo the words for speed and mood are relative to."""
LENGTH_BPM, LENGTH_METER = 110.0, "4/4"
"""Tempo and meter of a piece whose length is given in time and which has none."""
FITTING_BPM = (30.0, 300.0)
"""Tempos that may follow from bars and a length in time."""


def resolve(
    findings: Sequence[Finding],
    unwanted: Sequence[Finding],
    options: Mapping[str, object],
    lexicon: Lexicon,
) -> tuple[Choices, list[Finding]]:
    """Settle every setting; the second result are findings that say nothing by themselves.

    The settings together with the options make a valid request if the options do.
    """
    choices = Choices(findings, options, lexicon)
    for setting in ("meter", "dynamic", "swing", "temperature", "seed", "lock_key"):
        choices.choose(setting)
    settle_tonality(choices)
    empty = settle_players(choices, unwanted)
    _settle_range(choices)
    _settle_style(choices)
    _settle_tempo(choices)
    _settle_length(choices)
    _settle_chords(choices)
    _stay_in_limits(choices)
    _drop_unfit(choices)
    return choices, empty


def _settle_range(choices: Choices) -> None:
    """Decide the range, of those that leave every instrument room."""
    ranked = choices.ranked("pitch_range")
    everything = choices.findings
    for finding in reversed(ranked):
        name = too_narrow(choices, str(finding.settings["pitch_range"]))
        if name is None or finding.section == VALUES:
            break
        if finding.section == "registers":
            choices.warn(finding, f"leaves too little of what {name} can play")
        choices.findings = [other for other in choices.findings if other is not finding]
    choices.choose("pitch_range")
    choices.findings = everything


def _settle_style(choices: Choices) -> None:
    fitting = []
    for finding in choices.findings:
        style = finding.settings.get("style", "")
        if finding.section not in ("forms", "dances", "progressions") or suits(choices, style):
            fitting.append(finding)
        elif set(finding.settings) == {"style"}:
            choices.warn(finding, f"style {style} does not suit the instruments")
    everything, choices.findings = choices.findings, fitting
    choices.choose("style")
    choices.findings = everything
    players = choices.value("instruments")
    only_drums = isinstance(players, (tuple, list)) and set(players) == {"drums"}
    if only_drums or choices.value("style") == "drums":
        if not any("tonic" in finding.settings for finding in choices.findings):
            choices.settings.pop("key", None)
            choices.drop("key")
        choices.settings.pop("scale", None)
        choices.drop("scale")


def _settle_tempo(choices: Choices) -> None:
    ranked = choices.ranked("bpm")
    winner = choices.choose("bpm")
    if winner is None:
        return
    bases = [finding for finding in ranked if finding.section in TEMPO_BEARERS]
    moods = [finding for finding in ranked if finding.section == "moods"]
    if not bases:
        return
    base = number(bases[-1], "bpm")
    if winner.section == "speeds":
        base *= number(winner, "factor")
    elif winner is bases[-1] and moods:
        base *= math.sqrt(number(moods[-1], "bpm") / NEUTRAL_BPM)
        choices.agree(moods[-1], "bpm", base)
    else:
        return
    choices.settings["bpm"] = float(round(base))
    for used in choices.used.values():
        if "bpm" in used:
            used["bpm"] = choices.settings["bpm"]


def _settle_length(choices: Choices) -> None:
    """Decide the bars: as written, or as many as last so long."""
    counted, timed = choices.ranked("bars"), choices.ranked("seconds")
    if "bars" in choices.options:
        for finding in (*counted, *timed):
            choices.overrule(finding, "the option bars", "bars")
        return
    last = max(
        (f for f in (*counted, *timed)),
        key=lambda f: (choices.rank(f, "bars"), "bars" in f.settings, f.start),
        default=None,
    )
    if last is None:
        return
    for finding in (*counted, *timed):
        if finding is not last and not (finding in timed and _fit_tempo(choices, last, finding)):
            choices.yield_to(last, finding, "bars" if "bars" in finding.settings else "seconds")
    if "bars" in last.settings:
        choices.take(last, "bars", last.settings["bars"])
        return
    seconds = number(last, "seconds")
    if choices.value("bpm") is None:
        choices.settings["bpm"] = LENGTH_BPM
    if choices.value("meter") is None:
        choices.settings["meter"] = LENGTH_METER
    bar_seconds = _quarters(choices) * 60.0 / _bpm(choices)
    choices.take(last, "bars", max(1, round(seconds / bar_seconds)))


def _fit_tempo(choices: Choices, counted: Finding, timed: Finding) -> bool:
    """Take the tempo at which so many bars last so long, when no other is said."""
    said = [f for f in choices.ranked("bpm") if choices.rank(f, "bpm") >= SAID]
    if said or "bpm" in choices.options or choices.rank(timed, "bars") < SAID:
        return False
    is_written = choices.rank(counted, "bars") >= choices.rank(timed, "bars")
    if "bars" not in counted.settings or not is_written:
        return False
    choices.settings.setdefault("meter", str(choices.value("meter") or LENGTH_METER))
    quarters = number(counted, "bars") * _quarters(choices)
    bpm = round(quarters * 60.0 / number(timed, "seconds"), 2)
    if not FITTING_BPM[0] <= bpm <= FITTING_BPM[1]:
        return False
    choices.drop("bpm")
    choices.take(timed, "bpm", bpm)
    return True


def _settle_chords(choices: Choices) -> None:
    written = [*choices.ranked("progression"), *choices.ranked("chords")]
    if "chords" in choices.options:
        for finding in written:
            choices.overrule(finding, "the option chords", "chords", always=True)
        return
    if not written:
        return
    last = max(written, key=lambda f: (choices.rank(f, "chords"), f.start))
    for finding in written:
        if finding is not last:
            choices.yield_to(last, finding, "chords")
    chords = str(last.settings.get("chords") or _spell(choices, last))
    if choices.value("meter") is None and ":" in chords:
        choices.settings["meter"] = _meter_that_fits(chords)
    choices.take(last, "chords", chords)
    notes = parse_chords(chords).notes
    if notes:
        choices.warn(last, ", ".join(notes))


def _spell(choices: Choices, finding: Finding) -> str:
    """Chord symbols of a progression in the key, in C major or A minor when it has no tonic."""
    key = choices.value("key")
    if key in (None, "major", "minor"):
        key = "A minor" if key == "minor" else "C major"
        if "key" not in choices.options:
            choices.take(finding, "key", key)
    tonic = parse_key(str(key))
    degrees = str(finding.settings["progression"])
    dots = " ..." if degrees.endswith("...") else ""
    return spell_progression(degrees.removesuffix("..."), tonic.tonic, tonic.is_minor) + dots


def _meter_that_fits(chords: str) -> str:
    """The likeliest meter whose bars chords with beats fill; 4/4 when there is none."""
    for meter in ((4, 4), (3, 4), (2, 4), *METERS):
        try:
            parse_chords(chords).by_bar(meter, 1)
        except PartimentoError:
            continue
        return f"{meter[0]}/{meter[1]}"
    return LENGTH_METER


def _stay_in_limits(choices: Choices) -> None:
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
            choices.warn(finding, f"{setting} must be in {interval}, took {held:g}")
        is_whole = isinstance(REQUEST_SETTINGS[setting].reader, Whole)
        choices.settings[setting] = int(held) if is_whole else float(held)


def _drop_unfit(choices: Choices) -> None:
    """Leave out what makes no valid request beside the options and the settings before it."""
    found = {
        setting: choices.settings[setting]
        for setting in WORD_ORDER
        if setting in choices.settings and setting not in choices.options
    }
    try:
        Request.from_dict({**found, **choices.options})
    except PartimentoError:
        found = _that_fit(choices, found)
    choices.settings = found


def _that_fit(choices: Choices, found: Mapping[str, Value]) -> dict[str, Value]:
    """Settings one by one, without those that make no request with the ones before them."""
    kept: dict[str, Value] = {}
    for setting in found:
        try:
            Request.from_dict({**kept, **choices.options, setting: choices.settings[setting]})
        except PartimentoError as error:
            deciding = [finding for finding, used in choices.used.items() if setting in used]
            for finding in deciding[-1:]:
                choices.warn(finding, str(error))
            choices.drop(setting)
            continue
        kept[setting] = choices.settings[setting]
    return kept


def _quarters(choices: Choices) -> float:
    """Quarter notes in a bar."""
    numerator, denominator = parse_meter(str(choices.value("meter")))
    return 4.0 * numerator / denominator


def _bpm(choices: Choices) -> float:
    bpm = choices.value("bpm")
    assert isinstance(bpm, (int, float))
    return min(max(float(bpm), 10.0), 400.0)
