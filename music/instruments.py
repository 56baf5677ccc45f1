"""Instruments by name: the vocabulary's own, the 128 of General MIDI and what people say."""

import difflib
import re
from collections.abc import Collection, Sequence
from functools import cache

from partimento.errors import SettingError
from partimento.music.ensemble_names import ENSEMBLES
from partimento.music.instrument_names import NAMED, VOICE_PARTS

INSTRUMENTS = (
    *("piano", "electric piano", "harpsichord", "bells", "mallets", "organ", "accordion"),
    *("nylon guitar", "steel guitar", "electric guitar", "distortion guitar"),
    *("acoustic bass", "electric bass", "violin", "viola", "cello", "contrabass", "strings"),
    *("harp", "timpani", "choir", "trumpet", "trombone", "horn", "brass", "saxophone", "oboe"),
    *("bassoon", "clarinet", "flute", "synth lead", "synth pad", "drums"),
)

DRUMS = len(INSTRUMENTS) - 1
"""Index of the drum kit in INSTRUMENTS."""

REPRESENTATIVE_PROGRAMS = (
    *(0, 4, 6, 9, 12, 19, 21, 24, 25, 27, 30, 32, 33, 40, 41, 42, 43, 48, 46, 47, 52),
    *(56, 57, 60, 61, 65, 68, 70, 71, 73, 80, 88, 0),
)
"""General MIDI program (0..127) that each instrument is written with."""

_PROGRAMS = (
    *("0 1 2 3", "4 5", "6 7", "8 9 10 14 112", "11 12 13 15 108 113 114 115", "16 17 18 19 20"),
    *("21 22 23 109", "24", "25 104 105 106", "26 27 28", "29 30 31", "32", "33 34 35 36 37 38 39"),
    *("40 110", "41", "42", "43", "44 45 48 49 50 51 55", "46 107", "47 116 117 118", "52 53 54"),
    *("56 59", "57 58", "60", "61 62 63", "64 65 66 67", "68 69 111", "70", "71"),
    *("72 73 74 75 76 77 78 79", "80 81 82 83 84 85 86 87"),
    "88 89 90 91 92 93 94 95 96 97 98 99 100 101 102 103 119 120 121 122 123 124 125 126 127",
)

INSTRUMENT_OF_PROGRAM = tuple(
    next(i for i, group in enumerate(_PROGRAMS) if str(program) in group.split())
    for program in range(128)
)
"""Index into INSTRUMENTS of each General MIDI program."""

# General MIDI System Level 1 (MIDI Manufacturers Association, 1991), eight programs a family.
_FAMILIES = """\
Acoustic Grand Piano, Bright Acoustic Piano, Electric Grand Piano, Honky-tonk Piano,
Electric Piano 1, Electric Piano 2, Harpsichord, Clavinet,
Celesta, Glockenspiel, Music Box, Vibraphone, Marimba, Xylophone, Tubular Bells, Dulcimer,
Drawbar Organ, Percussive Organ, Rock Organ, Church Organ,
Reed Organ, Accordion, Harmonica, Tango Accordion,
Acoustic Guitar (nylon), Acoustic Guitar (steel), Electric Guitar (jazz),
Electric Guitar (clean), Electric Guitar (muted), Overdriven Guitar, Distortion Guitar,
Guitar Harmonics,
Acoustic Bass, Electric Bass (finger), Electric Bass (pick), Fretless Bass,
Slap Bass 1, Slap Bass 2, Synth Bass 1, Synth Bass 2,
Violin, Viola, Cello, Contrabass, Tremolo Strings, Pizzicato Strings, Orchestral Harp, Timpani,
String Ensemble 1, String Ensemble 2, Synth Strings 1, Synth Strings 2,
Choir Aahs, Voice Oohs, Synth Choir, Orchestra Hit,
Trumpet, Trombone, Tuba, Muted Trumpet, French Horn, Brass Section, Synth Brass 1, Synth Brass 2,
Soprano Sax, Alto Sax, Tenor Sax, Baritone Sax, Oboe, English Horn, Bassoon, Clarinet,
Piccolo, Flute, Recorder, Pan Flute, Blown Bottle, Shakuhachi, Whistle, Ocarina,
Lead 1 (square), Lead 2 (sawtooth), Lead 3 (calliope), Lead 4 (chiff),
Lead 5 (charang), Lead 6 (voice), Lead 7 (fifths), Lead 8 (bass + lead),
Pad 1 (new age), Pad 2 (warm), Pad 3 (polysynth), Pad 4 (choir),
Pad 5 (bowed), Pad 6 (metallic), Pad 7 (halo), Pad 8 (sweep),
FX 1 (rain), FX 2 (soundtrack), FX 3 (crystal), FX 4 (atmosphere),
FX 5 (brightness), FX 6 (goblins), FX 7 (echoes), FX 8 (sci-fi),
Sitar, Banjo, Shamisen, Koto, Kalimba, Bagpipe, Fiddle, Shanai,
Tinkle Bell, Agogo, Steel Drums, Woodblock, Taiko Drum, Melodic Tom, Synth Drum, Reverse Cymbal,
Guitar Fret Noise, Breath Noise, Seashore, Bird Tweet,
Telephone Ring, Helicopter, Applause, Gunshot
"""
PROGRAM_NAMES = tuple(name.strip() for name in _FAMILIES.split(","))
"""General MIDI's name of each program 0..127."""

_BETWEEN = re.compile(r"\s*[,;]\s*")
_JOINED = re.compile(r"\s*[+&]\s*|\s+(?:and|with)\s+", re.IGNORECASE)


