"""Writing MIDI files: goldens, round trips through the reader, and other programs' readers."""

import io
import os
from pathlib import Path
from typing import Any

import mido
import pretty_midi
import pytest
import symusic
from hypothesis import given
from hypothesis import strategies as st

from partimento.music.midi.reader import read_midi
from partimento.music.midi.signatures import bpm_of_microseconds
from partimento.music.midi.writer import midi_bytes, write_midi
from partimento.music.score import Key, Meter, Note, Score, Tempo, Track

SMALL = Score(
    ticks_per_quarter=24,
    tracks=(
        Track((Note(0, 60, 24, 64), Note(24, 64, 12)), program=40, name="Flöte"),
        Track((Note(0, 38, 6, 100),), is_drum=True),
    ),
    tempos=(Tempo(0, 140.0),),
    meters=(Meter(0, 6, 8),),
    keys=(Key(0, 7, True),),
    texts=("memo",),
)
SMALL_BYTES = """
4D 54 68 64  00 00 00 06        # MThd
00 01  00 03  01 E0             # type 1, three tracks, 480 ticks a quarter
4D 54 72 6B  00 00 00 21        # MTrk: what concerns all parts
00 FF 01 04 6D 65 6D 6F         # text: memo
00 FF 58 04 06 03 24 08         # 6/8, a click every dotted quarter
00 FF 59 02 FE 01               # two flats, minor
00 FF 51 03 06 8A 1B            # 428571 microseconds a quarter
00 FF 2F 00
4D 54 72 6B  00 00 00 23        # MTrk: violin
00 FF 03 06 46 6C C3 B6 74 65   # its name in UTF-8
00 C0 28                        # program 40 on channel 1
00 90 3C 40                     # C4
83 60 80 3C 00                  # off 480 ticks later
00 90 40 50                     # E4
81 70 80 40 00                  # off 240 ticks later
00 FF 2F 00
4D 54 72 6B  00 00 00 0C        # MTrk: drums
00 99 26 64                     # snare on channel 10
78 89 26 00                     # off 120 ticks later
00 FF 2F 00
"""


def read_back(score: Score) -> Score:
    back, warnings = read_midi(io.BytesIO(midi_bytes(score)))
    assert warnings == []
    return back


@st.composite
def tracks(draw: st.DrawFn, program: int | None = None) -> Track:
    """Tracks whose notes of one pitch do not overlap, as the reader returns them."""
    notes = []
    pitches = draw(st.lists(st.integers(0, 127), min_size=1, max_size=6, unique=True))
    for pitch in pitches:
        tick = 0
        for _ in range(draw(st.integers(1, 4))):
            tick += draw(st.integers(0, 200))
            duration = draw(st.integers(1, 300))
            notes.append(Note(tick, pitch, duration, draw(st.integers(1, 127))))
            tick += duration
    is_drum = program is None and draw(st.booleans())
    name = draw(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=8)).strip()
    chosen = 0 if is_drum else draw(st.integers(0, 127)) if program is None else program
    return Track(tuple(sorted(notes)), chosen, is_drum, name)


Change = tuple[int, tuple[Any, ...]]


def changes(values: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Change]]:
    """Lists of (tick, value) from tick 0 on without repetitions."""
    listed = st.lists(st.tuples(st.integers(0, 5000), values), max_size=5)

    def clean(found: list[Change]) -> list[Change]:
        kept: list[Change] = []
        for tick, value in sorted(dict(found).items()):
            if not kept or kept[-1][1] != value:
                kept.append((tick if kept else 0, value))
        return kept

    return listed.map(clean)


METERS = st.tuples(st.integers(1, 32), st.sampled_from((1, 2, 4, 8, 16, 32)))
KEYS = st.tuples(st.integers(0, 11), st.booleans())
TEMPOS = st.integers(62_500, 12_000_000).map(lambda us: (bpm_of_microseconds(us),))


@st.composite
def scores(draw: st.DrawFn) -> Score:
    return Score(
        ticks_per_quarter=480,
        tracks=tuple(draw(st.lists(tracks(), min_size=1, max_size=5))),
        tempos=tuple(Tempo(tick, *value) for tick, value in draw(changes(TEMPOS))),
        meters=tuple(Meter(tick, *value) for tick, value in draw(changes(METERS))),
        keys=tuple(Key(tick, *value) for tick, value in draw(changes(KEYS))),
        texts=tuple(draw(st.lists(st.sampled_from(("a", "ß", '{"seed": 1}')), max_size=2))),
    )


