"""Loops in files: where they begin and end, and notes that ring over the seam.

A file says it in three ways that game engines know: the markers loopStart and loopEnd, and the
controller 111 (RPG Maker's) at the start. Nothing stands behind the end. A note that rings over it
is cut there, and what is left of it sounds from the start.
"""

from dataclasses import replace

from partimento.music.score import Control, Mark, Note, Score, Track

LOOP_START, LOOP_END = "loopStart", "loopEnd"
LOOP_CONTROLLER = 111


def closed(score: Score, end: int) -> Score:
    """The score up to the tick `end` as a loop from tick 0, marked; its notes wrap at the seam."""
    point = Control(0, "control", LOOP_CONTROLLER, 0)
    score = wrapped(score, end)
    tracks = (replace(track, controls=(point, *track.controls)) for track in score.tracks)
    marks = (Mark(0, "marker", LOOP_START), *score.marks, Mark(end, "marker", LOOP_END))
    return replace(score, tracks=tuple(tracks), marks=marks)


def wrapped(score: Score, end: int) -> Score:
    """The score with notes that ring over the tick `end` cut there, and what is left at tick 0."""
    return replace(score, tracks=tuple(_closed(track, end) for track in score.tracks))


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


def _closed(track: Track, end: int) -> Track:
    first: dict[int, int] = {}
    for note in reversed(track.notes):
        first[note.pitch] = note.onset
    notes = []
    for note in track.notes:
        left = min(note.onset + note.duration - end, first[note.pitch])
        if left > 0:
            notes.append(Note(0, note.pitch, left, note.velocity))
        room = end - note.onset
        if left <= 0 and first[note.pitch] == 0 and room > 1:
            room -= 1  # its repetition at the start is another note
        notes.append(replace(note, duration=min(note.duration, room)))
    return replace(track, notes=tuple(sorted(notes)))


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
