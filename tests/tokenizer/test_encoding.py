"""Scores survive their tokens note for note, with their bars, changes, chords and loudness."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from partimento.music.bars import bar_starts
from partimento.music.score import Chord, Key, Meter, Note, Score, Tempo, Track
from partimento.tokenizer import cursor as c
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.decoding import decode
from partimento.tokenizer.encoding import encode
from partimento.tokenizer.grammar import first_illegal
from partimento.tokenizer.loading import load_score
from partimento.tokenizer.voices import split_voices, voice_tracks

PROGRAMS = st.sampled_from((0, 1, 40, 52, 73, 127))
NoteKey = tuple[int, int, int, int, bool]


def notes_of(score: Score, scale: int = 1) -> Counter[NoteKey]:
    """Onset, pitch, duration, instrument group and drum of every note."""
    return Counter(
        (
            *(n.onset * scale, n.pitch, n.duration * scale),
            *(v.DRUMS if t.is_drum else v.INSTRUMENT_OF_PROGRAM[t.program], t.is_drum),
        )
        for t in score.tracks
        for n in t.notes
    )


@st.composite
def tracks(draw: st.DrawFn, end: int) -> Track:
    """Tracks of block chords and notes that may overlap in any way."""
    notes: dict[tuple[int, int], Note] = {}
    for _ in range(draw(st.integers(1, 8))):
        onset = draw(st.integers(0, end // 6 - 1)) * 6 + draw(st.sampled_from((0, 0, 0, 3, 4, 5)))
        duration = draw(st.sampled_from((1, 6, 12, 24, 24, 48, 96, 288)))
        for pitch in draw(st.sets(st.integers(0, 127), min_size=1, max_size=4)):
            velocity = draw(st.integers(1, 127))
            notes[onset, pitch] = Note(onset, pitch, duration, velocity)
    is_drum = draw(st.booleans())
    return Track(tuple(sorted(notes.values())), 0 if is_drum else draw(PROGRAMS), is_drum)


@st.composite
def scores(draw: st.DrawFn) -> Score:
    """Scores on the grid with several parts and changes of meter, key, tempo and chord."""
    meters: list[Meter] = []
    end = 0
    for meter in draw(st.lists(st.sampled_from(v.METERS), min_size=1, max_size=6)):
        if not meters or (meters[-1].numerator, meters[-1].denominator) != meter:
            meters.append(Meter(end, *meter))
        end += meters[-1].bar_ticks(24)
    changes = st.lists(st.integers(0, end), max_size=4, unique=True).map(sorted)
    keys = [Key(tick, draw(st.integers(0, 11)), draw(st.booleans())) for tick in draw(changes)]
    tempos = [Tempo(tick, draw(st.floats(30, 300))) for tick in draw(changes)]
    edges = draw(st.lists(st.integers(0, end // 12), unique=True).map(sorted))
    chords = [
        Chord(12 * a, 12 * (b - a), *draw(CHORD_NAMES))
        for a, b in pairwise(edges)
        if draw(st.integers(0, 3))
    ]
    return Score(
        ticks_per_quarter=24,
        tracks=tuple(draw(st.lists(tracks(end), min_size=1, max_size=5))),
        tempos=tuple(tempos),
        meters=tuple(meters),
        keys=tuple(keys),
        chords=tuple(chords),
        style=draw(st.sampled_from((None, *v.STYLES))),
    )


CHORD_NAMES = st.tuples(st.integers(0, 11), st.sampled_from(v.CHORD_QUALITIES)) | st.just(
    (None, "")
)


def in_force(changes: tuple[Any, ...], tick: int) -> Any:
    """The last change at or before a tick, slowly."""
    return max((x for x in changes if x.tick <= tick), key=lambda x: x.tick, default=None)


def label_at(chords: tuple[Chord, ...], tick: int) -> tuple[int, str] | None:
    """Root and quality that sound at a tick, None for 'no chord'."""
    for chord in chords:
        if chord.onset <= tick < chord.onset + chord.duration and chord.root is not None:
            return chord.root, chord.quality
    return None


def lines_of_the_fullest_instrument(score: Score) -> int:
    """Voices of all tracks of the instrument that has the most."""
    lines = Counter[int]()
    for track in score.tracks:
        instrument = v.DRUMS if track.is_drum else v.INSTRUMENT_OF_PROGRAM[track.program]
        lines[instrument] += len(split_voices(track))
    return max(lines.values())


@given(scores())
@settings(max_examples=100)
def test_every_note_comes_back_from_legal_tokens(score: Score) -> None:
    assume(lines_of_the_fullest_instrument(score) <= c.MAX_OCCURRENCES)
    encoding = encode(score)
    assert encoding.dropped_notes == 0
    cursor = c.new_cursor()
    assert first_illegal(cursor, encoding.tokens) == -1
    assert cursor.scalars[c.PHASE] == c.DONE
    assert notes_of(decode(encoding.tokens)) == notes_of(score)


@given(scores())
@settings(max_examples=60)
def test_bars_stay_bars_with_what_is_in_force_in_them(score: Score) -> None:
    back = decode(encode(score).tokens)
    bars = bar_starts(score)
    assert bar_starts(back) == bars
    assert back.style == score.style
    for bar in bars:
        key, found = in_force(score.keys, bar.start), in_force(back.keys, bar.start)
        assert (key and (key.tonic, key.is_minor)) == (found and (found.tonic, found.is_minor))
        tempo, found = in_force(score.tempos, bar.start), in_force(back.tempos, bar.start)
        bpm = tempo.bpm if tempo else 120.0
        assert found.bpm == v.TEMPOS[v.tempo_index(bpm)]


@given(scores())
@settings(max_examples=60)
def test_there_is_one_bar_token_for_each_bar_and_no_change_without_a_difference(
    score: Score,
) -> None:
    tokens = encode(score).tokens
    assert (tokens == v.BAR).sum() == len(bar_starts(score))
    for first, end in ((v.KEY, v.METER), (v.METER, v.TEMPO), (v.TEMPO, v.STYLE)):
        values = tokens[(tokens >= first) & (tokens < end)].tolist()
        assert all(a != b for a, b in pairwise(values))


@given(scores())
@settings(max_examples=60)
def test_chords_on_the_eighth_grid_come_back(score: Score) -> None:
    back = decode(encode(score).tokens)
    assert bool(back.chords) == bool(score.chords)
    for bar in bar_starts(score):
        for tick in range(bar.start, bar.start + bar.length):
            assert label_at(back.chords, tick) == label_at(score.chords, tick)


def test_a_small_piece_is_these_tokens() -> None:
    violin = Track((Note(12, 67, 12), Note(24, 64, 48), Note(24, 60, 48), Note(72, 72, 24)), 40)
    drums = Track((Note(0, 38, 6, 112),), is_drum=True)
    score = Score(24, (violin, drums), (Tempo(0, 120.0),), (Meter(0, 2, 4),), (Key(0, 7, False),))
    names = [v.name(token) for token in encode(score).tokens.tolist()]
    assert names == [
        *("BOS", "key G major", "meter 2/4", "tempo 125"),
        *("BAR", "instrument violin", "rest 12", "pitch 67", "duration 12"),
        *("pitch 64", "pitch 60", "duration 48"),
        *("instrument drums", "dynamic ff", "pitch 38", "duration 6"),
        *("BAR", "instrument violin", "rest 24", "pitch 72", "duration 24", "EOS"),
    ]


@st.composite
def melodies(draw: st.DrawFn) -> Track:
    """Violin parts of single notes that do not overlap."""
    notes = []
    tick = 0
    for _ in range(draw(st.integers(1, 6))):
        tick += draw(st.sampled_from((0, 12, 96, 200)))
        duration = draw(st.sampled_from((6, 24, 96)))
        notes.append(Note(tick, draw(st.integers(40, 80)), duration))
        tick += duration
    return Track(tuple(notes), 40)


@given(st.lists(melodies(), min_size=1, max_size=4))
def test_parts_of_one_instrument_keep_their_numbers_through_silence(parts: list[Track]) -> None:
    back = decode(encode(Score(24, tuple(parts))).tokens)
    expected = {
        "violin" if number == 1 else f"violin {number}": part.notes
        for number, part in enumerate(parts, start=1)
    }
    assert {t.name: t.notes for t in back.tracks} == expected


def test_a_part_keeps_its_number_when_the_one_before_it_divides() -> None:
    divided = Track((Note(0, 70, 96), Note(96, 72, 96), Note(96, 65, 48)), 40)
    second = Track((Note(0, 60, 96), Note(96, 62, 96)), 40)
    back = decode(encode(Score(24, (divided, second))).tokens)
    assert {t.name: [n.pitch for n in t.notes] for t in back.tracks} == {
        "violin": [70, 72],
        "violin 2": [60, 62],
        "violin 3": [65],
    }


def test_notes_beyond_sixteen_lines_of_an_instrument_are_counted_and_left_out() -> None:
    lengths = v.DURATIONS[:18]  # so that no two of them are one chord
    notes = tuple(Note(0, 60 + i, length) for i, length in enumerate(lengths))
    encoding = encode(Score(24, (Track(notes),)))
    assert encoding.dropped_notes == 2
    assert sum(notes_of(decode(encoding.tokens)).values()) == 16


def test_all_128_pitches_may_sound_at_once() -> None:
    score = Score(24, (Track(tuple(Note(0, pitch, 24) for pitch in range(128))),))
    assert notes_of(decode(encode(score).tokens)) == notes_of(score)


def loudness_twin(score: Score) -> list[tuple[int, int, int]]:
    """(onset, pitch, velocity) that a score of one part of single notes keeps.

    A drum stroke changes the dynamic when it leaves it by more than 20, a line once a bar
    when the bar's median leaves it by more than 12; it then goes to the nearest dynamic.
    """
    track = score.tracks[0]
    current = 80
    kept = []
    for bar in bar_starts(score):
        notes = [n for n in track.notes if bar.start <= n.onset < bar.start + bar.length]
        for i, note in enumerate(notes):
            velocity = note.velocity
            if not track.is_drum:
                velocity = sorted(n.velocity for n in notes)[len(notes) // 2]
            if (track.is_drum or i == 0) and abs(velocity - current) > (
                20 if track.is_drum else 12
            ):
                current = min(v.VELOCITIES, key=lambda center: abs(center - velocity))
            kept.append((note.onset, note.pitch, current))
    return kept


@given(st.lists(st.integers(1, 127), min_size=1, max_size=40), st.booleans())
@example([1] * 9, False)  # further from ppp than the hysteresis, yet no other dynamic is nearer
def test_loudness_comes_back_with_the_hysteresis_of_its_line(
    velocities: list[int], is_drum: bool
) -> None:
    notes = tuple(Note(12 * i, 40 + i % 3, 12, x) for i, x in enumerate(velocities))
    score = Score(24, (Track(notes, 0, is_drum),), meters=(Meter(0, 3, 8),))
    tokens = encode(score).tokens
    (track,) = decode(tokens).tracks
    assert [(n.onset, n.pitch, n.velocity) for n in track.notes] == loudness_twin(score)
    written = tokens[(tokens >= v.DYNAMIC) & (tokens < v.ROOT)].tolist()
    assert all(a != b for a, b in pairwise([v.DYNAMIC + v.DEFAULT_DYNAMIC, *written]))


def test_each_of_many_lines_keeps_its_loudness() -> None:
    def part(program: int, number: int) -> Track:
        velocity = v.VELOCITIES[number % 8]
        notes = (Note(0, 30 + number, 24, velocity), Note(96, 30 + number, 24, velocity))
        return Track(notes, program)

    # 75 lines: more than the cursor keeps apart.
    parts = [part(v.REPRESENTATIVE_PROGRAMS[i % 25], i) for i in range(75)]
    back = decode(encode(Score(24, tuple(parts))).tokens)
    found = Counter((n.pitch, n.velocity) for t in back.tracks for n in t.notes)
    assert found == Counter((n.pitch, n.velocity) for t in parts for n in t.notes)


PART = Track((Note(0, 60, 24), Note(96, 60, 24)))


@pytest.mark.parametrize(
    ("score", "message"),
    [
        (Score(480, (PART,)), "24 ticks a quarter .* got 480; quantise"),
        (Score(24, ()), "at least one note"),
        (Score(24, (Track(()),)), "at least one note"),
        (
            Score(24, (PART,), meters=(Meter(0, 7, 8),)),
            "7/8 with 84 ticks, found at tick 0; re-bar",
        ),
        (Score(24, (PART,), meters=(Meter(0, 4, 4), Meter(60, 3, 4))), "4/4 with 60 ticks"),
        (Score(24, (Track((Note(5, 60, 25),)),)), "25 ticks, found at tick 5; quantise"),
        (Score(24, (PART,), style="polka"), "style must be one of .* got 'polka'"),
    ],
)
def test_a_score_that_no_tokens_mean_is_refused_with_the_remedy(score: Score, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        encode(score)


def test_real_pieces_come_back_note_for_note(corpus_files: list[Path]) -> None:
    lost: Counter[NoteKey] = Counter()
    total = 0
    for path in corpus_files:
        score = load_score(path).score
        back = decode(encode(score).tokens)
        assert bar_starts(back) == bar_starts(score), path
        lost += notes_of(score) - notes_of(back) + (notes_of(back) - notes_of(score))
        total += score.note_count
    assert sum(lost.values()) <= 0.001 * total


@given(scores())
def test_the_lines_of_the_tokens_are_the_voices_of_the_tracks(score: Score) -> None:
    assume(lines_of_the_fullest_instrument(score) <= c.MAX_OCCURRENCES)

    def lines(tracks: Iterable[Track]) -> Counter[tuple[tuple[int, int], ...]]:
        return Counter(
            tuple((note.onset, note.pitch) for note in track.notes)
            for track in tracks
            if track.notes and not track.is_drum
        )

    voices = (voice for track in score.tracks for voice in voice_tracks(track))
    assert lines(decode(encode(score).tokens).tracks) == lines(
        replace(voice, notes=tuple(sorted(voice.notes))) for voice in voices
    )
