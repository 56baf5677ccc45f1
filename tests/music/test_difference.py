"""What is different between two pieces is told exactly, and nothing else is."""

from dataclasses import replace

import pytest

from partimento.music.continuation import scaled
from partimento.music.difference import EventChange, LineChange, NoteChange, compare
from partimento.music.score import Control, Key, Mark, Meter, Note, Score, Tempo, Track

VIOLIN = Track(
    tuple(Note(240 * beat, 70 + beat % 3, 240) for beat in range(16)),
    40,
    name="violin",
    controls=(Control(0, "control", 64, 127), Control(960, "control", 64, 0)),
)
BASS = Track(tuple(Note(960 * bar, 40 + bar, 960) for bar in range(4)), 32, name="bass")
PIECE = Score(
    240,
    (VIOLIN, BASS),
    tempos=(Tempo(0, 120.0),),
    meters=(Meter(0, 4, 4),),
    keys=(Key(0, 0, False),),
    marks=(Mark(0, "lyric", "la"),),
    texts=("by nobody",),
)


def with_track(index: int, track: Track) -> Score:
    """The piece with another track."""
    tracks = list(PIECE.tracks)
    tracks[index] = track
    return replace(PIECE, tracks=tuple(tracks))


def test_a_piece_is_equal_to_itself_at_any_resolution() -> None:
    assert compare(PIECE, PIECE).is_equal
    assert compare(PIECE, scaled(PIECE, 480)).is_equal
    assert compare(scaled(PIECE, 720), scaled(PIECE, 480)).is_equal


@pytest.mark.parametrize("change", ["onset", "pitch", "duration", "velocity"])
def test_each_part_of_a_note_counts(change: str) -> None:
    changed = replace(VIOLIN.notes[5], **{change: getattr(VIOLIN.notes[5], change) + 1})
    notes = (*VIOLIN.notes[:5], changed, *VIOLIN.notes[6:])
    found = compare(PIECE, with_track(0, replace(VIOLIN, notes=tuple(sorted(notes)))))
    assert found.notes == (NoteChange(2, "violin", (VIOLIN.notes[5],), (changed,)),)
    assert (found.lines, found.events, found.changed_bars) == ((), (), (2,))


def test_other_events_are_told_by_bar_and_kind() -> None:
    after = replace(
        with_track(0, replace(VIOLIN, controls=(VIOLIN.controls[0],))),
        tempos=(Tempo(0, 120.0), Tempo(1920, 119.88)),
        keys=(Key(0, 9, True),),
        marks=(Mark(0, "lyric", "la"), Mark(970, "marker", "B")),
        texts=(),
    )
    assert compare(PIECE, after).events == (
        EventChange(1, "key", None, ("C major at tick 0",), ("A minor at tick 0",)),
        EventChange(1, "text", None, ("'by nobody' at tick 0",), ()),
        EventChange(2, "marker", None, (), ("'B' at tick 10",)),
        EventChange(2, "pedal", "violin", ("0 at tick 0",), ()),
        EventChange(3, "tempo", None, (), ("119.88 at tick 0",)),
    )


def test_lines_that_come_go_or_change_their_name_are_told() -> None:
    flute = Track((Note(0, 80, 240),), 73, name="flute")
    found = compare(PIECE, replace(PIECE, tracks=(*PIECE.tracks, flute)))
    assert found.lines == (LineChange(None, "flute (program 74)"),)
    assert found.notes == (NoteChange(1, "flute", (), flute.notes),)
    found = compare(PIECE, replace(PIECE, tracks=(BASS,)))
    assert found.lines == (LineChange("violin (program 41)", None),)
    assert sum(len(change.removed) for change in found.notes) == 16
    found = compare(PIECE, with_track(1, replace(BASS, name="low", program=33)))
    assert found.lines == (LineChange("bass (program 33)", "low (program 34)"),)
    assert found.notes == ()


def test_the_order_of_the_lines_does_not_count() -> None:
    assert compare(PIECE, replace(PIECE, tracks=(BASS, VIOLIN))).is_equal


def test_two_lines_of_one_name_are_told_apart_by_their_notes() -> None:
    second = replace(VIOLIN, notes=tuple(replace(n, pitch=n.pitch - 12) for n in VIOLIN.notes))
    pair = replace(PIECE, tracks=(VIOLIN, second))
    changed = replace(second, notes=second.notes[1:])
    found = compare(pair, replace(PIECE, tracks=(changed, VIOLIN)))
    assert found.notes == (NoteChange(1, "violin", (second.notes[0],), ()),)


def test_bars_after_the_end_of_the_first_piece_go_on_in_number() -> None:
    longer = replace(BASS, notes=(*BASS.notes, Note(3840, 44, 960)))
    assert compare(PIECE, with_track(1, longer)).changed_bars == (5,)
    assert compare(with_track(1, longer), PIECE).changed_bars == (5,)
