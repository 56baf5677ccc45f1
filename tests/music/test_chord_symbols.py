"""One parser reads the chords of prompts, options and corpora."""

import pytest

from partimento.music.chord_qualities import CHORD_QUALITIES
from partimento.music.chord_symbols import parse_chord, suffix_of
from partimento.music.pitch import PITCH_CLASSES


@pytest.mark.parametrize("quality", CHORD_QUALITIES)
@pytest.mark.parametrize("root", range(12))
def test_the_names_of_the_vocabulary_read_back(root: int, quality: str) -> None:
    for written in (PITCH_CLASSES[root] + quality, f"{PITCH_CLASSES[root]}:{quality}"):
        symbol = parse_chord(written)
        assert (symbol.chord, symbol.bass, symbol.note) == ((root, quality), None, None)
    assert parse_chord(PITCH_CLASSES[root] + suffix_of(quality)).chord == (root, quality)


@pytest.mark.parametrize(
    ("name", "root", "quality"),
    [
        ("C", 0, "maj"),
        ("Am7", 9, "min7"),
        ("F#m", 6, "min"),
        ("Bbmaj7", 10, "maj7"),
        ("BbM7", 10, "maj7"),
        ("Csus4", 0, "sus"),
        ("Dsus2", 2, "sus"),
        ("Ddim", 2, "dim"),
        ("Bm7b5", 11, "dim"),
        ("Gaug", 7, "aug"),
        ("G+", 7, "aug"),
        ("E-7", 4, "min7"),
        ("G7", 7, "7"),
        ("A♭9", 8, "7"),
        ("am", 9, "min"),
        ("bb", 10, "maj"),
        ("Am", 9, "min"),
        ("Cb", 11, "maj"),
        ("B#", 0, "maj"),
        ("Bbb", 9, "maj"),
        ("E♭", 3, "maj"),
        ("C:maj/3", 0, "maj"),
        ("G:min7/b7", 7, "min7"),
        ("F/A", 5, "maj"),
        ("F6", 5, "maj"),
        ("C69", 0, "maj"),
        ("C(4)", 0, "maj"),
        ("G5", 7, "maj"),
        ("Dadd9", 2, "maj"),
        ("D-7", 2, "min7"),
        ("Fm6", 5, "min"),
        ("EmMaj7", 4, "min"),
        ("D:minmaj7", 2, "min"),
        ("Am(#5)", 9, "min"),
        ("Gm9", 7, "min7"),
        ("G9", 7, "7"),
        ("G13(b9)", 7, "7"),
        ("A7(b5)", 9, "7"),
        ("G9+", 7, "7"),
        ("E7alt", 4, "7"),
        ("CM7", 0, "maj7"),
        ("C^", 0, "maj7"),
        ("Dmaj9", 2, "maj7"),
        ("Bdim7", 11, "dim"),
        ("Bm7(b5)", 11, "dim"),
        ("B:hdim7", 11, "dim"),
        ("Bø", 11, "dim"),
        ("Gaug7", 7, "aug"),
        ("A:sus2", 9, "sus"),
        ("D:sus4(b7)", 2, "sus"),
        ("Gsus4(7)(9)", 7, "sus"),
        ("E7sus4", 4, "sus"),
        ("cm", 0, "min"),
        ("C:min", 0, "min"),
        ("C5", 0, "maj"),
        ("C2", 0, "maj"),
        ("Cadd2", 0, "maj"),
        ("C6/9", 0, "maj"),
        ("Bb6/9/D", 10, "maj"),
        ("CmMaj7", 0, "min"),
        ("Cm(maj7)", 0, "min"),
        ("Caug7", 0, "aug"),
        ("C+7", 0, "aug"),
        ("C7#5", 0, "7"),
        ("C7b5", 0, "7"),
        ("C7alt", 0, "7"),
        ("Calt", 0, "7"),
        ("Cmaj7#11", 0, "maj7"),
        ("CΔ9", 0, "maj7"),
        ("Cmaj13", 0, "maj7"),
        ("Cmajor", 0, "maj"),
        ("Cminor7", 0, "min7"),
        ("Cm7-5", 0, "dim"),
        ("C9sus4", 0, "sus"),
    ],
)
def test_other_names_read_as_the_nearest_quality(name: str, root: int, quality: str) -> None:
    assert parse_chord(name).chord == (root, quality)


@pytest.mark.parametrize("name", ["N", "NC", "N.C.", "n.c.", "CN", "none"])
def test_no_chord_has_no_root(name: str) -> None:
    assert parse_chord(name).chord is None
    assert parse_chord(name).note is None


@pytest.mark.parametrize(
    ("name", "bass"),
    [
        ("C/E", 4),
        ("c/e", 4),
        ("Am7/G", 7),
        ("F#m7b5/E", 4),
        ("C:maj/3", 4),
        ("G:min7/b7", 5),
        ("D/F♯", 6),
        ("C/C", None),
        ("C6/9", None),
    ],
)
def test_a_bass_behind_a_slash_is_known(name: str, bass: int | None) -> None:
    assert parse_chord(name).bass == bass


@pytest.mark.parametrize(
    ("name", "note"),
    [
        ("C/E", "C/E as C"),
        ("am7/G", "am7/G as Am7"),
        ("Cmaj7#11", "Cmaj7#11 as Cmaj7"),
        ("C5", "C5 as C"),
        ("D♭7alt", "D♭7alt as Db7"),
        ("F:hdim7", "F:hdim7 as Fdim"),
        ("C:min", None),
        ("CΔ7", None),
        ("Gsus2", None),
    ],
)
def test_what_a_quality_cannot_hold_is_said(name: str, note: str | None) -> None:
    assert parse_chord(name).note == note


@pytest.mark.parametrize(
    "name", ["", "H", "Amazing", "Cx", "C/", "C/H", "G major", "7", "maj7", "Cfoo", "C:x"]
)
def test_what_is_no_chord_name_is_refused_by_name(name: str) -> None:
    with pytest.raises(ValueError, match="is no chord name; write a root") as caught:
        parse_chord(name)
    assert repr(name) in str(caught.value)
