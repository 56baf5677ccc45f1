"""Reading MIDI files: goldens byte by byte, and every kind of file that is not as it should be."""

import io
import struct

import mido
import pytest

from partimento.music.midi.reader import read_midi
from partimento.music.midi.signatures import bpm_of_microseconds
from partimento.music.score import Key, Meter, Note, Score, Tempo

HEADER = """
4D 54 68 64  00 00 00 06  # MThd, 6 bytes
00 01                     # type 1
00 01                     # one track
00 78                     # 120 ticks per beat
"""
NOTE = """
00 90 3C 40               # note on, middle C
78 80 3C 00               # note off, 120 ticks later
"""
END = "00 FF 2F 00"


def from_hex(dump: str) -> bytes:
    """Turn an annotated hexdump into bytes."""
    return bytes.fromhex(" ".join(line.partition("#")[0] for line in dump.splitlines()))


def chunk(dump: str) -> bytes:
    """Build a track chunk from the hexdump of its events."""
    body = from_hex(dump)
    return b"MTrk" + struct.pack(">L", len(body)) + body


def read(*tracks: str, header: str = HEADER) -> tuple[Score, list[str]]:
    return read_midi(io.BytesIO(from_hex(header) + b"".join(map(chunk, tracks))))


def notes_of(*tracks: str) -> list[tuple[int, int, int]]:
    """Read tracks and return (onset, pitch, duration) of the notes in the first."""
    score, _ = read(*tracks)
    return [(n.onset, n.pitch, n.duration) for n in score.tracks[0].notes]


def test_every_event_of_a_small_file_is_understood() -> None:
    score, warnings = read(
        """
        00 FF 03 05 50 69 61 6E 6F  # track name: Piano
        00 FF 01 04 6D 65 6D 6F     # text: memo
        00 FF 51 03 06 8A 1B        # tempo: 428571 microseconds a quarter
        00 FF 58 04 06 03 24 08     # time signature: 6/8
        00 FF 59 02 FE 01           # key signature: two flats, minor
        00 C0 28                    # program 40: violin
        00 90 3C 40                 # note on, C4
        81 70 3C 00                 # 240 ticks later, running status, velocity 0 is off
        00 99 26 7F                 # a snare drum on channel 10
        0A 89 26 00
        00 FF 2F 00                 # end of track
        """
    )
    assert warnings == []
    assert score.ticks_per_quarter == 120
    assert score.texts == ("memo",)
    assert score.tempos == (Tempo(0, 140.0),)
    assert score.meters == (Meter(0, 6, 8),)
    assert score.keys == (Key(0, 7, True),)
    violin, drums = score.tracks
    assert (violin.name, violin.program, violin.is_drum) == ("Piano", 40, False)
    assert violin.notes == (Note(0, 60, 240, 64),)
    assert (drums.program, drums.is_drum) == (0, True)
    assert drums.notes == (Note(240, 38, 10, 127),)


def test_a_file_that_says_nothing_has_no_tempo_meter_or_key() -> None:
    score, _ = read(NOTE + END)
    assert (score.tempos, score.meters, score.keys, score.texts) == ((), (), (), ())


@pytest.mark.parametrize("microseconds", [250_000, 428_571, 500_000, 600_001, 4_000_000, 62_501])
def test_a_tempo_is_the_shortest_decimal_that_writes_the_same_bytes(microseconds: int) -> None:
    assert round(60e6 / bpm_of_microseconds(microseconds)) == microseconds


def test_the_second_of_two_overlapping_notes_lasts_until_the_second_end() -> None:
    dump = "00 90 3C 40  0A 90 3C 40  0A 80 3C 00  0A 80 3C 00"
    assert notes_of(dump + END) == [(0, 60, 10), (10, 60, 20)]


def test_a_note_struck_again_before_its_end_event_at_the_same_tick_keeps_its_length() -> None:
    dump = "00 90 3C 40  0A 90 3C 40  00 80 3C 00  0A 80 3C 00"
    assert notes_of(dump + END) == [(0, 60, 10), (10, 60, 10)]


def test_stuck_notes_end_with_the_next_of_their_pitch_or_with_the_track() -> None:
    score, warnings = read("00 90 3C 40  0A 90 3C 40  14 90 3E 40  0A 80 3E 00  00 FF 2F 00")
    assert [(n.onset, n.duration) for n in score.tracks[0].notes] == [(0, 10), (10, 30), (30, 10)]
    assert warnings == ["MIDI data: notes without an end closed: 1"]


def test_a_note_without_length_lasts_one_tick() -> None:
    assert notes_of("00 90 3C 40  00 80 3C 00" + END) == [(0, 60, 1)]


