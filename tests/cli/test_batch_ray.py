"""The same batch on Ray: two workers, one of which dies in the middle."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

pytest.importorskip("ray", reason="ray is not installed: pip install 'partimento[distributed]'")

Call = Callable[..., tuple[int, str, str]]

PIECES = 24
WORKER = b"ray::make_group"
"""How Ray calls a process while it makes a group."""


def descendants(root: int) -> list[int]:
    """Processes below one, from the table of processes."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
            except OSError:
                continue
            parents[int(entry.name)] = int(stat.rpartition(")")[2].split()[1])
    found, last = [], [root]
    while last:
        last = [pid for pid, parent in parents.items() if parent in last]
        found += last
    return found


def busy_workers(root: int) -> list[int]:
    found = []
    for pid in descendants(root):
        try:
            if (Path("/proc") / str(pid) / "cmdline").read_bytes().startswith(WORKER):
                found.append(pid)
        except OSError:
            continue
    return found


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="finds workers in /proc")
def test_a_worker_that_dies_loses_nothing_and_doubles_nothing(
    partimento: Call, tiny_checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    lines = ("a slow waltz in D minor, 24 bars", "a jig, 12 bars", "piano, 16 bars")
    Path("prompts.txt").write_text("".join(f"{lines[i % 3]}\n" for i in range(PIECES)))
    common = ["prompts.txt", "--checkpoint", str(tiny_checkpoint), "--seed", "7", "--also", "svg"]
    command = [sys.executable, "-m", "partimento", "batch", *common, "--out", "ray", "--json"]
    command += ["--ray", "local", "--ray-cpus", "1", "--group", "2"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )  # a worker on each core
    killed: list[int] = []
    try:
        record = Path("ray/batch.jsonl")
        while process.poll() is None:
            done = record.read_bytes().count(b"\n") if record.exists() else 0
            if done >= 2 and not killed:
                for pid in busy_workers(process.pid)[:1]:
                    os.kill(pid, signal.SIGKILL)
                    killed.append(pid)
            time.sleep(0.002)
        out, err = process.communicate()
    finally:
        process.kill()
    assert killed, "no worker was found at work"
    assert process.returncode == 0, err
    facts = json.loads(out)
    assert (facts["done"], facts["made"], facts["failed"]) == (PIECES, PIECES, 0)
    progress = re.findall(rf"^\d+/{PIECES}  (\S+)", err, re.MULTILINE)
    assert len(progress) == len(set(progress)) == PIECES
    assert partimento("batch", *common, "--out", "here")[0] == 0
    here, there = (
        {path.name: path.read_bytes() for path in Path(folder).iterdir()}
        for folder in ("here", "ray")
    )
    assert here == there


def test_a_cluster_that_does_not_answer_is_one_line(
    partimento: Call, tiny_checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RAY_TMPDIR", str(tmp_path))
    Path("prompts.txt").write_text("a jig, 1 bar\n")
    code, out, err = partimento(
        "batch", "prompts.txt", "--out", "out", "--checkpoint", tiny_checkpoint, "--ray", "auto"
    )
    assert (code, out) == (1, "")
    assert err.startswith("error: no Ray cluster answers at auto: ")
    assert len(err.splitlines()) == 1