def find_instrument(name: str) -> tuple[str, int, int]:
    """Canonical name, index into INSTRUMENTS and General MIDI program that a name means.

    Case and punctuation do not count. SettingError, with near names, for an unknown one and for a
    group of players; of a name that means several, such as woodwinds, the first.

    >>> find_instrument("Tenor sax"), find_instrument("DRUMS"), find_instrument("ukuleles")
    (('tenor sax', 25, 66), ('drums', 32, 0), ('steel guitar', 8, 25))
    """
    return _canonical()[_plain(_entry(name)[0][0])]


def find_players(names: Sequence[str]) -> tuple[str, ...]:
    """Canonical names of the instruments that play when such names are asked for.

    A group such as a string quartet is all its players. A bass beside a soprano, an alto or a
    tenor is a voice.

    >>> find_players(["woodwinds", "double bass"]), find_players(["tenor", "bass"])
    (('flute', 'oboe', 'clarinet', 'bassoon', 'contrabass'), ('choir', 'choir'))
    >>> find_players(["string trio"])
    ('violin', 'viola', 'cello')
    """
    are_voices = any(_plain(name) in VOICE_PARTS for name in names)
    players: list[str] = []
    for name in names:
        if are_voices and _plain(name) == "bass":
            players.append("choir")
        else:
            players += _group(name) or _entry(name)[0]
    return tuple(_canonical()[_plain(player)][0] for player in players)


def find_family(name: str) -> tuple[int, ...]:
    """Indices into INSTRUMENTS of what is left out without a name.

    >>> [INSTRUMENTS[index] for index in find_family("bass")]
    ['acoustic bass', 'electric bass']
    """
    members = _group(name) or _entry(name)[1]
    indices = {_canonical()[_plain(member)][1] for member in members}
    return tuple(sorted(indices))


def names_without(indices: Collection[int]) -> tuple[str, ...]:
    """Names by which `find_family` leaves out just these of INSTRUMENTS, in their order.

    >>> names_without(find_family("strings"))[-1], names_without([INSTRUMENTS.index("strings")])
    ('strings', ('tremolo strings',))
    """
    return tuple(
        INSTRUMENTS[index]
        if set(find_family(INSTRUMENTS[index])) <= set(indices)
        else _name_alone(index)
        for index in sorted(set(indices))
    )


def _name_alone(index: int) -> str:
    """A name that leaves out one of INSTRUMENTS and no other."""
    programs = [p for p in range(128) if INSTRUMENT_OF_PROGRAM[p] == index]
    names = (PROGRAM_NAMES[program].lower() for program in programs)
    return next(name for name in names if find_family(name) == (index,))


def split_names(text: str) -> tuple[str, ...]:
    """The names in a text, between commas, plus signs or "and".

    >>> split_names("piano and violin"), split_names("lead 8 (bass + lead), flute + oboe,")
    (('piano', 'violin'), ('lead 8 (bass + lead)', 'flute', 'oboe'))
    """
    names: list[str] = []
    for part in _BETWEEN.split(text.strip()):
        if _known_key(part, _names()) or _group(part):
            names.append(part)
        else:
            names += [name for name in _JOINED.split(part) if name]
    return tuple(names)


_Entry = tuple[tuple[str, ...], tuple[str, ...]]
"""Players and family."""


def _entry(name: str) -> _Entry:
    """What a name means; SettingError for an unknown one."""
    key = _known_key(name, _names())
    if key is not None:
        return _names()[key]
    near = difflib.get_close_matches(_plain(name), [*_names(), *_groups()], n=3)
    hint = f"did you mean {' or '.join(near)}?" if near else f"one of {', '.join(INSTRUMENTS)}"
    raise SettingError(
        "instruments", f"must be names of the vocabulary or of General MIDI, got {name!r}; {hint}"
    )


def _group(name: str) -> tuple[str, ...]:
    """The players of a group; none for the name of anything else."""
    key = _known_key(name, _groups())
    return () if key is None else _groups()[key]


def _known_key(name: str, known: Collection[str]) -> str | None:
    """The plain name that is known, which the plural of one means too; None for others."""
    plain = _plain(name)
    forms = (plain, plain.removesuffix("s"), plain.removesuffix("es"))
    return next((form for form in forms if form in known), None)


@cache
def _canonical() -> dict[str, tuple[str, int, int]]:
    """What `find_instrument` gives for plain names; the vocabulary's names come first."""
    table: dict[str, tuple[str, int, int]] = {}
    for index, name in enumerate(INSTRUMENTS):
        table[_plain(name)] = (name, index, REPRESENTATIVE_PROGRAMS[index])
    for program, name in enumerate(PROGRAM_NAMES):
        index = INSTRUMENT_OF_PROGRAM[program]
        assert index != DRUMS
        table.setdefault(_plain(name), (name.lower(), index, program))
    return table


@cache
def _names() -> dict[str, _Entry]:
    """Every known name in plain letters.

    Canonical names play what they say; a family that has a canonical name, such as strings, is
    left out as a whole.
    """
    table = {
        _plain(word): (named.players, named.family or named.players)
        for named in NAMED
        for word in named.words.split(",")
    }
    for plain, (name, _, _) in _canonical().items():
        family = table[plain][1] if plain in table else (name,)
        table[plain] = ((name,), family)
    return table


@cache
def _groups() -> dict[str, tuple[str, ...]]:
    """The players of every group by its plain name."""
    return {
        _plain(word): tuple(group.players.split(", "))
        for group in ENSEMBLES
        for word in group.words.split(", ")
    }


def _plain(name: str) -> str:
    """Lower-case letters and digits with single spaces between words."""
    return " ".join(re.findall(r"[a-z0-9]+", name.lower()))
