"""Notation passes the quantiser unchanged, playing comes out simple."""

import json
import os
import random
import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partimento.music.bars import bar_starts
from partimento.music.metre import METERS
from partimento.music.midi.reader import read_midi
from partimento.music.midi.writer import write_midi
from partimento.music.score import Chord, Key, Meter, Note, Score, Tempo, Track
from partimento.tokenizer.loading import load_score
from partimento.tokenizer.quantize import QuantizeReport, quantize
from partimento.tokenizer.vocabulary import DURATIONS

PERFORMED_SOURCES = {"pop909", "groove_midi", "freedoom", "tannerhelland", "blasphemer"}

FAMILIES = [
    [6 * i for i in range(4)],
    [0, 8, 16],
    [3 * i for i in range(8)],
    [4 * i for i in range(6)],
]


def played(
    pattern: list[tuple[int, int]],
    beats: int,
    jitter_ticks: float,
    rng: random.Random,
    gate: float = 0.9,
) -> tuple[Score, list[int]]:
    """Play a pattern of (onset, duration) in grid ticks each beat, by hand, at 480 a quarter."""
    notes: list[Note] = []
    meant: list[int] = []
    for beat in range(beats):
        for onset, duration in pattern:
            exact = 24 * beat + onset
            early = max(0.0, exact + rng.uniform(-jitter_ticks, jitter_ticks))
            lasts = duration * gate + rng.uniform(-jitter_ticks, jitter_ticks)
            pitch = 60 + len(notes) % 12
            notes.append(Note(round(20 * early), pitch, max(1, round(20 * lasts))))
            meant.append(exact)
    return Score(480, (Track(tuple(sorted(notes))),)), meant


def onsets_of(score: Score) -> list[int]:
    return [n.onset for n in score.tracks[0].notes]


def durations_of(score: Score) -> list[int]:
    return [n.duration for n in score.tracks[0].notes]


@st.composite
def notated_scores(draw: st.DrawFn) -> Score:
    """Scores of any values that notation writes in 24ths, at 480 ticks a quarter."""
    parts = []
    for _ in range(draw(st.integers(1, 3))):
        found = {}
        tick = 0
        for _ in range(draw(st.integers(1, 40))):
            family = draw(st.sampled_from(FAMILIES))
            onset = tick + draw(st.sampled_from(family))
            pitch = draw(st.integers(0, 127))
            found[onset, pitch] = draw(st.sampled_from(DURATIONS))
            tick += draw(st.sampled_from((0, 24, 24, 96)))
        notes = []
        struck: dict[int, int] = {}
        for (onset, pitch), duration in sorted(found.items(), reverse=True):
            room = struck.get(pitch, onset + duration) - onset
            duration = max(d for d in DURATIONS if d <= min(duration, room))
            notes.append(Note(20 * onset, pitch, 20 * duration))
            struck[pitch] = onset
        parts.append(Track(tuple(reversed(notes))))
    return Score(480, tuple(parts))


