import pretty_midi
import pytest

from partimento.music.ensemble_names import ENSEMBLES
from partimento.music.instrument_names import NAMED
from partimento.music.instruments import (
    DRUMS,
    INSTRUMENT_OF_PROGRAM,
    INSTRUMENTS,
    PROGRAM_NAMES,
    REPRESENTATIVE_PROGRAMS,
    find_family,
    find_instrument,
    find_players,
    names_without,
    split_names,
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
    with pytest.raises(ValueError, match=r"got 'tenor saxx'; did you mean tenor sax"):
        find_instrument("tenor saxx")
    with pytest.raises(ValueError, match=r"got 'zzz'; one of piano, .*drums"):
        find_instrument("zzz")


def test_no_name_is_written_twice_and_each_means_known_instruments() -> None:
    words = [word for named in NAMED for word in named.words.split(", ")]
    assert len(set(words)) == len(words)
    for named in NAMED:
        for word in named.words.split(", "):
            assert find_instrument(word)[1:] == find_instrument(named.players[0])[1:]
        assert set(named.family) <= set(INSTRUMENTS)


@pytest.mark.parametrize(
    ("name", "player"),
    [
        *(("vibes", "vibraphone"), ("Rhodes", "electric piano"), ("ukulele", "steel guitar")),
        *(("mandolin", "steel guitar"), ("lute", "nylon guitar"), ("cornet", "trumpet")),
        *(("alto saxophone", "alto sax"), ("acoustic guitar", "steel guitar")),
        *(("classical guitar", "nylon guitar"), ("synth bass", "synth bass 1")),
        *(("slap bass", "slap bass 1"), ("string section", "strings"), ("soprano", "choir")),
        *(
            ("violins", "violin"),
            ("Wurlitzer", "electric piano"),
            ("bandoneons", "tango accordion"),
        ),
    ],
)
def test_options_know_the_names_that_prompts_know(name: str, player: str) -> None:
    assert find_players([name]) == (player,)


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("bass", ("acoustic bass", "electric bass")),
        ("guitars", ("nylon guitar", "steel guitar", "electric guitar", "distortion guitar")),
        ("strings", ("violin", "viola", "cello", "contrabass", "strings")),
        ("brass", ("trumpet", "trombone", "horn", "brass")),
        ("woodwinds", ("saxophone", "oboe", "bassoon", "clarinet", "flute")),
        ("keyboards", ("piano", "electric piano", "harpsichord", "organ", "accordion")),
        ("percussion", ("timpani", "drums")),
        ("synth", ("synth lead", "synth pad")),
        ("electric bass", ("electric bass",)),
        ("flute", ("flute",)),
    ],
)
def test_a_family_is_left_out_as_a_whole(name: str, family: tuple[str, ...]) -> None:
    found = find_family(name)
    assert tuple(INSTRUMENTS[index] for index in found) == family
    assert names_without(found) == family


@pytest.mark.parametrize("index", range(len(INSTRUMENTS)))
def test_each_instrument_can_be_left_out_alone(index: int) -> None:
    [name] = names_without([index])
    assert find_family(name) == (index,)


def test_a_bass_beside_other_voices_sings() -> None:
    assert find_players(["soprano", "alto", "tenor", "bass"]) == ("choir",) * 4
    assert find_players(["flute", "bass"]) == ("flute", "acoustic bass")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("violin, cello", ("violin", "cello")),
        ("piano and violin", ("piano", "violin")),
        ("piano + violin & harp with flute", ("piano", "violin", "harp", "flute")),
        ("Lead 8 (bass + lead), Bass", ("Lead 8 (bass + lead)", "Bass")),
        (" , oboe;harp ,", ("oboe", "harp")),
        ("", ()),
    ],
)
def test_names_stand_between_commas_signs_and_words(text: str, names: tuple[str, ...]) -> None:
    assert split_names(text) == names


@pytest.mark.parametrize(
    ("names", "players"),
    [
        (["string quartet"], ("violin", "violin", "viola", "cello")),
        (["String Quartets", "piano"], ("violin", "violin", "viola", "cello", "piano")),
        (["Men's choir"], ("choir",) * 4),
        (["organ trio"], ("drawbar organ", "electric guitar (jazz)", "drums")),
    ],
)
def test_a_group_is_all_its_players(names: list[str], players: tuple[str, ...]) -> None:
    assert find_players(names) == players


def test_every_group_has_known_players_and_no_name_of_an_instrument() -> None:
    words = [word for group in ENSEMBLES for word in group.words.split(", ")]
    assert len(set(words)) == len(words)
    for group in ENSEMBLES:
        for word in group.words.split(", "):
            assert find_players([word]) == find_players(group.players.split(", ")), word
            with pytest.raises(ValueError, match="must be names of the vocabulary"):
                find_instrument(word)


def test_a_group_is_left_out_with_all_that_plays_in_it() -> None:
    assert [INSTRUMENTS[index] for index in find_family("string trio")] == [
        *("violin", "viola", "cello")
    ]


def test_the_name_of_a_group_is_not_divided() -> None:
    assert split_names("voice and piano, flute and oboe") == ("voice and piano", "flute", "oboe")


def test_a_misspelt_group_is_answered_with_its_name() -> None:
    with pytest.raises(ValueError, match=r"got 'sting quartet'; did you mean string quartet"):
        find_players(["sting quartet"])
