"""MusicXML -> Score, by way of verovio, which the extra `score` has for sheet music anyway.

Verovio writes the MIDI that a MusicXML document means: repeats played, ties joined, transposing
instruments at their pitch. What MIDI cannot say, such as an upbeat, is read from its time map.
"""

import base64
import io
import re
import zipfile
from dataclasses import replace
from typing import Any

from partimento.errors import MidiError
from partimento.music.midi.reader import parse_midi
from partimento.music.score import Meter, Note, Score

_MAX_DOCUMENT_BYTES = 64 << 20
_ZIP = b"PK\x03\x04"
_SNIFFED_BYTES = 4_096
_ROOT = re.compile(r"<!DOCTYPE\s+score-partwise|<score-(partwise|timewise)[\s>]")
_ROOT_FILE = re.compile(r"<rootfile\b[^>]*?full-path\s*=\s*[\"']([^\"']+)[\"']")
_DECLARATION = re.compile(r"^\s*<\?xml\b[^>]*\?>")
_ENCODING = re.compile(rb"<\?xml[^>]*encoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"']")


def is_musicxml(data: bytes) -> bool:
    """Whether bytes look like a MusicXML document or like the zip file of one."""
    return data.startswith(_ZIP) or bool(_ROOT.search(_text(data[:_SNIFFED_BYTES])))


def parse_musicxml(data: bytes, name: str) -> tuple[Score, list[str]]:
    """The score that a MusicXML document holds, and warnings; `name` begins every message.

    Raises MidiError when verovio is missing, cannot read the document or finds no notes in it.
    """
    toolkit = _toolkit(name)
    text = _text(_unzipped(data, name) if data.startswith(_ZIP) else data)
    if "<score-timewise" in text:
        raise MidiError(f"{name}: MusicXML by bars (timewise); export it by parts (partwise)")
    toolkit.setOptions({"xmlIdSeed": 1})
    # Verovio knows XML by its declaration, and an encoding that is no longer true would mislead it.
    if not toolkit.loadData('<?xml version="1.0"?>' + _DECLARATION.sub("", text)):
        raise MidiError(f"{name}: cannot be read as MusicXML; export it again")
    score, warnings = parse_midi(base64.b64decode(toolkit.renderToMIDI()), name)
    tracks = tuple(replace(track, notes=_whole(track.notes)) for track in score.tracks)
    return replace(score, tracks=tracks, meters=_with_upbeat(score, toolkit)), warnings


def _whole(notes: tuple[Note, ...]) -> tuple[Note, ...]:
    """The notes with the tick that verovio takes from each of them."""
    return tuple(replace(note, duration=note.duration + 1) for note in notes)


def _toolkit(name: str) -> Any:
    try:
        import verovio
    except ImportError as error:
        raise MidiError(
            f"{name}: MusicXML is read by verovio, which is not installed; "
            "run: pip install 'partimento[score]'"
        ) from error
    verovio.enableLog(verovio.LOG_OFF)
    return verovio.toolkit()


def _text(data: bytes) -> str:
    """The characters of a document, by its byte order mark or the encoding that it names."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    named = _ENCODING.search(data[:200])
    encoding = named[1].decode("ascii") if named else "utf-8"
    try:
        return data.decode("utf-8-sig" if encoding.lower() == "utf-8" else encoding, "replace")
    except (LookupError, UnicodeError):
        return data.decode("utf-8", "replace")


def _unzipped(data: bytes, name: str) -> bytes:
    """The document of a compressed MusicXML file."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            container = _entry(archive, "META-INF/container.xml")
            found = _ROOT_FILE.search(_text(container))
            if found is None:
                raise MidiError(f"{name}: a zip file without MusicXML; give a .mxl file")
            return _entry(archive, found[1])
    except KeyError as error:
        raise MidiError(f"{name}: a zip file without MusicXML; give a .mxl file") from error
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError) as error:
        if isinstance(error, MidiError):
            raise
        raise MidiError(f"{name}: a damaged .mxl file; export it again") from error


def _entry(archive: zipfile.ZipFile, path: str) -> bytes:
    """An entry of an archive; ValueError when it is too large to be music."""
    with archive.open(path) as file:
        content = file.read(_MAX_DOCUMENT_BYTES + 1)
    if len(content) > _MAX_DOCUMENT_BYTES:
        raise ValueError(f"more than {_MAX_DOCUMENT_BYTES >> 20} MiB")
    return content


def _with_upbeat(score: Score, toolkit: Any) -> tuple[Meter, ...]:
    """The meters with a short first bar named by its length: verovio's MIDI hides it."""
    events = toolkit.renderToTimemap({"includeMeasures": True})
    starts = [event["qstamp"] for event in events if "measureOn" in event]
    first = score.meters[0] if score.meters else Meter(0, 4, 4)
    whole = first.bar_ticks(score.ticks_per_quarter)
    length = round(starts[1] * score.ticks_per_quarter) if len(starts) > 1 else whole
    later = score.meters[1].tick if len(score.meters) > 1 else whole
    if not 0 < length < min(whole, later):
        return score.meters
    # In the largest unit that divides it: an upbeat of three eighths is 3/8.
    for denominator in (4, 8, 16, 32, 64):
        beat = 4 * score.ticks_per_quarter // denominator
        if length % beat == 0:
            upbeat = Meter(0, length // beat, denominator)
            return (upbeat, replace(first, tick=length), *score.meters[1:])
    return score.meters
