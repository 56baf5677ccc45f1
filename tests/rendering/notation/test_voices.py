"""Notes of one staff as voices: chords share a stem, and no more than three sound at once."""

from partimento.music.score import Note
from partimento.rendering.notation.parts import StaffNote
from partimento.rendering.notation.spelling import Spelled
from partimento.rendering.notation.voices import MAX_VOICES, make_sounds, share_voices


def staff(*notes: Note, line: int = 0) -> list[StaffNote]:
    """Notes on a staff; how they are spelled does not matter here."""
    return [StaffNote(note, Spelled("C", 0, note.pitch // 12 - 1), line) for note in notes]


def test_notes_that_start_and_end_together_are_one_chord_highest_first() -> None:
    (chord,) = make_sounds(staff(Note(0, 60, 24), Note(0, 67, 24), Note(0, 64, 24)))
    assert (chord.onset, chord.end, chord.keys) == (0, 24, (67, 64, 60))


def test_fingers_that_leave_a_little_earlier_still_make_one_chord() -> None:
    (chord,) = make_sounds(staff(Note(0, 60, 24), Note(0, 64, 22)))
    assert (chord.end, chord.keys) == (24, (64, 60))
    assert len(make_sounds(staff(Note(0, 60, 24), Note(0, 64, 12)))) == 2


def test_notes_of_two_lines_are_no_chord() -> None:
    notes = [*staff(Note(0, 60, 24)), *staff(Note(0, 64, 24), line=1)]
    assert [sound.keys for sound in make_sounds(notes)] == [(60,), (64,)]


def test_a_key_struck_again_ends() -> None:
    first, second = make_sounds(staff(Note(0, 60, 96), Note(24, 60, 24)))
    assert (first.end, second.onset) == (24, 24)


def test_of_two_notes_that_overlap_the_higher_is_in_the_upper_voice() -> None:
    sounds = make_sounds(staff(Note(0, 60, 48), Note(0, 72, 24), Note(24, 71, 24)))
    voices = [[sound.keys for sound in voice] for voice in share_voices(sounds)]
    assert voices == [[(72,), (71,)], [(60,)]]


def test_a_fourth_note_makes_the_oldest_end() -> None:
    sounds = make_sounds(staff(*(Note(6 * i, 60 + 4 * i, 96) for i in range(4))))
    assert [sound.end for sound in sounds] == [18, 102, 108, 114]
    assert len(share_voices(sounds)) <= MAX_VOICES
