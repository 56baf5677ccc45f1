"""What the synthesizer is given: order, ends, pedals and volumes."""

import io

import mido
import pytest

from partimento.music.midi.events import EventTrack, MidiEvents
from partimento.rendering.audio.performance import (
    CONTROL,
    NOTE_OFF,
    NOTE_ON,
    PEDAL,
    PROGRAM,
    VOLUME,
    VOLUME_FINE,
    ChannelEvent,
    midi_file,
    perform,
)


def events(*tracks: list[ChannelEvent], tempos: dict[int, int] | None = None) -> MidiEvents:
    """A file of 480 ticks a quarter; tempos by tick, in microseconds."""
    meta = [(tick, 0x51, value.to_bytes(3, "big")) for tick, value in (tempos or {}).items()]
    found = [EventTrack(track, end_tick=2000) for track in tracks]
    return MidiEvents(1, 480, True, [EventTrack(meta_events=meta), *found], [])


NOTE = [(0, NOTE_ON, 60, 80), (480, NOTE_OFF, 60, 0)]


def test_the_file_holds_all_events_in_order_and_a_tail() -> None:
    other = [(0, PROGRAM | 1, 40, 0), (240, NOTE_ON | 1, 64, 90), (720, NOTE_OFF | 1, 64, 0)]
    performance = perform(events(NOTE, other, tempos={0: 600_000, 480: 300_000}))
    file = mido.MidiFile(file=io.BytesIO(midi_file(performance, 1.5)))
    assert file.ticks_per_beat == 480
    assert [(m.type, m.time) for m in file.tracks[0]] == [
        ("set_tempo", 0),
        ("note_on", 0),
        ("program_change", 0),
        ("note_on", 240),
        ("set_tempo", 240),
        ("note_off", 0),
        ("note_off", 240),
        ("end_of_track", 2400),  # 1.5 s at 200 quarters a minute
    ]
    assert file.tracks[0][2].program == 40
    assert performance.end == 720
    assert performance.seconds == pytest.approx(0.6 + 0.15)


def test_a_note_that_never_ends_lasts_to_the_end_of_its_track() -> None:
    assert perform(events([(0, NOTE_ON, 60, 80)])).end == 2000


def test_a_pedal_holds_the_end_until_it_is_let_go() -> None:
    down, up = (10, CONTROL, PEDAL, 127), (1200, CONTROL, PEDAL, 0)
    assert perform(events(sorted([*NOTE, down]))).end == 480  # for ever is no end
    assert perform(events(sorted([*NOTE, down, up]))).end == 1200
    assert perform(events(sorted([*NOTE, down, (400, CONTROL, PEDAL, 0), up]))).end == 480


def test_low_volumes_are_raised_alike_to_the_default() -> None:
    low = [(0, CONTROL, VOLUME, 10), (0, CONTROL | 1, VOLUME, 5)]
    notes = [(0, NOTE_ON, 60, 80), (0, NOTE_ON | 1, 64, 80)]
    found = perform(events([*low, *notes])).events
    assert [event for event in found if event[1] & 0xF0 == CONTROL] == [
        (0, CONTROL, VOLUME, 100),
        (0, CONTROL, VOLUME_FINE, 0),
        (0, CONTROL | 1, VOLUME, 50),
        (0, CONTROL | 1, VOLUME_FINE, 0),
    ]


def test_volumes_stay_where_a_channel_plays_at_the_default() -> None:
    low = [(0, CONTROL, VOLUME, 10), (0, NOTE_ON, 60, 80), (0, NOTE_ON | 1, 64, 80)]
    assert list(perform(events(low)).events) == low


def test_velocities_are_those_of_the_notes() -> None:
    stopped_by_velocity_zero = [(0, NOTE_ON, 60, 80), (480, NOTE_ON, 60, 0)]
    assert perform(events(stopped_by_velocity_zero)).velocities == [80]


def test_pressure_has_one_byte_and_a_bend_two() -> None:
    messages = [(0, 0xD0, 90, 0), (0, 0xE0, 0, 80), (0, 0xA0, 60, 70)]
    file = mido.MidiFile(file=io.BytesIO(midi_file(perform(events([*messages, *NOTE])), 0)))
    assert [m.type for m in file.tracks[0]][:3] == ["aftertouch", "pitchwheel", "polytouch"]
    assert file.tracks[0][1].pitch == 80 * 128 - 8192
