"""MIDI file -> Score at the file's own resolution.

What a damaged or careless file leaves open is settled here once: a note that never ends is
closed by the next one of its pitch, by a message that ends all notes or by the end of its track;
equal notes at one tick are one note; the program in force at each note decides its track.
Everything that was repaired is said in a warning; only a file without any music is an error.
"""

from dataclasses import dataclass

from partimento.errors import MidiError
from partimento.music.midi.controls import DRUM_CHANNEL, Controls
from partimento.music.midi.events import META_TRACK_NAME, EventTrack, MidiEvents, parse_events
from partimento.music.midi.signatures import (
    read_keys,
    read_marks,
    read_meters,
    read_tempos,
    read_texts,
)
from partimento.music.midi.text import decode_text
from partimento.music.midi.timing import with_plain_tempos, without_late_events
from partimento.music.score import Note, Score, Track
from partimento.music.sources import Source, read_source, source_name

_BLANK = "\r\n\t "


def read_midi(source: Source) -> tuple[Score, list[str]]:
    """Read a MIDI file (a path or an open binary file); return the score and warnings.

    Raises MidiError, one line that names the file, when it cannot be opened, is not MIDI or
    holds no notes.
    """
    return parse_midi(read_source(source), source_name(source))


def parse_midi(data: bytes, name: str) -> tuple[Score, list[str]]:
    """The score that the bytes of a MIDI file hold, and warnings; `name` begins every message.

    Raises MidiError as `read_midi` does.
    """
    events = parse_events(data, name)
    warnings = events.warnings
    if events.file_type == 2 and len(events.tracks) > 1:
        warnings.append(f"{name}: type 2 file: its patterns are played one after another")
        _chain(events)
    if events.has_tempo:
        with_plain_tempos(events, name)
    without_late_events(events, name)
    tracks, closed_count = _tracks(events)
    if not tracks:
        raise MidiError(f"{name}: no notes found; give a file with at least one note")
    if closed_count:
        warnings.append(f"{name}: notes without an end closed: {closed_count}")
    meta = [event for track in events.tracks for event in track.meta_events]
    meta.sort(key=lambda event: event[0])
    score = Score(
        ticks_per_quarter=events.ticks_per_quarter,
        tracks=tuple(tracks),
        tempos=read_tempos(meta) if events.has_tempo else (),
        meters=read_meters(meta, name, warnings),
        keys=read_keys(meta, name, warnings),
        texts=read_texts(meta),
        marks=read_marks(meta),
    )
    return score, warnings


def _chain(events: MidiEvents) -> None:
    """Move each track of a type 2 file, in place, behind the one before it."""
    bar = 4 * events.ticks_per_quarter
    offset = 0
    for track in events.tracks:
        track.channel_events = [(t + offset, s, a, b) for t, s, a, b in track.channel_events]
        track.meta_events = [(t + offset, kind, data) for t, kind, data in track.meta_events]
        track.end_tick += offset
        offset = -(-track.end_tick // bar) * bar


@dataclass(slots=True)
class _Sound:
    """A note while its end is looked for."""

    onset: int
    end: int
    pitch: int
    velocity: int
    part: tuple[int, int]
    """Channel and program."""


def _tracks(events: MidiEvents) -> tuple[list[Track], int]:
    """Build a Track per MIDI track, channel and program; count the notes closed by force."""
    programs: dict[int, list[tuple[int, int]]] = {}
    for track in events.tracks:
        for tick, status, program, _ in track.channel_events:
            if status & 0xF0 == 0xC0:
                programs.setdefault(status & 0x0F, []).append((tick, program))
    for changes in programs.values():
        changes.sort(key=lambda change: change[0])
    controls = Controls(events.tracks)
    tracks: list[Track] = []
    closed_count = 0
    for number, track in enumerate(events.tracks):
        sounds, closed = _sounds(track, programs, controls)
        closed_count += closed
        name = ""
        if events.file_type != 0:  # there it is the name of the piece
            names = [data for _, kind, data in track.meta_events if kind == META_TRACK_NAME]
            name = decode_text(names[0]).strip(_BLANK) if names else ""
        parts: dict[tuple[int, int], list[_Sound]] = {}
        for sound in sounds:
            parts.setdefault(sound.part, []).append(sound)
        for (channel, program), found in sorted(parts.items(), key=lambda item: item[0][0]):
            tracks.append(
                Track(
                    _merged(found),
                    program,
                    channel == DRUM_CHANNEL,
                    name,
                    controls.of_part(number, channel),
                )
            )
    return tracks, closed_count


def _sounds(
    track: EventTrack, programs: dict[int, list[tuple[int, int]]], controls: Controls
) -> tuple[list[_Sound], int]:
    """Pair the note events of one track; count the notes that nothing ends.

    Of two overlapping notes of one pitch the first is cut at the second's onset. The end that
    comes next is then the first one's, so the second lasts until the end after it, if any.
    """
    own = {status & 0x0F for _, status, _, _ in track.channel_events if status & 0xF0 == 0xC0}
    # A program set in another track counts only where this one sets none.
    foreign = {
        channel: changes[::-1] for channel, changes in programs.items() if channel not in own
    }
    program_of = [0] * 16
    sounds: list[_Sound] = []
    sounding: dict[int, _Sound] = {}  # by channel and pitch
    ended: dict[int, _Sound] = {}
    owed: dict[int, int] = {}  # ends still to come of notes that were cut
    for tick, status, data1, data2 in track.channel_events:
        kind = status & 0xF0
        channel = status & 0x0F
        if kind == 0xC0:
            program_of[channel] = data1
            continue
        if kind > 0x90:
            continue
        voice = channel << 7 | data1
        if kind == 0x90 and data2:
            if voice in sounding:
                sounding[voice].end = tick
                owed[voice] = owed.get(voice, 0) + 1
            else:
                owed[voice] = 0
            changes = foreign.get(channel)
            while changes and changes[-1][0] <= tick:
                program_of[channel] = changes.pop()[1]
            program = 0 if channel == DRUM_CHANNEL else program_of[channel]
            sound = _Sound(tick, tick, data1, data2, (channel, program))
            sounds.append(sound)
            sounding[voice] = sound
        elif voice in sounding:
            ended[voice] = sounding.pop(voice)
            ended[voice].end = tick
        elif owed.get(voice):
            owed[voice] -= 1
            ended[voice].end = tick
    if not controls.ends_notes:
        for sound in sounding.values():
            sound.end = track.end_tick
        return sounds, len(sounding)
    open_sounds = {id(sound) for sound in sounding.values()}
    closed_count = 0
    for sound in sounds:
        is_open = id(sound) in open_sounds
        end = controls.end(sound.part[0], sound.onset, None if is_open else sound.end)
        closed_count += end is None
        sound.end = track.end_tick if end is None else end
    return sounds, closed_count


def _merged(sounds: list[_Sound]) -> tuple[Note, ...]:
    """Build sorted notes; of equal pitch and onset the longer end and louder velocity stay."""
    notes: list[Note] = []
    for sound in sorted(sounds, key=lambda s: (s.onset, s.pitch)):
        duration = max(1, sound.end - sound.onset)
        velocity = sound.velocity
        if notes and notes[-1].onset == sound.onset and notes[-1].pitch == sound.pitch:
            twin = notes.pop()
            duration, velocity = max(duration, twin.duration), max(velocity, twin.velocity)
        notes.append(Note(sound.onset, sound.pitch, duration, velocity))
    return tuple(notes)
