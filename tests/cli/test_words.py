"""`partimento words`: the table, and what a prompt becomes."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from partimento.request.words import load_lexicon, meaning, read_prompt

Call = Callable[..., tuple[int, str, str]]
PAGE = Path(__file__).parents[2] / "docs" / "words.md"


def test_the_command_prints_the_page_of_the_documentation(partimento: Call) -> None:
    code, out, err = partimento("words")
    assert (code, err) == (0, "")
    assert out == PAGE.read_text(encoding="utf-8")


def test_json_lists_every_word_with_its_meaning(partimento: Call) -> None:
    code, out, _ = partimento("words", "--json")
    entries = json.loads(out)
    assert code == 0
    assert len(entries) == len(load_lexicon().entries)
    assert sum(len(entry["words"]) for entry in entries) >= 250
    waltz = next(entry for entry in entries if "waltz" in entry["words"])
    assert (waltz["section"], waltz["settings"]["meter"]) == ("dances", "3/4")


def test_a_prompt_is_explained_without_writing_music(partimento: Call) -> None:
    prompt = "a sparkling slow waltz for violin and cello"
    code, out, err = partimento("words", prompt)
    assert code == 0
    assert err == f"{read_prompt(prompt).summary()}\n"
    assert [line.split("  ", 1)[0] for line in out.splitlines()] == ["meter", "bpm", "instruments"]
    assert out.splitlines()[-1].split() == ["instruments", "violin", "+", "cello"]


def test_a_prompt_that_says_nothing_becomes_nothing(partimento: Call) -> None:
    assert partimento("words", "xyzzy") == (0, "", 'understood: nothing; ignored: "xyzzy"\n')


def test_words_that_were_taken_for_others_are_named(
    partimento: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nearest(texts: Sequence[str], known: Sequence[str]) -> list[tuple[str, float]]:
        return [("sad", 0.9) for _ in texts]

    monkeypatch.setattr(meaning, "installed_nearest", lambda: nearest)
    code, out, err = partimento("words", "a glum waltz")
    assert code == 0
    assert err.endswith("; took glum as sad\n")
    assert ["key", "minor"] in [line.split() for line in out.splitlines()]
    found = json.loads(partimento("words", "a glum waltz", "--json")[1])
    assert found["taken"] == ["glum as sad"]


def test_how_to_have_more_words_understood_is_said_below(
    partimento: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(meaning, "advice", lambda ignored: ("more words",) if ignored else ())
    assert partimento("words", "a glum waltz")[2].splitlines()[1:] == ["more words"]
    assert len(partimento("words", "a slow waltz")[2].splitlines()) == 1


def test_json_explains_a_prompt(partimento: Call) -> None:
    code, out, err = partimento("words", "a sparkling slow allegro in Am", "--json")
    assert (code, err) == (0, "")
    assert json.loads(out) == {
        "prompt": "a sparkling slow allegro in Am",
        "settings": {"bpm": 132.0, "key": "A minor"},
        "understood": ["allegro (bpm 132)", "in Am (key A minor)"],
        "taken": [],
        "overruled": ['"slow" gives way to "allegro" (bpm 132)'],
        "ignored": ["sparkling"],
    }
