"""Sound: length, loudness, dynamics, drums, tempo."""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from partimento.errors import SettingError
from partimento.music.midi.reader import read_midi
from partimento.music.midi.writer import write_midi
from partimento.music.score import Control, Note, Score, Tempo, Track
from partimento.rendering.audio.loudness import SAMPLE_RATE, Audio, integrated_loudness, true_peak
from partimento.rendering.audio.settings import DEFAULT_LOUDNESS, Sound
from partimento.rendering.audio.soundfont import general_midi_soundfont
from partimento.rendering.audio.synth import MAX_PEAK, TAIL_SECONDS, render_audio
from partimento.rendering.errors import RenderingError

pytest.importorskip("midirenderer")

Render = Callable[[Score], Audio]


@pytest.fixture(scope="module")
def sound() -> Render:
    """`render_audio`, once for each score."""
    return lru_cache(render_audio)


def one_track(*notes: Note, program: int = 0, is_drum: bool = False) -> Score:
    return Score(24, (Track(notes, program, is_drum),), tempos=(Tempo(0, 60.0),))


def rms(samples: npt.NDArray[np.float32]) -> float:
    return float(np.sqrt(np.mean(np.square(samples, dtype=np.float64))))


def test_the_sound_lasts_to_the_last_note_and_its_tail(piece: Score, sound: Render) -> None:
    audio = sound(piece)
    assert audio.dtype == np.float32
    assert audio.shape == (round((14.0 + TAIL_SECONDS) * SAMPLE_RATE), 2)


def alike(velocity: int, program: int = 0) -> Score:
    """Two bars of chords, all of one velocity."""
    notes = (Note(24 * beat, p, 24, velocity) for beat in range(8) for p in (48, 60, 64, 67))
    return one_track(*notes, program=program)


def test_a_piece_played_mf_is_as_loud_as_was_asked() -> None:
    organ = alike(80, program=19)
    for loudness in (DEFAULT_LOUDNESS, -30.0):
        audio = render_audio(organ, Sound(loudness=loudness))
        assert integrated_loudness(audio) == pytest.approx(loudness, abs=0.1)


@pytest.mark.parametrize("program", [0, 19])
def test_a_softer_piece_is_softer_by_half_the_decibels_of_its_velocity(program: int) -> None:
    found = [integrated_loudness(render_audio(alike(v, program))) for v in (16, 49, 80, 126)]
    expected = [20 * np.log10(v / 80) for v in (16, 49, 80, 126)]
    np.testing.assert_allclose(np.array(found) - found[2], expected, atol=1.5)


@pytest.mark.parametrize("velocity", [16, 80, 127])
def test_true_peaks_stay_below_the_highest_at_every_loudness(velocity: int) -> None:
    drums = one_track(*(Note(24 * i, 36, 6, velocity) for i in range(4)), is_drum=True)
    for score in (drums, alike(velocity)):
        assert true_peak(render_audio(score, Sound(loudness=-5.0))) <= MAX_PEAK * 1.0001


def test_what_is_too_loud_for_the_synthesizer_is_played_without_clipping() -> None:
    chord = range(36, 84, 3)
    tracks = [Track(tuple(Note(0, p, 96, 127) for p in chord), program) for program in (29, 30, 61)]
    loud = Score(24, tuple(tracks), tempos=(Tempo(0, 60.0),))
    audio = render_audio(loud)
    highest = np.abs(audio).max()
    assert (np.abs(audio) > 0.999 * highest).sum() < 10  # clipped, it was thousands
    soft = render_audio(replace(loud, tracks=(tracks[0],)))
    assert integrated_loudness(audio) == pytest.approx(integrated_loudness(soft), abs=3)


def test_a_loudness_beyond_all_use_is_an_error() -> None:
    for loudness in (-51.0, 0.0, float("nan")):
        with pytest.raises(SettingError, match=r"loudness must be in \[-50, -5\] LUFS"):
            Sound(loudness=loudness)


