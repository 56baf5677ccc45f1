"""What can be written of each piece beside its MIDI file, by name."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from partimento.errors import SettingError
from partimento.music import formats as kinds
from partimento.music.formats import MIDI_ENDINGS, View


class Format(NamedTuple):
    """What follows a piece's name, and what a .svg shows."""

    ending: str
    view: View = "roll"


FORMATS: Mapping[str, Format] = {
    **{
        kind.ending.removeprefix("."): Format(kind.ending)
        for kind in kinds.FORMATS
        if kind.ending not in MIDI_ENDINGS
    },
    "score-svg": Format(".score.svg", "score"),
}
"""Sound, piano rolls (png, svg) and sheet music (musicxml, pdf, score-svg)."""

MIDI = MIDI_ENDINGS[0]


def check_formats(names: Iterable[str]) -> tuple[str, ...]:
    """The names in the order of FORMATS, each once; ValueError for an unknown one."""
    wanted = {name.strip().lower().removeprefix(".") for name in names}
    for name in sorted(wanted):
        if name not in FORMATS:
            raise SettingError("also", f"must be of {', '.join(FORMATS)}, got {name[:40]!r}")
    return tuple(name for name in FORMATS if name in wanted)


def file_names(name: str, formats: Iterable[str]) -> tuple[str, ...]:
    """The files of a piece, the MIDI file first."""
    return (name + MIDI, *(name + FORMATS[each].ending for each in formats))
