"""`partimento render` and what it refuses."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from partimento.tokenizer.midi_writer import write_midi
from partimento.tokenizer.score import Note, Score, Track

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def midi(tmp_path: Path) -> Path:
    path = tmp_path / "tune.mid"
    write_midi(Score(24, (Track(tuple(Note(24 * i, 60 + i, 24) for i in range(8))),)), path)
    return path


def test_pictures_are_written_and_their_paths_printed(partimento: Call, midi: Path) -> None:
    out = midi.with_suffix(".svg")
    assert partimento("render", midi, out) == (0, f"{out}\n", "")
    assert ">tune</text>" in out.read_text()


def test_several_files_in_one_call(partimento: Call, midi: Path) -> None:
    for package in ("midirenderer", "PIL", "verovio"):
        pytest.importorskip(package)
    paths = [midi.with_suffix(ending) for ending in (".wav", ".png", ".musicxml")]
    code, out, err = partimento("render", midi, *paths)
    assert (code, err) == (0, "")
    assert out.split() == [str(path) for path in paths]
    assert [path.read_bytes()[:5] for path in paths] == [
        b"RIFF" + paths[0].read_bytes()[4:5],
        b"\x89PNG\r",
        b"<?xml",
    ]


def test_an_unknown_ending_is_wrong_usage(partimento: Call, midi: Path) -> None:
    code, out, err = partimento("render", midi, midi.with_suffix(".aiff"))
    assert (code, out) == (2, "")
    assert "must end in one of" in err
    assert err.count("\n") == 1


def test_an_existing_file_is_a_failed_job_without_force(partimento: Call, midi: Path) -> None:
    out = midi.with_suffix(".svg")
    out.touch()
    code, _, err = partimento("render", midi, out)
    assert code == 1
    assert err == f"error: {out} exists; give --force to replace it\n"
    assert partimento("render", midi, out, "--force")[0] == 0


def test_a_file_that_is_no_midi_is_a_failed_job(partimento: Call, tmp_path: Path) -> None:
    path = tmp_path / "text.mid"
    path.write_text("hello")
    code, _, err = partimento("render", path, tmp_path / "out.svg")
    assert code == 1
    assert "text.mid" in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("module", "ending", "extra"),
    [
        ("midirenderer", ".wav", "audio"),
        ("PIL", ".png", "pictures"),
        ("verovio", ".pdf", "score"),
    ],
)
def test_a_missing_package_is_one_line_with_the_remedy(
    partimento: Call,
    midi: Path,
    monkeypatch: pytest.MonkeyPatch,
    module: str,
    ending: str,
    extra: str,
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    code, _, err = partimento("render", midi, midi.with_suffix(ending))
    assert code == 1
    assert err.endswith(f"run: pip install 'partimento[{extra}]'\n")
    assert err.count("\n") == 1
    assert not midi.with_suffix(ending).exists()
