"""What the page knows of a folder: a batch's record, or MIDI files and what lies beside."""

import gzip
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from partimento.batch.records import BATCH_FILE, Record, file_sha256
from partimento.music.midi.reader import read_midi
from partimento.music.midi.writer import write_midi
from partimento.music.score import Chord, Key, Meter, Note, Score, Tempo, Track
from partimento.page import collect
from partimento.page.music import Music, describe_music

WritePiece = Callable[..., Path]


def notes_of(music: Music, part: int) -> list[tuple[int, int, int, int]]:
    """The notes of a part with their times, decoded as the page's script does it."""
    numbers = iter(music.parts[part].notes)
    time, notes = 0, []
    for wait, pitch, length, velocity in zip(numbers, numbers, numbers, numbers, strict=True):
        time += wait
        notes.append((time, pitch, length, velocity))
    return notes


def test_notes_are_told_in_milliseconds_across_tempos() -> None:
    notes = (Note(0, 60, 24, 100), Note(24, 62, 48, 90), Note(72, 64, 24, 80))
    tempos = (Tempo(0, 60.0), Tempo(48, 120.0))
    music = describe_music(Score(24, (Track(notes, 73),), tempos, (Meter(0, 2, 4),)))
    assert notes_of(music, 0) == [(0, 60, 1000, 100), (1000, 62, 1500, 90), (2500, 64, 500, 80)]
    assert music.bars == (0, 2000)
    assert music.beats == (1000, 2500)
    assert music.length == 3000


def test_before_the_first_tempo_music_goes_at_120() -> None:
    score = Score(24, (Track((Note(48, 60, 48),)),), (Tempo(48, 60.0),), (Meter(0, 4, 4),))
    assert notes_of(describe_music(score), 0) == [(1000, 60, 2000, 80)]


def test_parts_and_chords_are_named() -> None:
    tracks = (Track((Note(0, 60, 96),), 73, name="Flöte"), Track((Note(0, 38, 6),), is_drum=True))
    chords = (Chord(0, 48, 10, "min7"), Chord(48, 48, 5, "maj"))
    music = describe_music(Score(24, tracks, keys=(Key(0, 5, False),), chords=chords))
    assert [(p.name, p.program, p.drums) for p in music.parts] == [
        *(("Flöte", 73, False), ("drums", 0, True))
    ]
    assert music.chords == ((0, "Bbm7"), (1000, "F"))


def test_a_folder_without_a_record_gives_its_midi_files(
    tmp_path: Path, write_piece: WritePiece
) -> None:
    write_piece(tmp_path, "b", bpm=90, style="folk", prompt="a <slow> tune", seed=7)
    write_piece(tmp_path, "a", tonic=57)
    for name in ("b.png", "b.wav", "b.mp3", "c.wav", "notes.txt"):
        (tmp_path / name).write_text("x")
    collection = collect(tmp_path)
    assert (collection.title, collection.warnings) == (tmp_path.name, ())
    first, second = collection.pieces
    assert (first.name, first.number, first.style) == ("a", 1, None)
    assert (second.name, second.style, second.key) == ("b", "folk", "C major")
    assert (second.meter, second.bpm) == ("4/4", 90)
    assert (second.bars, second.seed) == (4, 7)
    assert second.prompt == "a <slow> tune"
    assert second.seconds == pytest.approx(16 * 60 / 90, abs=0.002)
    assert second.settings == (("bars", "4"), ("bpm", "90"))
    assert [file.name for file in second.files] == ["b.mid", "b.wav", "b.mp3", "b.png"]
    assert [file.label for file in second.files] == ["MIDI", "WAV", "MP3", "roll (PNG)"]
    assert second.audio == "./b.mp3"
    assert first.id != second.id


def test_a_star_stays_with_a_file_that_is_renamed(tmp_path: Path, write_piece: WritePiece) -> None:
    path = write_piece(tmp_path, "a")
    before = collect(tmp_path).pieces[0].id
    path.rename(tmp_path / "z.mid")
    write_piece(tmp_path, "b", seed=2)
    assert {p.name: p.id for p in collect(tmp_path).pieces}["z"] == before


def test_links_are_quoted_and_stay_in_the_folder(tmp_path: Path, write_piece: WritePiece) -> None:
    for name in ("javascript:alert(1)", 'a "b" #1?', "ünï 100%", "<b>"):
        write_piece(tmp_path, name)
    links = {piece.name: piece.files[0].href for piece in collect(tmp_path).pieces}
    assert links == {
        "javascript:alert(1)": "./javascript%3Aalert%281%29.mid",
        'a "b" #1?': "./a%20%22b%22%20%231%3F.mid",
        "ünï 100%": "./%C3%BCn%C3%AF%20100%25.mid",
        "<b>": "./%3Cb%3E.mid",
    }


