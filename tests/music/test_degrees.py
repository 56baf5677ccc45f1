"""Degrees of a key as chord symbols, worked out by hand."""

import pytest

from partimento.music.degrees import spell_degree, spell_progression


@pytest.mark.parametrize(
    ("degree", "tonic", "is_minor", "symbol"),
    [
        *(("I", 0, False, "C"), ("vi", 0, False, "Am"), ("V7", 7, False, "D7")),
        *(("i", 9, True, "Am"), ("III", 9, True, "C"), ("VII", 9, True, "G")),
        *(("bVII", 2, False, "C"), ("viio", 0, False, "Bdim"), ("V7:2", 0, False, "G7:2")),
        *(("iv7", 9, True, "Dm7"), ("I+", 5, False, "Faug")),
    ],
)
def test_a_degree_stands_on_the_scale_of_its_key(
    degree: str, tonic: int, is_minor: bool, symbol: str
) -> None:
    assert spell_degree(degree, tonic, is_minor) == symbol


def test_a_progression_is_its_degrees_in_a_row() -> None:
    assert spell_progression("ii7 V7 I", 0, False) == "Dm7 G7 C"


@pytest.mark.parametrize("text", ["VIII", "Am", "", "iV", "V:0"])
def test_what_is_no_degree_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="degrees must be numerals"):
        spell_degree(text, 0, False)
