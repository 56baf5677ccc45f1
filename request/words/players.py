"""Instruments out of names, counts, ensembles and what is to be left out."""

from collections.abc import Sequence
from dataclasses import replace

from partimento.music.instruments import INSTRUMENTS, find_instrument, names_without
from partimento.music.pitch import parse_pitch_range
from partimento.request.values import MAX_INSTRUMENTS
from partimento.request.words.choices import Choices, number
from partimento.request.words.lexicon import Value
from partimento.request.words.recognition import Finding
from partimento.request.words.rules import about

OCTAVE = 12


def settle_players(choices: Choices, setting: str, mentioned: Sequence[Finding]) -> Choices:
    """Decide the instruments, or those to leave out, of findings that name some or a group."""
    named, groups = about(mentioned, setting), about(mentioned, "group")
    if any(finding.section != "forms" for finding in named):
        named = [finding for finding in named if finding.section != "forms"]
    if setting in choices.options:
        losers = (*named, *groups, *choices.unwanted)
        return choices.overrule_all(losers, f"the option {setting}", setting, always=True)
    players = _players(named)
    for finding in groups:
        if len(players) == 1:
            players = players * int(number(finding, "group"))
        if players:
            choices = choices.agree(finding, setting, tuple(players))
    names = tuple(name for finding in choices.unwanted for name in _names(finding, "family"))
    kept = [name for name in players if not any(_means(without, name) for without in names)]
    if len(kept) > MAX_INSTRUMENTS:
        choices = choices.warn(named[-1], f"{MAX_INSTRUMENTS} instruments at most")
        kept = kept[:MAX_INSTRUMENTS]
    for finding in named:
        shown = tuple(name for name in _names(finding) if name in kept)
        if shown:
            choices = choices.agree(finding, setting, shown)
        else:
            choices = choices.overrule(finding, '"without"', setting, always=True)
    if kept:
        choices = choices.having(setting, tuple(kept))
    elif names and "without" not in choices.options:
        without = names_without([find_instrument(name)[1] for name in names])
        choices = choices.having("without", without)
    for finding in choices.unwanted:
        choices = choices.agree(finding, "without", _names(finding))
    return choices if players else replace(choices, silent=groups)


def suits(choices: Choices, style: Value) -> bool:
    """Whether the named instruments, when there are any, have one that a style is for."""
    wanted = choices.lexicon.style_instruments.get(str(style))
    players = choices.value("instruments")
    if wanted is None or not isinstance(players, (tuple, list)):
        return True
    groups = {find_instrument(str(name))[1] for name in wanted}
    return any(find_instrument(str(name))[1] in groups for name in players)


def too_narrow(choices: Choices, pitch_range: str) -> str | None:
    """The first named instrument that a range leaves less than an octave, or None."""
    low, high = parse_pitch_range(pitch_range)
    players = choices.value("instruments")
    for player in players if isinstance(players, (tuple, list)) else ():
        compass = choices.lexicon.compass.get(INSTRUMENTS[find_instrument(str(player))[1]])
        if compass is not None:
            lowest, highest = parse_pitch_range(compass)
            if min(high, highest) - max(low, lowest) < OCTAVE:
                return str(player)
    return None


def _players(named: Sequence[Finding]) -> list[str]:
    """Each instrument as often as the finding says that wants most of it, in order of mention."""
    players: list[str] = []
    for finding in named:
        names = _names(finding)
        for name in dict.fromkeys(names):
            players += [name] * (names.count(name) - players.count(name))
    return players


def _names(finding: Finding, setting: str = "instruments") -> tuple[str, ...]:
    """Canonical names of a finding's instruments."""
    names = finding.settings.get(setting, finding.settings.get("instruments", ()))
    assert isinstance(names, tuple)
    return tuple(find_instrument(name)[0] for name in names)


def _means(name: str, player: str) -> bool:
    """Whether a name means an instrument: the same one, or its group in the vocabulary."""
    return name == player or (
        name in INSTRUMENTS and find_instrument(name)[1] == find_instrument(player)[1]
    )
