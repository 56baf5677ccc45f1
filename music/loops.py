"""Loops in files: where they begin and end, and notes that ring over the seam.

A file says it in three ways that game engines know: the markers loopStart and loopEnd, and the
controller 111 (RPG Maker's) at the start. Nothing stands behind the end. A note that rings over it
is cut there, and what is left of it sounds from the start. What stands before the start is played
once.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from partimento.music.score import Control, Mark, Note, Score, Track

LOOP_START, LOOP_END = "loopStart", "loopEnd"
LOOP_CONTROLLER = 111

_Event = TypeVar("_Event", Control, Mark)


def closed(score: Score, end: int, start: int = 0) -> Score:
    """The score up to the tick `end` as a loop from `start` on, marked; its notes wrap."""
    point = Control(start, "control", LOOP_CONTROLLER, 0)
    score = wrapped(score, end, start)
    tracks = (
        replace(track, controls=_in_order([point, *track.controls])) for track in score.tracks
    )
    marks = [Mark(start, "marker", LOOP_START), *score.marks, Mark(end, "marker", LOOP_END)]
    return replace(score, tracks=tuple(tracks), marks=_in_order(marks))


def opened(score: Score) -> Score:
    """A score without its marks of a loop, and with notes that wrap as one note again."""
    tracks = (
        replace(
            track,
            controls=tuple(
                control
                for control in track.controls
                if (control.kind, control.number) != ("control", LOOP_CONTROLLER)
            ),
        )
        for track in ringing(score).tracks
    )
    marks = tuple(mark for mark in score.marks if mark.text not in (LOOP_START, LOOP_END))
    return replace(score, tracks=tuple(tracks), marks=marks)


def wrapped(score: Score, end: int, start: int = 0) -> Score:
    """The score with notes that ring over the tick `end` cut there, and what is left at `start`.

    Notes behind the end stay as they are.
    """
    return replace(score, tracks=tuple(_closed(track, start, end) for track in score.tracks))


def loop_of(score: Score) -> tuple[int, int] | None:
    """The first tick and the end of the loop that a score is marked as; None when it is none."""
    starts = [mark.tick for mark in score.marks if mark.text == LOOP_START]
    ends = [mark.tick for mark in score.marks if mark.text == LOOP_END]
    if not starts or not ends or starts[0] >= ends[-1]:
        return None
    return starts[0], ends[-1]


def ringing(score: Score) -> Score:
    """A loop with each note that wraps as one note again, which rings on past the end.

    These are the notes that end where the loop does and start with it, at the same pitch and
    velocity: `closed` leaves a gap between any others.
    """
    span = loop_of(score)
    if span is None:
        return score
    return replace(score, tracks=tuple(_ringing(track, *span) for track in score.tracks))


def _in_order(events: Sequence[_Event]) -> tuple[_Event, ...]:
    """Events by tick; those of one tick stay in their order."""
    return tuple(sorted(events, key=lambda event: event.tick))


def _closed(track: Track, start: int, end: int) -> Track:
    first: dict[int, int] = {}
    for note in reversed(track.notes):
        if note.onset >= start:
            first[note.pitch] = note.onset
    notes: list[Note] = []
    sounding: dict[int, Note] = {}
    for note in track.notes:
        room = end - note.onset
        if room <= 0:
            notes.append(note)
            continue
        again = first.get(note.pitch, end)
        left = min(note.duration - room, again - start)
        if left > 0:
            twin = sounding.get(note.pitch)
            longest = left if twin is None else max(left, twin.duration)
            sounding[note.pitch] = Note(start, note.pitch, longest, note.velocity)
        elif again == start and room > 1:
            room -= 1  # its repetition at the start is another note
        notes.append(replace(note, duration=min(note.duration, room)))
    return replace(track, notes=tuple(sorted([*notes, *sounding.values()])))


def _ringing(track: Track, start: int, end: int) -> Track:
    heads = {(n.pitch, n.velocity): n for n in track.notes if n.onset == start}
    notes: list[Note] = []
    wrapped: set[Note] = set()
    for note in track.notes:
        head = heads.get((note.pitch, note.velocity))
        if note.onset + note.duration == end and head is not None and head is not note:
            wrapped.add(head)
            note = replace(note, duration=note.duration + head.duration)
        notes.append(note)
    return replace(track, notes=tuple(note for note in notes if note not in wrapped))
