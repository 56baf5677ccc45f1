"""What groups of players are called, as options and prompts know them.

Case and punctuation do not count, and plurals are understood. Names of single instruments and of
their families stand in `instrument_names`.
"""

from typing import NamedTuple


class Ensemble(NamedTuple):
    """A group of players."""

    words: str
    """Its names, with commas between them."""
    players: str
    """One instrument a line, with commas between them."""
    style: str | None = None
    """What a prompt that names the group asks for besides; an option asks for the players alone."""
    pitch_range: str | None = None
    """The same."""


ENSEMBLES = (
    Ensemble("string quartet", "violin, violin, viola, cello", "quartet"),
    Ensemble("string trio", "violin, viola, cello", "quartet"),
    Ensemble("string quintet", "violin, violin, viola, cello, contrabass", "quartet"),
    Ensemble("string sextet", "violin, violin, viola, viola, cello, cello", "quartet"),
    Ensemble(
        "string octet", "violin, violin, violin, violin, viola, viola, cello, cello", "quartet"
    ),
    Ensemble("strings quartet, quartet of strings", "violin, violin, viola, cello", "quartet"),
    Ensemble("piano trio", "violin, cello, piano"),
    Ensemble("piano quartet", "violin, viola, cello, piano"),
    Ensemble("piano quintet", "violin, violin, viola, cello, piano"),
    Ensemble("piano duet, piano four hands, four hands, two pianos", "piano, piano", "keyboard"),
    Ensemble("violin sonata", "violin, piano"),
    Ensemble("cello sonata", "cello, piano"),
    Ensemble("flute sonata", "flute, piano"),
    Ensemble("piano sonata", "piano", "keyboard"),
    Ensemble("trio sonata", "violin, violin, cello, harpsichord"),
    Ensemble("clarinet quintet", "clarinet, violin, violin, viola, cello"),
    Ensemble("wind quintet, woodwind quintet", "flute, oboe, clarinet, horn, bassoon"),
    Ensemble("wind quartet, woodwind quartet", "flute, oboe, clarinet, bassoon"),
    Ensemble("woodwind trio, wind trio, reed trio", "oboe, clarinet, bassoon"),
    Ensemble("wind octet", "oboe, oboe, clarinet, clarinet, horn, horn, bassoon, bassoon"),
    Ensemble("brass quintet", "trumpet, trumpet, horn, trombone, tuba"),
    Ensemble("brass quartet", "trumpet, trumpet, trombone, trombone"),
    Ensemble("brass trio", "trumpet, horn, trombone"),
    Ensemble("brass band", "trumpet, trumpet, horn, trombone, tuba, drums"),
    Ensemble(
        "marching band, military band, concert band, wind band",
        "piccolo, clarinet, trumpet, horn, trombone, tuba, drums",
    ),
    Ensemble("saxophone quartet, sax quartet", "soprano sax, alto sax, tenor sax, baritone sax"),
    Ensemble("recorder consort", "recorder, recorder, recorder, recorder"),
    Ensemble("viol consort, consort of viols", "viola, viola, cello, cello"),
    Ensemble(
        "satb, satb choir, four part choir, four voices, mixed chorus, vocal quartet, "
        "four part vocal",
        "choir, choir, choir, choir",
        "choral",
    ),
    Ensemble(
        "male choir, men's choir, ttbb", "choir, choir, choir, choir", "choral", pitch_range="C2-C5"
    ),
    Ensemble(
        "women's choir, children's choir, boys choir, ssaa",
        "choir, choir, choir, choir",
        "choral",
        pitch_range="F3-C6",
    ),
    Ensemble("voice and piano, voice with piano", "choir, piano", "song"),
    Ensemble(
        "orchestra, symphony orchestra, full orchestra, philharmonic",
        "flute, oboe, clarinet, bassoon, horn, trumpet, trombone, timpani, violin, viola, cello, "
        "contrabass",
        "classical",
    ),
    Ensemble("chamber orchestra", "oboe, horn, violin, viola, cello, contrabass", "classical"),
    Ensemble(
        "baroque orchestra", "oboe, bassoon, violin, violin, viola, cello, harpsichord", "classical"
    ),
    Ensemble("continuo, basso continuo", "harpsichord, cello"),
    Ensemble("rock band", "overdriven guitar, electric guitar, electric bass, drums", "pop"),
    Ensemble("metal band", "distortion guitar, distortion guitar, electric bass, drums", "game"),
    Ensemble("pop band", "piano, electric guitar, electric bass, drums", "pop"),
    Ensemble("power trio", "overdriven guitar, electric bass, drums", "pop"),
    Ensemble("jazz trio, jazz piano trio", "piano, acoustic bass, drums", "jazz"),
    Ensemble("jazz quartet", "tenor sax, piano, acoustic bass, drums", "jazz"),
    Ensemble("jazz quintet", "trumpet, tenor sax, piano, acoustic bass, drums", "jazz"),
    Ensemble("jazz band, jazz combo", "trumpet, alto sax, piano, acoustic bass, drums", "jazz"),
    Ensemble(
        "big band",
        "alto sax, tenor sax, baritone sax, trumpet, trombone, piano, acoustic bass, drums",
        "jazz",
    ),
    Ensemble("dixieland band", "trumpet, clarinet, trombone, banjo, tuba, drums", "jazz"),
    Ensemble("organ trio", "drawbar organ, electric guitar (jazz), drums", "jazz"),
    Ensemble("rhythm section", "piano, electric bass, drums"),
    Ensemble(
        "folk band, irish band, ceilidh band", "fiddle, whistle, accordion, steel guitar", "folk"
    ),
    Ensemble("bluegrass band", "fiddle, banjo, steel guitar, acoustic bass", "folk"),
    Ensemble("tango orchestra, tango band", "tango accordion, violin, piano, contrabass"),
    Ensemble("mariachi", "violin, trumpet, nylon guitar, acoustic bass", "folk"),
    Ensemble("gamelan", "tubular bells, vibraphone, marimba"),
    Ensemble("synth ensemble, synth band", "synth lead, synth pad, synth bass 1, drums", "pop"),
)
"""Every group, in the order of the documentation."""
