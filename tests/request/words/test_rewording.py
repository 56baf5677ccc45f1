"""Words that the table does not know are taken for ones that it does, and that is said."""

from collections.abc import Sequence

import pytest

from partimento.request.words import read_prompt
from partimento.request.words.meaning import Near
from partimento.request.words.rewording import LIKE_A_PHRASE, LIKE_A_WORD

NEAR = {
    "blithe": ("happy", LIKE_A_WORD + 0.01),
    "glum": ("sad", LIKE_A_WORD + 0.1),
    "kitchen": ("cozy", LIKE_A_WORD - 0.01),
    "pirates": ("battle", 0.4),
    "pirates on the ocean": ("sea shanty", LIKE_A_PHRASE + 0.01),
    "blithe pirates": ("happy", 0.5),
}


def nearest(texts: Sequence[str], known: Sequence[str]) -> list[Near]:
    """A few words that mean something, and nothing else does."""
    assert {meant for meant, _ in NEAR.values()} <= set(known)
    return [NEAR.get(text, ("slow", 0.1)) for text in texts]


def test_a_word_is_taken_for_the_nearest_one_of_the_table() -> None:
    reading = read_prompt("a blithe waltz", nearest=nearest)
    assert str(reading.settings["key"]) == "major"
    assert reading.taken == ("blithe as happy",)
    assert reading.ignored == ()
    assert "; took blithe as happy" in reading.summary()


def test_a_word_that_is_near_to_nothing_is_still_ignored() -> None:
    reading = read_prompt("a kitchen waltz", nearest=nearest)
    assert (reading.taken, reading.ignored) == ((), ("kitchen",))


def test_words_that_mean_something_together_are_taken_together() -> None:
    reading = read_prompt("pirates on the ocean, for piano", nearest=nearest)
    assert reading.taken == ("pirates on the ocean as sea shanty",)
    assert reading.settings["style"] == "folk"


def test_a_word_by_itself_goes_before_the_words_around_it() -> None:
    reading = read_prompt("blithe pirates", nearest=nearest)
    assert reading.taken == ("blithe as happy",)
    assert reading.ignored == ("pirates",)


def test_words_on_both_sides_of_a_sign_are_not_taken_together() -> None:
    assert read_prompt("pirates; on the ocean", nearest=nearest).taken == ()


def test_a_not_turns_away_what_a_word_was_taken_as() -> None:
    reading = read_prompt("not glum", nearest=nearest)
    assert reading.understood == ("not sad (key major)",)
    assert set(reading.settings) == {"key"}


def test_the_table_goes_first() -> None:
    def never(texts: Sequence[str], known: Sequence[str]) -> list[Near]:
        raise AssertionError(texts)

    assert read_prompt("a slow sad waltz in D minor for two violins", nearest=never).taken == ()


def test_without_an_embedder_unknown_words_are_ignored_as_ever() -> None:
    reading = read_prompt("a blithe waltz")
    assert (reading.taken, reading.ignored) == ((), ("blithe",))


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        ("zwei Geigen, 16 Takte", {"instruments": ("violin", "violin"), "bars": 16}),
        ("deux flûtes et harpe", {"instruments": ("flute", "flute", "harp")}),
        ("piano sans batterie", {"instruments": ("piano",)}),
        ("flauto non troppo allegro", {"instruments": ("flute",)}),
        ("très doucement, pour orgue", {"instruments": ("organ",), "dynamic": "pp"}),
        ("tres violines", {"instruments": ("violin", "violin", "violin")}),
        ("dieciséis compases, no muy loud", {"bars": 16, "dynamic": "mp"}),
    ],
)
def test_words_of_music_in_other_languages_are_translated(
    text: str, settings: dict[str, object]
) -> None:
    found = read_prompt(text).settings
    assert {name: found.get(name) for name in settings} == settings


def test_words_of_the_grammar_are_translated_without_a_remark() -> None:
    assert read_prompt("eine Geige und ein Klavier").taken == (
        "Geige as violin",
        "Klavier as piano",
    )


def test_english_words_are_never_translated() -> None:
    assert read_prompt("a song in G major with a bass and no drums").taken == ()
