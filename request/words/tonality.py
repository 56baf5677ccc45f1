"""Key and scale out of tonics, modes, scales and moods."""

import re
from collections.abc import Sequence

from partimento.music.keys import parse_key
from partimento.music.scales import find_scale, in_mode, sounds_minor
from partimento.request.words.choices import Choices, rank
from partimento.request.words.recognition import Finding
from partimento.request.words.rules import about

_BARE_TONIC = re.compile(r"\s*[A-G](?:[ -]?(?:sharp|flat)|[#♯b♭])?\s*", re.IGNORECASE)


def settle_tonality(choices: Choices, _: str, ranked: Sequence[Finding]) -> Choices:
    """Decide key and scale, out of findings that name a tonic, a mode or a scale.

    The key that is written out gives the tonic and, when it has one, the mode; a scale or mode
    named elsewhere fits in or gives way. A tonic alone takes the mode of that scale or mode, or
    of a mood. Without a tonic the mode or scale stands alone.
    """
    tonics = about(ranked, "tonic")
    tonic = tonics[-1] if tonics else None
    if "key" in choices.options:
        choices = choices.overrule_all(tonics, "the option key", "key")
        tonic = None
    choices, scale, mode = _standalone(choices, ranked)
    fixed = _fixed_mode(choices, tonic)
    if tonic is not None and "scale" in tonic.settings:
        beside = [f for f in (scale, mode) if f is not None and f is not tonic]
        choices = choices.overrule_all(beside, f'"{tonic.text}"', "key")
        scale, mode = tonic, None
        fixed = None
    if fixed is not None:
        choices, scale, mode = _fitting(choices, tonic, fixed, scale, mode)
    name = None if scale is None else str(scale.settings["scale"])
    minor = fixed if fixed is not None else _mode_of(name, mode)
    if name is not None and scale is not None:
        form = name if minor is None else in_mode(name, minor) or name
        choices = choices.take(scale, "scale", find_scale(form))
    if "key" not in choices.options:
        choices = _take_key(choices, tonic, mode, minor)
    return _name_losers(choices, ranked, tonic)


def _standalone(
    choices: Choices, ranked: Sequence[Finding]
) -> tuple[Choices, Finding | None, Finding | None]:
    """The findings that name a scale and a mode beside the key; one of them when they clash."""
    scales = about(ranked, "scale")
    if "scale" in choices.options:
        choices = choices.overrule_all(scales, "the option scale", "scale")
        scales = []
    scales = [f for f in scales if "tonic" not in f.settings]
    modes = [f for f in about(ranked, "mode") if "tonic" not in f.settings]
    scale, mode = (found[-1] if found else None for found in (scales, modes))
    if scale is None or mode is None or scale is mode:
        return choices, scale, mode
    if in_mode(str(scale.settings["scale"]), mode.settings["mode"] == "minor") is not None:
        return choices, scale, mode
    if (rank(scale, "scale"), scale.start) > (rank(mode, "mode"), mode.start):
        return choices.overrule(mode, f'"{scale.text}"', "scale"), scale, None
    return choices.overrule(scale, f'"{mode.text}"', "key"), None, mode


def _fixed_mode(choices: Choices, tonic: Finding | None) -> bool | None:
    """Whether the written key or the option is minor; None when that is open."""
    option = choices.options.get("key")
    if isinstance(option, str) and not _BARE_TONIC.fullmatch(option):
        return option.strip().lower() == "minor" or (
            option.strip().lower() != "major" and parse_key(option).is_minor
        )
    if tonic is not None and "mode" in tonic.settings:
        return tonic.settings["mode"] == "minor"
    return None


def _fitting(
    choices: Choices,
    tonic: Finding | None,
    minor: bool,
    scale: Finding | None,
    mode: Finding | None,
) -> tuple[Choices, Finding | None, Finding | None]:
    """Drop the scale and the mode that do not go with a mode that is fixed."""
    winner = "the option key" if tonic is None else f'"{tonic.text}"'
    if scale is not None and in_mode(str(scale.settings["scale"]), minor) is None:
        choices = choices.overrule(scale, winner, "key")
        scale = None
    if mode is not None and (mode.settings["mode"] == "minor") != minor:
        choices = choices.overrule(mode, winner, "key")
        mode = None
    return choices, scale, mode


def _mode_of(scale: str | None, mode: Finding | None) -> bool | None:
    """Whether a scale and a mode make a minor key; None when neither is there."""
    if mode is not None:
        return mode.settings["mode"] == "minor"
    return None if scale is None else sounds_minor(scale)


def _take_key(
    choices: Choices, tonic: Finding | None, mode: Finding | None, minor: bool | None
) -> Choices:
    """The key of a tonic, or the mode alone."""
    if tonic is not None:
        key = parse_key(str(tonic.settings["tonic"])).with_mode(bool(minor))
        choices = choices.take(tonic, "key", str(key))
    elif mode is not None:
        choices = choices.having("key", str(mode.settings["mode"]))
    if mode is not None and "key" in choices.settings:
        choices = choices.agree(mode, "key", choices.settings["key"])
    return choices


def _name_losers(choices: Choices, findings: Sequence[Finding], tonic: Finding | None) -> Choices:
    """Name other tonics, scales and modes that were said."""
    for setting, kept in (("tonic", "key"), ("scale", "scale"), ("mode", "key")):
        ranked = about(findings, setting)
        for finding in ranked:
            is_used = not {"key", "scale"}.isdisjoint(choices.used.get(finding, {}))
            winner = tonic if tonic is not None else ranked[-1]
            if is_used or finding in choices.gave_way or winner is finding:
                continue
            if finding.settings.get(setting) == winner.settings.get(setting):
                choices = choices.agree(finding, kept, choices.settings.get(kept, ""))
            else:
                is_tie = rank(finding, setting) == rank(winner, setting)
                choices = choices.overrule(finding, f'"{winner.text}"', kept, is_tie)
    return choices
