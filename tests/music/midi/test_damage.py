"""Damaged files are read as far as they go; what is no music is refused in one line."""

import io
import struct
from pathlib import Path

import pytest

from partimento.errors import MidiError
from partimento.music.midi import events as midi_events
from partimento.music.midi.reader import read_midi
from partimento.music.score import Score
from partimento.tokenizer.loading import load_score

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


def test_a_missing_end_of_track_is_a_warning() -> None:
    score, warnings = read(NOTE)
    assert score.note_count == 1
    assert warnings == ["MIDI data: track 1: no end-of-track event"]


@pytest.mark.parametrize("cut", range(1, 9))
def test_a_truncated_last_track_is_read_as_far_as_it_goes(cut: int) -> None:
    whole = from_hex(HEADER) + chunk(NOTE + NOTE + END)
    score, warnings = read_midi(io.BytesIO(whole[:-cut]))
    assert score.note_count == 2
    assert warnings


@pytest.mark.parametrize("error", [-3, -1, 1, 3, 16, 1000])
def test_a_wrong_track_length_costs_no_track(error: int) -> None:
    tracks = bytearray(chunk("00 C0 01" + NOTE + END) + chunk("00 C0 02" + NOTE + END))
    tracks[7] = (tracks[7] + error) & 0xFF
    tracks[6] = 3 if error == 1000 else 0
    score, _ = read_midi(io.BytesIO(from_hex(HEADER) + bytes(tracks)))
    assert [t.program for t in score.tracks] == [1, 2]


def test_chunks_of_other_kinds_are_passed_over() -> None:
    alien = b"XFIH\x00\x00\x00\x03abc"
    score, warnings = read_midi(io.BytesIO(from_hex(HEADER) + alien + chunk(NOTE + END)))
    assert score.note_count == 1
    assert warnings == []


def test_a_riff_wrapper_is_unpacked() -> None:
    smf = from_hex(HEADER) + chunk(NOTE + END)
    riff = b"RIFF" + struct.pack("<L", len(smf) + 12) + b"RMIDdata" + struct.pack("<L", len(smf))
    score, warnings = read_midi(io.BytesIO(riff + smf))
    assert score.note_count == 1
    assert warnings == []


def test_bytes_before_the_header_are_ignored_with_a_warning() -> None:
    smf = from_hex(HEADER) + chunk(NOTE + END)
    score, warnings = read_midi(io.BytesIO(b"\0" * 128 + smf))
    assert score.note_count == 1
    assert warnings == ["MIDI data: 128 bytes before the MThd header ignored"]


def test_film_frames_are_read_at_120_beats_per_minute() -> None:
    header = HEADER.replace("00 78  ", "E7 28  ")  # 25 frames of 40 ticks: 1000 ticks a second
    score, warnings = read("00 FF 51 03 01 00 00" + NOTE + END, header=header)
    assert score.ticks_per_quarter == 500
    assert score.tempos == ()
    assert "film frames" in warnings[0]


def test_an_undefined_status_byte_drops_only_itself() -> None:
    score, _ = read(NOTE + "00 F4" + NOTE + END)
    assert [n.onset for n in score.tracks[0].notes] == [0, 120]


def test_data_without_a_status_byte_ends_the_track_with_a_warning() -> None:
    score, warnings = read("00 3C 40" + END, NOTE + END)
    assert score.note_count == 1
    assert "without a status byte" in warnings[0]


def test_an_absurd_delta_time_drops_what_follows() -> None:
    score, warnings = read(NOTE + "FF FF FF 7F 90 3C 40" + END)
    assert score.note_count == 1
    assert "dropped" in warnings[0]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the file is empty"),
        (b"RIFF$\x08\x00\x00WAVEfmt ", "not a MIDI file"),
        (b"MThd\x00\x00\x00\x06\x00\x01", "truncated"),
        (from_hex(HEADER), "no notes found"),
        (from_hex(HEADER) + chunk(END), "no notes found"),
        (from_hex(HEADER.replace("00 78  ", "00 00  ")), "zero ticks"),
        (from_hex(HEADER.replace("00 78  ", "85 00  ")), "time division"),
    ],
)
def test_what_cannot_be_read_is_one_line_that_names_the_file(
    tmp_path: Path, data: bytes, message: str
) -> None:
    path = tmp_path / "tune.mid"
    path.write_bytes(data)
    with pytest.raises(MidiError, match=message) as caught:
        read_midi(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["missing.mid", ".", "nul\0.mid"])
def test_a_file_that_cannot_be_opened_is_an_error_that_names_it(tmp_path: Path, name: str) -> None:
    with pytest.raises(MidiError, match="cannot be read"):
        read_midi(str(tmp_path / name))


def test_too_large_a_file_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(midi_events, "MAX_FILE_BYTES", 20)
    with pytest.raises(MidiError, match="limit is 20"):
        read(NOTE + END)


@pytest.mark.parametrize("event", [NOTE, "00 FF 01 01 41 00 FF 01 01 42"])
def test_too_many_events_are_refused(monkeypatch: pytest.MonkeyPatch, event: str) -> None:
    monkeypatch.setattr(midi_events, "MAX_EVENTS", 20)
    assert read(NOTE + event * 4 + END, NOTE * 5 + END)[0].note_count >= 6
    with pytest.raises(MidiError, match="more than 20 events"):
        read(NOTE + event * 4 + END, NOTE * 6 + END)
    with pytest.raises(MidiError, match="more than 20 events"):
        read(NOTE + event * 10 + END)


def test_too_many_tracks_are_dropped_with_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(midi_events, "MAX_TRACKS", 2)
    score, warnings = read(NOTE + END, NOTE + END, NOTE + END)
    assert len(score.tracks) == 2
    assert warnings == ["MIDI data: tracks after the first 2 dropped"]


def test_too_many_bars_are_refused_by_name() -> None:
    dump = "00 FF 58 04 01 06 18 08" + NOTE + "80 FF FF 00 90 3C 40" + END
    with pytest.raises(MidiError, match=r"^MIDI data: more than 20,000 bars"):
        load_score(io.BytesIO(from_hex(HEADER) + chunk(dump)))
