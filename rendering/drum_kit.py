"""General MIDI's drum keys: short names, and where percussion music writes them."""

from typing import NamedTuple

from partimento.music.pitch import STEPS


class Drum(NamedTuple):
    """One sound of the kit."""

    name: str
    step: str
    """Line or space of the staff, read as in a treble clef."""
    octave: int
    head: str
    """MusicXML's note head."""


# Positions after N. Weinberg, "Guidelines for Drumset Notation", Percussive Notes 32(3), 1994.
_KIT = {
    **dict.fromkeys((35, 36), Drum("kick", "F", 4, "normal")),
    44: Drum("pedal hat", "D", 4, "x"),
    **dict.fromkeys((38, 40), Drum("snare", "C", 5, "normal")),
    37: Drum("side stick", "C", 5, "x"),
    39: Drum("clap", "C", 5, "x"),
    **dict.fromkeys((41, 43), Drum("floor tom", "A", 4, "normal")),
    **dict.fromkeys((45, 47), Drum("mid tom", "D", 5, "normal")),
    **dict.fromkeys((48, 50), Drum("high tom", "E", 5, "normal")),
    # 22 and 26 are the edge of the hi-hat on electronic kits.
    **dict.fromkeys((22, 42), Drum("closed hat", "G", 5, "x")),
    **dict.fromkeys((26, 46), Drum("open hat", "G", 5, "circle-x")),
    **dict.fromkeys((51, 59), Drum("ride", "F", 5, "x")),
    53: Drum("ride bell", "F", 5, "diamond"),
    **dict.fromkeys((49, 57), Drum("crash", "A", 5, "x")),
    52: Drum("china", "B", 5, "x"),
    55: Drum("splash", "B", 5, "diamond"),
    54: Drum("tambourine", "B", 4, "triangle"),
    56: Drum("cowbell", "E", 5, "triangle"),
    60: Drum("high bongo", "E", 5, "normal"),
    61: Drum("low bongo", "D", 5, "normal"),
    **dict.fromkeys((62, 63), Drum("high conga", "C", 5, "normal")),
    64: Drum("low conga", "A", 4, "normal"),
    69: Drum("cabasa", "B", 4, "x"),
    70: Drum("maracas", "B", 4, "x"),
    **dict.fromkeys((76, 77), Drum("woodblock", "E", 5, "triangle")),
    80: Drum("mute triangle", "B", 5, "triangle"),
    81: Drum("triangle", "B", 5, "triangle"),
    82: Drum("shaker", "B", 4, "x"),
}

FEET = {35, 36, 44}
"""Keys that feet play: the lower voice."""


def drum(key: int) -> Drum:
    """What a drum key 0..127 is; keys without a place of their own share the middle line.

    >>> drum(38).name, drum(90).name
    ('snare', 'key 90')
    """
    return _KIT.get(key) or Drum(f"key {key}", "B", 4, "slash")


def kit_order(key: int) -> tuple[int, str]:
    """Sort drum keys as a kit stands: the lowest on the staff first, then by name."""
    name, step, octave, _ = drum(key)
    return octave * 7 + STEPS.index(step), name
