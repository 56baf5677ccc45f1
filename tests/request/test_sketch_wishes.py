"""Wishes for a sketch: what they may be, what they go together with, what they ask for."""

import pytest

from partimento.errors import SettingError
from partimento.music.attributes import ATTRIBUTES
from partimento.request.request import Request
from partimento.request.sketch_wishes import ATTRIBUTE_WISHES


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"density": 1.5}, "density must be in [0, 1], got 1.5"),
        ({"guidance": -1}, "guidance must be in [0, 10], got -1"),
        ({"leaps": "many"}, "leaps must be a number in [0, 1], got 'many'"),
        ({"no_sketch": True, "follow": 0.5}, "follow needs a sketch, got 0.5 with no_sketch"),
        ({"no_sketch": True, "form": "AABA"}, "form needs a sketch, got 'AABA' with no_sketch"),
        ({"sketch": "a.npz", "density": 0.5}, "density shapes a sketch that is drawn; leave it"),
        ({"sketch": "a.npz", "form": "AB"}, "form shapes a sketch that is drawn; leave it out"),
        ({"change": 0.2}, "change needs a form, got 0.2 without one"),
        ({"form": "AABA", "primer": "a.mid"}, "form is that of a whole piece; leave it out"),
        ({"form": "AA?"}, "form must be letters with or without lengths"),
        ({"form": "A4B4", "bars": 12}, "form 'A4B4' makes 8 bars, but the piece has 12"),
        ({"form": "ABC", "bars": 2}, "form 'ABC' has more sections than fit into 2 bars"),
        ({"form": "A512B"}, "form 'A512B' has more sections than fit into 16 bars"),
        ({"form": "A400B400"}, "bars must be in [1, 512], got 800"),
    ],
)
def test_a_bad_wish_is_named_with_its_value(settings: dict[str, object], message: str) -> None:
    with pytest.raises(SettingError) as error:
        Request.from_dict(settings)
    assert message in str(error.value)


def test_a_form_that_states_its_lengths_makes_the_bars() -> None:
    assert Request(form="i4A8A8B8A8o4").bars == 40
    assert Request(form="A4B4", bars=8).bars == 8
    assert Request(form="AABA").bars == 16
    assert Request(form="AABA", bars=32).bars == 32


def test_any_wish_for_a_sketch_asks_for_one() -> None:
    assert not Request(style="folk", bars=8).asks_for_sketch
    assert Request(sketch="tune.npz").asks_for_sketch
    assert Request(leaps=0.0).asks_for_sketch


def test_the_attributes_are_those_that_are_asked_for() -> None:
    assert Request(density=0.9, register=0, form="AABA").attributes == {
        "density": 0.9,
        "register": 0.0,
    }
    assert set(ATTRIBUTE_WISHES) <= set(ATTRIBUTES)
    assert Request().attributes == {}