def test_doubled_notes_are_merged_into_the_longer_and_louder() -> None:
    score, _ = read("00 90 3C 40  00 90 3C 50  0A 80 3C 00  05 80 3C 00" + END)
    assert score.tracks[0].notes == (Note(0, 60, 15, 80),)


def test_an_end_without_a_note_is_ignored() -> None:
    assert notes_of("00 80 3C 00" + NOTE + "00 80 3C 00" + END) == [(0, 60, 120)]


def test_a_program_change_starts_another_part() -> None:
    score, _ = read("00 C0 01" + NOTE + "00 C0 02" + NOTE + "00 C0 01" + NOTE + END)
    assert [(t.program, [n.onset for n in t.notes]) for t in score.tracks] == [
        (1, [0, 240]),
        (2, [120]),
    ]


def test_a_program_set_in_another_track_counts_where_the_own_track_sets_none() -> None:
    score, _ = read("00 C0 28 78 C0 29" + END, NOTE + NOTE + END)
    assert [t.program for t in score.tracks] == [40, 41]
    score, _ = read("00 C0 28" + END, "00 C0 05" + NOTE + END)
    assert [t.program for t in score.tracks] == [5]


def test_a_type_0_file_is_divided_by_channel() -> None:
    header = HEADER.replace("00 01                     # type 1", "00 00")
    score, _ = read("00 FF 03 01 41 00 91 40 40 78 81 40 00" + NOTE + END, header=header)
    assert [(t.notes[0].pitch, t.name) for t in score.tracks] == [(60, ""), (64, "")]


def test_the_patterns_of_a_type_2_file_follow_each_other_from_whole_bars() -> None:
    header = HEADER.replace("00 01                     # type 1", "00 02")
    score, warnings = read(NOTE + END, NOTE + END, header=header)
    assert [t.notes[0].onset for t in score.tracks] == [0, 480]
    assert "type 2" in warnings[0]


def test_sysex_unknown_meta_events_and_controllers_are_passed_over() -> None:
    dump = """
    00 F0 05 43 12 00 07 F7     # sysex
    00 F7 02 F3 01              # escaped bytes
    00 FF 60 02 01 02           # unknown meta event
    00 FF 7F 03 00 00 41        # sequencer specific
    00 B0 07 64                 # volume
    00 E0 00 40  00 D0 10  00 A0 3C 10
    """
    assert notes_of(dump + NOTE + END) == [(0, 60, 120)]


def test_names_are_read_as_utf_8_or_else_latin_1() -> None:
    score, _ = read(
        "00 FF 03 06 46 6C C3 B6 74 65 00 C0 01" + NOTE + END,
        "00 FF 03 05 46 6C F6 74 65 00 C0 02" + NOTE + END,
    )
    assert [t.name for t in score.tracks] == ["Flöte", "Flöte"]


def test_damaged_signatures_are_ignored_with_a_warning() -> None:
    score, warnings = read(
        "00 FF 58 04 00 02 18 08 00 FF 58 02 04 FF 00 FF 59 02 63 00" + NOTE + END
    )
    assert score.meters == ()
    assert score.keys == ()
    assert warnings == [
        "MIDI data: damaged time signatures ignored: 2",
        "MIDI data: damaged key signatures ignored: 1",
    ]


def test_a_late_first_time_signature_has_4_4_before_it() -> None:
    score, _ = read("78 FF 58 04 03 02 18 08" + NOTE + END)
    assert score.meters == (Meter(0, 4, 4), Meter(120, 3, 4))


def test_a_repeated_signature_or_tempo_is_kept_once() -> None:
    twice = (
        "00 FF 58 04 03 02 18 08 00 FF 51 03 07 A1 20 78 FF 58 04 03 02 18 08 00 FF 51 03 07 A1 20"
    )
    score, _ = read(twice + NOTE + END)
    assert score.meters == (Meter(0, 3, 4),)
    assert score.tempos == (Tempo(0, 120.0),)


def test_mido_finds_the_same_notes() -> None:
    data = from_hex(HEADER) + chunk(
        "00 C0 07" + NOTE * 3 + "0A 90 40 50 10 90 41 50 10 40 00 05 41 00" + END
    )
    ours, _ = read_midi(io.BytesIO(data))
    theirs, tick, sounding = [], 0, {}
    for message in mido.MidiFile(file=io.BytesIO(data)).tracks[0]:
        tick += message.time
        if message.type == "note_on" and message.velocity:
            sounding[message.note] = (tick, message.velocity)
        elif message.type in ("note_on", "note_off"):
            onset, velocity = sounding.pop(message.note)
            theirs.append(Note(onset, message.note, tick - onset, velocity))
    assert ours.tracks[0].notes == tuple(sorted(theirs))
