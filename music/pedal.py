"""The sustaining pedal as the length of the notes that it holds."""

from bisect import bisect_left, bisect_right
from dataclasses import replace

from partimento.music.score import Note, Score, Track

_SUSTAIN = 64
_DOWN = 64
"""From this value on the pedal is down (MIDI 1.0 detailed specification, table III)."""


def pedalled(score: Score) -> Score:
    """The score with each note as long as it sounds under the pedal; other controls stay.

    A note that ends while the pedal is down lasts until it is lifted, or until its key is struck
    again. A pedal that is never lifted holds to the end of the part.
    """
    return replace(score, tracks=tuple(map(_pedalled_track, score.tracks)))


def _pedalled_track(track: Track) -> Track:
    spans = _spans(track)
    if track.is_drum or not spans:
        return track
    downs = [down for down, _ in spans]
    strikes: dict[int, list[int]] = {}
    for note in track.notes:
        strikes.setdefault(note.pitch, []).append(note.onset)

    def held(note: Note) -> Note:
        end = note.onset + note.duration
        index = bisect_left(downs, end) - 1
        if index < 0 or spans[index][1] <= end:
            return note
        again = bisect_right(strikes[note.pitch], note.onset)
        following = strikes[note.pitch][again:]
        until = min([spans[index][1], *following[:1]])
        return replace(note, duration=max(note.duration, until - note.onset))

    kept = tuple(c for c in track.controls if (c.kind, c.number) != ("control", _SUSTAIN))
    return replace(track, notes=tuple(map(held, track.notes)), controls=kept)


def _spans(track: Track) -> list[tuple[int, int]]:
    """When the pedal is down: first tick, and the tick at which it is lifted."""
    end = max((note.onset + note.duration for note in track.notes), default=0)
    spans: list[tuple[int, int]] = []
    down: int | None = None
    for control in track.controls:
        if (control.kind, control.number) != ("control", _SUSTAIN):
            continue
        if control.value >= _DOWN:
            down = control.tick if down is None else down
        elif down is not None:
            spans.append((down, control.tick))
            down = None
    if down is not None:
        spans.append((down, max(end, down)))
    return spans
