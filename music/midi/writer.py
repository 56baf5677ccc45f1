"""Score -> Standard MIDI File, type 1; equal scores give equal bytes.

The file has 480 ticks a quarter where the score's ticks are whole numbers of these, as those of
the token grid are, else the score's own resolution: no note of another program's file moves.

Track 0 holds what concerns all parts: tempo, time and key signatures, texts. Each Track
follows in a MIDI track of its own. There are fifteen melodic channels; parts beyond share the
channel of a part with the same program, and when programs run out too, channels are reused:
the program changes again before each note that needs another one, so that such parts are in
tune with their instrument except while both sound at once.
"""

import io
from collections.abc import Iterable
from fractions import Fraction
from os import PathLike

from mido import Message, MetaMessage, MidiFile, MidiTrack

from partimento.music.files import write_whole
from partimento.music.keys import key_name
from partimento.music.metre import beat_ticks
from partimento.music.score import Control, Key, Score, Track

TICKS_PER_QUARTER = 480
MAX_TICKS_PER_QUARTER = 32_767
"""The most that the header of a MIDI file can say."""
DRUM_CHANNEL = 9
_MELODIC_CHANNELS = tuple(channel for channel in range(16) if channel != DRUM_CHANNEL)
_MAX_MICROSECONDS = (1 << 24) - 1
"""A quarter in the three bytes of a tempo event: slower than 3.6 beats per minute is not MIDI."""

_MARKS = {
    "text": "text",
    "copyright": "copyright",
    "lyric": "lyrics",
    "marker": "marker",
    "cue": "cue_marker",
}
"""mido's name of each kind of mark."""
_BANK = (0, 32)
"""Controllers that choose a bank; the program that follows is taken from it."""

_Timed = tuple[int, int, Message | MetaMessage]
"""(tick, order within the tick, message)."""


def write_midi(score: Score, path: str | PathLike[str]) -> None:
    """Write the score to `path`, whole or not at all; an existing file is replaced.

    OSError when the folder cannot be written to.
    """
    write_whole(path, midi_bytes(score))


def midi_bytes(score: Score) -> bytes:
    """Return the score as the bytes of a MIDI file."""
    resolution = _resolution(score)
    scale = Fraction(resolution, score.ticks_per_quarter)
    file = MidiFile(type=1, ticks_per_beat=resolution, charset="utf-8")
    file.tracks.append(_conductor(score, scale))
    channels = _channels(score.tracks)
    shared = {c for c, p in channels if any(c == d and p != q for d, q in channels)}
    for track, (channel, _) in zip(score.tracks, channels, strict=True):
        file.tracks.append(_part(track, channel, scale, channel in shared))
    buffer = io.BytesIO()
    file.save(file=buffer)
    return buffer.getvalue()


def _resolution(score: Score) -> int:
    """Ticks a quarter of the file."""
    own = score.ticks_per_quarter
    return TICKS_PER_QUARTER if TICKS_PER_QUARTER % own == 0 else min(own, MAX_TICKS_PER_QUARTER)


def _conductor(score: Score, scale: Fraction) -> MidiTrack:
    """Build track 0."""
    events: list[_Timed] = []
    for text in score.texts:
        events.append((0, 0, MetaMessage("text", text=text)))
    for meter in score.meters:
        message = MetaMessage(
            "time_signature",
            numerator=meter.numerator,
            denominator=meter.denominator,
            # A click a beat. 24 MIDI clocks are a quarter.
            clocks_per_click=min(255, beat_ticks((meter.numerator, meter.denominator), 24)),
        )
        events.append((round(meter.tick * scale), 1, message))
    for key in score.keys:
        events.append(
            (round(key.tick * scale), 2, MetaMessage("key_signature", key=_key_name(key)))
        )
    for tempo in score.tempos:
        microseconds = min(max(1, round(60e6 / tempo.bpm)), _MAX_MICROSECONDS)
        message = MetaMessage("set_tempo", tempo=microseconds)
        events.append((round(tempo.tick * scale), 3, message))
    for mark in score.marks:
        events.append((round(mark.tick * scale), 4, MetaMessage(_MARKS[mark.kind], text=mark.text)))
    return _track(events)


def _key_name(key: Key) -> str:
    """Name a key as mido does."""
    return key_name(key).tonic_name + "m" * key.is_minor


def _channels(tracks: Iterable[Track]) -> list[tuple[int, int]]:
    """Return each track's channel and program; drums have channel 10 to themselves."""
    chosen: list[tuple[int, int]] = []
    users: list[list[int]] = [[] for _ in _MELODIC_CHANNELS]  # programs on each channel
    for track in tracks:
        if track.is_drum:
            chosen.append((DRUM_CHANNEL, 0))
            continue
        slots = range(len(users))
        free = [i for i in slots if not users[i]]
        same = [i for i in slots if track.program in users[i]]
        slot = (free or same or sorted(slots, key=lambda i: len(users[i])))[0]
        users[slot].append(track.program)
        chosen.append((_MELODIC_CHANNELS[slot], track.program))
    return chosen


def _part(track: Track, channel: int, scale: Fraction, is_shared: bool) -> MidiTrack:
    """Build the MIDI track of one part."""
    program = Message("program_change", channel=channel, program=track.program)
    events: list[_Timed] = []
    if track.name:
        events.append((0, 0, MetaMessage("track_name", name=track.name)))
    if not track.is_drum:
        events.append((0, 1, program))
    events += [_control(control, channel, scale) for control in track.controls]
    restrike: dict[int, int] = {}  # pitch -> onset of its next note
    for note in reversed(track.notes):
        # Rounding must not let a note run into the next one of its pitch.
        onset = round(note.onset * scale)
        end = max(onset + 1, round((note.onset + note.duration) * scale))
        end = min(end, max(onset + 1, restrike.get(note.pitch, end)))
        restrike[note.pitch] = onset
        common = {"channel": channel, "note": note.pitch}
        events.append((onset, 4, Message("note_on", velocity=note.velocity, **common)))
        events.append((end, 2, Message("note_off", velocity=0, **common)))
        if is_shared:
            events.append((onset, 3, program))
    return _track(events)


def _control(control: Control, channel: int, scale: Fraction) -> _Timed:
    """The event of a controller: a bank before the program, any other before the notes."""
    tick = round(control.tick * scale)
    if control.kind == "control":
        message = Message(
            "control_change", channel=channel, control=control.number, value=control.value
        )
        return tick, 0 if control.number in _BANK else 3, message
    if control.kind == "bend":
        return tick, 3, Message("pitchwheel", channel=channel, pitch=control.value)
    if control.kind == "pressure":
        return tick, 3, Message("aftertouch", channel=channel, value=control.value)
    if control.kind == "kit":
        return tick, 1, Message("program_change", channel=channel, program=control.value)
    return (
        tick,
        3,
        Message("polytouch", channel=channel, note=control.number, value=control.value),
    )


def _track(events: list[_Timed]) -> MidiTrack:
    """Sort the events and turn their ticks into waiting times."""

    def order(event: _Timed) -> tuple[int, int, int]:
        tick, rank, message = event
        return tick, rank, getattr(message, "note", 0)

    out = MidiTrack()
    before = 0
    for tick, _, message in sorted(events, key=order):
        out.append(message.copy(time=tick - before))
        before = tick
    out.append(MetaMessage("end_of_track", time=0))
    return out
