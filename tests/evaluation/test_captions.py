"""Captions say what is true of them, and vary."""

from partimento.evaluation.captions import LEAVES_OUT, SAYS_BPM, TEMPO_WORDS, draw_captions
from partimento.music.instruments import find_instrument
from partimento.music.keys import parse_key
from partimento.request.words import read_prompt

CAPTIONS = draw_captions(120, 7)


def test_the_same_seed_draws_the_same_captions() -> None:
    assert draw_captions(5, 3) == draw_captions(5, 3)
    assert draw_captions(5, 3) != draw_captions(5, 4)
    assert len({caption.text for caption in CAPTIONS}) == 120


def test_a_caption_says_what_is_true_of_it() -> None:
    for caption in CAPTIONS:
        assert all(name in caption.text.lower() for name in caption.instruments), caption.text
        assert caption.genre in caption.text
        assert caption.key is None or caption.key in caption.text
        assert caption.meter is None or caption.meter in caption.text
        assert (f"{caption.bpm:g}" in caption.text) >= caption.says_bpm, caption.text
        said = [word for word in TEMPO_WORDS if f" {word} " in caption.text]
        assert bool(said) != caption.says_bpm, caption.text
        spans = [TEMPO_WORDS[word] for word in said]
        assert caption.says_bpm or any(low <= caption.bpm <= high for low, high in spans)


def test_some_captions_leave_something_out_and_some_have_a_number() -> None:
    many = draw_captions(2000, 1)
    for name in ("key", "meter"):
        left_out = sum(getattr(caption, name) is None for caption in many)
        assert abs(left_out / 2000 - LEAVES_OUT) < 0.03
    assert abs(sum(caption.says_bpm for caption in many) / 2000 - SAYS_BPM) < 0.04


def test_the_words_of_captions_are_read_as_what_is_true() -> None:
    """Without the embedder: keys, meters, instruments and written tempos, each to the letter."""
    for caption in CAPTIONS:
        settings = read_prompt(caption.text).settings
        players = settings["instruments"]
        assert isinstance(players, tuple)
        asked = [find_instrument(name)[1] for name in caption.instruments]
        assert [find_instrument(name)[1] for name in players] == asked, caption.text
        if caption.key is not None:
            assert parse_key(str(settings["key"])) == parse_key(caption.key), caption.text
        if caption.meter is not None:
            assert settings["meter"] == caption.meter, caption.text
        if caption.says_bpm:
            assert settings["bpm"] == caption.bpm, caption.text
