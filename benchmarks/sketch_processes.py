"""Whole processes that write sketched pieces, as a user starts them."""

import tempfile
from pathlib import Path
from statistics import median

from benchmarks.processes import Process, generate
from benchmarks.sketch_bench import Bench, Figures

PROMPT = "a slow waltz in D minor for piano"
SKETCHED = ("--follow", "0.7")


def start(bench: Bench) -> Figures:
    """Seconds and memory of `generate --prompt` from start to exit, warm, medians in turns."""
    rounds: dict[str, list[Process]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for number in range(bench.pieces + 1):
            kinds = {
                "without a sketch": ("--no-sketch",),
                "with a sketch": SKETCHED,
                "and its picture": (*SKETCHED, "--sketch-roll", f"{Path(folder)}/{number}.svg"),
            }
            for name, options in kinds.items():
                asked = ("--prompt", PROMPT, *options)
                done = generate(bench.checkpoint, bench.bars, bench.engine.precision, None, asked)
                if number:  # the first round warms up
                    rounds.setdefault(name, []).append(done)
    return {
        name: {
            "seconds": round(median(process.seconds for process in found), 2),
            "processor seconds": round(median(p.processor_seconds for p in found), 2),
            "MiB": round(median(process.peak_bytes for process in found) / 2**20),
        }
        for name, found in rounds.items()
    }
