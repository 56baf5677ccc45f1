"""Which of several findings decides a setting: the more specific one, and of equals the later."""

from collections.abc import Mapping, Sequence

from partimento.request.words.lexicon import Lexicon, Value, describe_settings
from partimento.request.words.recognition import VALUES, Finding

RANKS = (
    *("moods", "ensembles", "styles", "forms", "progressions", "dances"),
    *("speeds", "registers", "lengths", "character", "instruments"),
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


class Choices:
    """What has been decided so far, and by which findings."""

    def __init__(
        self, findings: Sequence[Finding], options: Mapping[str, object], lexicon: Lexicon
    ) -> None:
        self.findings = findings
        self.options = options
        """Settings that are given explicitly; they win over all words."""
        self.lexicon = lexicon
        self.settings: dict[str, Value] = {}
        self.used: dict[Finding, dict[str, Value]] = {}
        """What each finding decided or agrees with."""
        self._conflicts: dict[str, dict[str, None]] = {}
        self.gave_way: set[Finding] = set()
        """Findings that some conflict names."""

    def value(self, setting: str) -> object:
        """The value that a request will have; None when it is open."""
        return self.options.get(setting, self.settings.get(setting))

    def rank(self, finding: Finding, setting: str) -> int:
        """How specific a finding is about a setting."""
        ranks = STYLE_RANKS if setting == "style" else RANKS
        return ranks.index(finding.section)

    def ranked(self, setting: str) -> list[Finding]:
        """Findings about a setting; the last one counts."""
        about = [finding for finding in self.findings if setting in finding.settings]
        return sorted(about, key=lambda f: (self.rank(f, setting), f.start))

    def choose(self, setting: str) -> Finding | None:
        """Let the last of the ranked findings decide; None when there is none, or an option is."""
        ranked = self.ranked(setting)
        if setting in self.options:
            for finding in ranked:
                self.overrule(finding, f"the option {setting}", setting)
            return None
        if not ranked:
            return None
        winner = ranked[-1]
        self.take(winner, setting, winner.settings[setting])
        for finding in ranked[:-1]:
            self.yield_to(winner, finding, setting)
        return winner

    def take(self, finding: Finding, setting: str, value: Value) -> None:
        """Note that a finding decides a setting, under the name that a request has for it."""
        self.settings[setting] = value
        self.agree(finding, setting, value)

    def agree(self, finding: Finding, setting: str, value: Value) -> None:
        """Note that a finding has its part in the value of a setting."""
        self.used.setdefault(finding, {})[setting] = value

    def yield_to(self, winner: Finding, loser: Finding, setting: str) -> None:
        """Note that a finding agrees with another, or gives way to it."""
        value = winner.settings.get(setting)
        if loser.settings.get(setting) == value is not None:
            self.agree(loser, setting, value)
            return
        is_tie = self.rank(winner, setting) == self.rank(loser, setting)
        self.overrule(loser, f'"{winner.text}"', setting, is_tie)

    def overrule(self, loser: Finding, winner: str, setting: str, always: bool = False) -> None:
        """Name what gave way, unless it only came along with something else."""
        came_along = RANKS.index(loser.section) < SAID
        names_meter = setting == "meter" and loser.section == "dances"
        if always or names_meter or not came_along:
            message = f'"{loser.text}" gives way to {winner}'
            self._conflicts.setdefault(message, {})[setting] = None
            self.gave_way.add(loser)

    def drop(self, setting: str) -> None:
        """Forget who decided a setting that something else decides after all."""
        for used in self.used.values():
            used.pop(setting, None)

    def warn(self, finding: Finding, message: str) -> None:
        """Note what could not be done as it was said."""
        self._conflicts[f'"{finding.text}": {message}'] = {}
        self.gave_way.add(finding)

    def conflicts(self) -> tuple[str, ...]:
        """What gave way, to what, and what counts instead."""
        lines = []
        for message, settings in self._conflicts.items():
            values = {name: self.value(name) for name in settings}
            held = {name: value for name, value in values.items() if value is not None}
            lines.append(message + (f" ({describe_settings(held)})" if held else ""))
        return tuple(lines)
