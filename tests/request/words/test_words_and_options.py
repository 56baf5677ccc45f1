"""Options beside a prompt: they win, are named, and make a request that keeps its words."""

import pytest

from partimento.request.request import Request
from partimento.request.words import merge, read_prompt, read_request
from partimento.request.words.spelling import MAX_CHARACTERS

Settings = dict[str, object]


@pytest.mark.parametrize(
    ("options", "settings"),
    [
        ({}, {"meter": "3/4", "bpm": 98.0, "bars": 65, "key": "D minor", "scale": "dorian"}),
        ({"bpm": 120}, {"bpm": 120, "bars": 80}),
        ({"meter": "4/4"}, {"meter": "4/4", "bpm": 98.0, "bars": 49}),
        ({"bars": 4}, {"bars": 4, "bpm": 98.0}),
        ({"key": "G"}, {"key": "G", "scale": "dorian"}),
        ({"key": "G minor"}, {"key": "G minor", "scale": "dorian"}),
        ({"key": "G major"}, {"key": "G major", "scale": None}),
        ({"scale": "lydian"}, {"key": "D minor", "scale": "lydian"}),
        ({"instruments": ("oboe",)}, {"instruments": ("oboe",), "without": None}),
        ({"style": "drums"}, {"style": "drums", "without": None}),
        ({"seed": 3, "temperature": 0.5}, {"seed": 3, "temperature": 0.5, "bars": 65}),
    ],
)
def test_explicit_options_win_and_words_are_relative_to_them(
    options: Settings, settings: Settings
) -> None:
    reading = read_prompt("sad slow waltz in D minor, two minutes, dorian, no drums")
    merged = merge(reading, options)
    assert {name: merged.settings.get(name) for name in settings} == settings
    assert isinstance(merged.request(), Request)


def test_an_option_that_wins_is_named() -> None:
    merged = merge(read_prompt("sad waltz in D minor, fast"), {"key": "C", "bpm": 60})
    assert merged.conflicts == (
        '"in D minor" gives way to the option key (key C)',
        '"fast" gives way to the option bpm (bpm 60)',
    )


def test_options_that_make_no_request_are_refused() -> None:
    with pytest.raises(ValueError, match="bars must be in"):
        merge(read_prompt("a waltz"), {"bars": 0})
    with pytest.raises(ValueError, match="setting 'tempo' does not exist"):
        merge(read_prompt("a waltz"), {"tempo": 90})


def test_a_request_keeps_the_words_that_it_was_read_from() -> None:
    request, reading = read_request("a sparkling waltz", {"bars": 4})
    assert request == Request(meter="3/4", bpm=150.0, bars=4, prompt="a sparkling waltz")
    assert reading.ignored == ("sparkling",)
    assert read_request(" ", {})[0] == Request()
    assert len(read_request("x" * 2 * MAX_CHARACTERS, {})[0].prompt or "") == MAX_CHARACTERS
