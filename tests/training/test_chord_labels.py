"""Chord files of the corpus read as chords of the vocabulary."""

import json
from pathlib import Path

import pytest

from partimento.music.chord_qualities import CHORD_QUALITIES
from partimento.music.score import Chord
from partimento.training.chord_labels import read_chords


def written(folder: Path, rows: object) -> Path:
    path = folder / "song.json"
    path.write_text(json.dumps(rows), "utf-8")
    return path


def test_labels_become_chords_at_the_asked_resolution(tmp_path: Path) -> None:
    path = written(tmp_path, [[0.0, 4.0, "C:maj"], [4.0, 1.5, "A:min7/b7"]])
    assert read_chords(path) == (Chord(0, 96, 0, "maj"), Chord(96, 36, 9, "min7"))
    assert read_chords(path, 480) == (Chord(0, 1920, 0, "maj"), Chord(1920, 720, 9, "min7"))


def test_gaps_have_no_chord_and_overlaps_end_at_the_next_label(tmp_path: Path) -> None:
    path = written(tmp_path, [[1, 3, "C"], [3, 1, "F"], [6, 2, "N"], [8, 1, "G7"]])
    assert read_chords(path) == (
        Chord(0, 24, None),
        Chord(24, 48, 0, "maj"),
        Chord(72, 24, 5, "maj"),
        Chord(96, 96, None),
        Chord(192, 24, 7, "7"),
    )


def test_labels_that_mean_the_same_chord_merge(tmp_path: Path) -> None:
    path = written(tmp_path, [[2, 2, "C6"], [0, 2, "C"], [4, 4, "Dm"]])
    assert read_chords(path) == (Chord(0, 96, 0, "maj"), Chord(96, 96, 2, "min"))


@pytest.mark.parametrize(
    "rows", [[], [[4, 2, "CN"]], [[66, 46.5, "B7"]], [[0, 1, "N"], [2, 1, "C"]]]
)
def test_a_stray_mark_is_no_harmony(tmp_path: Path, rows: list[list[object]]) -> None:
    assert read_chords(written(tmp_path, rows)) == ()


@pytest.mark.parametrize("rows", [7, [1], [[0, 1]], [[0, 1, "Q"]], [[0, 1, 5]], [["x", 1, "C"]]])
def test_what_is_no_chord_file_is_refused_by_name(tmp_path: Path, rows: object) -> None:
    with pytest.raises(ValueError, match=r"song\.json"):
        read_chords(written(tmp_path, rows))


def test_the_chords_of_a_lead_sheet_are_read(pieces_folder: Path) -> None:
    chords = read_chords(pieces_folder / "dark_eyes.chords.json")
    bars = [(c.onset / 96, c.duration / 96, c.root, c.quality) for c in chords]
    assert bars == [
        *((0, 1, None, ""), (1, 2, 9, "7"), (3, 2, 2, "min"), (5, 2, 9, "7"), (7, 2, 10, "7")),
        *((9, 2, 7, "min"), (11, 2, 2, "min"), (13, 2, 9, "7"), (15, 2, 2, "min")),
    ]


@pytest.mark.slow
def test_every_chord_file_of_the_corpus_is_read(corpus_folder: Path) -> None:
    for path in sorted((corpus_folder / "chords").rglob("*.json"))[::10]:
        chords = read_chords(path)
        if path.parent.name in ("openewld", "pop909"):
            assert len(chords) > 4, path
        assert all(c.duration > 0 and c.quality in ("", *CHORD_QUALITIES) for c in chords)
