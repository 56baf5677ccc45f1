"""MIDI file -> Score at the file's own resolution.

What a damaged or careless file leaves open is settled here once: a note that never ends is
closed by the next one of its pitch or by the end of its track; equal notes at one tick are one
note; the program in force at each note decides its track. Everything that was repaired is
said in a warning; only a file without any music is an error.
"""

from dataclasses import dataclass
from os import PathLike, fspath
from typing import BinaryIO

from partimento.errors import MidiError
from partimento.music.keys import KeyName, key_name
from partimento.music.midi.events import (
    META_KEY,
    META_METER,
    META_TEMPO,
    META_TEXT,
    META_TRACK_NAME,
    EventTrack,
    MidiEvents,
    parse_events,
)
from partimento.music.score import Key, Meter, Note, Score, Tempo, Track

MIN_BPM, MAX_BPM = 5.0, 960.0
"""Tempos outside are typing errors; they are moved to the nearer end."""
DRUM_CHANNEL = 9
"""Channel 10 in the counting of the MIDI standard."""
MAX_DENOMINATOR_POWER = 6
"""Sixty-fourths; a time signature beyond is a damaged byte."""

Source = str | PathLike[str] | BinaryIO


def read_midi(source: Source) -> tuple[Score, list[str]]:
    """Read a MIDI file (a path or an open binary file); return the score and warnings.

    Raises MidiError, one line that names the file, when it cannot be opened, is not MIDI or
    holds no notes.
    """
    data, name = _load(source)
    events = parse_events(data, name)
    warnings = events.warnings
    if events.file_type == 2 and len(events.tracks) > 1:
        warnings.append(f"{name}: type 2 file: its patterns are played one after another")
        _chain(events)
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
        tempos=_tempos(meta, name, warnings) if events.has_tempo else (),
        meters=_meters(meta, name, warnings),
        keys=_keys(meta, name, warnings),
        texts=tuple(
            _decode(text) for tick, kind, text in meta if kind == META_TEXT and tick == 0 and text
        ),
    )
    return score, warnings


def source_name(source: Source) -> str:
    """Return the name that messages call a source by."""
    if isinstance(source, (str, PathLike)):
        return fspath(source)
    return str(getattr(source, "name", "MIDI data"))


def _load(source: Source) -> tuple[bytes, str]:
    """Return the bytes and the name of a source."""
    name = source_name(source)
    if not isinstance(source, (str, PathLike)):
        return source.read(), name
    try:
        with open(source, "rb") as file:
            return file.read(), name
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise MidiError(f"{name}: cannot be read: {reason}") from error


def _decode(text: bytes) -> str:
    """Decode UTF-8, else Latin-1 (which never fails); no control characters at the ends."""
    try:
        decoded = text.decode("utf-8")
    except UnicodeDecodeError:
        decoded = text.decode("latin-1")
    return decoded.strip("\0\r\n\t ")


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
    tracks: list[Track] = []
    closed_count = 0
    for track in events.tracks:
        sounds, closed = _sounds(track, programs)
        closed_count += closed
        name = ""
        if events.file_type != 0:  # there it is the name of the piece
            names = [data for _, kind, data in track.meta_events if kind == META_TRACK_NAME]
            name = _decode(names[0]) if names else ""
        parts: dict[tuple[int, int], list[_Sound]] = {}
        for sound in sounds:
            parts.setdefault(sound.part, []).append(sound)
        for (channel, program), found in sorted(parts.items(), key=lambda item: item[0][0]):
            tracks.append(Track(_merged(found), program, channel == DRUM_CHANNEL, name))
    return tracks, closed_count


def _sounds(
    track: EventTrack, programs: dict[int, list[tuple[int, int]]]
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
    for sound in sounding.values():
        sound.end = track.end_tick
    return sounds, len(sounding)


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


def _tempos(
    meta: list[tuple[int, int, bytes]], name: str, warnings: list[str]
) -> tuple[Tempo, ...]:
    """Read the tempo events; one a tick, absurd values clamped."""
    found: dict[int, float] = {}
    clamped_count = 0
    for tick, kind, data in meta:
        if kind == META_TEMPO and len(data) >= 3:
            microseconds = int.from_bytes(data[:3], "big")
            bpm = bpm_of_microseconds(microseconds) if microseconds else MAX_BPM + 1
            if not MIN_BPM <= bpm <= MAX_BPM:
                clamped_count += 1
                bpm = min(max(bpm, MIN_BPM), MAX_BPM)
            found[tick] = bpm
    if clamped_count:
        warnings.append(
            f"{name}: tempos outside {MIN_BPM:g} to {MAX_BPM:g} beats per minute "
            f"moved to the nearer end: {clamped_count}"
        )
    kept: list[Tempo] = []
    for tick, bpm in found.items():
        if not kept or kept[-1].bpm != bpm:
            kept.append(Tempo(tick, bpm))
    return tuple(kept)


def bpm_of_microseconds(microseconds_per_quarter: int) -> float:
    """Return the shortest decimal tempo that MIDI writes as this many microseconds.

    >>> bpm_of_microseconds(428571)
    140.0
    """
    exact = 60e6 / microseconds_per_quarter
    for digits in range(10):
        bpm = round(exact, digits)
        if bpm > 0 and round(60e6 / bpm) == microseconds_per_quarter:
            return bpm
    return exact


def _meters(
    meta: list[tuple[int, int, bytes]], name: str, warnings: list[str]
) -> tuple[Meter, ...]:
    """Read the time signatures; the first stands at tick 0."""
    found: dict[int, tuple[int, int]] = {}
    damaged_count = 0
    for tick, kind, data in meta:
        if kind == META_METER:
            if len(data) < 2 or data[0] == 0 or data[1] > MAX_DENOMINATOR_POWER:
                damaged_count += 1
            else:
                found[tick] = (data[0], 1 << data[1])
    if damaged_count:
        warnings.append(f"{name}: damaged time signatures ignored: {damaged_count}")
    kept: list[Meter] = []
    if found and 0 not in found:
        kept.append(Meter(0, 4, 4))
    for tick, (numerator, denominator) in found.items():
        if not kept or (kept[-1].numerator, kept[-1].denominator) != (numerator, denominator):
            kept.append(Meter(tick, numerator, denominator))
    return tuple(kept)


def _keys(meta: list[tuple[int, int, bytes]], name: str, warnings: list[str]) -> tuple[Key, ...]:
    """Read the key signatures."""
    found: dict[int, KeyName] = {}
    damaged_count = 0
    for tick, kind, data in meta:
        if kind == META_KEY:
            fifths = int.from_bytes(data[:1], "big", signed=True)
            if len(data) < 2 or not -7 <= fifths <= 7 or data[1] > 1:
                damaged_count += 1
            else:
                found[tick] = KeyName(fifths, data[1] == 1)
    if damaged_count:
        warnings.append(f"{name}: damaged key signatures ignored: {damaged_count}")
    kept: list[Key] = []
    for tick, key in found.items():
        if not kept or key_name(kept[-1]) != key:
            kept.append(key.at(tick))
    return tuple(kept)
