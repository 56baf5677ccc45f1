"""What instruments are called: one table for options, prompts and files.

Each name is written once. Case and punctuation do not count, and plurals are understood. Beside
these names all of General MIDI's are known (`instruments.PROGRAM_NAMES`).
"""

from typing import NamedTuple


class Named(NamedTuple):
    """Words with one meaning."""

    words: str
    """The words, with commas between them."""
    players: tuple[str, ...]
    """The instruments that play when one of the words is asked for."""
    family: tuple[str, ...] = ()
    """The vocabulary's instruments that are left out with "no" or "without"; the players' own
    when empty."""


_GUITARS = ("nylon guitar", "steel guitar", "electric guitar", "distortion guitar")
_KEYBOARDS = ("piano", "electric piano", "harpsichord", "organ", "accordion")
_STRINGS = ("violin", "viola", "cello", "contrabass", "strings")
_BRASS = ("trumpet", "trombone", "horn", "brass")
_WOODWINDS = ("flute", "oboe", "clarinet", "bassoon", "saxophone")

NAMED = (
    Named("piano, grand piano, pianoforte, fortepiano, acoustic piano, upright piano", ("piano",)),
    Named("honky tonk piano, honky tonk, saloon piano", ("honky-tonk piano",)),
    Named("electric piano, rhodes, fender rhodes, wurlitzer", ("electric piano",)),
    Named("harpsichord, cembalo, spinet, virginal", ("harpsichord",)),
    Named("clavinet, clavichord", ("clavinet",)),
    Named("keys, keyboards, keyboard instrument", ("piano",), _KEYBOARDS),
    Named("bells", ("bells",)),
    Named("tubular bells, chimes, church bells", ("tubular bells",)),
    Named("celesta, celeste", ("celesta",)),
    Named("glockenspiel", ("glockenspiel",)),
    Named("music box", ("music box",)),
    Named("mallets", ("mallets",)),
    Named("vibraphone, vibes", ("vibraphone",)),
    Named("marimba", ("marimba",)),
    Named("xylophone", ("xylophone",)),
    Named("dulcimer, hammered dulcimer, zither, cimbalom", ("dulcimer",)),
    Named("kalimba, thumb piano, mbira", ("kalimba",)),
    Named("steel drum, steel drums, steelpan", ("steel drums",)),
    Named("organ, pipe organ, church organ", ("organ",)),
    Named("hammond, hammond organ, drawbar organ", ("drawbar organ",)),
    Named("rock organ", ("rock organ",)),
    Named("harmonium, reed organ", ("reed organ",)),
    Named("accordion, concertina, melodeon, squeezebox", ("accordion",)),
    Named("bandoneon", ("tango accordion",)),
    Named("harmonica, mouth organ", ("harmonica",)),
    Named("guitar", ("nylon guitar",), _GUITARS),
    Named(
        "classical guitar, nylon guitar, spanish guitar, nylon string guitar, flamenco guitar",
        ("nylon guitar",),
    ),
    Named(
        "acoustic guitar, steel guitar, steel string guitar, folk guitar, ukulele, mandolin",
        ("steel guitar",),
    ),
    Named("banjo", ("banjo",)),
    Named("sitar", ("sitar",)),
    Named("electric guitar, clean guitar", ("electric guitar",)),
    Named("jazz guitar", ("electric guitar (jazz)",)),
    Named("distortion guitar, distorted guitar, heavy guitar", ("distortion guitar",)),
    Named("overdriven guitar, rhythm guitar, lead guitar", ("overdriven guitar",)),
    Named("lute, theorbo, oud", ("nylon guitar",)),
    Named("koto, guzheng", ("koto",)),
    Named("shamisen", ("shamisen",)),
    Named("bass", ("acoustic bass",), ("acoustic bass", "electric bass")),
    Named("upright bass, acoustic bass, walking bass", ("acoustic bass",)),
    Named("electric bass, bass guitar, finger bass", ("electric bass",)),
    Named("fretless bass", ("fretless bass",)),
    Named("slap bass", ("slap bass 1",)),
    Named("synth bass", ("synth bass 1",)),
    Named("violin", ("violin",)),
    Named("fiddle", ("fiddle",)),
    Named("viola", ("viola",)),
    Named("cello, violoncello, celli, viola da gamba, gamba", ("cello",)),
    Named("double bass, contrabass, string bass", ("contrabass",)),
    Named(
        "strings, string section, string ensemble, string orchestra, violins section",
        ("strings",),
        _STRINGS,
    ),
    Named("pizzicato, pizzicato strings", ("pizzicato strings",)),
    Named("tremolo strings", ("tremolo strings",)),
    Named("synth strings", ("synth strings 1",)),
    Named("harp, lyre", ("harp",)),
    Named("timpani, kettledrum", ("timpani",)),
    Named(
        "choir, chorus, voice, vocals, vocal, singer, singing, choir voices, mixed choir",
        ("choir",),
    ),
    Named("soprano, alto, tenor, baritone, mezzo soprano, countertenor", ("choir",)),
    Named("humming, oohs", ("voice oohs",)),
    Named("trumpet, cornet, flugelhorn", ("trumpet",)),
    Named("muted trumpet", ("muted trumpet",)),
    Named("trombone, bass trombone", ("trombone",)),
    Named("tuba, euphonium", ("tuba",)),
    Named("horn, french horn", ("horn",)),
    Named("brass, brass section, horns section", ("brass",), _BRASS),
    Named("saxophone, sax", ("saxophone",)),
    Named("soprano saxophone, soprano sax", ("soprano sax",)),
    Named("alto saxophone, alto sax", ("alto sax",)),
    Named("tenor saxophone, tenor sax", ("tenor sax",)),
    Named("baritone saxophone, baritone sax, bari sax", ("baritone sax",)),
    Named("oboe", ("oboe",)),
    Named("english horn, cor anglais", ("english horn",)),
    Named("bassoon, contrabassoon", ("bassoon",)),
    Named("clarinet, bass clarinet", ("clarinet",)),
    Named("flute, transverse flute", ("flute",)),
    Named("piccolo", ("piccolo",)),
    Named("recorder, recorders", ("recorder",)),
    Named("pan flute, panpipe, panpipes", ("pan flute",)),
    Named("shakuhachi", ("shakuhachi",)),
    Named("whistle, tin whistle, penny whistle, irish whistle, whistling", ("whistle",)),
    Named("ocarina", ("ocarina",)),
    Named("bagpipe, bagpipes, uilleann pipes, pipes", ("bagpipe",)),
    Named("shawm, duduk", ("shanai",)),
    Named(
        "woodwind, woodwinds, wind section, winds",
        ("flute", "oboe", "clarinet", "bassoon"),
        _WOODWINDS,
    ),
    Named("synth, synthesizer, synthesiser", ("synth lead",), ("synth lead", "synth pad")),
    Named("synth lead, lead synth", ("synth lead",)),
    Named("synth voice", ("synth choir",)),
    Named("square lead, square wave", ("lead 1 (square)",)),
    Named("saw lead, sawtooth lead, sawtooth", ("lead 2 (sawtooth)",)),
    Named("pad, synth pad, pads, ambient pad", ("synth pad",)),
    Named("warm pad", ("pad 2 (warm)",)),
    Named("drums, drum, drum kit, drum set, drumset, drummer, beats", ("drums",)),
    Named("percussion", ("drums",), ("drums", "timpani")),
)
"""Every name but General MIDI's own, in the order of the documentation."""

VOICE_PARTS = frozenset({"soprano", "alto", "tenor", "baritone", "mezzo soprano", "countertenor"})
"""Names beside which a bass is a voice."""
