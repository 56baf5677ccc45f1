"""A program that nobody listens to, or whose terminal lacks letters, does its work all the same."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def shell(command: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run `partimento`, whose call stands for PARTIMENTO, in a shell of its own."""
    return subprocess.run(
        ["/bin/sh", "-c", command.replace("PARTIMENTO", f"{sys.executable} -m partimento")],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        check=False,
        timeout=60,
    )


@pytest.mark.skipif(os.name == "nt", reason="closes streams as a Unix shell does")
@pytest.mark.parametrize("closed", ["2>&-", ">&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_closed_streams_do_not_stop_a_command(tmp_path: Path, closed: str) -> None:
    result = shell(f"PARTIMENTO vocabulary --json {closed}", tmp_path)
    assert result.returncode == 0
    assert b"Traceback" not in result.stderr


@pytest.mark.skipif(os.name == "nt", reason="closes streams as a Unix shell does")
def test_an_error_without_stderr_still_has_its_exit_code(tmp_path: Path) -> None:
    assert shell("PARTIMENTO info none.mid 2>&-", tmp_path).returncode == 1


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "utf-8"])
def test_a_list_with_letters_that_an_encoding_lacks_is_written_whole(
    tmp_path: Path, encoding: str
) -> None:
    result = shell("PARTIMENTO words > words.md", tmp_path, PYTHONIOENCODING=encoding)
    assert (result.returncode, result.stderr) == (0, b"")
    # Where the encoding is plain ASCII, the command line library writes UTF-8 instead.
    text = (tmp_path / "words.md").read_bytes().decode(encoding, errors="replace")
    written = (ROOT / "docs" / "words.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) == len(written.splitlines())
    assert ascii_of(text) == ascii_of(written)


def ascii_of(text: str) -> str:
    """The letters that every encoding has."""
    return "".join(letter for letter in text if letter.isascii() and letter != "?")
