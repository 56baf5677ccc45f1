"""Ogg files whose bytes depend on the sound alone: one serial number instead of a random one.

Pages and their checksum: RFC 3533, section 6.
"""

import struct

SERIAL = 1
"""Of the only stream of a file; libsndfile draws a random one."""

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
