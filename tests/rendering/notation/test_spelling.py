"""Names of notes: what theory books write."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partimento.music.score import Key, Note, Score, Track
from partimento.rendering.notation.spelling import Spelled, spell, spell_root

_SIGNS = {-2: "bb", -1: "b", 0: "", 1: "#", 2: "x"}
KEYS = [Key(0, tonic, is_minor) for tonic in range(12) for is_minor in (False, True)]


def names(pitches: list[int], key: Key | None) -> str:
    """Letters and signs of a melody in quarters."""
    notes = tuple(Note(24 * i, pitch, 24) for i, pitch in enumerate(pitches))
    found = spell(Score(24, (Track(notes),)), (key,) if key else ())[0]
    return " ".join(name.step + _SIGNS[name.alter] for name in found)


@pytest.mark.parametrize("key", KEYS)
def test_the_scale_of_a_key_needs_no_accidentals(key: Key) -> None:
    steps = (0, 2, 3, 5, 7, 8, 10) if key.is_minor else (0, 2, 4, 5, 7, 9, 11)
    scale = [60 + key.tonic + step for step in (*steps, 12)]
    fifths = key.fifths
    signature = {
        letter: "#" if place < fifths else "b" if place >= 7 + fifths else ""
        for place, letter in enumerate("FCGDAEB")
    }
    found = names(scale + scale[::-1], key).split()
    assert found == [name[0] + signature[name[0]] for name in found]
    # Each letter in turn.
    letters = [name[0] for name in found[:8]]
    assert ["CDEFGAB".index(b) for b in letters[1:]] == [
        ("CDEFGAB".index(a) + 1) % 7 for a in letters[:-1]
    ]


def test_a_key_is_written_with_the_signature_that_it_asks_for() -> None:
    scale = [66, 68, 70, 71, 73, 75, 77]
    assert names(scale, Key(0, 6, False)) == "F# G# A# B C# D# E#"
    assert names(scale, Key(0, 6, False, is_respelled=True)) == "Gb Ab Bb Cb Db Eb F"


@pytest.mark.parametrize("key", KEYS)
def test_signatures_have_six_signs_at_most_and_fit_their_keys(key: Key) -> None:
    fifths = key.fifths
    assert -6 <= fifths <= 6
    major_tonic = (key.tonic + 3) % 12 if key.is_minor else key.tonic
    assert (7 * fifths - major_tonic) % 12 == 0


@pytest.mark.parametrize(
    ("tonic", "expected"),
    [
        (9, "A B C D E F G# A"),
        (2, "D E F G A Bb C# D"),
        (0, "C D Eb F G Ab B C"),
        (6, "F# G# A B C# D E# F#"),
        (8, "G# A# B C# D# E Fx G#"),
        (5, "F G Ab Bb C Db E F"),
    ],
)
def test_minor_keys_raise_their_leading_tone(tonic: int, expected: str) -> None:
    scale = [60 + tonic + step for step in (0, 2, 3, 5, 7, 8, 11, 12)]
    found = names(scale * 3, Key(0, tonic, True)).split()
    assert found[8:16] == expected.split()


@pytest.mark.parametrize(
    ("pitches", "key", "expected"),
    [
        # Chromatic notes lead: sharps up, flats down.
        ([67, 68, 69, 67, 65, 64, 62, 60], Key(0, 0, False), "G G# A G F E D C"),
        ([69, 68, 67, 65, 64, 62, 60, 60], Key(0, 0, False), "A Ab G F E D C C"),
        ([60, 61, 62, 63, 64, 65, 66, 67], Key(0, 0, False), "C C# D D# E F F# G"),
        ([67, 66, 65, 64, 63, 62, 61, 60], Key(0, 0, False), "G F# F E Eb D Db C"),
        ([66, 66, 65, 65, 64, 64, 60, 60], Key(0, 0, False), "F# F# F F E E C C"),
        ([62, 64, 66, 67, 66, 64, 62, 61], Key(0, 2, False), "D E F# G F# E D C#"),
        ([70, 69, 68, 67, 65, 63, 62, 58], Key(0, 10, False), "Bb A Ab G F Eb D Bb"),
    ],
)
def test_melodies_are_spelled_as_musicians_do(pitches: list[int], key: Key, expected: str) -> None:
    assert names(pitches, key) == expected


def test_without_a_key_the_notes_nearby_decide() -> None:
    flat = [63, 65, 67, 68, 70, 72, 74, 75]  # E flat major
    assert names(flat * 3, None) == " ".join(["Eb F G Ab Bb C D Eb"] * 3)


def test_a_change_of_key_changes_the_names() -> None:
    scale = [66, 68, 70, 71, 73, 75, 77, 78]
    notes = tuple(Note(24 * i, pitch, 24) for i, pitch in enumerate(scale * 8))
    keys = (Key(0, 6, False), Key(24 * 32, 3, True))  # F sharp major, E flat minor
    found = spell(Score(24, (Track(notes),), keys=keys), keys)[0]
    assert {name.alter for name in found[:24]} == {0, 1}
    assert {name.alter for name in found[40:]} == {0, -1}


@pytest.mark.parametrize(
    ("pitch_class", "quality", "key", "expected"),
    [
        (10, "maj", Key(0, 0, False), ("B", -1)),
        (3, "maj", Key(0, 0, False), ("E", -1)),
        (6, "dim", Key(0, 0, False), ("F", 1)),
        (1, "min", Key(0, 0, False), ("C", 1)),
        (8, "dim", Key(0, 9, True), ("G", 1)),
        (8, "maj", Key(0, 0, True), ("A", -1)),
        (6, "7", Key(0, 11, True), ("F", 1)),
        (10, "min", Key(0, 1, False), ("B", -1)),
        (5, "maj", None, ("F", 0)),
    ],
)
def test_roots_of_chords_stand_in_their_key(
    pitch_class: int, quality: str, key: Key | None, expected: tuple[str, int]
) -> None:
    assert spell_root(pitch_class, quality, key) == expected


@given(st.lists(st.integers(0, 127), min_size=1, max_size=60), st.sampled_from([None, *KEYS]))
def test_every_name_means_its_pitch(pitches: list[int], key: Key | None) -> None:
    notes = tuple(Note(12 * i, pitch, 12) for i, pitch in enumerate(pitches))
    found = spell(Score(24, (Track(notes),)), (key,) if key else ())[0]
    # Counted by hand, not by Spelled.pitch.
    naturals = dict(zip("CDEFGAB", (0, 2, 4, 5, 7, 9, 11), strict=True))
    for name, pitch in zip(found, pitches, strict=True):
        assert 12 * name.octave + 12 + naturals[name.step] + name.alter == pitch
        assert abs(name.alter) <= 2


@pytest.mark.parametrize(
    ("low", "key", "expected"),
    [
        (61, Key(0, 0, False), "C# D"),
        (65, Key(0, 0, False), "F Gb"),
        (70, Key(0, 7, False), "A# B"),
    ],
)
def test_notes_a_semitone_apart_do_not_share_a_line(low: int, key: Key, expected: str) -> None:
    notes = (Note(0, low, 24), Note(0, low + 1, 24))
    found = spell(Score(24, (Track(notes),)), (key,))[0]
    assert " ".join(name.step + _SIGNS[name.alter] for name in found) == expected


def test_octaves_change_at_c_whatever_the_sign() -> None:
    assert Spelled("B", 1, 3).pitch == Spelled("C", 0, 4).pitch == 60
    assert Spelled("C", -1, 4).pitch == Spelled("B", 0, 3).pitch == 59
