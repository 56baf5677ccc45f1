"""No bytes make the loader crash, hang or say more than one line.

PARTIMENTO_FUZZ_FILES=10000 runs as many mutated files; the seed is fixed, so a failure repeats.
"""

import io
import os
import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from partimento.errors import MidiError
from partimento.music.bars import bar_starts
from partimento.music.metre import METERS
from partimento.music.midi.writer import midi_bytes
from partimento.music.score import Key, Meter, Note, Score, Tempo, Track
from partimento.tokenizer.loading import LoadedScore, load_score
from partimento.tokenizer.vocabulary import DURATIONS

FILE_COUNT = int(os.environ.get("PARTIMENTO_FUZZ_FILES", "400"))
MAX_SECONDS = 5.0
"""Longest processor time one small file may take; the worst of 12,000 took 0.11."""


def random_score(rng: random.Random) -> Score:
    """Build a small score with some of everything a file can hold."""
    tracks = []
    for _ in range(rng.randint(1, 4)):
        notes = {}
        tick = 0
        for _ in range(rng.randint(1, 30)):
            tick += rng.choice((0, 120, 240, 480, rng.randint(0, 300)))
            pitch = rng.randint(30, 90)
            notes[tick, pitch] = Note(tick, pitch, rng.randint(1, 900), rng.randint(1, 127))
        kept = tuple(sorted(notes.values()))
        tracks.append(Track(kept, rng.randint(0, 127), rng.random() < 0.2, rng.choice("ab ")))
    return Score(
        480,
        tuple(tracks),
        tempos=(Tempo(0, rng.uniform(40, 240)), Tempo(960, 90.0)),
        meters=(Meter(0, rng.randint(1, 12), rng.choice((2, 4, 8))), Meter(1440, 4, 4)),
        keys=(Key(0, rng.randint(0, 11), rng.random() < 0.5),),
        texts=("some text",),
    )


def flip_bits(data: bytearray, rng: random.Random) -> bytearray:
    for _ in range(rng.choice((1, 2, 8, 64))):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return data


def truncate(data: bytearray, rng: random.Random) -> bytearray:
    return data[: rng.randrange(len(data))]


def insert(data: bytearray, rng: random.Random) -> bytearray:
    at = rng.randrange(len(data))
    return data[:at] + rng.randbytes(rng.choice((1, 2, 5, 100))) + data[at:]


def remove(data: bytearray, rng: random.Random) -> bytearray:
    at = rng.randrange(len(data))
    return data[:at] + data[at + rng.choice((1, 2, 5, 100)) :]


def duplicate(data: bytearray, rng: random.Random) -> bytearray:
    start = rng.randrange(len(data))
    end = rng.randrange(start, len(data))
    return data[:end] + data[start:end] * rng.choice((1, 3)) + data[end:]


def overwrite(data: bytearray, rng: random.Random) -> bytearray:
    at = rng.randrange(len(data))
    data[at : at + 8] = rng.choice((b"\xff" * 8, b"\0" * 8, b"\x80" * 8, b"MTrk\0\0\0\x04"))
    return data


def spoil_header(data: bytearray, rng: random.Random) -> bytearray:
    data[rng.randrange(8, 14) % len(data)] = rng.randrange(256)
    return data


def spoil_event(data: bytearray, rng: random.Random) -> bytearray:
    """Change a byte after a tempo, meter or key event's type, or a delta time's first byte."""
    at = data.find(rng.choice((b"\xff\x51", b"\xff\x58", b"\xff\x59", b"\xff\x2f", b"\x90")))
    data[max(0, at + rng.randint(-1, 6)) % len(data)] = rng.choice((0, 1, 127, 128, 255))
    return data


def replace_tail(data: bytearray, rng: random.Random) -> bytearray:
    at = rng.randrange(min(22, len(data)), len(data) + 1)
    return data[:at] + rng.randbytes(rng.randrange(2000))


MUTATIONS: tuple[Callable[[bytearray, random.Random], bytearray], ...] = (
    *(flip_bits, truncate, insert, remove, duplicate, overwrite),
    *(spoil_header, spoil_event, replace_tail),
)


def check(loaded: LoadedScore) -> None:
    """Assert what every loaded score promises."""
    score = loaded.score
    assert score.note_count > 0
    for track in score.tracks:
        assert list(track.notes) == sorted(track.notes)
        assert len({(n.onset, n.pitch) for n in track.notes}) == len(track.notes)
        for note in track.notes:
            assert note.duration in DURATIONS
            assert 0 <= note.pitch < 128
            assert 1 <= note.velocity < 128
    for bar in bar_starts(score):
        assert bar.meter in METERS
        assert bar.length == Meter(0, *bar.meter).bar_ticks(24)
    for changes in (score.tempos, score.meters, score.keys):
        ticks = [change.tick for change in changes]
        assert ticks == sorted(set(ticks))
    assert all("\n" not in warning for warning in loaded.warnings)
    midi_bytes(score)


def load_or_error(data: bytes) -> str:
    """Load bytes; return 'read' or the error. Anything but a MidiError goes through."""
    start = time.process_time()
    try:
        check(load_score(io.BytesIO(data)))
        outcome = "read"
    except MidiError as error:
        outcome = str(error)
        assert "\n" not in outcome
    assert time.process_time() - start < MAX_SECONDS
    return outcome


@pytest.mark.slow
def test_mutated_files_are_read_or_refused_in_one_line() -> None:
    read_count = 0
    for number in range(FILE_COUNT):
        rng = random.Random(number)
        data = bytearray(midi_bytes(random_score(rng)))
        for _ in range(rng.choice((1, 1, 2, 4))):
            data = rng.choice(MUTATIONS)(data, rng) or bytearray(b"M")
        try:
            read_count += load_or_error(bytes(data)) == "read"
        except Exception as error:
            raise AssertionError(f"file number {number}: {error!r}") from error
    # Most damage is small: a tolerant reader finds notes in more than half.
    assert read_count > FILE_COUNT // 2


def test_random_bytes_are_refused_in_one_line(tmp_path: Path) -> None:
    for number in range(max(50, FILE_COUNT // 10)):
        data = random.Random(number).randbytes(number % 500)
        path = tmp_path / "noise.mid"
        path.write_bytes(data)
        with pytest.raises(MidiError, match=r"noise\.mid: "):
            load_score(path)


def test_random_bytes_behind_a_header_are_read_or_refused() -> None:
    header = b"MThd\0\0\0\6\0\1\0\1\0\x60MTrk\0\0\x10\0"
    for number in range(max(50, FILE_COUNT // 10)):
        load_or_error(header + random.Random(number).randbytes(4096))


def test_truncations_of_a_file_are_read_or_refused() -> None:
    data = midi_bytes(random_score(random.Random(0)))
    for size in range(0, len(data), 3):
        load_or_error(data[:size])