def test_the_tail_fades_to_silence(piece: Score, sound: Render) -> None:
    audio = sound(piece)
    assert rms(audio[-SAMPLE_RATE // 50 :]) < 1e-4
    tail = audio[-round(TAIL_SECONDS * SAMPLE_RATE) :]
    assert rms(tail[: SAMPLE_RATE // 4]) > 10 * rms(tail[-SAMPLE_RATE // 2 :])


def test_the_same_score_gives_the_same_samples(piece: Score, sound: Render) -> None:
    np.testing.assert_array_equal(render_audio(piece), sound(piece))


def test_a_midi_file_sounds_like_its_score(piece: Score, sound: Render, tmp_path: Path) -> None:
    write_midi(piece, tmp_path / "piece.mid")
    np.testing.assert_array_equal(render_audio(read_midi(tmp_path / "piece.mid")[0]), sound(piece))


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
    late = replace(score, tempos=(Tempo(48, 60.0),))  # MIDI's 120 until then
    for changing in (score, late):
        assert len(render_audio(changing)) == (3 + TAIL_SECONDS) * SAMPLE_RATE
    # The synthesizer counts as we do: at 60 from tick 48 on, the note ends after three seconds.
    samples = render_audio(replace(late, tracks=one_track(Note(0, 60, 96), program=19).tracks))
    assert rms(samples[round(2.8 * SAMPLE_RATE) : 3 * SAMPLE_RATE]) > 0.05
    assert rms(samples[round(3.5 * SAMPLE_RATE) : 4 * SAMPLE_RATE]) < 0.02


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
            render_audio(one_track(Note(0, 60, 24)), Sound(path))


def test_another_sound_font_can_be_given(piece: Score, sound: Render) -> None:
    audio = render_audio(piece, Sound(general_midi_soundfont()))
    np.testing.assert_array_equal(audio, sound(piece))


def with_controls(score: Score, *controls: Control) -> Score:
    """The score with controllers of its first track."""
    first, *others = score.tracks
    return replace(score, tracks=(replace(first, controls=controls), *others))


def test_the_pedal_holds_notes_that_are_let_go() -> None:
    dry = one_track(Note(0, 60, 6), Note(96, 64, 24))
    held = render_audio(with_controls(dry, Control(0, "control", 64, 127)))
    second = slice(SAMPLE_RATE, 2 * SAMPLE_RATE)
    assert rms(held[second]) > 10 * rms(render_audio(dry)[second])


def test_a_pedal_that_is_down_at_the_end_is_heard_until_it_is_let_go() -> None:
    controls = (Control(0, "control", 64, 127), Control(72, "control", 64, 0))
    score = with_controls(one_track(Note(0, 60, 24)), *controls)
    assert len(render_audio(score)) == (3 + TAIL_SECONDS) * SAMPLE_RATE


def test_a_bend_moves_the_pitch() -> None:
    score = with_controls(one_track(Note(0, 69, 96), program=73), Control(0, "bend", 0, 4096))
    samples = render_audio(score)[SAMPLE_RATE : 2 * SAMPLE_RATE, 0]
    spectrum = np.abs(np.fft.rfft(samples))
    # A semitone: half of the two that the wheel reaches.
    assert abs(int(spectrum[300:600].argmax()) + 300 - 440 * 2 ** (1 / 12)) <= 5


def test_pan_and_volume_are_heard() -> None:
    left = render_audio(with_controls(one_track(Note(0, 60, 96)), Control(0, "control", 10, 0)))
    assert rms(left[:, 0]) > 3 * rms(left[:, 1])
    organ = one_track(Note(0, 60, 24), Note(48, 60, 24), program=19)
    faded = render_audio(with_controls(organ, Control(48, "control", 7, 50)))
    first, second = rms(faded[:SAMPLE_RATE]), rms(faded[2 * SAMPLE_RATE : 3 * SAMPLE_RATE])
    assert 20 * np.log10(second / first) == pytest.approx(40 * np.log10(50 / 100), abs=1)


def test_a_piece_with_low_volumes_is_as_loud_as_any_other() -> None:
    organ = alike(80, program=19)
    low = with_controls(organ, Control(0, "control", 7, 4))
    assert integrated_loudness(render_audio(low)) == pytest.approx(DEFAULT_LOUDNESS, abs=0.1)
