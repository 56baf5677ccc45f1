"""Bars are read as people write them, and printed so that they read back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partimento.errors import PartimentoError
from partimento.music.bar_ranges import BarRanges, parse_bar_ranges


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("5", (5,)),
        ("5-8", (5, 6, 7, 8)),
        ("1, 3-4", (1, 3, 4)),
        ("1 3-4", (1, 3, 4)),
        ("4 to 6; 5-7", (4, 5, 6, 7)),
        ("5 \N{EN DASH} 6", (5, 6)),
    ],
)
def test_ranges_are_read(text: str, numbers: tuple[int, ...]) -> None:
    assert parse_bar_ranges(text).numbers == numbers


@pytest.mark.parametrize("text", ["", ",", "x", "5-", "8-5", "0", "0-3", "1.5", "99999", "-3"])
def test_what_names_no_bars_is_refused(text: str) -> None:
    with pytest.raises(PartimentoError, match="must"):
        parse_bar_ranges(text)


@given(st.sets(st.integers(1, 300), min_size=1))
def test_what_is_printed_reads_back(numbers: set[int]) -> None:
    ranges = BarRanges.of(numbers)
    assert ranges.numbers == tuple(sorted(numbers))
    assert parse_bar_ranges(str(ranges)) == ranges
