"""MusicXML: that independent readers find every note, and what the document says besides."""

import base64
import os
import warnings
import xml.etree.ElementTree as ET
from collections import Counter, defaultdict
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import music21
import pytest
import symusic
import verovio

from partimento.model.checkpoint import shipped_checkpoint
from partimento.music.midi.reader import read_midi
from partimento.music.score import Chord, Key, Note, Score, Track
from partimento.rendering.drum_kit import drum
from partimento.rendering.musicxml.document import musicxml
from partimento.rendering.notation.notation import notate
from partimento.request.request import Request
from partimento.sampling.engines import load_engine
from partimento.sampling.generate import generate
from partimento.tokenizer.decoding import decode

Sounds = Counter[tuple[Fraction, Fraction, int]]
Strokes = Counter[tuple[Fraction, str, str]]
"""Onset, place on the staff and note head."""

SHARE = int(os.environ.get("PARTIMENTO_WALKS", "12"))
"""Random scores that music21 reads."""


def read_with_music21(document: str) -> tuple[Sounds, Strokes, music21.stream.Score]:
    """Onset, end and pitch in ticks of every note, ties joined, and the strokes of drums."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # drum keys that music21 has no instrument for
        found = music21.converter.parseData(document, format="musicxml")
    sounds: Sounds = Counter()
    strokes: Strokes = Counter()
    for part in found.parts:
        held: dict[tuple[int, Fraction], list[Fraction]] = defaultdict(list)
        events = [
            (24 * Fraction(event.getOffsetInHierarchy(part)), event)
            for event in part.recurse().notes
            if not isinstance(event, music21.harmony.ChordSymbol)
        ]
        for onset, event in sorted(events, key=lambda pair: pair[0]):
            end = onset + 24 * Fraction(event.quarterLength)
            for note in getattr(event, "notes", [event]):
                if isinstance(note, music21.note.Unpitched):
                    strokes[onset, note.displayName, note.notehead] += 1
                    continue
                tie = note.tie.type if note.tie else ""
                pitch = note.pitch.midi
                start = held[pitch, onset].pop() if tie in ("stop", "continue") else onset
                if tie in ("start", "continue"):
                    held[pitch, end].append(start)
                else:
                    sounds[start, end, pitch] += 1
        assert not any(held.values()), "a tie leads nowhere"
    return sounds, strokes, found


def play_with_verovio(document: str) -> Sounds:
    """The same of what verovio plays, to the nearest tick; it ends notes one of its own early."""
    toolkit = verovio.toolkit()
    assert toolkit.loadData(document)
    played = symusic.Score.from_midi(base64.b64decode(toolkit.renderToMIDI()))
    scale = Fraction(24, played.ticks_per_quarter)
    sounds: Sounds = Counter()
    for track in played.tracks:
        for note in track.notes if not track.is_drum else ():
            end = round((note.time + note.duration + 1) * scale)
            sounds[Fraction(round(note.time * scale)), Fraction(end), note.pitch] += 1
    return sounds


def sounds_of(score: Score, start: int) -> Sounds:
    """The notes of the score itself, counted from its first written tick."""
    return Counter(
        (Fraction(n.onset - start), Fraction(n.onset + n.duration - start), n.pitch)
        for track in score.tracks
        if not track.is_drum
        for n in track.notes
    )


def strokes_of(score: Score, start: int) -> set[tuple[Fraction, str, str]]:
    return {
        (Fraction(n.onset - start), f"{sign.step}{sign.octave}", sign.head)
        for track in score.tracks
        if track.is_drum
        for n in track.notes
        for sign in [drum(n.pitch)]
    }


def onsets(sounds: Sounds) -> set[tuple[Fraction, int]]:
    return {(start, pitch) for start, _, pitch in sounds}


def test_music21_reads_every_note_of_every_kind_of_score(sheet_scores: dict[str, Score]) -> None:
    for name, score in sheet_scores.items():
        notation = notate(score)
        start = notation.bars[0].start
        sounds, strokes, _ = read_with_music21(musicxml(notation))
        assert sounds == sounds_of(score, start), name
        assert set(strokes) == strokes_of(score, start), name


def test_verovio_plays_every_note_of_every_kind_of_score(sheet_scores: dict[str, Score]) -> None:
    for name, score in sheet_scores.items():
        notation = notate(score)
        expected = sounds_of(score, notation.bars[0].start)
        assert play_with_verovio(musicxml(notation)) == expected, name


def test_readers_find_every_note_of_random_scores(legal_walk: Callable[..., object]) -> None:
    for seed in range(SHARE):
        score = decode(legal_walk(seed, 100))
        if not score.note_count:
            continue
        notation = notate(score)
        document = musicxml(notation)
        start = notation.bars[0].start
        expected = onsets(sounds_of(score, start))
        sounds, strokes, _ = read_with_music21(document)
        assert onsets(sounds) == expected
        assert set(strokes) == strokes_of(score, start)
        assert onsets(play_with_verovio(document)) == expected


def test_readers_find_every_note_of_generated_pieces() -> None:
    requests = [
        Request(bars=4, style="folk", seed=1, instruments=("flute",), meter="6/8", bpm=100),
        Request(bars=4, style="chorale", seed=2, chords="Am F C G"),
        Request(bars=3, style="pop", seed=3, instruments=("piano", "drums")),
    ]
    for piece in generate(requests, load_engine(shipped_checkpoint())):
        notation = notate(piece.score)
        document = musicxml(notation)
        start = notation.bars[0].start
        expected = onsets(sounds_of(piece.score, start))
        sounds, strokes, _ = read_with_music21(document)
        assert onsets(sounds) == expected
        assert set(strokes) == strokes_of(piece.score, start)
        assert onsets(play_with_verovio(document)) == expected


def test_readers_find_every_note_of_every_style(corpus_files: list[Path]) -> None:
    # The shortest pieces of the test split, for music21 is slow.
    shortest = sorted((path.stat().st_size, path) for path in corpus_files)
    for _, path in shortest[:3]:
        notation = notate(read_midi(path)[0])
        sounds, strokes, _ = read_with_music21(musicxml(notation))
        start = notation.bars[0].start
        assert onsets(sounds) == onsets(sounds_of(notation.score, start))
        assert set(strokes) == strokes_of(notation.score, start)
    for path in corpus_files[::2]:
        notation = notate(read_midi(path)[0])
        expected = onsets(sounds_of(notation.score, notation.bars[0].start))
        found = onsets(play_with_verovio(musicxml(notation)))
        # Verovio rounds triplets of sixty-fourths by up to one tick.
        assert len(expected - found) <= 0.02 * len(expected), path


def test_readers_find_meters_keys_clefs_names_and_tempo(sheet_scores: dict[str, Score]) -> None:
    def found(name: str) -> music21.stream.Score:
        return read_with_music21(musicxml(notate(sheet_scores[name]), "A title"))[2]

    def all_of(name: str, kind: type) -> list[object]:
        return list(found(name).parts[0].recurse().getElementsByClass(kind))

    meters = all_of("change of meter", music21.meter.TimeSignature)
    assert [meter.ratioString for meter in meters] == ["4/4", "3/4"]
    keys = all_of("change of key", music21.key.KeySignature)
    assert [key.sharps for key in keys] == [-6, 6, 0]  # A minor has the signature of C major
    choir = found("choir")
    assert [part.partName for part in choir.parts] == ["Soprano", "Alto", "Tenor", "Bass"]
    clefs = [part.recurse().getElementsByClass(music21.clef.Clef)[0] for part in choir.parts]
    assert [clef.name for clef in clefs] == ["treble", "treble", "treble8vb", "bass"]
    assert choir.metadata.title == "A title"
    marks = all_of("band", music21.tempo.MetronomeMark)
    assert [mark.number for mark in marks] == [132, 90]
    (mark,) = all_of("6/8", music21.tempo.MetronomeMark)
    assert (mark.referent.quarterLength, mark.number) == (1.5, 80)
    symbols = all_of("band", music21.harmony.ChordSymbol)
    assert [symbol.figure for symbol in symbols] == ["Dm7", "G7", "Cmaj7", "N.C."]
    assert [part.partName for part in found("band").parts][-1] == "Drums"


def test_nothing_is_transposed(sheet_scores: dict[str, Score]) -> None:
    for score in sheet_scores.values():
        assert "<transpose>" not in musicxml(notate(score))


def test_an_upbeat_is_bar_0_and_shorter() -> None:
    score = Score(24, (Track((Note(72, 67, 24), *(Note(96 + 24 * i, 60, 24) for i in range(4)))),))
    root = ET.fromstring(musicxml(notate(score)))
    first, second = root.findall("part/measure")
    assert (first.get("number"), first.get("implicit")) == ("0", "yes")
    assert (second.get("number"), second.get("implicit")) == ("1", None)
    assert first.findtext("attributes/time/beats") == "4"


def test_voices_of_a_part_have_their_own_numbers_and_fill_the_bar(
    sheet_scores: dict[str, Score],
) -> None:
    for score in sheet_scores.values():
        notation = notate(score)
        root = ET.fromstring(musicxml(notation))
        for part in root.findall("part"):
            for measure, bar in zip(part.findall("measure"), notation.bars, strict=True):
                lengths: Counter[tuple[str, str]] = Counter()
                for note in measure.findall("note"):
                    if note.find("chord") is None:
                        place = (note.findtext("staff", ""), note.findtext("voice", ""))
                        lengths[place] += int(note.findtext("duration", "0"))
                assert set(lengths.values()) == {bar.length}
                assert len({voice for _, voice in lengths}) == len(lengths)


def test_stems_of_two_voices_point_apart_and_feet_drum_below(
    sheet_scores: dict[str, Score],
) -> None:
    def stems(name: str, part: int) -> set[tuple[str, str]]:
        root = ET.fromstring(musicxml(notate(sheet_scores[name])))
        return {
            (note.findtext("voice", ""), note.findtext("stem", ""))
            for note in root.findall("part")[part].iter("note")
            if note.find("rest") is None
        }

    assert stems("two voices", 0) == {("1", "up"), ("2", "down")}
    assert stems("organ", 0) == {("1", "up"), ("2", "down"), ("5", "up"), ("6", "down")}
    assert stems("4/4", 0) == {("1", "")}
    assert stems("band", 2) == {("1", "up"), ("2", "down")}


def test_beams_and_brackets_of_triplets_are_written(sheet_scores: dict[str, Score]) -> None:
    root = ET.fromstring(musicxml(notate(sheet_scores["triplets"])))
    brackets = [e.get("bracket") for e in root.iter("tuplet") if e.get("type") == "start"]
    assert set(brackets) == {"yes", "no"}
    states = [beam.text for beam in root.iter("beam") if beam.get("number") == "1"]
    assert states.count("begin") == states.count("end") > 2


def test_equal_scores_give_equal_bytes(sheet_scores: dict[str, Score]) -> None:
    score = sheet_scores["band"]
    assert musicxml(notate(score), "x") == musicxml(notate(score), "x")


@pytest.mark.parametrize("title", ["Rock & <Roll>", "two\nlines\x00", "Ó ż 山 ♯", ""])
def test_any_title_gives_a_valid_document(title: str) -> None:
    score = Score(24, (Track((Note(0, 60, 24),), name="a & <b>\x07"),))
    root = ET.fromstring(musicxml(notate(score), title).encode())
    shown = root.findtext("work/work-title") or ""
    assert shown == " ".join(title.replace("\x00", " ").split())
    assert root.findtext("part-list/score-part/part-name") == "A & <b>"


def test_chords_are_written_where_they_change_also_in_the_middle_of_a_note() -> None:
    chords = (Chord(0, 48, 0, "maj"), Chord(48, 48, 7, "7"), Chord(96, 96, 7, "7"))
    score = Score(
        24,
        (Track((Note(0, 72, 96), Note(96, 71, 96)), 73),),
        keys=(Key(0, 0, False),),
        chords=chords,
    )
    root = ET.fromstring(musicxml(notate(score)))
    first, second = root.findall("part/measure")
    assert [h.findtext("offset", "0") for h in first.findall("harmony")] == ["0", "48"]
    assert second.findall("harmony") == []
