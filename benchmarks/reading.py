"""Measure how fast files of music are read and made tokens of, beside mido and symusic.

python -m benchmarks.reading FOLDER              print the table
python -m benchmarks.reading FOLDER --document docs/performance.md

All readers take turns on the same files in one process, on one core; figures are medians of
processor time, which busy neighbours change little.
"""

import argparse
import io
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import mido
import symusic
from benchmarks import report
from benchmarks.timing import Measurement, take_turns

from partimento.errors import PartimentoError
from partimento.music.reading import music_files, read_score
from partimento.tokenizer.encoding import encode
from partimento.tokenizer.loading import load_score

TOKENIZE, READ, MIDO, SYMUSIC = "tokenize", "read_score", "mido.MidiFile", "symusic.Score"
SECTION = "reading"
_LABELS = {
    READ: "**this reader**: notes, parts, controllers, warnings",
    TOKENIZE: "**this program's tokens**: read, quantise, re-bar, encode",
    MIDO: "mido.MidiFile: messages",
    SYMUSIC: "symusic.Score (C++): notes, tracks, controllers",
}

Reader = Callable[[bytes], object]

READERS: dict[str, Reader] = {
    READ: lambda data: read_score(io.BytesIO(data)),
    TOKENIZE: lambda data: encode(load_score(io.BytesIO(data)).score),
    MIDO: lambda data: mido.MidiFile(file=io.BytesIO(data)),
    SYMUSIC: lambda data: symusic.Score.from_midi(data),
}


def sample(folder: Path, count: int) -> list[bytes]:
    """So many files of a folder and below, evenly spread, that all readers can read."""
    paths = music_files(folder.rglob("*"))
    if not paths:
        raise SystemExit(f"{folder}: no MIDI files; give the folder of a collection")
    step = max(1, len(paths) // count)
    files = [path.read_bytes() for path in paths[::step][:count]]
    return [data for data in files if all(_can_read(reader, data) for reader in READERS.values())]


def _can_read(reader: Reader, data: bytes) -> bool:
    try:
        reader(data)
    # What the peers raise for files that they do not like is no part of what they promise.
    except (PartimentoError, ValueError, OSError, EOFError, KeyError, IndexError, RuntimeError):
        return False
    return True


def measure(files: Sequence[bytes], rounds: int) -> dict[str, float]:
    """Seconds of processor time that each reader takes for all files."""

    def timed(name: str) -> Measurement:
        def run() -> dict[str, float]:
            start = time.process_time()
            for data in files:
                READERS[name](data)
            return {"seconds": time.process_time() - start}

        return Measurement(name, run)

    results = take_turns([timed(name) for name in READERS], rounds)
    return {name: results[name, "seconds"] for name in READERS}


def page(seconds: dict[str, float], files: Sequence[bytes]) -> str:
    """The table: files and bytes a second, and the time of each beside this reader's."""
    size = sum(map(len, files))
    rows = [
        [
            _LABELS[name],
            report.number(len(files) / spent),
            report.number(size / spent / 1e6),
            report.times(spent / seconds[READ]),
        ]
        for name, spent in seconds.items()
    ]
    head = [f"{len(files):,} files, {size / 1e6:.1f} MB", "files/s", "MB/s", "time"]
    return report.table(head, rows)


def fill(document: Path, content: str) -> None:
    """Replace what stands between the markers of the section, in place."""
    text = document.read_text(encoding="utf-8")
    begin, end = report.markers(SECTION)
    before, found, rest = text.partition(begin)
    if not found or end not in rest:
        raise SystemExit(f"{document}: no markers {begin} and {end}; add them")
    text = f"{before}{begin}\n{content}\n{end}{rest.partition(end)[2]}"
    document.write_text(text, encoding="utf-8")


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, and write where it was asked."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reading", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("folder", type=Path, help="folder of MIDI files")
    parser.add_argument("--files", type=int, default=500, help="how many of them, evenly spread")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--document", type=Path, help="where the table goes")
    options = parser.parse_args(arguments)
    files = sample(options.folder, options.files)
    content = page(measure(files, options.rounds), files)
    print(content)
    if options.document is not None:
        fill(options.document, content)
    return 0


if __name__ == "__main__":
    sys.exit(main())
