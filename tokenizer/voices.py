"""Parts a track into voices: lines of notes and block chords that do not overlap."""

from dataclasses import dataclass, replace
from itertools import groupby

from partimento.music.score import Note, Track


@dataclass(frozen=True, slots=True)
class Event:
    """Notes that start and end together."""

    onset: int
    duration: int
    pitches: tuple[int, ...]
    """Strictly descending."""
    velocity: int
    """Loudest of the notes."""

    @property
    def end(self) -> int:
        """First tick after the event."""
        return self.onset + self.duration


def block_chords(notes: tuple[Note, ...]) -> list[Event]:
    """Join notes of equal onset and duration; ordered by onset, then top pitch first."""
    events = []
    for (onset, duration), group in groupby(
        sorted(notes, key=lambda n: (n.onset, n.duration)), key=lambda n: (n.onset, n.duration)
    ):
        members = list(group)
        pitches = tuple(sorted({n.pitch for n in members}, reverse=True))
        events.append(Event(onset, duration, pitches, max(n.velocity for n in members)))
    return sorted(events, key=lambda e: (e.onset, -e.pitches[0]))


def split_voices(track: Track) -> list[list[Event]]:
    """Voices of a track, the first one holding the uppermost free line; none overlaps itself."""
    voices: list[list[Event]] = []
    for event in block_chords(track.notes):
        for voice in voices:
            if voice[-1].end <= event.onset:
                voice.append(event)
                break
        else:
            voices.append([event])
    return voices


def voice_tracks(track: Track) -> list[Track]:
    """A track for each of its voices, as its tokens tell them apart."""
    return [
        replace(
            track,
            notes=tuple(
                Note(event.onset, pitch, event.duration, event.velocity)
                for event in voice
                for pitch in event.pitches
            ),
        )
        for voice in split_voices(track)
    ]
