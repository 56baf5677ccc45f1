"""Sound files, read by another library."""

from pathlib import Path

import numpy as np
import pytest

from partimento.music.score import Score
from partimento.rendering.audio.files import write_audio
from partimento.rendering.audio.loudness import SAMPLE_RATE, integrated_loudness
from partimento.rendering.audio.synth import render_audio

pytest.importorskip("midirenderer")
soundfile = pytest.importorskip("soundfile")


@pytest.mark.parametrize("ending", ["wav", "flac", "ogg", "mp3"])
def test_every_format_opens_with_its_length_and_loudness(
    piece: Score, tmp_path: Path, ending: str
) -> None:
    audio = render_audio(piece)
    path = tmp_path / f"piece.{ending}"
    write_audio(audio, path)
    back, rate = soundfile.read(path, dtype="float32")
    assert rate == SAMPLE_RATE
    assert back.shape[1] == 2
    assert len(back) == pytest.approx(len(audio), abs=2400)  # an MP3 may be padded
    assert np.abs(back).max() < 1.0
    assert integrated_loudness(back) == pytest.approx(integrated_loudness(audio), abs=0.5)
    seconds = len(audio) / SAMPLE_RATE
    low, high = {"wav": (190, 193), "flac": (40, 192), "ogg": (5, 30), "mp3": (5, 30)}[ending]
    assert low < path.stat().st_size / seconds / 1000 < high  # kB a second
