"""Whole processes as a user starts them: seconds and memory of `generate`."""

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

# The kernel counts the memory of the process that started this one too; VmHWM begins anew.
PROGRAM = """
import atexit, pathlib, resource, sys

def report():
    status = pathlib.Path("/proc/self/status")
    if status.exists():
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        print(int(lines["VmHWM"].split()[0]) * 1024)
    else:
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)

atexit.register(report)
from partimento.cli.main import run_generate
run_generate()
"""


class Process(NamedTuple):
    """What one process took."""

    seconds: float
    """From start to exit."""
    peak_bytes: int
    """Most memory at once (resident)."""
    processor_seconds: float
    """Of all its threads: what another program on the machine does not lengthen."""


def generate(
    checkpoint: Path,
    bars: int,
    precision: str,
    kept: Path | None = None,
    wishes: Sequence[str] = ("--style", "chorale"),
) -> Process:
    """Run `generate` for one piece; `kept` is where machine code is looked for and kept."""
    environment = dict(os.environ)
    if kept is not None:
        environment["NUMBA_CACHE_DIR"] = str(kept)
    with tempfile.TemporaryDirectory() as folder:
        command = [
            *(sys.executable, "-c", PROGRAM, str(Path(folder) / "out.mid"), "--quiet"),
            *("--seed", "1", "--bars", str(bars), *wishes),
            *("--checkpoint", str(checkpoint), "--precision", precision),
        ]
        used, start = _children_seconds(), time.perf_counter()
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        seconds = time.perf_counter() - start
    if done.returncode:
        raise RuntimeError(f"generate failed: {done.stderr}")
    peak = int(done.stdout.splitlines()[-1])
    return Process(seconds, peak, _children_seconds() - used)


def cold(checkpoint: Path, precision: str) -> Process:
    """Run `generate` where nothing is compiled yet."""
    with tempfile.TemporaryDirectory() as folder:
        return generate(checkpoint, 16, precision, Path(folder))


def _children_seconds() -> float:
    """Processor time of all processes that were started and have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
