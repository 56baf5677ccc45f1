"""Files of music -> Score, whatever they are: MIDI, MusicXML, packed or not."""

from partimento.music.midi.reader import parse_midi
from partimento.music.musicxml_reader import is_musicxml, parse_musicxml
from partimento.music.score import Score
from partimento.music.sources import Source, read_source, source_name

MUSIC_ENDINGS = (
    *(".mid", ".midi", ".kar", ".rmi", ".smf", ".mid.gz", ".midi.gz"),
    *(".musicxml", ".mxl"),
)
"""What the names of files end in that are looked for in folders; a file that is named is read by
its content."""


def read_score(source: Source) -> tuple[Score, list[str]]:
    """Read a file of music (a path or an open binary file); return the score and warnings.

    MIDI (.mid, .kar, .rmi) and MusicXML (.musicxml, .mxl), also packed by gzip, by content. Raises
    MidiError, one line that names the file, when it cannot be opened, is neither or has no notes.
    """
    data, name = read_source(source), source_name(source)
    return (parse_musicxml if is_musicxml(data) else parse_midi)(data, name)
