"""What "no" and "without" turn away, how far they reach, and where they end."""

import pytest

from partimento.request.words import read_prompt


def turned_away(text: str) -> list[str]:
    """Texts of the findings that are to be left out."""
    return [finding.text for finding in read_prompt(text).findings.unwanted]


def wanted(text: str) -> list[str]:
    return [finding.text for finding in read_prompt(text).findings.wanted]


@pytest.mark.parametrize(
    ("text", "unwanted"),
    [
        ("no drums", ["drums"]),
        ("without piano or guitar", ["piano", "guitar"]),
        ("no drums and piano", ["drums", "piano"]),
        ("without piano, guitar or drums", ["piano", "guitar", "drums"]),
        ("no drums and a piano", ["drums"]),
        ("no drums, piano", ["drums"]),
        ("no drums but piano", ["drums"]),
        ("no drums. piano", ["drums"]),
        ("a waltz for piano", []),
    ],
)
def test_a_negation_reaches_as_far_as_its_list(text: str, unwanted: list[str]) -> None:
    assert turned_away(text) == unwanted


def test_what_comes_after_the_list_is_wanted() -> None:
    assert wanted("no drums and a piano") == ["piano"]
    assert wanted("no drums, piano") == ["piano"]


def test_a_negation_of_what_is_no_instrument_asks_for_nothing_and_is_said() -> None:
    reading = read_prompt("not slow, for piano")
    assert reading.ignored == ("not slow",)
    assert "bpm" not in reading.settings
