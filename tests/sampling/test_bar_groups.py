"""New bars of any meter as bars that tokens have, and what comes next after a primer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partimento.music.bars import Bar
from partimento.music.score import Chord
from partimento.sampling.bar_groups import group_bars, next_bars
from partimento.tokenizer import vocabulary as v

Meters = list[tuple[int, int]]


def bars(*meters: tuple[int, int]) -> list[Bar]:
    return [Bar(0, 0, meter) for meter in meters]


@pytest.mark.parametrize(
    ("new", "written"),
    [
        ([(4, 4)] * 2, [(4, 4)] * 2),
        ([(7, 8)] * 2, [(2, 4), (3, 8)] * 2),
        ([(11, 8)], [(4, 4), (3, 8)]),
        ([(5, 8)] * 2, [(5, 4)]),
        ([(5, 8)] * 3, [(5, 4), (3, 4)]),
        ([(7, 8), (4, 4)] * 2, [(2, 4), (3, 8), (4, 4)] * 2),
        ([(15, 16)] * 2, [(9, 8), (6, 8)]),
    ],
)
def test_bars_are_written_as_bars_of_the_vocabulary(new: Meters, written: Meters) -> None:
    assert list(group_bars(new).written) == written


def test_finished_bars_of_the_tokens_are_counted_in_bars_of_the_piece() -> None:
    sevens = group_bars([(7, 8)] * 3)
    assert [sevens.bars_within(count) for count in range(7)] == [0, 0, 1, 1, 2, 2, 3]
    fives = group_bars([(5, 8)] * 3)
    assert [fives.bars_within(count) for count in range(3)] == [0, 2, 3]


def test_a_bar_of_the_tokens_knows_the_bar_it_starts_in() -> None:
    sevens = group_bars([(7, 8)] * 2)
    assert [sevens.bar_of(index) for index in range(4)] == [0, 0, 1, 1]
    fives = group_bars([(5, 8)] * 3)
    assert [fives.bar_of(index) for index in range(2)] == [0, 2]


def test_chords_of_a_bar_are_parted_at_the_bar_lines_of_the_tokens() -> None:
    found = group_bars([(7, 8)]).regroup([[Chord(0, 36, 0, "maj"), Chord(36, 48, 7, "7")]])
    assert found == [
        [Chord(0, 36, 0, "maj"), Chord(36, 12, 7, "7")],
        [Chord(0, 36, 7, "7")],
    ]


@given(
    st.lists(
        st.tuples(st.integers(1, 16), st.sampled_from([2, 4, 8, 16, 32])), min_size=1, max_size=12
    )
)
def test_any_bars_fit_into_those_of_the_tokens(new: Meters) -> None:
    groups = group_bars(new)
    assert set(groups.written) <= set(v.METERS)
    assert groups.ends[-1] <= groups.written_ends[-1]
    assert groups.bars_within(len(groups.written)) == len(new)


@pytest.mark.parametrize(
    ("kept", "expected"),
    [
        (bars((3, 4)), [(3, 4)] * 4),
        (bars((4, 4), (4, 4), (3, 4), (3, 4)), [(3, 4)] * 4),
        (bars((1, 4), (4, 4), (4, 4), (3, 4)), [(4, 4)] * 4),
        (bars((4, 4), (4, 4), (6, 4)), [(6, 4)] * 4),
        (bars((7, 8), (4, 4), (7, 8), (4, 4)), [(7, 8), (4, 4)] * 2),
        (bars((4, 4), (3, 4), (3, 4), (2, 4)) * 2, [(4, 4), (3, 4), (3, 4), (2, 4)]),
        (bars((4, 4), (2, 4)), [(2, 4)] * 4),
    ],
    ids=["one", "changed", "short last bar", "long last bar", "alternating", "pattern", "two"],
)
def test_the_meter_in_force_goes_on(kept: list[Bar], expected: Meters) -> None:
    assert next_bars(kept, 4) == expected
