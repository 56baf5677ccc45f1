"""Bytes of a Standard MIDI File -> events with absolute ticks, as far as they can be read.

Written by hand rather than on mido, which gives up at the first unexpected byte and needs
ten times as long; `tests/tokenizer/test_midi_reader.py` holds the two side by side.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

from partimento.errors import MidiError

MAX_FILE_BYTES = 8 << 20
"""No piece of music needs more; a larger file is a recording or an accident."""
MAX_QUARTERS = 32_768
"""Four and a half hours at 120 beats per minute; later events are dropped with a warning."""
_MAX_FINE_TICKS = 1 << 24
"""As long in a file whose ticks are milliseconds, whatever it calls a quarter note."""
MAX_EVENTS = 500_000
"""Events in one file that the reader keeps: notes, programs, tempos, signatures, texts."""
MAX_CONTROLS = 500_000
"""Pedal, bend and other controller events of one file; later ones are dropped with a warning."""
MAX_TRACKS = 1_024
"""Later tracks are dropped with a warning."""

TOO_LATE = f"events after {MAX_QUARTERS:,} quarter notes dropped"

META_TEXT, META_COPYRIGHT, META_TRACK_NAME, META_LYRIC, META_MARKER, META_CUE = 1, 2, 3, 5, 6, 7
META_END, META_TEMPO, META_METER, META_KEY = 0x2F, 0x51, 0x58, 0x59
_KEPT_META = {
    *(META_TEXT, META_COPYRIGHT, META_TRACK_NAME, META_LYRIC, META_MARKER, META_CUE),
    *(META_TEMPO, META_METER, META_KEY),
}
FIRST_MODE_MESSAGE = 120
"""From here on controllers are channel mode messages."""
NOTES_OFF = {120, 123, 124, 125, 126, 127}
"""Mode messages that end all notes of their channel: all sound off, all notes off, and the
changes of mode, which MIDI 1.0 says do the same."""
_SMPTE_RATES = {24, 25, 29, 30}


@dataclass(slots=True)
class EventTrack:
    """The events of one track chunk."""

    channel_events: list[tuple[int, int, int, int]] = field(default_factory=list)
    """(tick, status byte, first data byte, second data byte) of notes, programs, controllers."""
    control_count: int = 0
    """How many of them are neither notes nor programs."""
    lacks_controls: bool = False
    """Whether more of these were left out."""
    meta_events: list[tuple[int, int, bytes]] = field(default_factory=list)
    """(tick, meta type, data)."""
    end_tick: int = 0
    """Tick of the last event that could be read."""


@dataclass(slots=True)
class MidiEvents:
    """A whole file."""

    file_type: int
    ticks_per_quarter: int
    has_tempo: bool
    """False when the division counts film frames: tempo events then mean nothing."""
    tracks: list[EventTrack]
    warnings: list[str]


def parse_events(data: bytes, name: str) -> MidiEvents:
    """Read a MIDI file's bytes; `name` stands in front of every message.

    Raises MidiError when there is no header, an unknown division or a limit is passed.
    """
    if len(data) > MAX_FILE_BYTES:
        raise MidiError(
            f"{name}: {len(data):,} bytes, the limit is {MAX_FILE_BYTES:,}; is it a MIDI file?"
        )
    warnings: list[str] = []
    header = _header(data, name, warnings)
    file = MidiEvents(header.file_type, header.division, header.has_tempo, [], warnings)
    _parse_chunks(data, header, file, name)
    return file


class _Header(NamedTuple):
    """The header chunk."""

    start: int
    """Of the chunk, in bytes."""
    file_type: int
    division: int
    """Ticks a quarter."""
    has_tempo: bool


def _header(data: bytes, name: str, warnings: list[str]) -> _Header:
    """Read the header; MidiError when there is none, or its division is unknown."""
    start = data.find(b"MThd", 0, 65_536)
    if start < 0:
        raise MidiError(f"{name}: not a MIDI file (it has no MThd header); give a .mid file")
    if start > 0 and data[:4] != b"RIFF":
        warnings.append(f"{name}: {start} bytes before the MThd header ignored")
    header = data[start + 8 : start + 14]
    if len(header) < 6:
        raise MidiError(f"{name}: ends inside its header; the file is truncated")
    file_type = int.from_bytes(header[:2], "big")
    division = int.from_bytes(header[4:6], "big")
    if file_type > 2:
        warnings.append(f"{name}: unknown file type {file_type}, read as type 1")
        file_type = 1
    has_tempo = division < 0x8000
    if not has_tempo:
        frames = 256 - (division >> 8)
        if frames not in _SMPTE_RATES or division & 0xFF == 0:
            raise MidiError(
                f"{name}: time division 0x{division:04x} is none of MIDI's; the header is damaged"
            )
        # Half a second is a quarter at 120 beats per minute; rates are even in all but one case.
        division = max(1, (30 if frames == 29 else frames) * (division & 0xFF) // 2)
        warnings.append(f"{name}: timed in film frames, not beats; read at 120 beats per minute")
    elif division == 0:
        raise MidiError(f"{name}: zero ticks a quarter note in the header; the header is damaged")
    return _Header(start, file_type, division, has_tempo)


def _parse_chunks(data: bytes, header: _Header, file: MidiEvents, name: str) -> None:
    """Append the tracks to the file, in place, and the warnings about them."""
    start, division, tracks, warnings = header.start, header.division, file.tracks, file.warnings
    position = start + 8 + int.from_bytes(data[start + 4 : start + 8], "big")
    if data[position : position + 4] != b"MTrk":
        position = data.find(b"MTrk", start + 8)
    budget, control_budget, is_full = MAX_EVENTS, MAX_CONTROLS, False
    while 0 <= position <= len(data) - 8:
        chunk = data[position : position + 4]
        body = position + 8
        end = body + int.from_bytes(data[position + 4 : body], "big")
        if chunk != b"MTrk":
            position = end if _is_chunk_at(data, end) else data.find(b"MTrk", position + 1)
            continue
        number = len(tracks) + 1
        if end > len(data):
            end = len(data)
        elif not _is_chunk_at(data, end):
            following = data.find(b"MTrk", body)
            end = following if following >= 0 else len(data)
        if len(tracks) == MAX_TRACKS:
            warnings.append(f"{name}: tracks after the first {MAX_TRACKS:,} dropped")
            break
        track = EventTrack()
        last_tick = max(division * MAX_QUARTERS, _MAX_FINE_TICKS)
        limits = _Limits(last_tick, budget, control_budget)
        stop, problem = _parse_track(data, body, end, track, limits)
        budget -= len(track.channel_events) + len(track.meta_events) - track.control_count
        if budget < 0:
            raise MidiError(f"{name}: more than {MAX_EVENTS:,} events; split the file")
        if track.lacks_controls and not is_full:
            is_full = True
            warnings.append(f"{name}: controllers after the first {MAX_CONTROLS:,} dropped")
        control_budget -= track.control_count
        if problem:
            warnings.append(f"{name}: track {number}: {problem}")
        tracks.append(track)
        # A length that swallows the next track: go on where this one really ended.
        position = stop if data[stop : stop + 4] == b"MTrk" else end


def _is_chunk_at(data: bytes, position: int) -> bool:
    """Tell whether the file ends here or another chunk starts."""
    return position >= len(data) or (
        position + 8 <= len(data) and data[position : position + 4].isalnum()
    )


class _Limits(NamedTuple):
    """What is left to one track."""

    tick: int
    """The last one that is kept."""
    events: int
    controls: int


class _Stopped(Exception):  # a track that ends is no error
    """A track ends here."""

    def __init__(self, position: int, problem: str = "") -> None:
        self.position = position
        self.problem = problem
        """Empty for a track that ended as it should."""


def _parse_track(
    data: bytes, position: int, end: int, track: EventTrack, limits: _Limits
) -> tuple[int, str]:
    """Append the events of data[position:end] to `track`; return where it stopped and why.

    The reason is empty for a track that ended as it should. Most events need no further call.
    """
    max_tick, max_events, max_controls = limits
    tick = status = 0
    append = track.channel_events.append
    try:
        while position < end:
            delta, position = data[position], position + 1
            if delta >= 0x80:
                delta, position = _long_time(data, position, delta & 0x7F)
            tick += delta
            if tick > max_tick:
                return position, TOO_LATE
            track.end_tick = tick
            byte = data[position]
            if byte == 0xFF or byte == 0xF0 or byte == 0xF7:
                position = _read_block(data, position, end, track, max_events)
                continue
            if byte >= 0x80:
                status = byte
                position += 1
            elif not status:
                return end, "data without a status byte; the rest of the track is dropped"
            kind = status & 0xF0
            if kind == 0xC0 or kind == 0xD0:
                if kind == 0xC0:
                    append((tick, status, data[position] & 0x7F, 0))
                elif track.control_count < max_controls:
                    append((tick, status, data[position] & 0x7F, 0))
                    track.control_count += 1
                else:
                    track.lacks_controls = True
                position += 1
            elif kind == 0xF0:
                # System messages have no place in a file; skip their data and hope.
                position += {0xF1: 1, 0xF2: 2, 0xF3: 1}.get(status, 0)
                status = 0
            elif kind <= 0x90:
                append((tick, status, data[position] & 0x7F, data[position + 1] & 0x7F))
                if len(track.channel_events) - track.control_count > max_events:
                    return position, ""
                position += 2
            else:
                if track.control_count < max_controls:
                    append((tick, status, data[position] & 0x7F, data[position + 1] & 0x7F))
                    track.control_count += 1
                else:
                    track.lacks_controls = True
                position += 2
    except IndexError:
        return end, "the file ends inside an event"
    except _Stopped as stopped:
        return stopped.position, stopped.problem
    return position, "no end-of-track event"


def _long_time(data: bytes, position: int, time: int) -> tuple[int, int]:
    """A time whose first byte says that others follow, and where it ends."""
    for _ in range(3):
        byte = data[position]
        position += 1
        time = time << 7 | byte & 0x7F
        if byte < 0x80:
            return time, position
    data[position]  # a file that ends here ends inside an event
    problem = "a time of more than 4 bytes; the rest of the track is dropped"
    raise _Stopped(position + 1, problem)


def _read_block(data: bytes, position: int, end: int, track: EventTrack, max_events: int) -> int:
    """Where an event with a length ends: a system exclusive one, or a meta event, which is kept."""
    meta_type = data[position + 1] if data[position] == 0xFF else -1
    position += 2 if data[position] == 0xFF else 1
    size = 0
    for _ in range(4):
        byte = data[position]
        position += 1
        size = size << 7 | byte & 0x7F
        if byte < 0x80:
            break
    if meta_type == META_END:
        raise _Stopped(position + size)
    if position + size > end:
        raise _Stopped(end, "the last event is cut off")
    if meta_type in _KEPT_META:
        content = data[position : position + size]
        track.meta_events.append((track.end_tick, meta_type, content))
        if len(track.meta_events) > max_events:
            raise _Stopped(position)
    return position + size
