"""Where music is read from: paths and open files, as they are or packed by gzip."""

import zlib
from os import PathLike, fspath
from typing import BinaryIO

from partimento.errors import MidiError
from partimento.music.midi.text import displayed

MAX_SOURCE_BYTES = 64 << 20
"""No score needs more; a larger file is a recording or an accident."""
_GZIP = b"\x1f\x8b"

Source = str | PathLike[str] | BinaryIO


def source_name(source: Source) -> str:
    """The name that messages call a source by, fit for a terminal."""
    if isinstance(source, (str, PathLike)):
        return displayed(fspath(source))
    return displayed(str(getattr(source, "name", "MIDI data")))


def read_source(source: Source) -> bytes:
    """The bytes of a source, read once and unpacked.

    Raises MidiError, one line that names it, when it cannot be opened, is damaged or is longer
    than MAX_SOURCE_BYTES.
    """
    name = source_name(source)
    try:
        if isinstance(source, (str, PathLike)):
            with open(source, "rb") as file:
                data = file.read(MAX_SOURCE_BYTES + 1)
        else:
            data = source.read(MAX_SOURCE_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise MidiError(f"{name}: cannot be read: {reason}") from error
    if data[:2] == _GZIP:
        data = _unpacked(data, name)
    if not data:
        raise MidiError(f"{name}: the file is empty; copy it again")
    if len(data) > MAX_SOURCE_BYTES:
        raise MidiError(f"{name}: more than {MAX_SOURCE_BYTES >> 20} MiB; is it a file of notes?")
    return data


def _unpacked(data: bytes, name: str) -> bytes:
    """The content of a gzip file, as far as one byte beyond the limit."""
    reader = zlib.decompressobj(wbits=31)
    try:
        content = reader.decompress(data, MAX_SOURCE_BYTES + 1)
    except zlib.error as error:
        raise MidiError(f"{name}: a damaged gzip file ({error}); pack it again") from error
    if not reader.eof and len(content) <= MAX_SOURCE_BYTES:
        raise MidiError(f"{name}: the gzip file is cut off; copy it again")
    return content
