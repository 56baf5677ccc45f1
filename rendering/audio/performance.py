"""What a synthesizer plays: all events of a MIDI file in one track, and when they end."""

import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from partimento.music.midi.events import META_TEMPO, MidiEvents
from partimento.music.timeline import TempoMap

NOTE_OFF, NOTE_ON, CONTROL, PROGRAM = 0x80, 0x90, 0xB0, 0xC0
"""Kinds of channel events: the upper half of the status byte."""
VOLUME, VOLUME_FINE, PEDAL = 7, 39, 64
"""Numbers of controllers."""
_PEDAL_DOWN = 64
_DEFAULT_VOLUME = 100
"""What General MIDI synthesizers begin with."""
_DEFAULT_MICROSECONDS = 500_000
"""A quarter note where a file gives no tempo."""

ChannelEvent = tuple[int, int, int, int]
"""(tick, status byte, first data byte, second data byte)."""


@dataclass(frozen=True, slots=True)
class Performance:
    """Events in the order in which they are played."""

    ticks_per_quarter: int
    events: tuple[ChannelEvent, ...]
    tempos: tuple[tuple[int, int], ...]
    """(tick, microseconds a quarter note), in order of time."""
    end: int
    """The tick at which the last note ends, or the pedal that holds it is let go."""

    @property
    def velocities(self) -> list[int]:
        """MIDI velocity of each note."""
        return [velocity for _, status, _, velocity in self.events if _starts(status, velocity)]

    @property
    def seconds(self) -> float:
        """Time from tick 0 to the end, by the tempos in force."""
        quarters = ((tick, microseconds / 1e6) for tick, microseconds in self.tempos)
        return TempoMap.of_quarters(quarters, self.ticks_per_quarter).seconds(self.end)


def perform(events: MidiEvents) -> Performance:
    """The events of a file as a synthesizer plays them; of one tick in the order of the tracks."""
    played = [event for track in events.tracks for event in track.channel_events]
    tempos = [
        (tick, int.from_bytes(data[:3], "big"))
        for track in events.tracks
        for tick, kind, data in track.meta_events
        if kind == META_TEMPO and len(data) >= 3 and any(data[:3]) and events.has_tempo
    ]
    ends = [_last_end(track.channel_events, track.end_tick) for track in events.tracks]
    ordered = tuple(sorted(played, key=lambda event: event[0]))
    return Performance(
        events.ticks_per_quarter,
        _audible(ordered),
        tuple(sorted(tempos, key=lambda tempo: tempo[0])),
        _release(ordered, max(ends, default=0)),
    )


def midi_file(performance: Performance, tail_seconds: float) -> bytes:
    """The performance as a MIDI file of one track, which goes on in silence after its end."""
    microseconds = performance.tempos[-1][1] if performance.tempos else _DEFAULT_MICROSECONDS
    tail = round(tail_seconds * 1e6 / microseconds * performance.ticks_per_quarter)
    timed: list[tuple[int, int, bytes]] = [
        (tick, 0, b"\xff\x51\x03" + microseconds.to_bytes(3, "big"))
        for tick, microseconds in performance.tempos
    ]
    timed += [
        (tick, 1, bytes((status, one) if _is_short(status) else (status, one, two)))
        for tick, status, one, two in performance.events
    ]
    timed.sort(key=lambda event: event[:2])
    last = max([performance.end, *(tick for tick, _, _ in timed)]) + tail
    body = b"".join(_with_delays([*timed, (last, 2, b"\xff\x2f\x00")]))
    # Divisions of more than 15 bits are film frames.
    head = struct.pack(">4sIHHH", b"MThd", 6, 0, 1, min(performance.ticks_per_quarter, 0x7FFF))
    return head + struct.pack(">4sI", b"MTrk", len(body)) + body


def _is_short(status: int) -> bool:
    """Whether an event has one data byte, as a program and the pressure on a channel's keys."""
    return status & 0xE0 == PROGRAM


def _starts(status: int, velocity: int) -> bool:
    return status & 0xF0 == NOTE_ON and velocity > 0


def _last_end(events: Iterable[ChannelEvent], track_end: int) -> int:
    """The tick at which the last note of a track ends; its own end where one never does."""
    sounding: set[tuple[int, int]] = set()
    last = 0
    for tick, status, pitch, velocity in events:
        place = (status & 0x0F, pitch)
        if _starts(status, velocity):
            sounding.add(place)
            last = max(last, tick + 1)
        elif status & 0xF0 in (NOTE_ON, NOTE_OFF):
            sounding.discard(place)
            last = max(last, tick)
    return max(last, track_end) if sounding else last


def _release(events: Sequence[ChannelEvent], end: int) -> int:
    """The tick at which the last of the pedals that are down at the end is let go."""
    down: dict[int, bool] = {}
    release = end
    for tick, status, number, value in events:
        if status & 0xF0 != CONTROL or number != PEDAL:
            continue
        channel = status & 0x0F
        if tick > end and down.get(channel) and value < _PEDAL_DOWN:
            release = max(release, tick)
        down[channel] = value >= _PEDAL_DOWN if tick <= end else False
    return release


def _audible(events: Sequence[ChannelEvent]) -> tuple[ChannelEvent, ...]:
    """Events with all volumes raised alike until the highest is a synthesizer's default.

    The synthesizer leaves out voices below -60 dB, which a piece with low volumes would fall
    under as a whole; its loudness is settled afterwards anyway.
    """
    volume = dict.fromkeys(range(16), _DEFAULT_VOLUME)
    highest = 0
    for _, status, one, two in events:
        channel = status & 0x0F
        if status & 0xF0 == CONTROL and one == VOLUME:
            volume[channel] = two
        elif _starts(status, two):
            highest = max(highest, volume[channel])
    if highest >= _DEFAULT_VOLUME or not highest:
        return tuple(events)
    raised: list[ChannelEvent] = []
    for event in events:
        tick, status, one, two = event
        if status & 0xF0 == CONTROL and one == VOLUME:
            coarse, fine = divmod(min(two * 128 * _DEFAULT_VOLUME // highest, (1 << 14) - 1), 128)
            raised += [(tick, status, VOLUME, coarse), (tick, status, VOLUME_FINE, fine)]
        elif status & 0xF0 != CONTROL or one != VOLUME_FINE:
            raised.append(event)
    return tuple(raised)


def _with_delays(events: Iterable[tuple[int, int, bytes]]) -> Iterator[bytes]:
    """Yield events with the ticks since the one before in front, seven bits a byte."""
    before = 0
    for tick, _, message in events:
        delay = tick - before
        before = tick
        groups = [delay & 0x7F]
        while delay := delay >> 7:
            groups.append(0x80 | delay & 0x7F)
        yield bytes(reversed(groups)) + message
