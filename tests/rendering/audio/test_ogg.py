"""Ogg files: the same sound gives the same bytes, and other programs still read them."""

from pathlib import Path

import numpy as np
import pytest

from partimento.rendering.audio.files import write_audio
from partimento.rendering.audio.loudness import SAMPLE_RATE
from partimento.rendering.audio.ogg import SERIAL, with_fixed_serial

soundfile = pytest.importorskip("soundfile")


def test_the_same_sound_gives_the_same_bytes_whatever_the_random_serial(tmp_path: Path) -> None:
    audio = np.random.default_rng(0).uniform(-0.5, 0.5, (SAMPLE_RATE, 2)).astype(np.float32)
    with soundfile.SoundFile(tmp_path / "raw.ogg", "w", SAMPLE_RATE, 2) as file:
        file.write(audio)
    raw = (tmp_path / "raw.ogg").read_bytes()
    write_audio(audio, tmp_path / "a.ogg")
    ours = (tmp_path / "a.ogg").read_bytes()
    assert raw != ours == with_fixed_serial(raw)
    assert int.from_bytes(ours[14:18], "little") == SERIAL
    # libvorbis checks every page's checksum: a wrong one would lose samples.
    before, after = (soundfile.read(tmp_path / name)[0] for name in ("raw.ogg", "a.ogg"))
    assert len(after) == SAMPLE_RATE
    np.testing.assert_array_equal(before, after)


def test_bytes_that_are_no_ogg_file_are_refused() -> None:
    with pytest.raises(ValueError, match="no Ogg page at byte 0"):
        with_fixed_serial(b"RIFF" + bytes(100))
