"""Files of music of every kind, read by what they hold."""

import gzip
import io
import zipfile
from pathlib import Path

import pytest

from partimento.errors import MidiError
from partimento.music.midi.writer import midi_bytes
from partimento.music.reading import read_score
from partimento.music.score import Meter, Note, Score, Tempo, Track

SCORE = Score(480, (Track((Note(0, 60, 480), Note(480, 64, 960)), 40, False, "Tune"),))
DOCUMENT = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE score-partwise PUBLIC "-//Recordare//DTD MusicXML 3.1 Partwise//EN" "partwise.dtd">
<score-partwise version="3.1">
<part-list><score-part id="P1"><part-name>Flöte</part-name>
<score-instrument id="P1-I1"><instrument-name>Flute</instrument-name></score-instrument>
<midi-instrument id="P1-I1"><midi-channel>1</midi-channel><midi-program>74</midi-program>
</midi-instrument></score-part></part-list>
<part id="P1">
<measure number="0" implicit="yes"><attributes><divisions>2</divisions><key><fifths>1</fifths></key>
<time><beats>3</beats><beat-type>4</beat-type></time></attributes>
<direction><sound tempo="90"/></direction>
<note><pitch><step>D</step><octave>5</octave></pitch><duration>1</duration><type>eighth</type></note>
</measure>
<measure number="1">
<note><pitch><step>G</step><octave>5</octave></pitch><duration>6</duration><type>half</type><dot/>
</note></measure></part></score-partwise>"""
CONTAINER = '<container><rootfiles><rootfile full-path="a.musicxml"/></rootfiles></container>'


def zipped(**entries: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in entries.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), text)
    return buffer.getvalue()


MXL = zipped(**{"META-INF__container_xml": CONTAINER, "a_musicxml": DOCUMENT})


def check_flute(score: Score) -> None:
    ticks = score.ticks_per_quarter
    [flute] = score.tracks
    assert (flute.name, flute.program) == ("Flöte", 73)
    assert [(n.onset, n.pitch, n.duration) for n in flute.notes] == [
        (0, 74, ticks // 2),
        (ticks // 2, 79, 3 * ticks),
    ]
    assert score.tempos == (Tempo(0, 90.0),)
    assert score.meters == (Meter(0, 1, 8), Meter(ticks // 2, 3, 4))


@pytest.mark.parametrize("name", ["a.mid", "a.kar", "a.mid.gz", "a", "a.musicxml"])
def test_midi_is_read_under_any_name(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    data = midi_bytes(SCORE)
    path.write_bytes(gzip.compress(data) if name.endswith("gz") else data)
    score, warnings = read_score(path)
    assert (score.tracks, warnings) == (SCORE.tracks, [])


def test_gzip_is_known_by_its_content() -> None:
    assert read_score(io.BytesIO(gzip.compress(midi_bytes(SCORE))))[0].tracks == SCORE.tracks


def test_riff_midi_is_read() -> None:
    data = midi_bytes(SCORE)
    riff = b"RIFF" + (len(data) + 12).to_bytes(4, "little") + b"RMIDdata"
    riff += len(data).to_bytes(4, "little") + data
    assert read_score(io.BytesIO(riff)) == (read_score(io.BytesIO(data))[0], [])


@pytest.mark.parametrize(
    "data",
    [
        DOCUMENT.encode(),
        b"\xef\xbb\xbf" + DOCUMENT.encode(),
        DOCUMENT.replace("UTF-8", "ISO-8859-1").encode("latin-1"),
        DOCUMENT.replace("UTF-8", "UTF-16").encode("utf-16"),
        DOCUMENT.partition("?>")[2].encode(),
        gzip.compress(DOCUMENT.encode()),
        MXL,
    ],
    ids=["utf-8", "mark", "latin-1", "utf-16", "no declaration", "gzip", "mxl"],
)
def test_musicxml_is_read_in_every_wrapping(data: bytes) -> None:
    pytest.importorskip("verovio")
    score, warnings = read_score(io.BytesIO(data))
    check_flute(score)
    assert warnings == []


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\x1f\x8b\x08garbage", "damaged gzip"),
        (gzip.compress(midi_bytes(SCORE))[:-20], "cut off"),
        (zipped(a_txt="no music"), "without MusicXML"),
        (MXL[: len(MXL) // 2], "damaged .mxl"),
        (DOCUMENT.replace("partwise", "timewise").encode(), "timewise"),
        (DOCUMENT[:400].encode(), "no notes found"),
        (b"<html><body>score-partwise</body></html>", "not a MIDI file"),
    ],
    ids=["gzip", "short gzip", "zip", "short mxl", "timewise", "short xml", "html"],
)
def test_what_is_no_music_is_named_in_one_line(data: bytes, message: str) -> None:
    pytest.importorskip("verovio")
    with pytest.raises(MidiError, match=message) as raised:
        read_score(io.BytesIO(data))
    assert "\n" not in str(raised.value)


def test_a_bomb_of_zeros_is_refused_without_unpacking_it(tmp_path: Path) -> None:
    path = tmp_path / "bomb.mid.gz"
    with gzip.open(path, "wb", compresslevel=9) as file:
        for _ in range(80):
            file.write(bytes(1 << 20))
    with pytest.raises(MidiError, match="more than 64 MiB"):
        read_score(path)


def test_names_in_messages_hold_no_control_characters(tmp_path: Path) -> None:
    path = tmp_path / "a\x1b[31m\nb.mid"
    path.write_bytes(b"no music")
    with pytest.raises(MidiError, match=r"a\?\[31m b\.mid"):
        read_score(path)
