"""Processes that render: the same files as here, and none of them outlives its run."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from partimento.batch.formats import FORMATS, check_formats, file_names
from partimento.batch.renderers import RendererError, Renderers
from partimento.batch.writing import has_sound, write_files
from partimento.music.score import Note, Score, Track
from partimento.rendering.audio.settings import DEFAULT_SOUND

TUNE = Score(24, (Track(tuple(Note(24 * i, 60 + i, 24) for i in range(8))),))
SILENCE = Score(24, (Track(()),))


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def folder_at(path: Path) -> Path:
    path.mkdir()
    return path


def test_a_process_writes_what_is_written_here(tmp_path: Path) -> None:
    here, there = folder_at(tmp_path / "here"), folder_at(tmp_path / "there")
    names = write_files(TUNE, TUNE, "tune", ["svg", "musicxml"], here, DEFAULT_SOUND)
    with Renderers(2) as renderers:
        assert (
            renderers.write(TUNE, TUNE, "tune", ["svg", "musicxml"], there, DEFAULT_SOUND) == names
        )
    assert names == ("tune.mid", "tune.svg", "tune.musicxml")
    assert contents(here) == contents(there)
    assert sorted(contents(here)) == sorted(names)


def test_what_a_process_raises_comes_back_as_its_message(tmp_path: Path) -> None:
    pytest.importorskip("midirenderer")
    with Renderers(1) as renderers:
        with pytest.raises(RendererError, match="the score has no notes"):
            renderers.write(
                SILENCE, SILENCE, "silence", ["wav"], folder_at(tmp_path / "a"), DEFAULT_SOUND
            )
        assert renderers.write(
            TUNE, TUNE, "tune", ["svg"], folder_at(tmp_path / "b"), DEFAULT_SOUND
        )


@pytest.mark.skipif(os.name == "nt", reason="no SIGKILL")
def test_a_process_that_dies_is_replaced_and_its_half_files_go(tmp_path: Path) -> None:
    folder = folder_at(tmp_path / "out")
    with Renderers(1) as renderers:
        renderers.write(TUNE, TUNE, "first", ["svg"], folder_at(tmp_path / "first"), DEFAULT_SOUND)
        (process,) = renderers._processes
        process.send_signal(signal.SIGKILL)
        process.wait()
        (folder / ".part-half.svg").write_bytes(b"half")
        assert renderers.write(TUNE, TUNE, "tune", ["svg"], folder, DEFAULT_SOUND) == (
            "tune.mid",
            "tune.svg",
        )
        assert sorted(contents(folder)) == ["tune.mid", "tune.svg"]
        assert len(renderers._processes) == 2
    assert all(process.poll() is not None for process in renderers._processes)


@pytest.mark.skipif(os.name == "nt", reason="no SIGKILL")
def test_a_process_ends_when_its_run_is_killed(tmp_path: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path;"
        "from partimento.batch.renderers import Renderers; renderers = Renderers(1);"
        "print(renderers._process().pid, flush=True); time.sleep(60)"
    )
    run = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert run.stdout is not None
    pid = int(run.stdout.readline())
    os.kill(pid, 0)
    run.kill()
    run.communicate()
    for _ in range(500):
        try:
            os.kill(pid, 0)
            state = Path(f"/proc/{pid}/stat")
            if state.exists() and state.read_text().rpartition(")")[2].split()[0] == "Z":
                return  # ended, and nobody asked how
        except ProcessLookupError:
            return
        time.sleep(0.02)
    pytest.fail("it is still there")


def test_a_module_of_the_current_folder_is_not_taken_for_one_of_pythons(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pickle.py").write_text("raise SystemExit('taken')")
    with Renderers(1) as renderers:
        assert renderers.write(
            TUNE, TUNE, "tune", ["svg"], folder_at(tmp_path / "out"), DEFAULT_SOUND
        )


def test_formats_have_their_order_and_their_files() -> None:
    assert check_formats([" PNG", ".wav", "png"]) == ("wav", "png")
    with pytest.raises(ValueError, match=r"also must be of wav, .*, got 'doc'"):
        check_formats(["wav", "doc"])
    assert file_names("a.b", ["wav", "score-svg"]) == ("a.b.mid", "a.b.wav", "a.b.score.svg")
    assert len({name for format in FORMATS for name in file_names("x", [format])}) == 10
    assert has_sound(["png", "ogg"])
    assert not has_sound(["png", "svg", "pdf"])
