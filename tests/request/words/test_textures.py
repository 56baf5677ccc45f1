"""Words for how a piece is woven become attributes from 0 to 1, and no other settings."""

import pytest

from partimento.request.request import Request
from partimento.request.words import read_prompt


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        ("dense", {"density": 0.88}),
        ("very sparse, for piano", {"density": 0.03, "instruments": ("piano",)}),
        ("a busy syncopated tune", {"density": 0.88, "syncopation": 0.93}),
        ("off-beat chordal piano", {"polyphony": 0.75, "syncopation": 0.93}),
        ("a monophonic stepwise melody", {"polyphony": 0.0, "leaps": 0.08}),
        ("leaping, through-composed", {"leaps": 0.9, "repetition": 0.08}),
        ("repetitive", {"repetition": 0.92}),
        ("without leaps, no repetition", {"leaps": 0.08, "repetition": 0.08}),
        ("deep", {"register": 0.1, "pitch_range": "C1-C4"}),
        ("sparse and dense", {"density": 0.88}),
    ],
)
def test_words_for_texture_become_attributes(text: str, settings: dict[str, object]) -> None:
    found = read_prompt(text)
    assert {name: found.settings.get(name) for name in settings} == settings
    assert not found.ignored
    request = Request.from_dict(found.settings)
    attributes = {n: x for n, x in settings.items() if n not in ("instruments", "pitch_range")}
    assert request.attributes == attributes


@pytest.mark.parametrize("text", ["quiet", "loud", "soft", "very loud", "hushed"])
def test_words_for_loudness_stay_loudness(text: str) -> None:
    assert set(read_prompt(text).settings) == {"dynamic"}


def test_an_option_wins_over_a_word_for_texture() -> None:
    reading = read_prompt("a dense piece", options={"density": 0.2})
    assert reading.settings["density"] == 0.2
    assert reading.conflicts == ('"dense" gives way to the option density (density 0.2)',)


def test_a_register_that_an_instrument_lacks_is_no_register_either() -> None:
    settings = read_prompt("a very low flute").settings
    assert not {"register", "pitch_range"} & set(settings)
