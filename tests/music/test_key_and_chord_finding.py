"""Keys and chords are recognised where the music states them plainly, and mostly on the corpus."""

import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from partimento.music.bars import bar_starts
from partimento.music.chord_finding import estimate_chords
from partimento.music.chord_qualities import CHORD_QUALITIES
from partimento.music.key_finding import (
    estimate_key,
    estimate_key_with_correlation,
    key_correlations,
)
from partimento.music.keys import key_name
from partimento.music.score import Chord, Key, Meter, Note, Score, Track
from partimento.tokenizer.loading import load_score

NATURALS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
MAJOR_SCALE = (0, 2, 4, 5, 7, 9, 11, 12)
HARMONIC_MINOR_SCALE = (0, 2, 3, 5, 7, 8, 11, 12)


def score_of(*notes: Note, meters: tuple[Meter, ...] = (), ticks_per_quarter: int = 24) -> Score:
    return Score(ticks_per_quarter, (Track(tuple(sorted(notes))),), meters=meters)


def block(onset: int, duration: int, *pitches: int) -> list[Note]:
    return [Note(onset, pitch, duration) for pitch in pitches]


def scale_up_and_down(tonic: int, scale: tuple[int, ...]) -> Score:
    pitches = [60 + tonic + step for step in (*scale, *scale[::-1])]
    lengths = [48 if pitch % 12 == tonic else 24 for pitch in pitches]
    onsets = np.cumsum([0, *lengths])
    return score_of(
        *(Note(int(o), p, n) for o, p, n in zip(onsets, pitches, lengths, strict=False))
    )


@pytest.mark.parametrize("tonic", range(12))
@pytest.mark.parametrize(
    ("scale", "is_minor"), [(MAJOR_SCALE, False), (HARMONIC_MINOR_SCALE, True)]
)
def test_a_scale_dwelling_on_its_tonic_is_in_its_key(
    tonic: int, scale: tuple[int, ...], is_minor: bool
) -> None:
    assert estimate_key(scale_up_and_down(tonic, scale)) == Key(0, tonic, is_minor)


def test_drums_say_nothing_about_the_key() -> None:
    drums = Track(tuple(block(0, 96, 37, 42, 44, 46)), is_drum=True)
    melody = scale_up_and_down(2, MAJOR_SCALE)
    assert estimate_key(Score(24, (drums,))) is None
    assert estimate_key(Score(24, (drums, *melody.tracks))) == estimate_key(melody)
    assert estimate_chords(Score(24, (drums,)), [0]) == ()


def test_a_score_without_a_tonal_centre_has_no_key() -> None:
    assert estimate_key(Score(24, ())) is None
    assert estimate_key(score_of(*block(0, 24, *range(60, 72)))) is None
    assert not key_correlations(Score(24, ())).any()


def test_correlations_follow_a_transposition() -> None:
    here, there = (key_correlations(scale_up_and_down(t, MAJOR_SCALE)) for t in (0, 5))
    np.testing.assert_allclose(np.roll(here.reshape(2, 12), 5, axis=1), there.reshape(2, 12))


def test_the_correlation_of_a_plain_key_is_high() -> None:
    estimate = estimate_key_with_correlation(scale_up_and_down(0, MAJOR_SCALE))
    assert estimate is not None
    assert 0.8 < estimate[1] <= 1


@pytest.mark.parametrize("root", range(12))
@pytest.mark.parametrize(
    ("quality", "intervals"),
    [
        ("maj", (0, 4, 7)),
        ("min", (0, 3, 7)),
        ("dim", (0, 3, 6)),
        ("aug", (0, 4, 8)),
        ("7", (0, 4, 7, 10)),
        ("maj7", (0, 4, 7, 11)),
        ("min7", (0, 3, 7, 10)),
        ("sus", (0, 5, 7)),
    ],
)
def test_every_chord_in_root_position_is_recognised(
    root: int, quality: str, intervals: tuple[int, ...]
) -> None:
    score = score_of(*block(0, 96, *(48 + root + i for i in intervals)))
    assert estimate_chords(score, [0]) == (Chord(0, 96, root, quality),)


def test_equal_neighbours_merge_over_the_bar_line() -> None:
    score = score_of(
        *block(0, 96, 48, 64, 67),
        *block(96, 96, 48, 64, 67, 72),
        *block(192, 48, 53, 65, 69),
        *block(240, 48, 55, 62, 71),
    )
    assert estimate_chords(score, [0, 96, 192]) == (
        Chord(0, 192, 0, "maj"),
        Chord(192, 48, 5, "maj"),
        Chord(240, 48, 7, "maj"),
    )


def test_a_broken_chord_is_one_chord() -> None:
    notes = [Note(12 * i, p, 12) for i, p in enumerate([45, 52, 57, 60] * 4)]
    assert estimate_chords(score_of(*notes), [0, 96]) == (Chord(0, 192, 9, "min"),)


