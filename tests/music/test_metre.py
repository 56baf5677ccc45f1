import pytest

from partimento.music.metre import METERS, beat_ticks, beats, is_compound, parse_meter


def test_every_meter_of_the_vocabulary_is_read_back_and_others_are_refused() -> None:
    for top, bottom in METERS:
        meter = parse_meter(f"{top}/{bottom}")
        assert meter == (top, bottom)
        assert parse_meter(str(meter)) == meter
    with pytest.raises(ValueError, match=r"meter must be one of 2/4, 3/4.*, got '7/8'"):
        parse_meter("7/8")


@pytest.mark.parametrize(
    "text", ["", "4", "0/4", "4/0", "-3/4", "3/4/4", "9" * 5000 + "/4", "34/4"]
)
def test_what_is_no_meter_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="meter must be one of"):
        parse_meter(text)


def test_spaces_and_zeros_in_front_are_no_harm() -> None:
    assert str(parse_meter(" 06 / 08 ")) == "6/8"


def test_meters_are_compound_when_three_small_units_make_several_beats() -> None:
    compound = [meter for meter in METERS if is_compound(meter)]
    assert compound == [(6, 8), (9, 8), (12, 8)]
    assert is_compound((12, 16))
    assert not is_compound((15, 4))
    assert not is_compound((3, 16))


@pytest.mark.parametrize(
    ("meter", "ticks", "count"),
    [((4, 4), 24, 4), ((2, 2), 48, 2), ((6, 8), 36, 2), ((3, 8), 12, 3), ((12, 16), 18, 4)],
)
def test_a_bar_has_a_whole_number_of_beats(meter: tuple[int, int], ticks: int, count: int) -> None:
    bar = 96 * meter[0] // meter[1]
    assert beat_ticks(meter, 24) == ticks
    assert [0, *beats(bar, meter, 24)] == [ticks * beat for beat in range(count)]
