"""The command line as a user meets it: arguments in; exit code, stdout and stderr out."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from partimento.cli.main import run
from partimento.model.latent.conditioning import INPUTS
from partimento.model.latent.weights import shipped_part
from partimento.music.midi.writer import write_midi
from partimento.music.score import Note, Score, Track

Call = Callable[..., tuple[int, str, str]]
"""Arguments in; exit code, stdout and stderr out."""

PROMPTS = """\
# four pieces
a slow waltz in D minor, 2 bars

a jig, 1 bar
piano in C major, 2 bars, Am F
drums, 1 bar
"""


@pytest.fixture
def partimento(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """Run `partimento` with some arguments."""

    def call(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["partimento", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            run()
        captured = capsys.readouterr()
        return int(ended.value.code or 0), captured.out, captured.err

    return call


@pytest.fixture
def generate(
    partimento: Call, tiny_checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Call:
    """Run `partimento generate` with the tiny model, in an empty folder of its own."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: object) -> tuple[int, str, str]:
        return partimento("generate", "--checkpoint", tiny_checkpoint, *arguments)

    return call


@pytest.fixture
def batch(
    partimento: Call, tiny_checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Call:
    """Run `partimento batch` with the tiny model and seed 7, in a folder with prompts.txt."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "prompts.txt").write_text(PROMPTS)

    def call(*arguments: object) -> tuple[int, str, str]:
        return partimento("batch", "--checkpoint", tiny_checkpoint, "--seed", 7, *arguments)

    return call


@pytest.fixture
def sketching_checkpoint(
    save_tiny: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A tiny model that reads sketches, in a folder with two tunes; skips without a flow."""
    try:
        shipped_part("flow")
    except ValueError:
        pytest.skip("this copy has no flow: put one into weights/")
    monkeypatch.chdir(tmp_path)
    for name, start in (("a", 60), ("b", 67)):
        notes = tuple(Note(24 * i, start + i % 5, 24) for i in range(8))
        write_midi(Score(24, (Track(notes),)), tmp_path / f"{name}.mid")
    return save_tiny(sketch_width=INPUTS, name="sketching")
