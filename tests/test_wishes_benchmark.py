"""The benchmark of wishes runs, part by part."""

import subprocess
import sys
from pathlib import Path

import pytest
from benchmarks.wishes import in_their_keys

from partimento.music.score import Key, Meter, Note, Score, Track
from partimento.tokenizer.encoding import encode
from partimento.training.corpus import Entry, Piece

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]


def wishes(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run the benchmark as a user does."""
    return subprocess.run(
        [sys.executable, "-m", "benchmarks.wishes", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("part", "rows"),
    [
        ("keys", ["equal", "in the asked mode", "entropy of pitch classes, bits"]),
        ("captions", ["tempo in the bin", "key or relative key", "instruments (F1)"]),
    ],
)
def test_a_part_prints_its_table(tiny_checkpoint: Path, part: str, rows: list[str]) -> None:
    done = wishes(part, "--count", 2, "--checkpoint", tiny_checkpoint, "--table-only")
    assert done.returncode == 0, done.stderr
    assert all(f"| {row} | " in done.stdout for row in rows), done.stdout


def test_a_part_that_is_none_is_refused() -> None:
    done = wishes("tempo")
    assert done.returncode == 2
    assert "parts must be among keys, moods, chords, captions, got tempo" in done.stderr


def test_music_is_held_to_the_key_that_it_begins_in() -> None:
    notes = tuple(Note(96 * bar, 60 + bar % 12, 96) for bar in range(24))
    keys = (Key(0, 2, True), Key(96 * 8, 5, False))
    tune = Score(24, (Track(notes),), meters=(Meter(0, 4, 4),), keys=keys, style="folk")
    drums = Score(24, (Track(notes, is_drum=True),), meters=(Meter(0, 4, 4),), keys=keys)
    pieces = [Piece(Entry("a"), encode(score).tokens, 24) for score in (tune, drums)]
    found = list(in_their_keys(pieces))
    assert [(str(request.key), request.style) for request, _ in found] == [("D minor", "folk")]
    assert found[0][1].note_count == 16
