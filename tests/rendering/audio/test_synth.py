"""Sound: length, loudness, dynamics, drums and files, read by another library."""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from scipy.signal import lfilter

from partimento.music.midi.writer import write_midi
from partimento.music.score import Note, Score, Tempo, Track
from partimento.rendering.audio.synth import (
    PEAK,
    SAMPLE_RATE,
    TAIL_SECONDS,
    Audio,
    general_midi_soundfont,
    render_audio,
    seconds_at,
    write_audio,
)
from partimento.rendering.errors import RenderingError

pytest.importorskip("midirenderer")
soundfile = pytest.importorskip("soundfile")

Render = Callable[[Score], Audio]


@pytest.fixture(scope="module")
def sound() -> Render:
    """`render_audio`, once for each score."""
    return lru_cache(render_audio)


def one_track(*notes: Note, program: int = 0, is_drum: bool = False) -> Score:
    return Score(24, (Track(notes, program, is_drum),), tempos=(Tempo(0, 60.0),))


def rms(samples: npt.NDArray[np.float32]) -> float:
    return float(np.sqrt(np.mean(np.square(samples, dtype=np.float64))))


def loudness(audio: Audio) -> float:
    """Loudness in LUFS without gating; coefficients of ITU-R BS.1770-4 for 48 kHz."""
    shelf = lfilter(
        [1.53512485958697, -2.69169618940638, 1.19839281085285],
        [1.0, -1.69065929318241, 0.73248077421585],
        audio,
        axis=0,
    )
    weighted = lfilter([1.0, -2.0, 1.0], [1.0, -1.99004745483398, 0.99007225036621], shelf, axis=0)
    return float(-0.691 + 10 * np.log10(np.mean(weighted**2, axis=0).sum()))


def test_the_sound_lasts_to_the_last_note_and_its_tail(piece: Score, sound: Render) -> None:
    audio = sound(piece)
    assert audio.dtype == np.float32
    assert audio.shape == (round((14.0 + TAIL_SECONDS) * SAMPLE_RATE), 2)


def test_the_peak_is_one_decibel_below_full_scale(piece: Score, sound: Render) -> None:
    audio = sound(piece)
    assert np.abs(audio).max() == pytest.approx(PEAK, abs=1e-6)
    assert -32 < loudness(audio) < -12
    assert 0.03 < rms(audio) < 0.3


