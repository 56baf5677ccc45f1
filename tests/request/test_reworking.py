"""Wishes of pieces that are written after others."""

import pytest

from partimento.errors import SettingError
from partimento.request.edit import EDIT_SETTINGS, WISHES_OF_NEW, Edit
from partimento.request.request import REQUEST_SETTINGS
from partimento.request.reworking import (
    BLENDING_SETTINGS,
    MODE,
    VARIATION_SETTINGS,
    WISHES_AFTER_OTHERS,
    WISHES_OF_VARIED,
    Blending,
    Variation,
)


def test_a_variation_is_an_edit_of_its_own_kind() -> None:
    assert Variation().edit == Edit(vary=0.3)
    asked = {"amount": 0, "bars": (2, "5-8"), "keep": ["violin"], "seed": 3}
    assert Variation.of(asked).edit == Edit(vary=0.0, bars="2, 5-8", keep=("violin",))
    with pytest.raises(SettingError, match=r"amount must be in \[0, 1\], got 1.5"):
        Variation(1.5)


def test_a_blend_has_five_steps_unless_told() -> None:
    assert Blending.of({"key": "C"}).steps == 5
    assert Blending.of({"steps": 64}).steps == 64
    with pytest.raises(SettingError, match=r"steps must be in \[2, 64\], got 65"):
        Blending(65)


def test_wishes_are_those_of_a_request_without_what_the_music_says() -> None:
    for wishes in (WISHES_AFTER_OTHERS, WISHES_OF_VARIED):
        assert all(REQUEST_SETTINGS[name] is setting for name, setting in wishes.items())
        assert not {"bars", "meter", "primer", "prompt", "sketch"} & set(wishes)
    assert set(WISHES_OF_VARIED) < set(WISHES_OF_NEW)
    own = {*EDIT_SETTINGS, *VARIATION_SETTINGS, *BLENDING_SETTINGS, *MODE}
    assert not own & {*WISHES_AFTER_OTHERS, *WISHES_OF_VARIED}
