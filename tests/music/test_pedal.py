"""Under the pedal a note is as long as it sounds."""

from partimento.music.pedal import pedalled
from partimento.music.score import Control, Note, Score, Track


def durations(notes: list[Note], pedal: list[tuple[int, int]], is_drum: bool = False) -> list[int]:
    """Lengths of notes under pedal events (tick, value)."""
    controls = tuple(Control(tick, "control", 64, value) for tick, value in pedal)
    score = Score(480, (Track(tuple(notes), is_drum=is_drum, controls=controls),))
    return [note.duration for note in pedalled(score).tracks[0].notes]


SHORT = [Note(0, 60, 100), Note(480, 64, 100), Note(1440, 67, 100)]


def test_notes_last_until_the_pedal_is_lifted() -> None:
    assert durations(SHORT, [(0, 127), (960, 0)]) == [960, 480, 100]


def test_a_note_that_ends_before_the_pedal_goes_down_stays_short() -> None:
    assert durations(SHORT, [(100, 127), (960, 0)]) == [100, 480, 100]


def test_a_key_that_is_struck_again_ends_the_first_note() -> None:
    notes = [Note(0, 60, 100), Note(240, 60, 100)]
    assert durations(notes, [(0, 127), (960, 0)]) == [240, 720]


def test_half_a_pedal_counts_from_the_middle_of_its_way() -> None:
    assert durations(SHORT, [(0, 63), (960, 0)]) == [100, 100, 100]
    assert durations(SHORT, [(0, 64), (960, 63)]) == [960, 480, 100]


def test_a_pedal_that_is_never_lifted_holds_to_the_end() -> None:
    assert durations(SHORT, [(0, 127)]) == [1540, 1060, 100]


def test_a_note_held_by_its_key_beyond_the_pedal_keeps_its_length() -> None:
    assert durations([Note(0, 60, 1000)], [(0, 127), (480, 0)]) == [1000]


def test_drums_have_no_pedal() -> None:
    assert durations(SHORT, [(0, 127), (960, 0)], is_drum=True) == [100, 100, 100]


def test_other_controls_stay() -> None:
    controls = (Control(0, "control", 7, 90), Control(0, "control", 64, 127))
    score = Score(480, (Track((Note(0, 60, 100),), controls=controls),))
    assert pedalled(score).tracks[0].controls == controls[:1]
