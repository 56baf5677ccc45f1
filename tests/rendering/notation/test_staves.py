"""Staves: clefs, hands, groups of parts and their names."""

from collections import Counter

import pytest

from partimento.music.bars import bar_starts
from partimento.music.score import Note, Score, Track
from partimento.rendering.notation.clefs import (
    ALTO,
    BASS,
    BASS_8VB,
    PERCUSSION,
    TREBLE,
    TREBLE_8VA,
    TREBLE_8VB,
    Clef,
)
from partimento.rendering.notation.parts import Part, group_parts
from partimento.rendering.notation.spelling import spell
from partimento.rendering.notation.staves import make_parts
from partimento.tokenizer.decoding import decode


def track(pitches: list[int], program: int = 0, name: str = "", is_drum: bool = False) -> Track:
    """Quarters one after the other."""
    notes = tuple(Note(24 * i, pitch, 24) for i, pitch in enumerate(pitches))
    return Track(notes, program, is_drum, name)


def parts_of(*tracks: Track) -> list[Part]:
    score = Score(24, tracks)
    return make_parts(score, spell(score, ()), bar_starts(score))


def clefs(*tracks: Track) -> list[list[Clef]]:
    return [[staff.clef for staff in part.staves] for part in parts_of(*tracks)]


@pytest.mark.parametrize(
    ("program", "pitches", "clef"),
    [
        (73, [72, 76, 79, 84], TREBLE),
        (40, [55, 62, 69, 76], TREBLE),
        (41, [55, 60, 64, 67], ALTO),
        (41, [74, 79, 84, 86], TREBLE),
        (42, [40, 45, 50, 55], BASS),
        (43, [28, 33, 38, 40], BASS_8VB),
        (33, [28, 33, 38, 40], BASS_8VB),
        (33, [76, 79, 83, 76], TREBLE),
        (24, [45, 52, 57, 64], TREBLE_8VB),
        (57, [40, 45, 50, 55], BASS),
        (72, [86, 91, 96, 98], TREBLE_8VA),
        (58, [29, 31, 36, 29], BASS_8VB),
    ],
)
def test_the_clef_fits_instrument_and_range(program: int, pitches: list[int], clef: Clef) -> None:
    assert clefs(track(pitches, program)) == [[clef]]


def test_a_tenor_sings_in_the_treble_clef_an_octave_lower() -> None:
    assert clefs(track([55, 57, 59, 60], 52, "Tenor")) == [[TREBLE_8VB]]


def test_a_piano_has_two_staves_unless_one_hand_is_enough() -> None:
    assert clefs(track([40, 52, 64, 76])) == [[TREBLE, BASS]]
    assert clefs(track([60, 64, 67, 72])) == [[TREBLE]]
    assert clefs(track([40, 43, 48, 52])) == [[BASS]]


def test_lines_of_a_piano_that_all_stay_high_need_one_staff() -> None:
    lines = [track([72 + 4 * i, 74 + 4 * i], 0, f"piano {i}") for i in range(3)]
    assert clefs(*lines) == [[TREBLE]]


def test_a_hand_that_stays_high_or_low_changes_its_clef() -> None:
    high = [track([72, 76, 79, 84], 0, "right hand"), track([64, 67, 69, 72], 0, "left hand")]
    assert clefs(*high) == [[TREBLE, TREBLE]]
    low = [track([52, 55, 57, 50], 0, "right hand"), track([36, 40, 43, 36], 0, "left hand")]
    assert clefs(*low) == [[BASS, BASS]]


@pytest.mark.parametrize(
    "names",
    [
        ("Piano RH", "Piano LH"),
        ("RHTwo", "LHTwo"),
        ("p. (up)", "p. (down)"),
        ("Top", "Bottom"),
        ("right hand", "left hand"),
        ("piano", "piano 2"),
        ("", ""),
    ],
)
def test_two_tracks_of_a_piano_are_its_hands(names: tuple[str, str]) -> None:
    parts = parts_of(track([72, 74, 76, 77], 0, names[0]), track([48, 50, 52, 53], 0, names[1]))
    assert len(parts) == 1
    upper, lower = parts[0].staves
    assert [n.note.pitch for n in upper.notes] == [72, 74, 76, 77]
    assert [n.note.pitch for n in lower.notes] == [48, 50, 52, 53]
    assert "2" not in parts[0].name


