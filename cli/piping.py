"""Standard input and output as files: `-` names them."""

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import typer

from partimento.cli.console import fail
from partimento.music.midi.text import displayed
from partimento.music.sources import MAX_SOURCE_BYTES, Source

MUSIC_FILE = "MIDI or MusicXML file; - is standard input."
"""Help of an argument that names a file of music."""
STREAM = "-"
"""What is written for standard input or output where a file is named."""


class _StandardInput(io.BytesIO):
    name = "standard input"


def is_stream(path: str | Path | None) -> bool:
    """Whether a path stands for standard input or output."""
    return str(path) == STREAM


def source_of(path: str | Path) -> Source:
    """The file that a path names; for `-` what standard input holds, which is read once."""
    if not is_stream(path):
        return Path(path)
    if sys.stdin is None or sys.stdin.closed:
        fail("standard input is closed; name a file instead of -")
    if sys.stdin.isatty():
        fail("- reads a file from standard input; send one there, as in: cat a.mid | partimento …")
    return _StandardInput(sys.stdin.buffer.read(MAX_SOURCE_BYTES + 1))


def file_name(path: str | Path) -> str:
    """What a file is called in a title, fit for a terminal."""
    return _StandardInput.name if is_stream(path) else displayed(Path(path).name)


@contextmanager
def streamed(ending: str) -> Iterator[Path]:
    """Yield the path of a file to write, whose bytes then go to standard output."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"out{ending}"
        yield path
        write_out(path.read_bytes())


def require_named(out: Path | None, file: Path) -> None:
    """Raise BadParameter when an output would be named after standard input."""
    if out is None and is_stream(file):
        raise typer.BadParameter("OUT must be named when FILE is -; - writes to standard output")


def write_out(content: bytes) -> None:
    """Send bytes to standard output, where they must not meet text or a terminal."""
    if sys.stdout is None or sys.stdout.closed:
        fail("standard output is closed; name a file instead of -")
    sys.stdout.flush()
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


def refuse_terminal() -> None:
    """Fail where standard output is a terminal, which bytes would only upset."""
    if sys.stdout is not None and sys.stdout.isatty():
        fail("- writes a file to standard output; send it on, as in: … - | aplay, or name a file")
