import pytest

from partimento.music.keys import key_name, parse_key, usual_key
from partimento.music.pitch import KEYS
from partimento.music.score import Key


@pytest.mark.parametrize("index", range(24))
def test_every_key_of_the_vocabulary_is_read_back(index: int) -> None:
    assert parse_key(KEYS[index]).index == index
    assert parse_key(KEYS[index]).tonic == index % 12


@pytest.mark.parametrize("fifths", range(-7, 8))
@pytest.mark.parametrize("is_minor", [False, True])
def test_a_key_of_every_signature_keeps_its_name_as_text_and_in_a_score(
    fifths: int, is_minor: bool
) -> None:
    key = parse_key(f"{key_name_at(fifths, is_minor)}")
    assert (key.fifths, key.is_minor) == (fifths, is_minor)
    assert parse_key(str(key)) == key
    assert key_name(key.at(7)) == key
    assert key.at(7).tick == 7
    assert (key.at().tonic, key.at().fifths) == (key.tonic, fifths)


def key_name_at(fifths: int, is_minor: bool) -> str:
    """Names of the circle of fifths, written out."""
    major = ("Cb", "Gb", "Db", "Ab", "Eb", "Bb", "F", "C", "G", "D", "A", "E", "B", "F#", "C#")
    minor = (*major[3:], "G#", "D#", "A#")
    return f"{minor[fifths + 7]} minor" if is_minor else f"{major[fifths + 7]} major"


def test_unasked_keys_have_the_fewest_accidentals() -> None:
    major = [str(usual_key(tonic, False)) for tonic in range(12)]
    minor = [str(usual_key(tonic, True)) for tonic in range(12)]
    names = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
    sharp = {"Db": "C#", "Ab": "G#"}
    assert major == [f"{name} major" for name in names]
    assert minor == [f"{sharp.get(name, name)} minor" for name in names]
    assert all(not usual_key(tonic, True).at().is_respelled for tonic in range(12))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("C", "C major"),
        ("c minor", "C minor"),
        ("Am", "A minor"),
        ("AM", "A major"),
        ("a", "A major"),
        ("bb", "Bb major"),
        ("bbm", "Bb minor"),
        ("B", "B major"),
        ("b minor", "B minor"),
        ("Gb", "Gb major"),
        ("F♯ Minor", "F# minor"),
        ("c♯m", "C# minor"),
        ("e-flat major", "Eb major"),
        ("G Sharp min", "G# minor"),
        ("D-minor", "D minor"),
        ("  Db   maj ", "Db major"),
        ("Cb", "Cb major"),
        ("B#", "C major"),
        ("E# minor", "F minor"),
        ("G# major", "Ab major"),
        ("d-Moll", "D minor"),
        ("es-moll", "Eb minor"),
        ("Fis-Dur", "F# major"),
        ("As Dur", "Ab major"),
        ("cis moll", "C# minor"),
        ("do mayor", "C major"),
        ("si bemol menor", "Bb minor"),
        ("ré mineur", "D minor"),
        ("fa dièse mineur", "F# minor"),
        ("mi bémol majeur", "Eb major"),
        ("sol maggiore", "G major"),
        ("la minore", "A minor"),
        ("fá sustenido menor", "F# minor"),
    ],
)
def test_keys_are_read_as_musicians_write_them(text: str, name: str) -> None:
    assert str(parse_key(text)) == name


@pytest.mark.parametrize(
    "text", ["", "C##", "C minor minor", "Amx", "7", "minor", "x" * 5000, "la la"]
)
def test_an_unknown_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="key must be a tonic and a mode such as 'F# minor'"):
        parse_key(text)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("H moll", "the German H is B here"),
        ("H", "the German H is B here"),
        ("B-Dur", "the German B is Bb here, and the German H is B"),
        ("D dorian", "dorian is a scale: give the key D minor and the scale dorian"),
        ("Bb mixolydian", "mixolydian is a scale: give the key Bb major and the scale mixolydian"),
        ("E phrygian dominant", "give the key E major and the scale phrygian dominant"),
    ],
)
def test_what_could_mean_two_things_is_refused_with_what_to_write(text: str, hint: str) -> None:
    with pytest.raises(ValueError, match=hint):
        parse_key(text)


def test_the_other_signature_of_a_key_is_another_name_of_the_same_tonic() -> None:
    assert str(key_name(Key(0, 6, False))) == "F# major"
    assert str(key_name(Key(0, 6, False, is_respelled=True))) == "Gb major"
    assert str(key_name(Key(0, 2, False, is_respelled=True))) == "D major"


def test_a_mode_changes_on_the_same_tonic_as_far_as_signatures_go() -> None:
    assert str(parse_key("Eb").with_mode(True)) == "Eb minor"
    assert str(parse_key("Db").with_mode(True)) == "C# minor"
    assert str(parse_key("F# minor").with_mode(False)) == "F# major"
