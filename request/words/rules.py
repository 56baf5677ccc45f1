"""A rule of the words: which findings a setting is decided by, which counts most, what follows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from partimento.request.words.choices import Choices, rank
from partimento.request.words.recognition import Finding

Unfit = tuple[Finding, str]
"""A finding that cannot count, and why."""
Candidates = Callable[[Choices, str], tuple[Sequence[Finding], Sequence[Unfit]]]
"""Findings about a setting, and those that are named as unfit for it."""
Rank = Callable[[Finding, str], int]
"""How specific a finding is about a setting."""
Combine = Callable[[Choices, str, Sequence[Finding]], Choices]
"""What the candidates decide, the one that counts most last."""


def about(findings: Sequence[Finding], setting: str) -> list[Finding]:
    """Those of some findings that name a setting."""
    return [finding for finding in findings if setting in finding.settings]


def naming(*settings: str) -> Candidates:
    """Candidates that name any of some settings, whichever the rule is about."""

    def candidates(choices: Choices, _: str) -> tuple[Sequence[Finding], Sequence[Unfit]]:
        return [f for f in choices.findings if not f.settings.keys().isdisjoint(settings)], ()

    return candidates


def said(choices: Choices, setting: str) -> tuple[Sequence[Finding], Sequence[Unfit]]:
    """All findings that name the setting."""
    return about(choices.findings, setting), ()


def by_mention(_: Finding, __: str) -> int:
    """All findings count the same and stand in the order of the text."""
    return 0


def decides(choices: Choices, setting: str, ranked: Sequence[Finding]) -> Finding | None:
    """The last of the ranked findings; None when there is none, or an option decides."""
    return ranked[-1] if ranked and setting not in choices.options else None


def last_wins(choices: Choices, setting: str, ranked: Sequence[Finding]) -> Choices:
    """The last of the ranked findings decides, unless an option does; the others give way."""
    winner = decides(choices, setting, ranked)
    if winner is None:
        return choices.overrule_all(ranked, f"the option {setting}", setting)
    choices = choices.take(winner, setting, winner.settings[setting])
    for finding in ranked[:-1]:
        choices = choices.yield_to(winner, finding, setting)
    return choices


def in_order(findings: Sequence[Finding], setting: str, rank: Rank = rank) -> list[Finding]:
    """Findings by how much they count; of equals the later one counts more."""
    return sorted(findings, key=lambda finding: (rank(finding, setting), finding.start))


@dataclass(frozen=True, slots=True)
class Rule:
    """How a setting is decided: each part is a pure function."""

    setting: str
    combine: Combine = last_wins
    candidates: Candidates = said
    rank: Rank = rank

    def apply(self, choices: Choices) -> Choices:
        """What is decided when this setting is, too."""
        fit, unfit = self.candidates(choices, self.setting)
        for finding, why in unfit:
            choices = choices.warn(finding, why)
        return self.combine(choices, self.setting, in_order(fit, self.setting, self.rank))
