"""Ogg files whose bytes depend on the sound alone, and that say where a loop is.

Pages and their checksum: RFC 3533, section 6.
"""

import struct
from dataclasses import dataclass

SERIAL = 1
"""Of the only stream of a file; libsndfile draws a random one."""

_COMMENTS = 4096
"""The comments of a file stand within so many bytes from its start."""

_SERIAL_AT, _CHECKSUM_AT, _COUNT_AT, _HEADER = 14, 22, 26, 27


def _checksum_table() -> list[int]:
    """Remainders of each byte for the polynomial 0x04C11DB7, highest bit first."""
    table = []
    for byte in range(256):
        remainder = byte << 24
        for _ in range(8):
            remainder = (remainder << 1) ^ (0x104C11DB7 if remainder >> 31 else 0)
        table.append(remainder)
    return table


_TABLE = _checksum_table()


@dataclass(frozen=True, slots=True)
class LoopTags:
    """The comments LOOPSTART and LOOPLENGTH, in samples, as RPG Maker and others read them.

    libsndfile writes only comments that it knows. So it is given a title and an artist of the
    same lengths, and their names and values are written over.
    """

    start: bytes
    length: bytes

    @property
    def title(self) -> str:
        """What stands for the start."""
        return "?" * (len(self.start) - len("TITLE="))

    @property
    def artist(self) -> str:
        """What stands for the length."""
        return "?" * (len(self.length) - len("ARTIST="))

    def put_in(self, data: bytes) -> bytes:
        """The bytes of an Ogg file with the comments; its checksums are to be made anew."""
        for name, value, comment in (
            (b"TITLE=", self.title, self.start),
            (b"ARTIST=", self.artist, self.length),
        ):
            data = data.replace(name + value.encode(), comment, 1)
        assert self.start in data[:_COMMENTS]
        assert self.length in data[:_COMMENTS]
        return data


def loop_tags(start: int, end: int) -> LoopTags:
    """The comments for a loop of some samples.

    >>> loop_tags(0, 44100)
    LoopTags(start=b'LOOPSTART=0', length=b'LOOPLENGTH=44100')
    """
    return LoopTags(f"LOOPSTART={start}".encode(), f"LOOPLENGTH={end - start}".encode())


def with_fixed_serial(data: bytes) -> bytes:
    """The pages of an Ogg file with one stream, each under SERIAL, its checksum made anew.

    ValueError when the bytes are no Ogg file. About 0.1 s for a megabyte.
    """
    pages = bytearray(data)
    start = 0
    while start < len(pages):
        if pages[start : start + 4] != b"OggS" or len(pages) < start + _HEADER:
            raise ValueError(f"no Ogg page at byte {start}")
        count = pages[start + _COUNT_AT]
        lengths = pages[start + _HEADER : start + _HEADER + count]
        end = start + _HEADER + count + sum(lengths)
        struct.pack_into("<I", pages, start + _SERIAL_AT, SERIAL)
        struct.pack_into("<I", pages, start + _CHECKSUM_AT, 0)
        struct.pack_into("<I", pages, start + _CHECKSUM_AT, _checksum(pages[start:end]))
        start = end
    return bytes(pages)


def _checksum(page: bytearray) -> int:
    value = 0
    for byte in page:
        value = ((value << 8) & 0xFFFFFFFF) ^ _TABLE[(value >> 24) ^ byte]
    return value
