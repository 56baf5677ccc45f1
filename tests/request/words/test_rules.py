"""The rules of the words: who decides a setting, who gives way, and that nothing is changed."""

from collections.abc import Mapping, Sequence

from partimento.request.words.choices import Choices
from partimento.request.words.lexicon import Value, load_lexicon
from partimento.request.words.recognition import VALUES, Finding
from partimento.request.words.resolution import RULES, resolve
from partimento.request.words.rules import Rule, Unfit, by_mention, in_order, naming


def finding(start: int, text: str, section: str, settings: Mapping[str, Value]) -> Finding:
    return Finding(start, start + len(text), text, section, settings)


def choices(*findings: Finding, **options: object) -> Choices:
    return Choices(findings, (), options, load_lexicon())


WALTZ = finding(0, "waltz", "dances", {"meter": "3/4", "style": "classical"})
MARCH = finding(6, "march", "dances", {"meter": "4/4"})
WRITTEN = finding(3, "6/8", VALUES, {"meter": "6/8"})


def test_what_is_more_specific_counts_and_of_equals_what_is_said_later() -> None:
    assert in_order([WRITTEN, MARCH, WALTZ], "meter") == [WALTZ, MARCH, WRITTEN]
    assert in_order([MARCH, WRITTEN, WALTZ], "meter", by_mention) == [WALTZ, WRITTEN, MARCH]
    decided = Rule("meter").apply(choices(WALTZ, MARCH))
    assert decided.settings == {"meter": "4/4"}
    assert decided.conflicts() == ('"waltz" gives way to "march" (meter 4/4)',)


def test_an_option_decides_and_every_finding_gives_way_to_it() -> None:
    decided = Rule("meter").apply(choices(WALTZ, WRITTEN, meter="2/4"))
    assert decided.settings == {}
    assert decided.gave_way == {WALTZ, WRITTEN}


def test_candidates_that_are_unfit_are_named_and_do_not_decide() -> None:
    def no_dances(found: Choices, _: str) -> tuple[Sequence[Finding], Sequence[Unfit]]:
        return [WRITTEN], [(WALTZ, "is a dance")]

    decided = Rule("meter", candidates=no_dances).apply(choices(WALTZ, WRITTEN))
    assert decided.settings == {"meter": "6/8"}
    assert decided.conflicts() == ('"waltz": is a dance',)


def test_a_rule_may_take_findings_that_name_other_settings() -> None:
    fit, unfit = naming("style", "key")(choices(WALTZ, MARCH), "meter")
    assert (list(fit), list(unfit)) == ([WALTZ], [])


def test_no_rule_changes_what_it_is_given() -> None:
    before = choices(WALTZ, MARCH, WRITTEN)
    for rule in RULES:
        rule.apply(before)
    assert before == choices(WALTZ, MARCH, WRITTEN)
    assert resolve(before.findings, (), {}, before.lexicon).settings == {
        "meter": "6/8",
        "style": "classical",
    }


def test_each_setting_has_one_rule() -> None:
    settings = [rule.setting for rule in RULES]
    assert len(settings) == len(set(settings))
