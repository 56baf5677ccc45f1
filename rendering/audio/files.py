"""Sound files: WAV and FLAC without loss, Ogg Vorbis and MP3."""

import wave
from os import PathLike
from pathlib import Path

import numpy as np

from partimento.rendering.audio.loudness import SAMPLE_RATE, Audio
from partimento.rendering.audio.ogg import loop_tags, with_fixed_serial
from partimento.rendering.errors import missing_package

_BLOCK = 1 << 16
"""Frames written at a time: libsndfile's Vorbis encoder overflows its stack on large blocks."""


def write_audio(
    audio: Audio, path: str | PathLike[str], loop: tuple[int, int] | None = None
) -> None:
    """Write samples as the .wav, .flac, .ogg or .mp3 that the path's ending names.

    `loop` is the first sample and the end of a loop, which Ogg files say. WAV and FLAC hold 16
    bits; equal samples give equal bytes. An existing file is replaced.
    """
    path = Path(path)
    if path.suffix.lower() == ".wav":
        with wave.open(str(path), "wb") as wave_file:
            wave_file.setnchannels(2)
            wave_file.setsampwidth(2)
            wave_file.setframerate(SAMPLE_RATE)
            wave_file.writeframes(np.round(audio * 32767).astype("<i2").tobytes())
        return
    try:
        import soundfile
    except (ImportError, OSError) as error:  # OSError: the wheel without its library
        raise missing_package("soundfile", "audio") from error
    is_ogg = path.suffix.lower() == ".ogg"
    tags = loop_tags(*loop) if loop is not None and is_ogg else None
    with soundfile.SoundFile(path, "w", SAMPLE_RATE, 2) as file:
        if tags is not None:
            file.title, file.artist = tags.title, tags.artist
        for start in range(0, len(audio), _BLOCK):
            file.write(audio[start : start + _BLOCK])
    if is_ogg:
        data = path.read_bytes()
        path.write_bytes(with_fixed_serial(data if tags is None else tags.put_in(data)))
