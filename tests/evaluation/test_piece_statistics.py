"""Statistics of small pieces that can be counted by hand."""

import math
from dataclasses import fields

import numpy as np
import pytest

from partimento.evaluation.piece_statistics import (
    PieceStatistics,
    mean_statistics,
    measure_piece,
)
from partimento.music.score import Key, Meter, Note, Score, Track

C_MAJOR, A_MINOR = Key(0, 0, False), Key(0, 9, True)


def piece(*tracks: Track, keys: tuple[Key, ...] = (), bar: int = 4) -> Score:
    return Score(24, tracks, meters=(Meter(0, bar, 4),), keys=keys)


def melody(*pitches: int, duration: int = 24) -> Track:
    return Track(tuple(Note(24 * i, pitch, duration) for i, pitch in enumerate(pitches)))


def drums(*onsets: int) -> Track:
    return Track(tuple(Note(onset, 38, 6) for onset in onsets), is_drum=True)


def random_piece(seed: int) -> Score:
    random = np.random.default_rng(seed)
    tracks = []
    for is_drum in (False, False, True):
        cells = {(int(o), int(p)) for o, p in random.integers((0, 30), (8 * 96, 80), (60, 2))}
        notes = tuple(Note(o, p, int(random.integers(1, 60))) for o, p in sorted(cells))
        tracks.append(Track(notes, is_drum=is_drum))
    return piece(*tracks, keys=(C_MAJOR,))


@pytest.mark.parametrize("seed", range(4))
def test_the_published_measures_are_those_of_muspy(seed: int) -> None:
    muspy = pytest.importorskip("muspy")
    score = random_piece(seed)
    end = 8 * 96 - 1  # muspy counts a bar that begins at the last note's end
    music = muspy.Music(
        resolution=24,
        tracks=[
            muspy.Track(
                is_drum=track.is_drum,
                notes=[
                    muspy.Note(n.onset, n.pitch, min(n.duration, end - n.onset))
                    for n in track.notes
                ],
            )
            for track in score.tracks
        ],
    )
    measured = measure_piece(score)
    assert measured.pitch_class_entropy == pytest.approx(muspy.pitch_class_entropy(music))
    assert measured.scale_consistency == pytest.approx(muspy.scale_consistency(music))
    assert measured.groove_consistency == pytest.approx(muspy.groove_consistency(music, 96))
    assert measured.polyphony == pytest.approx(muspy.polyphony(music), rel=0.01)


@pytest.mark.parametrize("seed", range(4))
def test_the_published_measures_are_those_of_their_definitions(seed: int) -> None:
    score = random_piece(seed)
    measured = measure_piece(score)
    notes = [n for track in score.tracks if not track.is_drum for n in track.notes]
    classes = np.bincount([n.pitch % 12 for n in notes], minlength=12)
    shares = classes[classes > 0] / classes.sum()
    assert measured.pitch_class_entropy == pytest.approx(-(shares * np.log2(shares)).sum())

    scales = [{(t + i) % 12 for i in (0, 2, 4, 5, 7, 9, 11)} for t in range(12)]
    inside = [sum(n.pitch % 12 in scale for n in notes) for scale in scales]
    assert measured.scale_consistency == pytest.approx(max(inside) / len(notes))
    assert measured.key_compliance == pytest.approx(inside[0] / len(notes))

    onsets = np.zeros((8, 96), dtype=bool)
    for track in score.tracks:
        for note in track.notes:
            onsets[note.onset // 96, note.onset % 96] = True
    assert measured.groove_consistency == pytest.approx(1 - (onsets[1:] != onsets[:-1]).mean())

    sounding = np.zeros((128, 8 * 96), dtype=bool)
    for note in notes:
        sounding[note.pitch, note.onset : note.onset + note.duration] = True
    at_once = sounding.sum(axis=0)
    assert measured.polyphony == pytest.approx(at_once[at_once > 0].mean())


def test_a_repeated_bar_has_perfect_groove() -> None:
    score = piece(melody(60, 64, 67, 64, 60, 64, 67, 64))
    assert measure_piece(score).groove_consistency == 1


def test_bars_and_notes_are_counted_with_drums() -> None:
    measured = measure_piece(piece(melody(60, 62, 64), drums(0, 12, 36), bar=3))
    assert (measured.bars, measured.notes, measured.notes_per_bar) == (1, 6, 6)
    assert measured.polyphony == 1


def test_a_held_chord_has_as_many_voices_as_notes() -> None:
    chord = Track(tuple(Note(0, pitch, 96) for pitch in (48, 60, 64, 67)))
    assert measure_piece(piece(chord)).polyphony == 4


def test_the_asked_key_overrides_the_keys_of_the_piece() -> None:
    score = piece(melody(60, 62, 64, 65, 67, 69, 71, 66), keys=(C_MAJOR,))
    assert measure_piece(score).key_compliance == 7 / 8
    assert measure_piece(score, Key(0, 7, False)).key_compliance == 7 / 8
    assert measure_piece(score, Key(0, 6, False)).key_compliance < 0.5


def test_each_note_is_judged_by_the_key_in_force() -> None:
    keys = (C_MAJOR, Key(96, 2, False))
    score = piece(melody(60, 65, 65, 60, 62, 66, 66, 62), keys=keys)
    assert measure_piece(score).key_compliance == 1
    assert measure_piece(score).ends_on_tonic == 1


def test_minor_keys_have_both_sevenths() -> None:
    assert measure_piece(piece(melody(57, 67, 68, 69)), A_MINOR).key_compliance == 1


def test_the_bass_of_the_last_chord_decides_the_ending() -> None:
    final = Track((Note(0, 48, 96), Note(72, 64, 24), Note(72, 67, 24)))
    assert measure_piece(piece(final), C_MAJOR).ends_on_tonic == 1
    assert measure_piece(piece(final), A_MINOR).ends_on_tonic == 0
    broken = Track((Note(0, 48, 24), Note(72, 64, 24)))
    assert measure_piece(piece(broken), C_MAJOR).ends_on_tonic == 0


def test_a_piece_without_a_key_is_judged_by_the_estimated_one() -> None:
    scale = piece(melody(62, 64, 66, 67, 69, 71, 73, 74, 69, 66, 62, 62))
    measured = measure_piece(scale)
    assert (measured.key_compliance, measured.ends_on_tonic) == (1, 1)


def test_drums_alone_have_rhythm_but_no_pitch() -> None:
    measured = measure_piece(piece(drums(0, 48, 96, 144)))
    assert measured.groove_consistency == 1
    assert math.isnan(measured.pitch_class_entropy)
    assert math.isnan(measured.key_compliance)
    assert math.isnan(measured.ends_on_tonic)


def test_a_piece_without_notes_has_nothing_to_measure() -> None:
    for score in (piece(), piece(Track(()))):
        measured = measure_piece(score)
        assert (measured.bars, measured.notes) == (0, 0)
        assert math.isnan(measured.polyphony)


def test_a_score_off_the_grid_is_refused() -> None:
    with pytest.raises(ValueError, match="ticks_per_quarter must be 24, got 480"):
        measure_piece(Score(480, (melody(60),)))


def test_means_leave_out_pieces_that_lack_the_measure() -> None:
    count = len(fields(PieceStatistics))
    pieces = [PieceStatistics(*[value] * count) for value in (1.0, 3.0, math.nan)]
    assert mean_statistics(pieces) == PieceStatistics(*[2.0] * count)
    assert math.isnan(mean_statistics([]).polyphony)
