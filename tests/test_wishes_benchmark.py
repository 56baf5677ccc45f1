"""The benchmark of wishes runs, part by part."""

import subprocess
import sys
from pathlib import Path

import pytest

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
