"""A loop as sound: sample-exact, seamless, and found by those who play it."""

from pathlib import Path

import numpy as np
import pytest

from partimento.music.loops import closed
from partimento.music.score import Meter, Note, Score, Tempo, Track
from partimento.rendering.audio.files import write_audio
from partimento.rendering.audio.loops import folded, loop_samples
from partimento.rendering.audio.loudness import SAMPLE_RATE
from partimento.rendering.audio.synth import render_audio, render_layers

pytest.importorskip("midirenderer")


def loop(*tracks: Track, bpm: float = 97.0) -> Score:
    """One bar of four quarters."""
    return closed(Score(24, tracks, (Tempo(0, bpm),), (Meter(0, 4, 4),)), 96)


PIANO = Track((Note(0, 48, 24), Note(24, 64, 24), Note(72, 67, 60)))
STRINGS = Track((Note(48, 60, 72),), program=48)


def test_the_length_is_that_of_the_bars_to_the_sample() -> None:
    microseconds = round(60e6 / 97)
    assert loop_samples(loop(PIANO)) == (0, round(4 * microseconds * SAMPLE_RATE / 1e6))
    assert len(render_audio(loop(PIANO))) == round(4 * microseconds * SAMPLE_RATE / 1e6)
    quiet = loop(Track((Note(0, 60, 12),)))  # ends in silence
    assert len(render_audio(quiet)) == len(render_audio(loop(PIANO)))


def test_the_tail_sounds_on_at_the_start_and_goes_round_again() -> None:
    ramp = np.arange(1, 11, dtype=np.float32)[:, None].repeat(2, 1)
    assert folded(ramp, 0, 4)[:, 0].tolist() == [1 + 5 + 9, 2 + 6 + 10, 3 + 7, 4 + 8]
    assert folded(ramp, 2, 8)[:, 0].tolist() == [1, 2, 3 + 9, 4 + 10, 5, 6, 7, 8]


def test_a_loop_played_twice_has_no_click_at_its_seam() -> None:
    audio = render_audio(loop(PIANO, STRINGS))
    steps = np.abs(np.diff(np.concatenate([audio, audio]), axis=0)).max(1)
    seam, near = len(audio) - 1, 2205  # 50 ms
    assert audio[-1].any()
    assert steps[seam] < np.delete(steps[seam - near : seam + near], near).max()


def test_what_is_cut_off_at_the_seam_would_click() -> None:
    """The test above can fail: without the tail the strings break off."""
    audio = render_audio(loop(STRINGS))
    cut = audio.copy()
    cut[:4410] = 0
    step = np.abs(cut[0] - cut[-1]).max()
    assert step > np.abs(np.diff(audio[-2205:], axis=0)).max()


def test_layers_are_equally_long_and_as_loud_as_they_are_within_the_whole() -> None:
    scores = [loop(PIANO), loop(PIANO, STRINGS)]
    first, whole = render_layers(scores)
    assert len(first) == len(whole)
    assert np.array_equal(whole, render_audio(scores[1]))
    alone = render_audio(scores[0])
    factor = np.abs(first).max() / np.abs(alone).max()
    assert np.allclose(first, alone * factor, atol=1e-6)
    assert factor != pytest.approx(1, abs=0.01)  # alone it would be as loud as the whole


def test_ogg_files_say_where_the_loop_is(tmp_path: Path) -> None:
    soundfile = pytest.importorskip("soundfile")
    score = loop(PIANO)
    audio = render_audio(score)
    path = tmp_path / "loop.ogg"
    write_audio(audio, path, loop_samples(score))
    data = path.read_bytes()
    assert b"LOOPSTART=0" in data
    assert f"LOOPLENGTH={len(audio)}".encode() in data
    assert b"TITLE=" not in data
    back, rate = soundfile.read(path)
    assert (len(back), rate) == (len(audio), SAMPLE_RATE)
