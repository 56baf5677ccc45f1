"""Styles by name, and names that stand for another style."""

import pytest

from partimento.errors import SettingError
from partimento.music.styles import STYLE_ALIASES, STYLES, style_index


def test_a_style_is_found_at_its_place() -> None:
    assert [style_index(style) for style in STYLES] == list(range(len(STYLES)))


def test_an_alias_is_the_style_that_it_stands_for_and_none_itself() -> None:
    assert style_index("hymn") == STYLES.index("chorale")
    assert not set(STYLE_ALIASES) & set(STYLES)
    assert set(STYLE_ALIASES.values()) <= set(STYLES)


def test_an_unknown_style_is_refused_and_the_known_ones_are_named() -> None:
    with pytest.raises(SettingError, match=r"must be one of keyboard, .*, got 'polka'"):
        style_index("polka")
