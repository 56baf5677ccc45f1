"""Text of files that do not name their encoding."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partimento.music.midi.text import decode_text, displayed


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Flöte", "utf-8"),
        ("ピアノ", "utf-8"),
        ("Flöte", "utf-16"),
        ("ピアノ", "cp932"),
        ("第1ヴァイオリン", "cp932"),
        ("ギター Lead", "cp932"),
        ("主旋律", "cp932"),
        ("Скрипка", "cp1251"),
        ("СКРИПКА 1", "cp1251"),
        ("Бас-гитара (slap)", "cp1251"),
        ("Grosse Flöte", "latin-1"),
        ("Contrabaß", "latin-1"),
        ("Ténor", "latin-1"),
        ("É", "latin-1"),
        ("“Lead” – été", "cp1252"),
        ("", "utf-8"),
    ],
)
def test_names_of_the_usual_encodings_are_read(text: str, encoding: str) -> None:
    assert decode_text(text.encode(encoding)) == text


def test_zero_bytes_behind_a_name_are_left_out() -> None:
    assert decode_text(b"Piano\0\0\0") == "Piano"


@given(st.binary(max_size=40))
def test_any_bytes_are_text_of_some_kind(data: bytes) -> None:
    decode_text(data).encode("utf-8")


@given(st.text(max_size=40))
def test_displayed_text_is_one_line_without_control_characters(text: str) -> None:
    shown = displayed(text)
    assert len(shown) == len(text)
    assert not any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in shown)
    assert not any(unicodedata.bidirectional(c) in BIDI for c in shown)
    assert displayed(shown) == shown


BIDI = ("LRE", "LRO", "RLE", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")


def test_a_terminal_is_not_told_what_to_do() -> None:
    assert displayed("Pad\x1b[31mRED\x1b]0;owned\x07\nlead\x9bx") == "Pad?[31mRED?]0;owned? lead?x"


def test_plain_text_of_any_script_is_shown_as_it_is() -> None:
    for text in ("Flöte", "ピアノ 1", "Скрипка", "פסנתר", "🎹 piano"):
        assert displayed(text) == text
