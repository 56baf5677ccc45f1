"""Chords without a key are in the one that a musician would name."""

import pytest

from partimento.music.chord_keys import key_of_chords
from partimento.music.chords import parse_chords
from partimento.music.score import Chord


def chords_of(text: str) -> list[Chord]:
    """One bar of 4/4 each."""
    chords = parse_chords(text)
    return [chord for bar in chords.by_bar((4, 4), len(chords.items)) for chord in bar]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("C F G C", "C major"),
        ("Am F C G", "A minor"),
        ("C G Am F", "C major"),
        ("G D Em C", "G major"),
        ("Em C G D", "E minor"),
        ("Dm7 G7 Cmaj7 Cmaj7", "C major"),
        ("Dm Gm A7 Dm", "D minor"),
        ("Am E7 Am Dm", "A minor"),
        ("Bb Gm Eb F", "Bb major"),
        ("Eb Ab Bb7 Eb", "Eb major"),
        ("C7 F7 C7 G7", "C major"),
        ("F#m D A E", "F# minor"),
        ("Bm G D A", "B minor"),
        ("Cm Fm G7 Cm", "C minor"),
        ("Am7 D7 Gmaj7 Cmaj7", "G major"),
        ("C Am F G", "C major"),
        ("F C G Am", "A minor"),
        ("F G C Am", "C major"),
        ("Em7 A7 Dmaj7 Bm7", "D major"),
        ("C Eb F C", "C major"),
    ],
)
def test_common_loops_are_in_the_key_of_their_name(text: str, key: str) -> None:
    assert str(key_of_chords(chords_of(text))) == key


def test_every_transposition_is_in_the_transposed_key() -> None:
    chords = chords_of("Dm7 G7 Cmaj7 Am7")
    for shift in range(12):
        moved = [
            Chord(c.onset, c.duration, ((c.root or 0) + shift) % 12, c.quality) for c in chords
        ]
        key = key_of_chords(moved)
        assert key is not None
        assert (key.tonic, key.is_minor) == (shift, False)


def test_a_mode_that_is_asked_for_is_kept() -> None:
    chords = chords_of("Am F C G")
    assert str(key_of_chords(chords, is_minor=False)) == "C major"
    assert str(key_of_chords(chords, is_minor=True)) == "A minor"
    assert str(key_of_chords(chords_of("Am7 D7 Gmaj7 Cmaj7"), is_minor=True)) == "E minor"


def test_no_chord_has_no_key() -> None:
    assert key_of_chords([]) is None
    assert key_of_chords([Chord(0, 96, None)]) is None