def test_a_batch_is_told_by_its_record(tmp_path: Path, write_piece: WritePiece) -> None:
    (tmp_path / "deep").mkdir()
    path = write_piece(tmp_path / "deep", "one", style="jazz")
    write_piece(tmp_path, "not of the batch")
    done = Record(
        index=2,
        name="one",
        status="done",
        files={"deep/one.mid": file_sha256(path), "deep/one.wav": "0"},
        seed=1,
        settings={"bars": 4, "instruments": ["flute", "piano"]},
        reading="understood: jazz",
        bars=6,
    )
    failed = Record(
        index=1, name="two", status="failed", error="no luck", settings={"style": "pop"}
    )
    gone = replace(done, index=3, name="three", files={"three.mid": "0"})
    lines = b"".join(record.to_line() for record in (done, failed, gone))
    (tmp_path / BATCH_FILE).write_bytes(lines)
    two, one, three = collect(tmp_path, title="Mine").pieces
    assert (two.name, two.error, two.music, two.style) == (
        "two",
        "no luck",
        None,
        "pop",
    )
    assert (one.name, one.style, one.reading) == ("one", "jazz", "understood: jazz")
    assert one.bars == 6  # rests at the end, which no file tells, included
    assert (one.key, one.seconds) == ("C major", 8.0)  # by the file, as info has it
    assert one.audio is None  # named, but not there
    assert three.music is None
    assert "three.mid" in str(three.error)


def test_a_record_of_something_else_is_passed_over(tmp_path: Path, write_piece: WritePiece) -> None:
    write_piece(tmp_path, "a")
    (tmp_path / BATCH_FILE).write_text(json.dumps({"path": "a.mid", "style": "folk"}) + "\n")
    collection = collect(tmp_path)
    assert [piece.name for piece in collection.pieces] == ["a"]
    assert "is not of a batch; the MIDI files are shown" in collection.warnings[0]


def test_what_cannot_be_read_is_a_piece_with_an_error(
    tmp_path: Path, write_piece: WritePiece
) -> None:
    write_piece(tmp_path, "a")
    (tmp_path / "b.mid").write_bytes(b"junk")
    write_midi(
        Score(24, (Track((Note(0, 60, 24),)),), texts=("partimento {}",)), tmp_path / "c.mid"
    )
    a, b, c = collect(tmp_path).pieces
    assert (a.error, c.error, c.settings) == (None, None, ())
    assert b.music is None
    assert "not a MIDI file" in str(b.error)


def test_a_folder_without_pieces_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no MIDI files and no batch"):
        collect(tmp_path)


def test_each_piece_is_counted(tmp_path: Path, write_piece: WritePiece) -> None:
    for name in "abc":
        write_piece(tmp_path, name)
    seen: list[str] = []

    def track(records: Iterable[Record]) -> Iterator[Record]:
        for record in records:
            seen.append(record.name)
            yield record

    collect(tmp_path, track=track)
    assert seen == ["a", "b", "c"]


def test_the_page_plays_the_notes_of_the_file(tmp_path: Path, write_piece: WritePiece) -> None:
    path = write_piece(tmp_path, "a", bpm=77.7)
    score = read_midi(path)[0]
    music = describe_music(score)
    for index, track in enumerate(score.tracks):
        tick = 60_000 / score.tempos[0].bpm / score.ticks_per_quarter
        for note, (time, pitch, length, velocity) in zip(
            track.notes, notes_of(music, index), strict=True
        ):
            assert (pitch, velocity) == (note.pitch, note.velocity)
            assert time == pytest.approx(note.onset * tick, abs=0.51)
            assert time + length == pytest.approx((note.onset + note.duration) * tick, abs=0.51)


def test_every_kind_of_file_of_music_is_shown_once(tmp_path: Path) -> None:
    score = Score(480, (Track((Note(0, 60, 480),), 0, False, "Lead\x1b[31m"),))
    for name in ("a.kar", "b.mid", "c.rmi"):
        write_midi(score, tmp_path / name)
    (tmp_path / "d.mid.gz").write_bytes(gzip.compress((tmp_path / "b.mid").read_bytes()))
    (tmp_path / "b.musicxml").write_text("sheet music of b")
    pieces = collect(tmp_path).pieces
    assert [(piece.name, piece.error) for piece in pieces] == [(name, None) for name in "abcd"]
    assert [file.name for file in pieces[1].files] == ["b.mid", "b.musicxml"]
    assert not any("\x1b" in repr(piece.music and piece.music.parts) for piece in pieces)
    assert [part.name for piece in pieces if piece.music for part in piece.music.parts] == [
        *["Lead?[31m"] * 4,
    ]