def test_silent_bars_and_the_silence_before_the_first_note_have_no_chord() -> None:
    score = score_of(
        *block(72, 24, 48, 64, 67), *block(96, 48, 48, 64, 67), *block(288, 96, 43, 59, 62)
    )
    assert estimate_chords(score, [0, 96, 192, 288]) == (
        Chord(0, 72, None),
        Chord(72, 120, 0, "maj"),
        Chord(192, 96, None),
        Chord(288, 96, 7, "maj"),
    )


def test_compound_meters_change_chords_on_dotted_quarters() -> None:
    score = score_of(
        *block(0, 36, 48, 64, 67), *block(36, 30, 43, 59, 62, 65), meters=(Meter(0, 6, 8),)
    )
    assert estimate_chords(score, [0]) == (Chord(0, 36, 0, "maj"), Chord(36, 36, 7, "7"))


def test_the_resolution_of_the_score_does_not_matter() -> None:
    coarse = score_of(*block(0, 48, 48, 64, 67), *block(48, 48, 41, 57, 60))
    fine = score_of(*block(0, 960, 48, 64, 67), *block(960, 960, 41, 57, 60), ticks_per_quarter=480)
    labels = [(c.root, c.quality) for c in estimate_chords(coarse, [0])]
    assert labels == [(0, "maj"), (5, "maj")]
    assert [(c.root, c.quality) for c in estimate_chords(fine, [0])] == labels


def test_chords_cover_the_bars_without_gaps() -> None:
    random = np.random.default_rng(3)
    notes = {
        (int(o), int(p)): Note(int(o), int(p), int(d))
        for o, p, d in zip(
            random.integers(0, 2000, 300),
            random.integers(30, 90, 300),
            random.integers(1, 90, 300),
            strict=True,
        )
    }
    score = score_of(*notes.values())
    starts = range(0, score.end, 96)
    chords = estimate_chords(score, starts)
    assert chords[0].onset == 0
    assert chords[-1].onset + chords[-1].duration == starts[-1] + 96
    for left, right in pairwise(chords):
        assert left.onset + left.duration == right.onset
        assert (left.root, left.quality) != (right.root, right.quality)


def pitch_class(name: str) -> int:
    return (NATURALS[name[0]] + name.count("#") - name[1:].count("b")) % 12


def listed(folder: Path) -> list[dict[str, str]]:
    lines = (folder / "manifest.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def corpus_pieces(folder: Path, source: str, split: str) -> list[dict[str, str]]:
    return [p for p in listed(folder) if p["source"] == source and p["split"] == split]


def key_of(name: str) -> Key:
    return Key(0, pitch_class(name), name.endswith("m"))


def test_keys_of_real_pieces_are_those_of_their_manifest(pieces_folder: Path) -> None:
    wrong = {
        piece["path"]
        for piece in listed(pieces_folder)
        if estimate_key(load_score(pieces_folder / piece["path"]).score) != key_of(piece["key"])
    }
    assert wrong == set()


@pytest.mark.slow
def test_pop_chords_agree_with_their_labels(corpus_folder: Path) -> None:
    agreed = labelled = 0
    for piece in corpus_pieces(corpus_folder, "pop909", "valid")[:8]:
        score = load_score(corpus_folder / piece["path"]).score
        estimated = np.full(score.end + 1000, -1)
        for chord in estimate_chords(score, [bar.start for bar in bar_starts(score)]):
            assert chord.quality in ("", *CHORD_QUALITIES)
            if chord.root is not None:
                estimated[chord.onset : chord.onset + chord.duration] = chord.root
        for onset, length, label in json.loads((corpus_folder / piece["chords"]).read_text()):
            if label != "N":
                span = slice(round(24 * onset), min(score.end, round(24 * (onset + length))))
                roots = estimated[span]
                agreed += int((roots == pitch_class(label.split(":")[0])).sum())
                labelled += len(roots)
    assert agreed / labelled > 0.85


@pytest.mark.slow
def test_most_keys_of_hymns_agree_with_the_manifest(corpus_folder: Path) -> None:
    hits = []
    for piece in corpus_pieces(corpus_folder, "openhymnal", "train")[:40]:
        key = estimate_key(load_score(corpus_folder / piece["path"]).score)
        hits.append(key == key_of(piece["key"]))
    assert sum(hits) / len(hits) > 0.75


def test_an_estimated_key_is_spelled_as_the_score_spells_it() -> None:
    notes = tuple(Note(24 * i, 66 + step, 24) for i, step in enumerate((0, 4, 7, 12, 7, 4, 0, 2)))
    plain = Score(24, (Track(notes),))
    flat = replace(plain, keys=(Key(0, 6, False, is_respelled=True),))
    found = [estimate_key(score) for score in (plain, flat)]
    assert [key and str(key_name(key)) for key in found] == ["F# major", "Gb major"]
