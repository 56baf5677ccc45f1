import pytest

from partimento.music.scales import (
    ALIASES,
    FAMILIES,
    NEUTRAL,
    SCALES,
    find_scale,
    in_mode,
    sounds_minor,
)


@pytest.mark.parametrize("name", SCALES)
def test_a_scale_rises_from_its_tonic_inside_an_octave(name: str) -> None:
    steps = SCALES[name]
    assert steps[0] == 0
    assert list(steps) == sorted(set(steps))
    assert steps[-1] < 12
    assert find_scale(name.title().replace(" ", "-")) == name


def test_the_church_modes_are_the_white_keys_from_each_tonic() -> None:
    modes = ["major", "dorian", "phrygian", "lydian", "mixolydian", "minor", "locrian"]
    for tonic, name in zip(SCALES["major"], modes, strict=True):
        assert {(tonic + step) % 12 for step in SCALES[name]} == set(SCALES["major"])


@pytest.mark.parametrize(
    ("name", "minor"),
    [
        *((name, True) for name in ("dorian", "phrygian", "locrian", "harmonic minor", "blues")),
        *((name, False) for name in ("lydian", "mixolydian", "whole tone", "major blues")),
    ],
)
def test_the_mode_nearest_to_a_scale_has_its_third(name: str, minor: bool) -> None:
    assert sounds_minor(name) == minor


def test_aliases_name_scales() -> None:
    assert set(ALIASES.values()) <= set(SCALES)
    assert set(SCALES) >= NEUTRAL
    for family in FAMILIES:
        assert in_mode(family, True) in SCALES
        assert in_mode(family, False) in SCALES


def test_an_unknown_scale_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(ValueError, match="got 'mixolidian'; did you mean mixolydian"):
        find_scale("mixolidian")
