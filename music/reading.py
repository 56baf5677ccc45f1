"""Files of music -> Score, whatever they are: MIDI, MusicXML, packed or not."""

from collections.abc import Iterable
from pathlib import Path

from partimento.music.midi.reader import parse_midi
from partimento.music.musicxml_reader import is_musicxml, parse_musicxml
from partimento.music.score import Score
from partimento.music.sources import Source, read_source, source_name

MIDI_ENDINGS = (".mid", ".midi", ".kar", ".rmi", ".mid.gz", ".midi.gz")
MUSICXML_ENDINGS = (".musicxml", ".mxl")
MUSIC_ENDINGS = (*MIDI_ENDINGS, *MUSICXML_ENDINGS)
"""What the names of files end in that are looked for in folders; a file that is named is read by
its content."""


def is_music_name(name: str) -> bool:
    """Whether a file's name says that it holds music.

    >>> is_music_name("Tune.MID.gz"), is_music_name("tune.wav")
    (True, False)
    """
    return name.lower().endswith(MUSIC_ENDINGS)


def stem_of(path: Path) -> str:
    """The name of a file of music without its ending.

    >>> stem_of(Path("tunes/a.b.mid.gz"))
    'a.b'
    """
    name = path.name
    ending = max((e for e in MUSIC_ENDINGS if name.lower().endswith(e)), key=len, default="")
    return name[: len(name) - len(ending)] if ending else path.stem


def music_files(paths: Iterable[Path]) -> list[Path]:
    """Those of the paths that are files of music, sorted.

    Sheet music beside a MIDI file of its name is that file's rendering, not another piece.
    """
    found = sorted(path for path in paths if is_music_name(path.name) and path.is_file())
    played = {
        path.with_name(stem_of(path)) for path in found if path.name.lower().endswith(MIDI_ENDINGS)
    }
    return [
        path
        for path in found
        if path.name.lower().endswith(MIDI_ENDINGS) or path.with_name(stem_of(path)) not in played
    ]


def read_score(source: Source) -> tuple[Score, list[str]]:
    """Read a file of music (a path or an open binary file); return the score and warnings.

    MIDI (.mid, .kar, .rmi) and MusicXML (.musicxml, .mxl), also packed by gzip, by content. Raises
    MidiError, one line that names the file, when it cannot be opened, is neither or has no notes.
    """
    return parse_score(read_source(source), source_name(source))


def parse_score(data: bytes, name: str) -> tuple[Score, list[str]]:
    """The score that the bytes of a file of music hold, unpacked, and warnings, as `read_score`."""
    return (parse_musicxml if is_musicxml(data) else parse_midi)(data, name)