def test_an_unmarked_piano_is_divided_so_that_hands_can_reach() -> None:
    notes = []
    for bar in range(4):
        bass = 40 + bar
        notes += [Note(96 * bar, bass, 96), Note(96 * bar, bass + 7, 96)]
        notes += [Note(96 * bar + 24 * beat, 64 + beat + bar, 24) for beat in range(4)]
    part = parts_of(Track(tuple(sorted(notes))))[0]
    upper, lower = ([n.note.pitch for n in staff.notes] for staff in part.staves)
    assert min(upper) >= 64
    assert max(lower) <= 50


def test_four_voices_of_an_organ_stand_on_two_staves_with_their_own_stems() -> None:
    voices = [
        track([72, 74, 76, 77], 19, "S"),
        track([67, 67, 67, 69], 19, "A"),
        track([60, 62, 64, 65], 19, "T"),
        track([48, 50, 52, 53], 19, "B"),
    ]
    (part,) = parts_of(*voices)
    assert [staff.clef for staff in part.staves] == [TREBLE, BASS]
    assert [{n.line for n in staff.notes} for staff in part.staves] == [{0, 1}, {2, 3}]
    assert part.name == "Church Organ"


def test_a_choir_is_four_parts_under_one_bracket_without_bar_lines_between() -> None:
    names = ("Soprano", "Alto", "Tenor", "Bass")
    tracks = [track([72 - 7 * i] * 4, 52, name) for i, name in enumerate(names)]
    parts = parts_of(*tracks)
    assert [part.name for part in parts] == list(names)
    (group,) = group_parts(parts)
    assert (group.first, group.last, group.has_joined_bar_lines) == (0, 3, False)


def test_families_have_brackets_and_lone_parts_none() -> None:
    parts = parts_of(
        *(track([74, 76], program) for program in (73, 68, 40, 40, 41, 42)),
        track([40, 64, 76, 36]),
        track([38, 42], is_drum=True),
    )
    groups = group_parts(parts)
    assert [(g.first, g.last, g.has_joined_bar_lines) for g in groups] == [
        (0, 1, True),
        (2, 5, True),
    ]
    assert group_parts(parts_of(track([74], 73), track([60], 24), track([74], 40))) == []


def test_drums_share_one_staff_below_all_others() -> None:
    parts = parts_of(
        track([36, 38], is_drum=True, name="Kick"), track([72], 73), track([42], is_drum=True)
    )
    assert [part.is_drum for part in parts] == [False, True]
    assert parts[1].staves[0].clef == PERCUSSION
    assert len(parts[1].staves[0].notes) == 3


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("", "Flute"),
        ("flute", "Flute"),
        ("alto flute 2", "Alto flute 2"),
        ("MELODY", "MELODY"),
        ("  two\n lines\x07 ", "two lines"),
    ],
)
def test_parts_have_readable_names(given: str, shown: str) -> None:
    expected = shown if not shown.startswith("two") else "Two lines"
    assert parts_of(track([72], 73, given))[0].name == expected


def test_parts_of_one_instrument_stand_together() -> None:
    parts = parts_of(
        track([72], 73, "flute"), track([60], 24), track([72], 73, "flute 2"), track([72], 40)
    )
    assert [part.program for part in parts] == [73, 73, 24, 40]


def test_parts_of_one_name_are_told_apart() -> None:
    parts = parts_of(
        *(track([72], program, "Track") for program in (73, 40, 40)), track([72], 68, "Solo")
    )
    assert [part.name for part in parts] == ["Flute", "Violin 1", "Violin 2", "Solo"]


def test_silent_tracks_have_no_staff() -> None:
    assert len(parts_of(Track((), 40), track([72], 73))) == 1


def test_every_note_stands_on_exactly_one_staff(legal_walk) -> None:
    for seed in range(30):
        score = decode(legal_walk(seed, 150))
        if not score.note_count:
            continue
        parts = make_parts(score, spell(score, score.keys), bar_starts(score))
        written = Counter(
            (part.is_drum, n.note) for part in parts for staff in part.staves for n in staff.notes
        )
        assert written == Counter((t.is_drum, note) for t in score.tracks for note in t.notes)
        for part in parts:
            for staff in part.staves:
                assert list(staff.notes) == sorted(staff.notes, key=lambda n: n.note.onset)
