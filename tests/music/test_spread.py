"""Bands of figures, how far a piece is from them, and the file that holds them."""

import math
from pathlib import Path

import pytest

from partimento.errors import PartimentoError
from partimento.music.spread import ANY, COST, Spread, band_of, excess, read_spread, save_spread

SPREAD = Spread(
    {ANY: {"silence": (0.0, 0.2)}, "folk": {"silence": (0.0, 0.1), "parallels": (0.0, 1.0)}},
    {"abc": {ANY: (1.0, 2.0), "folk": (0.5, 1.5)}},
)


def test_a_band_holds_the_middle_four_fifths_of_what_is_a_number() -> None:
    assert band_of([math.nan, *range(11)]) == (1.0, 9.0)
    assert band_of([math.nan]) is None


def test_inside_a_band_nothing_is_wrong_and_far_outside_it_counts_as_one() -> None:
    assert [excess(x, (2.0, 4.0)) for x in (2.0, 3.0, 4.0, math.nan)] == [0.0] * 4
    assert excess(1.5, (2.0, 4.0)) == 0.25
    assert excess(5.0, (2.0, 4.0)) == 0.5
    assert excess(50.0, (2.0, 4.0)) == 1.0
    assert excess(0.1, (0.0, 0.0)) == 1.0  # hardly any of the music has it


def test_a_style_without_music_is_compared_with_all(tmp_path: Path) -> None:
    save_spread(SPREAD, tmp_path / "spread.json")
    found = read_spread(tmp_path / "spread.json")
    assert found == SPREAD
    assert found.bands("folk", "other") == dict(SPREAD.music["folk"])
    assert found.bands("folk", "abc") == {**SPREAD.music["folk"], COST: (0.5, 1.5)}
    for style in ("jazz", None):
        assert found.bands(style, "abc") == {"silence": (0.0, 0.2), COST: (1.0, 2.0)}


@pytest.mark.parametrize("text", ["", "{}", '{"format": 0}', '{"format": 1, "music": 3}'])
def test_another_file_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "spread.json").write_text(text)
    with pytest.raises(PartimentoError, match="no table of spreads"):
        read_spread(tmp_path / "spread.json")
