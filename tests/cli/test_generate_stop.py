"""Ctrl-C while pieces are written: the finished bars are kept, as valid files."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from partimento.cli.generate import stop_on_interrupt
from partimento.music.bars import bar_starts
from partimento.music.facts import counted
from partimento.music.midi.reader import read_midi
from partimento.sampling.provenance import read_provenance

pytestmark = pytest.mark.slow

Call = Callable[..., tuple[int, str, str]]
pty = pytest.importorskip("pty")


def interrupt(folder: Path, checkpoint: Path, *options: str) -> tuple[int, str, str]:
    """Start a long job, press Ctrl-C when its progress has moved; exit code, stdout, stderr.

    stderr is a terminal, for only there progress is shown.
    """
    ours, theirs = pty.openpty()
    command = ["-m", "partimento", "generate", "--checkpoint", str(checkpoint), "--bars", "512"]
    with subprocess.Popen(
        [sys.executable, *command, *options],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=theirs,
        text=True,
    ) as process:
        os.close(theirs)
        shown, is_sent = "", False
        while True:
            try:
                shown += os.read(ours, 4096).decode(errors="replace")
            except OSError:  # how Linux says that the other end is closed
                break
            if not is_sent and re.search(r"[1-9]\d*%", shown):
                process.send_signal(signal.SIGINT)
                is_sent = True
        assert process.stdout is not None
        out = process.stdout.read()
    os.close(ours)
    return process.returncode, out, shown


def test_ctrl_c_leaves_a_valid_file_of_the_finished_bars_that_replays(
    tmp_path: Path, tiny_checkpoint: Path, partimento: Call
) -> None:
    # The reference engine is slow enough for one piece to be under way when the key is pressed.
    options = ("--engine", "torch", "--seed", "3", "out.mid")
    code, out, err = interrupt(tmp_path, tiny_checkpoint, *options)
    assert code == 130
    assert "stopped; wrote the finished bars" in err
    assert [path.name for path in tmp_path.iterdir()] == ["out.mid"]
    score, warnings = read_midi(tmp_path / "out.mid")
    assert warnings == []
    bars = len(bar_starts(score))
    assert 0 < bars < 512
    assert out.startswith(f"out.mid  {counted(bars, 'bar')}, {counted(score.note_count, 'note')}")
    made = read_provenance(score)
    assert made is not None
    assert (made.finished_bars, made.request.bars) == (bars, 512)
    again = tmp_path / "again.mid"
    files = (tmp_path / "out.mid", again)
    assert partimento("replay", *files, "--checkpoint", tiny_checkpoint)[0] == 0
    assert again.read_bytes() == files[0].read_bytes()


def test_ctrl_c_keeps_the_finished_bars_of_every_piece(
    tmp_path: Path, tiny_checkpoint: Path
) -> None:
    code, out, _ = interrupt(tmp_path, tiny_checkpoint, "-n", "40", "out.mid")
    assert code == 130
    paths = [line.split("  ")[0] for line in out.splitlines()]
    assert len(paths) > 1
    assert all(int(line.split("  ")[1].split(" bar")[0]) < 512 for line in out.splitlines())
    assert {path.name for path in tmp_path.iterdir()} == set(paths)
    for path in paths:
        assert read_midi(tmp_path / path)[0].note_count


def test_the_first_ctrl_c_asks_to_stop_and_the_second_stops_at_once() -> None:
    before = signal.getsignal(signal.SIGINT)
    with stop_on_interrupt() as stopped:
        assert not stopped
        signal.raise_signal(signal.SIGINT)
        assert stopped
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before