@given(notated_scores())
def test_notation_passes_unchanged(score: Score) -> None:
    out, report = quantize(score)
    for before, after in zip(score.tracks, out.tracks, strict=True):
        expected = [
            replace(n, onset=n.onset // 20, duration=n.duration // 20) for n in before.notes
        ]
        assert list(after.notes) == expected
    assert report == QuantizeReport(score.note_count, 0, 0, 0, 0)


@given(notated_scores())
def test_quantising_twice_changes_nothing_more(score: Score) -> None:
    once, _ = quantize(score)
    finer = replace(
        once,
        ticks_per_quarter=480,
        tracks=tuple(
            replace(
                t,
                notes=tuple(
                    replace(n, onset=20 * n.onset, duration=20 * n.duration) for n in t.notes
                ),
            )
            for t in once.tracks
        ),
    )
    assert quantize(finer)[0] == once


def test_staccato_of_three_quarters_of_the_value_stays() -> None:
    notes = tuple(Note(240 * i, 60 + i, 180) for i in range(40))
    out, report = quantize(Score(480, (Track(notes),)))
    assert durations_of(out) == [9] * 40
    assert report.changed_durations == 0


@pytest.mark.parametrize("ticks_per_quarter", [96, 120, 192, 220, 384, 480, 960, 1024])
def test_triplets_are_notation_at_any_resolution(ticks_per_quarter: int) -> None:
    notes = tuple(
        Note(round(i * ticks_per_quarter / 3), 60 + i % 5, ticks_per_quarter // 3)
        for i in range(60)
    )
    out, report = quantize(Score(ticks_per_quarter, (Track(notes),)))
    assert onsets_of(out) == [8 * i for i in range(60)]
    assert set(durations_of(out)) == {8}
    assert report.moved_onsets == 0


def test_quintuplets_of_a_notated_piece_go_to_the_nearest_tick_and_the_rest_stays() -> None:
    notes = [Note(96 * i, 60 + i, 96) for i in range(5)]
    notes += [Note(480 + 60 * i, 70, 60) for i in range(80)]
    out, report = quantize(Score(480, (Track(tuple(notes)),)))
    assert onsets_of(out)[:5] == [0, 5, 10, 14, 19]
    assert onsets_of(out)[5:] == [24 + 3 * i for i in range(80)]
    assert report.moved_onsets == 4


@pytest.mark.parametrize("jitter_ticks", [0.5, 1.0, 1.4])
def test_hand_played_eighths_and_sixteenths_come_out_even(jitter_ticks: float) -> None:
    pattern = [(0, 12), (12, 6), (18, 6)]
    score, meant = played(pattern, 60, jitter_ticks, random.Random(1))
    out, report = quantize(score)
    assert onsets_of(out) == meant
    assert durations_of(out)[:-1] == [12, 6, 6] * 59 + [12, 6]
    assert report.moved_share > 0.5


def test_swung_eighths_are_triplets() -> None:
    score, meant = played([(0, 16), (16, 8)], 60, 0.7, random.Random(2))
    assert onsets_of(quantize(score)[0]) == meant


def test_a_rushed_note_is_not_a_new_rhythm() -> None:
    score, meant = played([(0, 24)], 60, 0.8, random.Random(3))
    notes = list(score.tracks[0].notes)
    notes[30] = replace(notes[30], onset=notes[30].onset - 40)  # a twelfth of a beat early
    out, _ = quantize(replace(score, tracks=(Track(tuple(notes)),)))
    assert onsets_of(out) == meant


def test_each_beat_has_its_own_subdivision() -> None:
    rng = random.Random(4)
    notes: list[Note] = []
    meant: list[int] = []
    for beat in range(60):
        for onset in ([0, 8, 16], [0, 6, 12, 18])[beat % 2]:
            meant.append(24 * beat + onset)
            tick = max(0.0, 20 * (meant[-1] + rng.uniform(-0.5, 0.5)))
            notes.append(Note(round(tick), 60 + len(notes) % 7, 95))
    assert onsets_of(quantize(Score(480, (Track(tuple(notes)),)))[0]) == meant


@pytest.mark.parametrize("gate", [0.8, 0.95, 1.1])
def test_neighbours_of_a_played_voice_meet(gate: float) -> None:
    score, _ = played([(0, 24)], 60, 0.8, random.Random(5), gate)
    notes = quantize(score)[0].tracks[0].notes
    for note, following in pairwise(notes):
        assert note.onset + note.duration == following.onset


def test_the_notes_of_a_played_chord_end_together() -> None:
    rng = random.Random(6)
    notes = [
        Note(round(max(0, 960 * i + rng.gauss(0, 12))), pitch, round(900 + rng.gauss(0, 25)))
        for i in range(40)
        for pitch in (48, 60, 64, 67)
    ]
    out, _ = quantize(Score(480, (Track(tuple(sorted(notes))),)))
    assert onsets_of(out) == [48 * i for i in range(40) for _ in range(4)]
    assert set(durations_of(out)) == {48}


def test_drum_strokes_last_a_sixteenth_or_until_the_next() -> None:
    notes = (Note(0, 36, 20), Note(480, 38, 400), Note(540, 38, 10), Note(600, 38, 1))
    out, report = quantize(Score(480, (Track(notes, is_drum=True),)))
    assert [(n.onset, n.duration) for n in out.tracks[0].notes] == [
        (0, 6),
        (24, 3),
        (27, 3),
        (30, 6),
    ]
    assert report.changed_durations == 0


def test_durations_are_those_of_the_vocabulary() -> None:
    notes = tuple(Note(20 * 400 * i, 60, 20 * i) for i in range(1, 399))
    out, report = quantize(Score(480, (Track(notes),)))
    for i, duration in enumerate(durations_of(out), start=1):
        assert duration in DURATIONS
        assert abs(duration - min(i, 288)) == min(abs(d - min(i, 288)) for d in DURATIONS)
    assert report.clamped_durations == 398 - 288


def test_notes_that_fall_together_are_merged_into_the_longest() -> None:
    notes = tuple(Note(480 * i, 60, 240) for i in range(50))
    doubled = (*notes, Note(480 * 50, 60, 3), Note(480 * 50 + 4, 60, 360))
    out, report = quantize(Score(480, (Track(doubled),)))
    assert out.tracks[0].notes[-1] == Note(1200, 60, 18)
    assert report.merged_notes == 1


def test_a_note_ends_where_its_pitch_is_struck_again() -> None:
    notes = (Note(0, 60, 68), Note(68, 60, 12), Note(68, 64, 12))
    out, _ = quantize(Score(24, (Track(notes),)))
    assert [n.duration for n in out.tracks[0].notes] == [66, 12, 12]


def test_changes_move_to_the_nearest_tick_and_keep_their_values() -> None:
    score = Score(
        480,
        (Track((Note(0, 60, 480),)),),
        tempos=(Tempo(0, 97.3), Tempo(485, 101.0)),
        meters=(Meter(0, 3, 4), Meter(1439, 7, 8)),
        keys=(Key(0, 3, True), Key(9, 5, False)),
        chords=(Chord(0, 479, 3, "min"), Chord(479, 4, None), Chord(483, 480, 5, "maj")),
        style="pop",
        texts=("memo",),
    )
    out, _ = quantize(score)
    assert out.tempos == (Tempo(0, 97.3), Tempo(24, 101.0))
    assert out.meters == (Meter(0, 3, 4), Meter(72, 7, 8))
    assert out.keys == (Key(0, 5, False),)
    assert out.chords == (Chord(0, 24, 3, "min"), Chord(24, 24, 5, "maj"))
    assert (out.style, out.texts) == ("pop", ("memo",))


def test_a_score_without_notes_is_quantised_too() -> None:
    assert quantize(Score(480, (Track(()),)))[1].moved_share == 0
    assert quantize(Score(480, ()))[0] == Score(24, ())


def test_a_thousand_notes_take_a_hundredth_of_a_second() -> None:
    score, _ = played([(0, 6), (6, 6), (12, 6), (18, 6)], 250, 1.0, random.Random(7))
    best = min(_seconds(score) for _ in range(5))
    assert best < 0.02  # of processor time, twice the promise: the machine may be busy


def _seconds(score: Score) -> float:
    start = time.process_time()
    quantize(score)
    return time.process_time() - start


def test_a_file_is_loaded_onto_the_grid_in_supported_bars(tmp_path: Path) -> None:
    path = tmp_path / "seven.mid"
    notes = tuple(Note(i * 24, 60 + i % 7, 24) for i in range(60))
    write_midi(Score(48, (Track(notes),), meters=(Meter(0, 7, 8),)), path)
    loaded = load_score(path)
    assert loaded.score.ticks_per_quarter == 24
    assert all(bar.meter in METERS for bar in bar_starts(loaded.score))
    assert loaded.warnings == (f"{path}: 9 x a bar of 7/8 written as 2/4 + 3/8",)
    assert loaded.report.moved_onsets == 0


def assert_onsets_on_the_grid_stay(path: Path) -> None:
    score, _ = read_midi(path)
    out, _ = quantize(score)
    for before, after in zip(score.tracks, out.tracks, strict=True):
        found = {(n.onset, n.pitch) for n in after.notes}
        for note in before.notes:
            if note.onset % 20 == 0:
                assert (note.onset // 20, note.pitch) in found, path


def test_notated_pieces_keep_every_onset_on_the_grid(pieces_folder: Path) -> None:
    for path in pieces_folder.glob("*.mid"):
        assert_onsets_on_the_grid_stay(path)


@pytest.mark.slow
def test_notated_pieces_of_the_corpus_keep_every_onset_on_the_grid(corpus_folder: Path) -> None:
    step = int(os.environ.get("PARTIMENTO_CORPUS_STEP", "150"))
    with (corpus_folder / "manifest.jsonl").open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    for row in [r for r in rows if r["source"] not in PERFORMED_SOURCES][::step]:
        assert_onsets_on_the_grid_stay(corpus_folder / row["path"])
