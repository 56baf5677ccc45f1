"""The benchmark runs from one command and fills in the document."""

import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
DOCUMENT = ROOT / "docs" / "performance.md"
SECTIONS = ("machine", "goals", "single", "batch", "limits", "start")


def bench(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run the benchmark as a user does."""
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def section(text: str, name: str) -> str:
    """What stands between the markers of a section."""
    found = re.search(f"<!-- begin {name} -->\n(.*?)\n?<!-- end {name} -->", text, re.DOTALL)
    assert found, name
    return found[1]


def test_a_quick_run_measures_every_part_and_fills_every_table(
    tiny_checkpoint: Path, tmp_path: Path
) -> None:
    document = tmp_path / "performance.md"
    before = DOCUMENT.read_text(encoding="utf-8")
    document.write_text(before, encoding="utf-8")
    result = bench("--quick", "--checkpoint", tiny_checkpoint, "--document", document)
    assert result.returncode == 0, result.stderr
    after = document.read_text(encoding="utf-8")
    for name in SECTIONS:
        table = section(after, name)
        assert table.startswith("| "), name
        assert len({line.count("|") for line in table.splitlines()}) == 1, name
        assert table in result.stdout
    single = section(after, "single")
    for name in ("int8", "float32", "eager torch step", "LSTM", "softmax twin"):
        assert re.search(rf"\| .*{name}.* \| [\d,.]+ \| [\d,.]+ \| [\d.,]+x \|", single), name
    assert "MB" in section(after, "start")
    picture = ET.parse(tmp_path / "performance.svg").getroot()
    curves = [p for p in picture.iter("{http://www.w3.org/2000/svg}path") if p.get("fill")]
    assert len(curves) >= 5
    # Prose and markers are left alone.
    assert re.sub("(?s)begin (.*?) -->.*?<!--", "", after) == re.sub(
        "(?s)begin (.*?) -->.*?<!--", "", before
    )


def test_one_part_alone_is_printed_and_written_nowhere(tiny_checkpoint: Path) -> None:
    before = DOCUMENT.read_bytes()
    result = bench("--quick", "--parts", "prefill", "--checkpoint", tiny_checkpoint)
    assert result.returncode == 0, result.stderr
    assert "reading a primer of 300 tokens" in result.stdout
    assert "written to" not in result.stdout
    assert DOCUMENT.read_bytes() == before


def test_a_document_without_markers_is_left_alone(tiny_checkpoint: Path, tmp_path: Path) -> None:
    document = tmp_path / "other.md"
    document.write_text("prose\n")
    result = bench(
        *("--quick", "--parts", "prefill", "--checkpoint", tiny_checkpoint, "--document", document)
    )
    assert result.returncode != 0
    assert "no markers <!-- begin machine --> and <!-- end machine -->; add them" in result.stderr
    assert document.read_text() == "prose\n"