def test_the_tail_fades_to_silence(piece: Score, sound: Render) -> None:
    audio = sound(piece)
    assert rms(audio[-SAMPLE_RATE // 50 :]) < 1e-4
    tail = audio[-round(TAIL_SECONDS * SAMPLE_RATE) :]
    assert rms(tail[: SAMPLE_RATE // 4]) > 10 * rms(tail[-SAMPLE_RATE // 2 :])


def test_the_same_score_gives_the_same_samples(piece: Score, sound: Render) -> None:
    np.testing.assert_array_equal(render_audio(piece), sound(piece))


def test_a_midi_file_sounds_like_its_score(piece: Score, sound: Render, tmp_path: Path) -> None:
    write_midi(piece, tmp_path / "piece.mid")
    np.testing.assert_array_equal(render_audio(tmp_path / "piece.mid"), sound(piece))


def test_velocity_is_loudness() -> None:
    # As loud as each other after the first note, which is the loudest and sets the peak.
    notes = [Note(0, 60, 24, 127), Note(96, 60, 24, 96), Note(192, 60, 24, 49)]
    audio = render_audio(one_track(*notes))
    loud, middle, soft = (rms(audio[t * SAMPLE_RATE : (t + 1) * SAMPLE_RATE]) for t in (0, 4, 8))
    # General MIDI Level 2: 40 log10(velocity / 127) decibels; the filter opens with it too.
    assert 20 * np.log10(middle / loud) == pytest.approx(40 * np.log10(96 / 127), abs=2)
    assert 20 * np.log10(soft / loud) == pytest.approx(40 * np.log10(49 / 127), abs=4)


def test_a_held_piano_note_dies_away_and_a_held_organ_note_does_not() -> None:
    shares = []
    for program in (0, 19):
        audio = render_audio(one_track(Note(0, 60, 96), program=program))
        late, early = audio[3 * SAMPLE_RATE : 4 * SAMPLE_RATE], audio[:SAMPLE_RATE]
        shares.append(rms(late) / rms(early))
    assert shares[0] < 0.2
    assert shares[1] > 0.7


def test_a_pitch_sounds_at_its_frequency() -> None:
    samples = render_audio(one_track(Note(0, 69, 96), program=73))[:, 0]
    spectrum = np.abs(np.fft.rfft(samples[SAMPLE_RATE : 2 * SAMPLE_RATE]))
    assert abs(int(spectrum[200:700].argmax()) + 200 - 440) <= 3  # a bin a hertz


def test_drums_are_drums_and_cymbals_ring_past_their_note() -> None:
    drums = render_audio(one_track(Note(0, 49, 2, 100), is_drum=True))
    piano = render_audio(one_track(Note(0, 49, 2, 100)))
    assert rms(drums[SAMPLE_RATE // 2 : SAMPLE_RATE]) > 0.01
    # A crash is noise; a piano has few partials.
    for samples, is_noise in ((drums, True), (piano, False)):
        spectrum = np.abs(np.fft.rfft(samples[: SAMPLE_RATE // 2, 0])) ** 2 + 1e-12
        flatness = np.exp(np.log(spectrum).mean()) / spectrum.mean()
        assert (flatness > 1e-4) == is_noise


def test_tempo_changes_are_timed() -> None:
    score = replace(one_track(Note(0, 60, 96)), tempos=(Tempo(0, 60.0), Tempo(48, 120.0)))
    assert seconds_at(score, 96) == pytest.approx(3.0)
    assert seconds_at(score, 24) == pytest.approx(1.0)
    late = replace(score, tempos=(Tempo(48, 60.0),))  # MIDI's 120 until then
    assert seconds_at(late, 96) == pytest.approx(3.0)
    # The synthesizer counts as we do: at 60 from tick 48 on, the note ends after three seconds.
    samples = render_audio(replace(late, tracks=one_track(Note(0, 60, 96), program=19).tracks))
    assert rms(samples[round(2.8 * SAMPLE_RATE) : 3 * SAMPLE_RATE]) > 0.05
    assert rms(samples[round(3.5 * SAMPLE_RATE) : 4 * SAMPLE_RATE]) < 0.02


@pytest.mark.parametrize("ending", ["wav", "flac", "ogg", "mp3"])
def test_every_format_opens_with_its_length_and_loudness(
    piece: Score, sound: Render, tmp_path: Path, ending: str
) -> None:
    audio = sound(piece)
    path = tmp_path / f"piece.{ending}"
    write_audio(audio, path)
    back, rate = soundfile.read(path, dtype="float32")
    assert rate == SAMPLE_RATE
    assert back.shape[1] == 2
    assert len(back) == pytest.approx(len(audio), abs=2400)  # an MP3 may be padded
    assert np.abs(back).max() < 1.0
    assert loudness(back) == pytest.approx(loudness(audio), abs=0.5)
    seconds = len(audio) / SAMPLE_RATE
    low, high = {"wav": (190, 193), "flac": (40, 192), "ogg": (5, 30), "mp3": (5, 30)}[ending]
    assert low < path.stat().st_size / seconds / 1000 < high  # kB a second


def test_nothing_to_play_is_an_error() -> None:
    with pytest.raises(RenderingError, match="no notes"):
        render_audio(Score(24, (Track(()),)))


def test_a_piece_of_hours_is_an_error() -> None:
    with pytest.raises(RenderingError, match="minutes"):
        render_audio(one_track(Note(24 * 7200, 60, 24)))


def test_a_file_that_is_no_sound_font_is_an_error(tmp_path: Path) -> None:
    broken = tmp_path / "broken.sf2"
    broken.write_bytes(b"RIFF\x04\0\0\0sfbk")
    other = tmp_path / "other.sf2"
    other.write_bytes(b"MThd")
    for path in (tmp_path / "missing.sf2", broken, other):
        with pytest.raises(RenderingError, match=path.name):
            render_audio(one_track(Note(0, 60, 24)), path)


def test_another_sound_font_can_be_given(piece: Score, sound: Render) -> None:
    audio = render_audio(piece, general_midi_soundfont())
    np.testing.assert_array_equal(audio, sound(piece))
