"""Pedals, bends and the messages that end all notes: read, and written back."""

import io
import struct
from pathlib import Path

import mido
import pytest

from partimento.music.midi.reader import read_midi
from partimento.music.midi.writer import midi_bytes
from partimento.music.score import Control, Mark, Score

HEADER = "4D 54 68 64  00 00 00 06  00 01  00 01  00 78"  # type 1, 120 ticks a quarter
NOTE = "00 90 3C 40  78 80 3C 00"  # middle C for a quarter
END = "00 FF 2F 00"


def from_hex(dump: str) -> bytes:
    return bytes.fromhex(" ".join(line.partition("#")[0] for line in dump.splitlines()))


def read(*tracks: str) -> tuple[Score, list[str]]:
    """Read a file of tracks given as annotated hexdumps."""
    bodies = map(from_hex, tracks)
    chunks = (b"MTrk" + struct.pack(">L", len(body)) + body for body in bodies)
    return read_midi(io.BytesIO(from_hex(HEADER) + b"".join(chunks)))


def notes_of(*tracks: str) -> list[tuple[int, int, int]]:
    """(onset, pitch, duration) of the notes of the first part."""
    return [(n.onset, n.pitch, n.duration) for n in read(*tracks)[0].tracks[0].notes]


def read_back(score: Score) -> Score:
    return read_midi(io.BytesIO(midi_bytes(score)))[0]


@pytest.mark.parametrize("message", ["7B", "78", "7C", "7D", "7E", "7F"])
def test_a_message_that_ends_all_notes_ends_them(message: str) -> None:
    dump = f"00 90 3C 40  00 90 40 40  78 B0 {message} 00  81 70 90 43 40  78 80 43 00"
    assert notes_of(dump + END) == [(0, 60, 120), (0, 64, 120), (360, 67, 120)]


def test_all_notes_off_of_another_channel_ends_nothing() -> None:
    dump = "00 90 3C 40  0A B1 7B 00  0A 80 3C 00"
    assert notes_of(dump + END) == [(0, 60, 20)]


def test_all_notes_off_in_another_track_ends_the_notes_of_its_channel() -> None:
    assert notes_of("00 90 3C 40  64 80 3C 00" + END, "0A B0 7B 00" + END) == [(0, 60, 10)]


def test_a_note_that_all_notes_off_ends_is_no_repair() -> None:
    _, warnings = read("00 90 3C 40  0A B0 7B 00" + END)
    assert warnings == []


def test_a_note_struck_where_all_notes_end_sounds_on() -> None:
    dump = "00 90 3C 40  0A B0 7B 00  00 90 3C 40  14 80 3C 00"
    assert notes_of(dump + END) == [(0, 60, 10), (10, 60, 20)]


CONTROLLED = """
00 C0 18
00 B0 07 50               # volume 80
00 B0 0A 20               # pan
00 B0 40 7F               # pedal down
00 E0 00 50               # bend: 0x50 << 7 is 2048 above the middle
0A D0 11                  # pressure
0A A0 3C 22               # aftertouch of middle C
0A B0 40 00               # pedal up
"""
READ = (
    Control(0, "control", 7, 80),
    Control(0, "control", 10, 32),
    Control(0, "control", 64, 127),
    Control(0, "bend", 0, 2048),
    Control(10, "pressure", 0, 17),
    Control(20, "aftertouch", 60, 34),
    Control(30, "control", 64, 0),
)


def test_controllers_are_read_with_their_part() -> None:
    score, _ = read(CONTROLLED + NOTE + END)
    assert score.tracks[0].controls == READ


def test_controllers_are_written_back() -> None:
    score, _ = read(CONTROLLED + NOTE + END)
    back = read_back(score)
    assert back.tracks[0].controls == tuple(
        Control(4 * c.tick, c.kind, c.number, c.value) for c in READ
    )
    assert midi_bytes(read_back(back)) == midi_bytes(back)


def test_controllers_of_a_track_without_notes_belong_to_the_part_on_their_channel() -> None:
    score, _ = read("00 B0 07 50  00 B1 07 10" + END, "00 B0 40 7F" + NOTE + END)
    assert score.tracks[0].controls == (
        Control(0, "control", 7, 80),
        Control(0, "control", 64, 127),
    )


def test_two_tracks_on_a_channel_share_its_pedal() -> None:
    score, _ = read("00 B0 40 7F" + NOTE + END, NOTE + END)
    assert [track.controls for track in score.tracks] == [(Control(0, "control", 64, 127),)] * 2


def test_the_kit_of_a_drum_part_is_written_back() -> None:
    score, _ = read("00 C9 19  00 99 24 60  0A 89 24 00" + END)
    assert (score.tracks[0].program, score.tracks[0].is_drum) == (0, True)
    assert read_back(score).tracks[0].controls == (Control(0, "kit", 0, 25),)


def test_a_bank_is_chosen_before_its_program() -> None:
    score, _ = read("00 B0 00 79  00 B0 20 03  00 C0 05" + NOTE + END)
    part = mido.MidiFile(file=io.BytesIO(midi_bytes(score))).tracks[1]
    assert [message.type for message in part[:3]] == [
        *("control_change", "control_change", "program_change")
    ]
    assert [(message.control, message.value) for message in part[:2]] == [(0, 121), (32, 3)]


def test_words_at_any_tick_are_read_and_written_back() -> None:
    dump = "00 FF 01 02 48 69  00 FF 06 01 41  0A FF 05 03 6C 61 20  0A FF 01 03 2F 68 6F"
    score, _ = read(dump + NOTE + END)
    assert score.texts == ("Hi",)
    assert score.marks == (
        Mark(0, "marker", "A"),
        Mark(10, "lyric", "la "),
        Mark(20, "text", "/ho"),
    )
    assert [(m.kind, m.text) for m in read_back(score).marks] == [
        (m.kind, m.text) for m in score.marks
    ]


def test_a_file_of_controllers_only_keeps_a_bounded_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("partimento.music.midi.events.MAX_CONTROLS", 3)
    score, warnings = read("00 B0 40 7F" * 9 + NOTE + END, "00 B0 40 7F" * 9 + NOTE + END)
    assert [len(track.controls) for track in score.tracks] == [3, 3]
    assert warnings == ["MIDI data: controllers after the first 3 dropped"]


def test_a_pedalled_file_on_disk_reads_the_same_as_in_memory(tmp_path: Path) -> None:
    score, _ = read(CONTROLLED + NOTE + END)
    path = tmp_path / "a.mid"
    path.write_bytes(midi_bytes(score))
    assert read_midi(path)[0] == read_back(score)
