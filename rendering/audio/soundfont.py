"""Sound fonts: the General MIDI one that is installed, a user's own, and quieter copies."""

import struct
from importlib.util import find_spec
from os import PathLike
from pathlib import Path

import numpy as np

from partimento.rendering.errors import RenderingError, missing_package


def general_midi_soundfont() -> Path:
    """Path of the sound font that pretty_midi carries, found without importing pretty_midi."""
    spec = find_spec("pretty_midi")
    if spec is None or spec.origin is None:
        raise missing_package("pretty_midi", "audio")
    return Path(spec.origin).with_name("TimGM6mb.sf2")


def check_soundfont(path: str | PathLike[str]) -> None:
    """Raise RenderingError for a file that cannot be read or does not begin as SoundFont 2."""
    try:
        with Path(path).open("rb") as file:
            head = file.read(12)
    except OSError as error:
        raise RenderingError(f"{path}: cannot be read: {error.strerror}") from error
    if head[:4] != b"RIFF" or head[8:] != b"sfbk":
        raise RenderingError(f"{path}: not a SoundFont 2 file; give a .sf2 file")


def soundfont_bytes(soundfont: str | PathLike[str] | None) -> tuple[bytes, str]:
    """The bytes and the name of a sound font; RenderingError when it is none."""
    path = Path(soundfont) if soundfont is not None else general_midi_soundfont()
    check_soundfont(path)
    return path.read_bytes(), str(path)


def quieter(soundfont: bytes, divisor: int) -> bytes:
    """The same sound font with every sample divided; as it is where no samples are found.

    Sounds of it are quieter and else alike: unlike a lower volume this leaves the synthesizer's
    reverb as it is, which drops what enters it below a fixed gain.
    """
    found = _sample_chunk(soundfont)
    if found is None:
        return soundfont
    start, end = found
    samples = np.frombuffer(soundfont, "<i2", count=(end - start) // 2, offset=start)
    divided = np.round(samples / divisor).astype("<i2").tobytes()
    return soundfont[:start] + divided + soundfont[start + len(divided) :]


def _sample_chunk(soundfont: bytes) -> tuple[int, int] | None:
    """First and end byte of the 16-bit samples: the chunk `smpl` in the list `sdta`."""
    place = 12
    while place + 12 <= len(soundfont):
        name, size = struct.unpack_from("<4sI", soundfont, place)
        if name == b"LIST" and soundfont[place + 8 : place + 12] == b"sdta":
            place += 12
        elif name == b"smpl":
            return place + 8, min(place + 8 + size, len(soundfont))
        else:
            place += 8 + size + size % 2
    return None
