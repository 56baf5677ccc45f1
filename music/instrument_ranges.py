"""What an instrument can play: its range, and whether one player has several voices."""

from partimento.music.instruments import INSTRUMENTS

PLAYABLE: tuple[tuple[int, int], ...] = (
    *((21, 108), (28, 103), (29, 89), (60, 108), (45, 96), (24, 96), (40, 93)),
    *((40, 83), (40, 84), (40, 88), (40, 88), (28, 67), (28, 67)),
    *((55, 103), (48, 91), (36, 84), (24, 67), (24, 103), (23, 103), (38, 60), (40, 84)),
    *((54, 86), (34, 77), (34, 77), (28, 86), (49, 80), (58, 91), (34, 75), (50, 94), (59, 98)),
    *((21, 108), (21, 108), (35, 81)),
)
"""Lowest and highest sounding note number of each instrument, in the order of INSTRUMENTS.

Of a group of General MIDI programs it is the range of the one that it is named after: a flute's,
not a piccolo's. Orchestral instruments: the professional ranges of S. Adler, The Study of
Orchestration (4th edition, 2016). Keyboards, guitars and basses: their keys and frets in standard
tuning. Choir: bass to soprano, E2 to C6. Synthesizers: a piano's. Drums: the keys of the General
MIDI drum map.
"""

_ONE_VOICE = (
    *("violin", "viola", "cello", "contrabass", "acoustic bass", "electric bass", "timpani"),
    *("trumpet", "trombone", "horn", "saxophone", "oboe", "bassoon", "clarinet", "flute"),
    *("synth lead", "drums"),
)

HAS_VOICES: tuple[bool, ...] = tuple(name not in _ONE_VOICE for name in INSTRUMENTS)
"""Whether one player, or one section that is asked for by its name, has several lines."""

assert len(PLAYABLE) == len(INSTRUMENTS)
