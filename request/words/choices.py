"""Which of several findings decides a setting: the more specific one, and of equals the later."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from partimento.request.words.lexicon import Lexicon, Value, describe_settings
from partimento.request.words.recognition import VALUES, Finding

RANKS = (
    *("moods", "ensembles", "styles", "forms", "progressions", "dances"),
    *("speeds", "registers", "textures", "lengths", "character", "instruments"),
    *("dynamics", "tempo", "meters", "scales", VALUES),
)
"""Sections from the vaguest to the most specific."""
STYLE_RANKS = ("moods", "dances", "forms", "progressions", "ensembles", "instruments", "styles")
"""The same for the style: a jazz waltz is jazz, a fugue for string quartet is for a quartet."""
SAID = RANKS.index("speeds")
"""From here on a finding asks for its settings by itself; below, they come along with it."""


def number(finding: Finding, setting: str) -> float:
    """A setting of a finding that is a number."""
    value = finding.settings[setting]
    assert isinstance(value, (int, float))
    return float(value)


def rank(finding: Finding, setting: str) -> int:
    """How specific a finding is about a setting."""
    ranks = STYLE_RANKS if setting == "style" else RANKS
    return ranks.index(finding.section)


@dataclass(frozen=True, slots=True)
class Choices:
    """What has been decided so far, and by which findings; each step gives another one."""

    findings: Sequence[Finding]
    """In the order of the text, as all other sequences of findings."""
    unwanted: Sequence[Finding]
    """Instruments and ensembles to leave out."""
    options: Mapping[str, object]
    """Settings that are given explicitly; they win over all words."""
    lexicon: Lexicon
    settings: Mapping[str, Value] = field(default_factory=dict)
    used: Mapping[Finding, Mapping[str, Value]] = field(default_factory=dict)
    """What each finding decided or agrees with."""
    gave_way: frozenset[Finding] = frozenset()
    """Findings that some conflict names."""
    silent: Sequence[Finding] = ()
    """Findings that say nothing by themselves."""
    _conflicts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What gave way to what, and the settings whose values tell what counts instead."""

    def value(self, setting: str) -> object:
        """The value that a request will have; None when it is open."""
        return self.options.get(setting, self.settings.get(setting))

    def having(self, setting: str, value: Value) -> "Choices":
        """A setting has a value that no finding names."""
        return replace(self, settings={**self.settings, setting: value})

    def take(self, finding: Finding, setting: str, value: Value) -> "Choices":
        """A finding decides a setting, under the name that a request has for it."""
        return self.having(setting, value).agree(finding, setting, value)

    def agree(self, finding: Finding, setting: str, value: Value) -> "Choices":
        """A finding has its part in the value of a setting."""
        used = {**self.used.get(finding, {}), setting: value}
        return replace(self, used={**self.used, finding: used})

    def revise(self, setting: str, value: Value) -> "Choices":
        """Another value for a setting, decided by the same findings."""
        used = {
            finding: {**values, setting: value} if setting in values else values
            for finding, values in self.used.items()
        }
        return replace(self.having(setting, value), used=used)

    def yield_to(self, winner: Finding, loser: Finding, setting: str) -> "Choices":
        """A finding agrees with another, or gives way to it."""
        value = winner.settings.get(setting)
        if value is not None and loser.settings.get(setting) == value:
            return self.agree(loser, setting, value)
        is_tie = rank(winner, setting) == rank(loser, setting)
        return self.overrule(loser, f'"{winner.text}"', setting, is_tie)

    def overrule(
        self, loser: Finding, winner: str, setting: str, always: bool = False
    ) -> "Choices":
        """Name what gave way, unless it only came along with something else."""
        came_along = RANKS.index(loser.section) < SAID
        names_meter = setting == "meter" and loser.section == "dances"
        if came_along and not always and not names_meter:
            return self
        message = f'"{loser.text}" gives way to {winner}'
        settings = tuple(dict.fromkeys((*self._conflicts.get(message, ()), setting)))
        return self._with_conflict(loser, message, settings)

    def overrule_all(
        self, losers: Iterable[Finding], winner: str, setting: str, always: bool = False
    ) -> "Choices":
        """Name each of several findings that gave way."""
        choices = self
        for loser in losers:
            choices = choices.overrule(loser, winner, setting, always)
        return choices

    def warn(self, finding: Finding, message: str) -> "Choices":
        """Name what could not be done as it was said."""
        return self._with_conflict(finding, f'"{finding.text}": {message}', ())

    def drop(self, setting: str) -> "Choices":
        """Forget who decided a setting that something else decides after all."""
        used = {
            finding: {name: value for name, value in values.items() if name != setting}
            for finding, values in self.used.items()
        }
        return replace(self, used=used)

    def without(self, setting: str) -> "Choices":
        """Leave a setting open again."""
        settings = {name: value for name, value in self.settings.items() if name != setting}
        return replace(self.drop(setting), settings=settings)

    def conflicts(self) -> tuple[str, ...]:
        """What gave way, to what, and what counts instead."""
        lines = []
        for message, settings in self._conflicts.items():
            values = {name: self.value(name) for name in settings}
            held = {name: value for name, value in values.items() if value is not None}
            lines.append(message + (f" ({describe_settings(held)})" if held else ""))
        return tuple(lines)

    def _with_conflict(
        self, finding: Finding, message: str, settings: tuple[str, ...]
    ) -> "Choices":
        conflicts = {**self._conflicts, message: settings}
        return replace(self, _conflicts=conflicts, gave_way=self.gave_way | {finding})
