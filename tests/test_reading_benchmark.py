"""The benchmark of reading runs, and its table stands in the document."""

import subprocess
import sys
from pathlib import Path

import pytest

from partimento.music.midi.writer import write_midi
from partimento.music.score import Note, Score, Track

pytest.importorskip("symusic")
ROOT = Path(__file__).parents[1]


def test_readers_are_measured_beside_each_other(tmp_path: Path) -> None:
    for name in ("a.mid", "b.mid"):
        write_midi(Score(480, (Track((Note(0, 60, 480),)),)), tmp_path / name)
    (tmp_path / "broken.mid").write_bytes(b"no music")
    document = tmp_path / "page.md"
    document.write_text("before\n<!-- begin reading -->\nold\n<!-- end reading -->\nafter\n")
    arguments = [str(tmp_path), "--rounds", "1", "--document", str(document)]
    table = subprocess.run(
        [sys.executable, "-m", "benchmarks.reading", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "2 files" in table
    assert [row.split(" | ")[-1] for row in table.splitlines()[2:3]] == ["1.00x |"]
    assert document.read_text() == (
        f"before\n<!-- begin reading -->\n{table}<!-- end reading -->\nafter\n"
    )


def test_the_page_of_speed_has_a_place_for_the_table() -> None:
    page = ROOT / "docs" / "performance.md"
    assert "<!-- begin reading -->" in page.read_text(encoding="utf-8")
