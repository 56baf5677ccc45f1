import pretty_midi
import pytest

from partimento.music.instruments import (
    DRUMS,
    INSTRUMENT_OF_PROGRAM,
    INSTRUMENTS,
    PROGRAM_NAMES,
    REPRESENTATIVE_PROGRAMS,
    find_instrument,
)


def test_program_names_are_those_of_general_midi() -> None:
    ours = [name.replace("(chiff)", "chiff").lower() for name in PROGRAM_NAMES]
    assert ours == [name.lower() for name in pretty_midi.INSTRUMENT_MAP]


@pytest.mark.parametrize("program", range(128))
def test_every_general_midi_name_finds_its_program(program: int) -> None:
    name, instrument, found = find_instrument(PROGRAM_NAMES[program].upper())
    assert (instrument, found) == (INSTRUMENT_OF_PROGRAM[program], program)
    assert find_instrument(name) == (name, instrument, found)


@pytest.mark.parametrize("index", range(len(INSTRUMENTS)))
def test_every_name_of_the_vocabulary_finds_itself(index: int) -> None:
    expected = (INSTRUMENTS[index], index, REPRESENTATIVE_PROGRAMS[index])
    assert find_instrument(f" {INSTRUMENTS[index].title()} ") == expected


def test_common_names_and_punctuation_are_understood() -> None:
    assert find_instrument("Acoustic guitar nylon")[2] == 24
    assert find_instrument("honky tonk piano")[2] == 3
    assert find_instrument("Double Bass")[0] == "contrabass"
    assert find_instrument("percussion")[1] == DRUMS


def test_an_unknown_instrument_is_answered_with_near_names() -> None:
    with pytest.raises(ValueError, match=r"got 'tenor saxs'; did you mean tenor sax"):
        find_instrument("tenor saxs")
    with pytest.raises(ValueError, match=r"got 'zzz'; one of piano, .*drums"):
        find_instrument("zzz")
