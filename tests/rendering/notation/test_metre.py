"""The shape of bars: how strong each tick is, what beams join, and what an upbeat keeps."""

import pytest

from partimento.rendering.notation.metre import WEAK, metre_of


def test_the_bar_line_is_strongest_then_halves_then_quarters() -> None:
    levels = metre_of((4, 4), 96).levels
    assert [levels[tick] for tick in (0, 48, 24, 72, 12)] == [0, 1, 2, 2, 3]
    assert levels[1] == WEAK


@pytest.mark.parametrize(
    ("meter", "length", "beats"),
    [
        ((4, 4), 96, (0, 24, 48, 72, 96)),
        ((3, 4), 72, (0, 24, 48, 72)),
        ((6, 8), 72, (0, 36, 72)),
        ((9, 8), 108, (0, 36, 72, 108)),
        ((5, 8), 60, (0, 36, 60)),
        ((7, 8), 84, (0, 24, 48, 84)),
        ((3, 8), 36, (0, 36)),
        ((2, 2), 96, (0, 24, 48, 72, 96)),
    ],
)
def test_beams_of_sixteenths_join_beats(
    meter: tuple[int, int], length: int, beats: tuple[int, ...]
) -> None:
    assert metre_of(meter, length).beats == beats


def test_beams_of_eighths_join_half_a_bar_of_four_quarters() -> None:
    assert metre_of((4, 4), 96).spans == (0, 48, 96)
    assert metre_of((2, 2), 96).spans == (0, 48, 96)


def test_an_upbeat_is_the_end_of_its_bar() -> None:
    upbeat = metre_of((4, 4), 24, is_upbeat=True)
    assert (upbeat.offset, upbeat.beats) == (72, (0, 24))
    short = metre_of((4, 4), 24)
    assert (short.offset, short.beats) == (0, (0, 24))


def test_only_compound_meters_have_dotted_beats() -> None:
    assert metre_of((6, 8), 72).beat_level == 1
    assert metre_of((3, 4), 72).beat_level is None
    assert metre_of((3, 8), 36).beat_level is None
