"""A batch that is killed or stopped goes on to the same folder, byte for byte."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

Call = Callable[..., tuple[int, str, str]]

PIECES = 40
ALSO = "wav" if find_spec("midirenderer") else "svg"
PROMPTS = "".join(
    f"{what}, {1 + number % 3} bars\n"
    for number in range(PIECES)
    for what in (("a slow waltz in D minor", "a jig", "drums", "piano, Am F")[number % 4],)
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("batch")
    (folder / "prompts.txt").write_text(PROMPTS)
    return folder


@pytest.fixture
def start(place: Path, tiny_checkpoint: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start a batch into a folder, as a process of its own."""
    running = []

    def call(out: Path, *arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "partimento", "batch", "prompts.txt", "--out", str(out)]
        command += ["--also", ALSO, "--group", "2", "--checkpoint", str(tiny_checkpoint)]
        process = subprocess.Popen(
            [*command, *arguments],
            cwd=place,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        running.append(process)
        return process

    yield call
    for process in running:
        process.kill()
        process.communicate()


@pytest.fixture(scope="module")
def undisturbed(place: Path, tiny_checkpoint: Path) -> dict[str, bytes]:
    """What the folder holds when nothing comes between."""
    command = [sys.executable, "-m", "partimento", "batch", "prompts.txt", "--out", "whole"]
    command += ["--also", ALSO, "--checkpoint", str(tiny_checkpoint), "--seed", "7"]
    subprocess.run(command, cwd=place, check=True, capture_output=True)
    return contents(place / "whole")


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if not path.is_dir()
    }


def wait_for_lines(out: Path, count: int, process: subprocess.Popen[str]) -> None:
    """Until the record has so many lines more than it has now."""
    path = out / "batch.jsonl"
    start = None
    while process.poll() is None:
        lines = path.read_bytes().count(b"\n") if path.exists() else 0
        if start is None and (out / ".partial").exists() and path.exists():
            start = lines
        if start is not None and lines >= start + count:
            return
        time.sleep(0.001)
    pytest.fail(f"it ended by itself: {process.communicate()}")


def test_a_batch_killed_twice_and_resumed_has_the_bytes_of_an_undisturbed_one(
    start: Callable[..., subprocess.Popen[str]], place: Path, undisturbed: dict[str, bytes]
) -> None:
    out = place / "killed"
    for count in (4, 6):
        process = start(out, "--seed", "7", "--resume")
        wait_for_lines(out, count, process)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
    assert (out / ".partial").exists()
    before = contents(out)
    lines = [json.loads(line) for line in before["batch.jsonl"].splitlines()]
    assert 10 <= len(lines) < PIECES
    # Whatever moment it was: a file under its name is whole, and a line names it.
    named = {file: digest for line in lines for file, digest in line["files"].items()}
    there = {name for name in before if not name.startswith(".partial/")}
    assert there - {"batch.jsonl"} <= set(named)
    assert {name: before[name] for name in there & set(named)} == {
        name: undisturbed[name] for name in there & set(named)
    }
    times = {name: (out / name).stat().st_mtime_ns for name in there & set(named)}
    # The seed comes from the folder; half of a line is what a torn disk may leave.
    with (out / "batch.jsonl").open("ab") as record:
        record.write(b'{"index": 17, "na')
    process = start(out, "--resume", "--json")
    summary, _ = process.communicate()
    assert process.returncode == 0
    facts = json.loads(summary)
    assert (facts["done"], facts["failed"], facts["seed"]) == (PIECES, 0, 7)
    assert PIECES - len(lines) <= facts["made"] <= PIECES - len(lines) + 1
    assert contents(out) == undisturbed
    kept = [name for name, when in times.items() if (out / name).stat().st_mtime_ns == when]
    assert len(kept) >= len(times) - 2


@pytest.mark.skipif(os.name == "nt", reason="no SIGINT for other processes")
def test_ctrl_c_ends_with_130_and_a_folder_to_go_on_with(
    start: Callable[..., subprocess.Popen[str]], place: Path, undisturbed: dict[str, bytes]
) -> None:
    out = place / "stopped"
    process = start(out, "--seed", "7")
    wait_for_lines(out, 3, process)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate()
    assert process.returncode == 130
    assert err.splitlines()[-1] == "stopped; --resume goes on, with --seed 7"
    assert "Traceback" not in err
    files = contents(out)
    lines = [json.loads(line) for line in files["batch.jsonl"].splitlines()]
    assert 3 <= len(lines) < PIECES
    assert sorted(line["index"] for line in lines) == [line["index"] for line in lines]
    assert {"batch.jsonl", *(file for line in lines for file in line["files"])} == set(files)
    process = start(out, "--resume")
    process.communicate()
    assert process.returncode == 0
    assert contents(out) == undisturbed
