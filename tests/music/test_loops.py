"""Loops in files: exact ends, marks, and notes that wrap at the seam."""

import io

from mido import MidiFile

from partimento.music.loops import closed, loop_of, opened, ringing, wrapped
from partimento.music.midi.reader import read_midi
from partimento.music.midi.writer import midi_bytes
from partimento.music.score import Control, Mark, Meter, Note, Score, Tempo, Track

BAR = 96


def score(*notes: Note) -> Score:
    """Two bars of four quarters."""
    return Score(24, (Track(notes),), (Tempo(0, 97.0),), (Meter(0, 4, 4),))


def test_a_note_that_rings_over_the_end_is_cut_and_sounds_on_from_the_start() -> None:
    held = closed(score(Note(24, 60, 24), Note(144, 64, 72, 90)), 2 * BAR)
    assert held.tracks[0].notes == (Note(0, 64, 24, 90), Note(24, 60, 24), Note(144, 64, 48, 90))


def test_what_rings_on_ends_where_its_pitch_is_struck_again() -> None:
    short = closed(score(Note(12, 64, 24), Note(144, 64, 72, 90)), 2 * BAR)
    assert short.tracks[0].notes[0] == Note(0, 64, 12, 90)
    struck = closed(score(Note(0, 64, 24), Note(144, 64, 72)), 2 * BAR)
    assert struck.tracks[0].notes == (Note(0, 64, 24), Note(144, 64, 47))


def test_marks_and_the_controller_say_where_the_loop_is() -> None:
    held = closed(score(Note(0, 60, 24)), 2 * BAR)
    assert held.marks == (Mark(0, "marker", "loopStart"), Mark(192, "marker", "loopEnd"))
    assert held.tracks[0].controls == (Control(0, "control", 111, 0),)
    assert loop_of(held) == (0, 192)
    assert loop_of(score(Note(0, 60, 24))) is None


def test_the_file_ends_where_the_loop_does_and_reads_back_as_it() -> None:
    held = closed(score(Note(0, 60, 24), Note(150, 67, 90)), 2 * BAR)
    data = midi_bytes(held)
    ends = [
        sum(message.time for message in track) for track in MidiFile(file=io.BytesIO(data)).tracks
    ]
    assert max(ends) == 2 * 4 * 480
    back, _ = read_midi(io.BytesIO(data))
    assert loop_of(back) == (0, 3840)


def test_wrapped_notes_are_one_note_again_in_sound_and_repeated_ones_are_not() -> None:
    notes = (Note(0, 60, 24), Note(150, 67, 90), Note(168, 60, 24))
    held = ringing(closed(score(*notes), 2 * BAR))
    assert held.tracks[0].notes == (Note(0, 60, 24), Note(150, 67, 90), Note(168, 60, 23))
    assert ringing(score(*notes)) == score(*notes)


def test_what_stands_before_a_loop_is_played_once() -> None:
    held = closed(score(Note(0, 60, 24), Note(96, 62, 24), Note(150, 67, 90)), 2 * BAR, BAR)
    assert loop_of(held) == (96, 192)
    assert held.tracks[0].notes == (
        *(Note(0, 60, 24), Note(96, 62, 24)),
        *(Note(96, 67, 48), Note(150, 67, 42)),
    )
    assert held.tracks[0].controls == (Control(96, "control", 111, 0),)


def test_notes_behind_the_end_stay_as_they_are() -> None:
    behind = score(Note(0, 60, 24), Note(200, 62, 24))
    assert wrapped(behind, 2 * BAR) == behind


def test_a_loop_that_is_opened_is_closed_as_it_was() -> None:
    notes = (Note(0, 60, 24), Note(150, 67, 90), Note(168, 60, 24))
    whole = score(*notes)
    held = closed(whole, 2 * BAR)
    assert opened(held).tracks[0].notes == (*notes[:2], Note(168, 60, 23))
    assert opened(held).marks == ()
    assert opened(held).tracks[0].controls == ()
    assert closed(opened(held), 2 * BAR) == held
    assert opened(whole) == whole
