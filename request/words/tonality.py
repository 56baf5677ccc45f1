"""Key and scale out of tonics, modes, scales and moods."""

import re

from partimento.music.keys import parse_key
from partimento.music.scales import find_scale, in_mode, sounds_minor
from partimento.request.words.choices import Choices
from partimento.request.words.recognition import Finding

_BARE_TONIC = re.compile(r"\s*[A-G](?:[ -]?(?:sharp|flat)|[#♯b♭])?\s*", re.IGNORECASE)


def settle_tonality(choices: Choices) -> None:
    """Decide key and scale.

    The key that is written out gives the tonic and, when it has one, the mode; a scale or mode
    named elsewhere fits in or gives way. A tonic alone takes the mode of that scale or mode, or
    of a mood. Without a tonic the mode or scale stands alone.
    """
    tonic = choices.ranked("tonic")[-1] if choices.ranked("tonic") else None
    if "key" in choices.options:
        for finding in choices.ranked("tonic"):
            choices.overrule(finding, "the option key", "key")
        tonic = None
    scale, mode = _standalone(choices)
    fixed = _fixed_mode(choices, tonic)
    if tonic is not None and "scale" in tonic.settings:
        for beside in (scale, mode):
            if beside is not None and beside is not tonic:
                choices.overrule(beside, f'"{tonic.text}"', "key")
        scale, mode = tonic, None
        fixed = None
    if fixed is not None:
        scale, mode = _fitting(choices, tonic, fixed, scale, mode)
    name = None if scale is None else str(scale.settings["scale"])
    minor = fixed if fixed is not None else _mode_of(name, mode)
    if name is not None and scale is not None:
        form = name if minor is None else in_mode(name, minor) or name
        choices.take(scale, "scale", find_scale(form))
    if "key" not in choices.options:
        _take_key(choices, tonic, scale, mode, minor)
    _name_losers(choices, tonic)


def _standalone(choices: Choices) -> tuple[Finding | None, Finding | None]:
    """The findings that name a scale and a mode beside the key; one of them when they clash."""
    if "scale" in choices.options:
        for finding in choices.ranked("scale"):
            choices.overrule(finding, "the option scale", "scale")
    scales = [] if "scale" in choices.options else choices.ranked("scale")
    scales = [f for f in scales if "tonic" not in f.settings]
    modes = [f for f in choices.ranked("mode") if "tonic" not in f.settings]
    scale, mode = (found[-1] if found else None for found in (scales, modes))
    if scale is None or mode is None or scale is mode:
        return scale, mode
    if in_mode(str(scale.settings["scale"]), mode.settings["mode"] == "minor") is not None:
        return scale, mode
    if (choices.rank(scale, "scale"), scale.start) > (choices.rank(mode, "mode"), mode.start):
        choices.overrule(mode, f'"{scale.text}"', "scale")
        return scale, None
    choices.overrule(scale, f'"{mode.text}"', "key")
    return None, mode


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
) -> tuple[Finding | None, Finding | None]:
    """Drop the scale and the mode that do not go with a mode that is fixed."""
    winner = "the option key" if tonic is None else f'"{tonic.text}"'
    if scale is not None and in_mode(str(scale.settings["scale"]), minor) is None:
        choices.overrule(scale, winner, "key")
        scale = None
    if mode is not None and (mode.settings["mode"] == "minor") != minor:
        choices.overrule(mode, winner, "key")
        mode = None
    return scale, mode


def _mode_of(scale: str | None, mode: Finding | None) -> bool | None:
    """Whether a scale and a mode make a minor key; None when neither is there."""
    if mode is not None:
        return mode.settings["mode"] == "minor"
    return None if scale is None else sounds_minor(scale)


def _take_key(
    choices: Choices,
    tonic: Finding | None,
    scale: Finding | None,
    mode: Finding | None,
    minor: bool | None,
) -> None:
    if tonic is not None:
        key = parse_key(str(tonic.settings["tonic"])).with_mode(bool(minor))
        choices.take(tonic, "key", str(key))
    elif mode is not None:
        choices.settings["key"] = str(mode.settings["mode"])
    if mode is not None and "key" in choices.settings:
        choices.agree(mode, "key", choices.settings["key"])


def _name_losers(choices: Choices, tonic: Finding | None) -> None:
    """Name other tonics, scales and modes that were said."""
    for setting, kept in (("tonic", "key"), ("scale", "scale"), ("mode", "key")):
        ranked = choices.ranked(setting)
        for finding in ranked:
            is_used = finding in choices.used and {"key", "scale"} & set(choices.used[finding])
            if is_used or finding in choices.gave_way:
                continue
            winner = tonic if tonic is not None else ranked[-1]
            if winner is finding:
                continue
            if finding.settings.get(setting) == winner.settings.get(setting):
                choices.agree(finding, kept, choices.settings.get(kept, ""))
            else:
                is_tie = choices.rank(finding, setting) == choices.rank(winner, setting)
                choices.overrule(finding, f'"{winner.text}"', kept, is_tie)
