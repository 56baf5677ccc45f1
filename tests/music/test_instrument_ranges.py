"""What instruments can play."""

import pytest

from partimento.music.instrument_ranges import HAS_VOICES, PLAYABLE
from partimento.music.instruments import INSTRUMENTS, find_instrument


def test_every_instrument_has_two_octaves_or_is_a_drum() -> None:
    assert len(PLAYABLE) == len(HAS_VOICES) == len(INSTRUMENTS)
    for name, (low, high) in zip(INSTRUMENTS, PLAYABLE, strict=True):
        assert 0 <= low < high <= 127
        assert high - low >= 24 or name == "timpani"


@pytest.mark.parametrize(
    ("name", "lowest", "highest"),
    [
        ("piano", 21, 108),  # A0 to C8
        ("violin", 55, 103),  # its open G string to G7
        ("cello", 36, 84),  # its open C string to C6
        ("electric bass", 28, 67),  # its open E string to G4
        ("flute", 59, 98),  # B3 to D7
        ("oboe", 58, 91),  # B flat 3 to G6
    ],
)
def test_ranges_are_those_of_the_instrument(name: str, lowest: int, highest: int) -> None:
    assert PLAYABLE[find_instrument(name)[1]] == (lowest, highest)


@pytest.mark.parametrize(("name", "expected"), [("piano", True), ("harp", True), ("flute", False)])
def test_a_piano_has_voices_and_a_flute_has_one(name: str, expected: bool) -> None:
    assert HAS_VOICES[find_instrument(name)[1]] == expected
