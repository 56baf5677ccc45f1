"""Kept notes and new ones in one piece: all that is kept is equal, and nothing rings wrongly."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partimento.music.difference import compare
from partimento.music.score import Control, Mark, Meter, Note, Score, Tempo, Track
from partimento.music.splicing import Span, plays_one_line, spliced

BAR = 1920
BAR_TWO = Span(BAR, 2 * BAR)


def piece(*tracks: Track) -> Score:
    """A piece of several bars."""
    return Score(480, tracks, tempos=(Tempo(0, 90.0),), meters=(Meter(0, 4, 4),))


def melody(*notes: Note) -> Track:
    return Track(notes, 73, name="flute")


def new_notes(*notes: Note) -> Score:
    """New notes at the resolution of the token grid."""
    return Score(24, (Track(tuple(sorted(notes)), 73),))


def flute(score: Score) -> tuple[Note, ...]:
    return score.tracks[0].notes


TUNE = melody(*(Note(480 * beat, 60 + beat % 5, 480) for beat in range(16)))


def test_only_the_bars_and_the_lines_that_are_named_change() -> None:
    other = replace(TUNE, name="oboe", program=68)
    new = new_notes(*(Note(96 + 24 * beat, 72, 24, 70) for beat in range(4)), Note(0, 50, 24))
    result = spliced(piece(TUNE, other), [BAR_TWO], [0], new, [0])
    found = compare(piece(TUNE, other), result)
    assert found.changed_bars == (2,)
    assert [change.line for change in found.notes] == ["flute"]
    assert flute(result)[4:8] == tuple(Note(BAR + 480 * beat, 72, 480, 70) for beat in range(4))


def test_a_resolution_that_both_have_keeps_every_tick() -> None:
    odd = Score(100, (melody(Note(0, 60, 33), Note(401, 62, 99)),))
    result = spliced(odd, [Span(0, 100)], [0], new_notes(Note(7, 65, 5)), [0])
    assert result.ticks_per_quarter == 600
    assert flute(result) == (Note(175, 65, 125), Note(2406, 62, 594))


def test_a_kept_note_that_rings_in_keeps_its_length() -> None:
    tied = piece(melody(Note(0, 60, 2400), Note(2 * BAR, 62, 480)))
    # One line at a time: the new note waits for the tied one, and a shorter one never comes.
    late = spliced(tied, [BAR_TWO], [0], new_notes(Note(96, 64, 96)), [0])
    assert flute(late) == (Note(0, 60, 2400), Note(2400, 64, 1440), Note(2 * BAR, 62, 480))
    never = spliced(tied, [BAR_TWO], [0], new_notes(Note(96, 64, 24)), [0])
    assert flute(never) == flute(tied)


def test_a_new_note_that_would_have_to_wait_until_after_the_new_bars_never_comes() -> None:
    held = piece(melody(Note(0, 60, 5000)))
    result = spliced(held, [BAR_TWO], [0], new_notes(Note(180, 64, 400)), [0])
    assert flute(result) == flute(held)


def test_an_instrument_of_many_voices_only_waits_for_its_own_key() -> None:
    piano = Track((Note(0, 48, 2400), Note(0, 60, 960), Note(2 * BAR, 62, 480)), 0, name="piano")
    new = new_notes(Note(96, 48, 96), Note(96, 64, 96))
    result = spliced(piece(piano), [BAR_TWO], [0], new, [0])
    assert flute(result)[2:4] == (Note(BAR, 64, BAR), Note(2400, 48, 1440))


def test_a_new_note_that_rings_on_ends_where_its_line_goes_on() -> None:
    resting = piece(melody(Note(0, 60, 480), Note(2 * BAR + 960, 62, 480)))
    ringing = new_notes(Note(168, 64, 288))
    result = spliced(resting, [BAR_TWO], [0], ringing, [0])
    assert flute(result)[1] == Note(3360, 64, 2 * BAR + 960 - 3360)
    alone = spliced(piece(melody(Note(0, 60, 480))), [BAR_TWO], [0], ringing, [0])
    assert flute(alone)[1] == Note(3360, 64, 5760)


def test_a_pitch_that_is_struck_again_ends_there() -> None:
    new = new_notes(Note(96, 64, 96), Note(144, 64, 24))
    result = spliced(piece(TUNE), [BAR_TWO], [0], new, [0])
    assert flute(result)[4:6] == (Note(BAR, 64, 960), Note(BAR + 960, 64, 480))


def test_further_lines_come_last_and_lines_without_a_note_go() -> None:
    other = replace(TUNE, notes=TUNE.notes[4:8], name="oboe")
    drums = Track((Note(96, 36, 6),), 0, is_drum=True, name="drums")
    result = spliced(piece(TUNE, other), [BAR_TWO], [1], Score(24, (drums,)), [None])
    assert [track.name for track in result.tracks] == ["flute", "drums"]
    assert result.tracks[1].notes == (Note(BAR, 36, 120),)


def test_events_stay_and_bends_go_with_the_notes_that_they_bent() -> None:
    controls = (
        Control(0, "control", 64, 127),
        Control(BAR - 10, "bend", 0, 500),
        Control(BAR + 10, "bend", 0, 900),
        Control(BAR + 20, "control", 64, 0),
    )
    before = replace(
        piece(replace(TUNE, controls=controls)),
        marks=(Mark(BAR + 480, "lyric", "la"),),
        tempos=(Tempo(0, 90.0), Tempo(BAR + 480, 60.0)),
    )
    result = spliced(before, [BAR_TWO], [0], new_notes(Note(96, 64, 96)), [0])
    assert (result.marks, result.tempos) == (before.marks, before.tempos)
    assert result.tracks[0].controls == (
        *controls[:2],
        Control(BAR, "bend", 0, 0),
        controls[3],
        Control(2 * BAR - 1, "bend", 0, 900),
    )


@pytest.mark.parametrize(
    ("notes", "expected"),
    [
        (TUNE.notes, True),
        ((Note(0, 60, 96), Note(0, 64, 96)), False),
        ((*TUNE.notes * 2, Note(16 * 480 - 5, 70, 480)), False),
        (
            (*TUNE.notes, Note(16 * 480 - 5, 70, 480), *(Note(8160 + i, 1, 1) for i in range(9))),
            True,
        ),
        ((), True),
    ],
)
def test_a_line_that_plays_one_note_at_a_time_is_known(
    notes: tuple[Note, ...], expected: bool
) -> None:
    assert plays_one_line(sorted(notes)) is expected


NOTES = st.lists(
    st.builds(Note, st.integers(0, 4 * 96), st.integers(60, 64), st.integers(1, 200)), max_size=30
)


@given(NOTES, NOTES, st.integers(0, 300), st.integers(1, 200))
def test_whatever_comes_together_the_kept_notes_stay_and_no_key_is_struck_while_it_is_down(
    old: list[Note], new: list[Note], start: int, length: int
) -> None:
    kept = Score(24, (Track(tuple(sorted({(n.onset, n.pitch): n for n in old}.values()))),))
    span = Span(start, start + length)
    result = spliced(kept, [span], [0], new_notes(*new), [0])
    outside = [note for note in kept.tracks[0].notes if note.onset not in span]
    found = result.tracks[0].notes if result.tracks else ()
    added = Counter(found) - Counter(outside)
    assert Counter(outside) - Counter(found) == Counter()
    assert list(found) == sorted(found)
    for note in added:
        assert note.duration >= 1
        end = note.onset + note.duration
        others = [other for other in found if other != note and other.pitch == note.pitch]
        assert not any(other.onset <= note.onset < other.onset + other.duration for other in others)
        assert not any(note.onset <= other.onset < end for other in others)
