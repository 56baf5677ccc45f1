"""Tempos, meters, keys and words: what a MIDI file says beside its notes."""

from collections.abc import Iterable

from partimento.music.keys import KeyName, key_name
from partimento.music.midi.events import (
    META_COPYRIGHT,
    META_CUE,
    META_KEY,
    META_LYRIC,
    META_MARKER,
    META_METER,
    META_TEMPO,
    META_TEXT,
)
from partimento.music.midi.text import decode_text
from partimento.music.score import Key, Mark, MarkKind, Meter, Tempo

MAX_DENOMINATOR_POWER = 6
"""Sixty-fourths; a time signature beyond is a damaged byte."""
MARK_KINDS: dict[int, MarkKind] = {
    META_TEXT: "text",
    META_COPYRIGHT: "copyright",
    META_LYRIC: "lyric",
    META_MARKER: "marker",
    META_CUE: "cue",
}
"""Kind of mark of each meta event."""
_BLANK = "\r\n\t "

MetaEvents = Iterable[tuple[int, int, bytes]]
"""(tick, meta type, data) in the order of their ticks."""


def read_tempos(meta: MetaEvents) -> tuple[Tempo, ...]:
    """Read the tempo events; the last one of a tick counts."""
    found = {
        tick: bpm_of_microseconds(int.from_bytes(data[:3], "big"))
        for tick, kind, data in meta
        if kind == META_TEMPO
    }
    kept: list[Tempo] = []
    for tick, bpm in found.items():
        if not kept or kept[-1].bpm != bpm:
            kept.append(Tempo(tick, bpm))
    return tuple(kept)


def bpm_of_microseconds(microseconds_per_quarter: int) -> float:
    """Return the shortest decimal tempo that MIDI writes as this many microseconds.

    >>> bpm_of_microseconds(428571)
    140.0
    """
    exact = 60e6 / microseconds_per_quarter
    for digits in range(10):
        bpm = round(exact, digits)
        if bpm > 0 and round(60e6 / bpm) == microseconds_per_quarter:
            return bpm
    return exact


def read_meters(meta: MetaEvents, name: str, warnings: list[str]) -> tuple[Meter, ...]:
    """Read the time signatures; the first stands at tick 0."""
    found: dict[int, tuple[int, int]] = {}
    damaged_count = 0
    for tick, kind, data in meta:
        if kind == META_METER:
            if len(data) < 2 or data[0] == 0 or data[1] > MAX_DENOMINATOR_POWER:
                damaged_count += 1
            else:
                found[tick] = (data[0], 1 << data[1])
    if damaged_count:
        warnings.append(f"{name}: damaged time signatures ignored: {damaged_count}")
    kept: list[Meter] = []
    if found and 0 not in found:
        kept.append(Meter(0, 4, 4))
    for tick, (numerator, denominator) in found.items():
        if not kept or (kept[-1].numerator, kept[-1].denominator) != (numerator, denominator):
            kept.append(Meter(tick, numerator, denominator))
    return tuple(kept)


def read_keys(meta: MetaEvents, name: str, warnings: list[str]) -> tuple[Key, ...]:
    """Read the key signatures."""
    found: dict[int, KeyName] = {}
    damaged_count = 0
    for tick, kind, data in meta:
        if kind == META_KEY:
            fifths = int.from_bytes(data[:1], "big", signed=True)
            if len(data) < 2 or not -7 <= fifths <= 7 or data[1] > 1:
                damaged_count += 1
            else:
                found[tick] = KeyName(fifths, data[1] == 1)
    if damaged_count:
        warnings.append(f"{name}: damaged key signatures ignored: {damaged_count}")
    kept: list[Key] = []
    for tick, key in found.items():
        if not kept or key_name(kept[-1]) != key:
            kept.append(key.at(tick))
    return tuple(kept)


def read_texts(meta: MetaEvents) -> tuple[str, ...]:
    """The text events at tick 0."""
    texts = (decode_text(data) for tick, kind, data in meta if kind == META_TEXT and tick == 0)
    return tuple(text.strip(_BLANK) for text in texts if text.strip(_BLANK))


def read_marks(meta: MetaEvents) -> tuple[Mark, ...]:
    """All other words, with the spaces that part the syllables of a song."""
    marks = (
        Mark(tick, MARK_KINDS[kind], decode_text(data))
        for tick, kind, data in meta
        if kind in MARK_KINDS and (kind != META_TEXT or tick > 0)
    )
    return tuple(mark for mark in marks if mark.text)
