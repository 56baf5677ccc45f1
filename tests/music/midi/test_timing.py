"""Files whose ticks are units of time: what they say in seconds stays."""

import io

import mido
import pytest

from partimento.music.midi.reader import read_midi
from partimento.music.score import Score, Tempo


def read(
    tempos: list[tuple[int, int]], onsets: list[int], resolution: int
) -> tuple[Score, list[str]]:
    """A file with tempos (tick, microseconds a quarter) and notes of ten ticks."""
    file = mido.MidiFile(ticks_per_beat=resolution)
    timed = [(tick, mido.MetaMessage("set_tempo", tempo=tempo)) for tick, tempo in tempos]
    for onset in onsets:
        timed.append((onset, mido.Message("note_on", note=60)))
        timed.append((onset + 10, mido.Message("note_off", note=60)))
    track = mido.MidiTrack()
    before = 0
    for tick, message in sorted(timed, key=lambda event: event[0]):
        track.append(message.copy(time=tick - before))
        before = tick
    file.tracks.append(track)
    buffer = io.BytesIO()
    file.save(file=buffer)
    return read_midi(io.BytesIO(buffer.getvalue()))


def seconds_at(score: Score, tick: int) -> float:
    """The time of a tick, counted tempo by tempo."""
    total, before, bpm = 0.0, 0, 120.0
    for tempo in [*score.tempos, Tempo(tick, 120.0)]:
        total += max(0, min(tempo.tick, tick) - before) / score.ticks_per_quarter * 60 / bpm
        before, bpm = min(tempo.tick, tick), tempo.bpm
    return total


def onset_seconds(score: Score) -> list[float]:
    return [seconds_at(score, note.onset) for note in score.tracks[0].notes]


def test_a_tick_of_a_millisecond_keeps_its_time_and_becomes_half_a_second_a_quarter() -> None:
    score, warnings = read([(0, 1_000)], [0, 500, 1_250, 180_000], 1)
    assert onset_seconds(score) == pytest.approx([0, 0.5, 1.25, 180])
    assert (score.ticks_per_quarter, score.tempos) == (500, (Tempo(0, 120.0),))
    assert warnings == [
        "MIDI data: 1 tempos outside 5 to 960 beats per minute, such as 60,000: "
        "ticks rewritten so that all times stay"
    ]


@pytest.mark.parametrize("microseconds", [16_777_215, 12_500_000, 62_000, 10_000, 1])
@pytest.mark.parametrize("resolution", [1, 96, 480, 32_767])
def test_any_tempo_of_a_whole_file_keeps_its_times(microseconds: int, resolution: int) -> None:
    quarter = microseconds / 1e6
    onsets = [0, 40 * resolution, 100 * resolution, 333 * resolution]
    score, _ = read([(0, microseconds)], onsets, resolution)
    wanted = [onset / resolution * quarter for onset in onsets]
    assert onset_seconds(score) == pytest.approx(wanted, rel=1e-3, abs=0.003)
    assert all(5 <= tempo.bpm <= 960 for tempo in score.tempos)


def test_a_skip_in_a_piece_of_plain_tempo_takes_no_time_and_moves_nothing_else() -> None:
    tempos = [(0, 500_000), (960, 1), (96_000, 500_000)]
    score, _ = read(tempos, [0, 480, 96_000, 96_480], 480)
    assert onset_seconds(score) == pytest.approx([0, 0.5, 1.0, 1.5], abs=0.002)
    assert (score.ticks_per_quarter, score.tempos[0].bpm) == (480, 120.0)


def test_a_last_bar_held_for_a_minute_is_as_long_as_it_was() -> None:
    score, _ = read([(0, 500_000), (1_920, 15_000_000)], [0, 1_920, 3_840], 480)
    assert onset_seconds(score) == pytest.approx([0, 2, 62], abs=0.01)


def test_a_tempo_of_no_time_is_damaged_and_ignored() -> None:
    score, warnings = read([(0, 600_000), (480, 0)], [0, 960], 480)
    assert score.tempos == (Tempo(0, 100.0),)
    assert warnings == ["MIDI data: damaged tempos ignored: 1"]


def test_plain_tempos_change_nothing() -> None:
    score, warnings = read([(0, 12_000_000), (480, 62_500)], [0, 960], 480)
    assert [tempo.bpm for tempo in score.tempos] == [5.0, 960.0]
    assert [note.onset for note in score.tracks[0].notes] == [0, 960]
    assert warnings == []
