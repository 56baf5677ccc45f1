"""Prompts are read safely, whatever the text."""

import json

from hypothesis import example, given
from hypothesis import strategies as st

from partimento.request.request import Request
from partimento.request.words import load_lexicon, merge, read_prompt
from partimento.request.words.spelling import MAX_CHARACTERS

WORDS = sorted({" ".join(phrase) for phrase in load_lexicon().phrases})
GLUE = [
    *("", ",", ".", "and", "or", "no", "without", "not", "in", "a", "A", "C", "F#", "Bb", "in a"),
    *("starting", "chords", "over", "Am", "ii-V-I", "3/4", "7/8", "C:3", "C3-C6", "1:30", "16"),
    *("bars", "minutes", "bpm", "two", "hundred", "duet", "seed", "tempo", "=", "quarter ="),
]


@given(st.text() | st.text("abcdefgABCDEFG#123456789/:-., mM7°ivIV\n", max_size=40))
@example("Bb8:6IdM,")
def test_any_text_can_be_read(text: str) -> None:
    reading = read_prompt(text)
    assert isinstance(reading.request(), Request)
    json.dumps(dict(reading.settings))
    assert reading.summary()


@given(st.lists(st.sampled_from(WORDS) | st.sampled_from(GLUE), max_size=14).map(" ".join))
def test_any_words_of_the_table_make_a_valid_request(text: str) -> None:
    reading = read_prompt(text)
    assert isinstance(reading.request(), Request)
    assert read_prompt(text.upper()).request() is not None
    merged = merge(reading, {"key": "E minor", "meter": "6/8", "instruments": ("piano",)})
    assert str(merged.request().key) == "E minor"
    assert merged.request().instruments == ("piano",)


@given(st.lists(st.sampled_from([*WORDS, *GLUE]), max_size=10).map(" ".join))
def test_every_word_is_understood_or_overruled_or_ignored_or_a_filler(text: str) -> None:
    reading = read_prompt(text)
    said = " ".join([*reading.understood, *reading.conflicts, *reading.ignored])
    for word in reading.findings.wanted:
        assert word.text in said


def test_a_text_that_is_too_long_is_cut() -> None:
    reading = read_prompt("waltz " + "x" * 2 * MAX_CHARACTERS + " tango")
    assert reading.settings["meter"] == "3/4"
    assert reading.ignored[-1] == "the rest of the text"
