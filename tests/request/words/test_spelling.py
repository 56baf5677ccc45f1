"""One spelling of signs, case and accents, with places in the text."""

from partimento.request.words.spelling import (
    MAX_CHARACTERS,
    are_close,
    clean,
    plain,
    split_words,
)


def test_signs_of_music_and_typography_become_plain_ones() -> None:
    assert clean("B♭→F♯ — l’été") == "Bb-F# - l'été"
    assert clean("♩ = 100") == " quarter  = 100"


def test_what_nobody_would_say_about_one_piece_is_cut_off() -> None:
    assert len(clean("a" * (MAX_CHARACTERS + 5))) == MAX_CHARACTERS


def test_words_know_their_places() -> None:
    text = "a 16-bar Ländler"
    words = split_words(text)
    assert [word.plain for word in words] == ["a", "16", "bar", "landler"]
    assert [text[word.start : word.end] for word in words] == ["a", "16", "bar", "Ländler"]


def test_case_and_accents_do_not_count() -> None:
    assert plain("É") == plain("e") == "e"


def test_only_spaces_and_hyphens_hold_words_together() -> None:
    text = "hip-hop, funk rock"
    hip, hop, funk, rock = split_words(text)
    assert are_close(text, hip, hop)
    assert not are_close(text, hop, funk)
    assert are_close(text, funk, rock)