def test_a_small_score_is_these_bytes() -> None:
    expected = " ".join(line.partition("#")[0] for line in SMALL_BYTES.splitlines())
    assert midi_bytes(SMALL).hex(" ") == bytes.fromhex(expected).hex(" ")


@given(scores())
def test_what_is_written_is_read_back(score: Score) -> None:
    assert read_back(score) == score


@given(scores())
def test_equal_scores_give_equal_bytes(score: Score) -> None:
    assert midi_bytes(score) == midi_bytes(read_back(score))


@given(scores())
def test_mido_pretty_midi_and_symusic_find_as_many_notes(score: Score) -> None:
    data = midi_bytes(score)
    messages = [m for t in mido.MidiFile(file=io.BytesIO(data)).tracks for m in t]
    assert sum(m.type == "note_on" for m in messages) == score.note_count
    pretty = pretty_midi.PrettyMIDI(io.BytesIO(data))
    assert sum(len(i.notes) for i in pretty.instruments) == score.note_count
    other = symusic.Score.from_midi(data, ttype="tick")
    found = [(n.time, n.pitch, n.duration) for t in other.tracks for n in t.notes]
    expected = [(n.onset, n.pitch, n.duration) for t in score.tracks for n in t.notes]
    assert sorted(found) == sorted(expected)


@pytest.mark.parametrize("bpm", [40, 59.5, 72, 97, 120, 133.33, 140, 240])
def test_a_tempo_is_read_back_as_it_was_asked(bpm: float) -> None:
    score = Score(24, (Track((Note(0, 60, 24),)),), tempos=(Tempo(0, bpm),))
    assert read_back(score).tempos == (Tempo(0, bpm),)


@pytest.mark.parametrize("count", [15, 16, 40])
def test_many_parts_of_few_programs_share_channels_and_stay_apart(count: int) -> None:
    parts = tuple(Track((Note(i, 60, 100),), i % 14) for i in range(count))
    score = Score(480, parts)
    assert read_back(score) == score
    channels = {
        m.channel for t in mido.MidiFile(file=io.BytesIO(midi_bytes(score))).tracks for m in t[1:2]
    }
    assert 9 not in channels


def test_more_programs_than_channels_change_program_before_each_note() -> None:
    parts = tuple(Track((Note(10 * i, 60, 10), Note(1000 + i, 62, 10)), i) for i in range(20))
    score = Score(480, parts)
    assert read_back(score) == score
    sounding = {}
    events = mido.MidiFile(file=io.BytesIO(midi_bytes(score))).merged_track
    heard = []
    for message in events:
        if message.type == "program_change":
            sounding[message.channel] = message.program
        elif message.type == "note_on":
            heard.append(sounding[message.channel])
    assert heard == [*range(20), *range(20)]


def test_a_score_keeps_the_resolution_that_480_ticks_cannot_say() -> None:
    notes = tuple(Note(i, 60, 1) for i in range(0, 50))
    back = read_back(Score(1024, (Track(notes),)))
    assert (back.ticks_per_quarter, back.tracks[0].notes) == (1024, notes)


def test_rounding_to_the_ticks_of_a_file_never_runs_two_notes_of_one_pitch_together() -> None:
    notes = tuple(Note(i, 60, 1) for i in range(0, 50))
    back = read_back(Score(70_000, (Track(notes),)))
    assert back.note_count == len({round(i * 32_767 / 70_000) for i in range(50)})


def test_a_failed_write_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "out.mid"
    path.write_bytes(b"old")
    broken = Score(480, (Track((Note(0, 200, 1),)),))
    with pytest.raises(ValueError, match="range"):
        write_midi(broken, path)
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["out.mid"]


def test_a_written_file_is_whole_and_readable_by_others(tmp_path: Path) -> None:
    path = tmp_path / "out.mid"
    write_midi(SMALL, path)
    assert path.read_bytes() == midi_bytes(SMALL)
    assert os.listdir(tmp_path) == ["out.mid"]
    (tmp_path / "plain").touch()
    assert path.stat().st_mode == (tmp_path / "plain").stat().st_mode
