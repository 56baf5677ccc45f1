"""`partimento render` and what it refuses."""

import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pypdf
import pytest

from partimento.music.midi.writer import write_midi
from partimento.music.score import Control, Note, Score, Track

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


def test_sheet_music_in_one_call(partimento: Call, midi: Path) -> None:
    paths = [midi.with_suffix(ending) for ending in (".musicxml", ".pdf")]
    assert partimento("render", midi, *paths) == (0, "".join(f"{path}\n" for path in paths), "")
    document = ET.parse(paths[0]).getroot()
    assert document.findtext("work/work-title") == "tune"
    assert len(document.findall("part/measure/note/pitch")) == 8
    assert "tune" in pypdf.PdfReader(paths[1]).pages[0].extract_text()


def test_an_svg_shows_a_roll_or_sheet_music(partimento: Call, midi: Path) -> None:
    roll, sheet = midi.with_name("roll.svg"), midi.with_name("sheet.svg")
    assert partimento("render", midi, roll)[0] == 0
    code, out, err = partimento("render", midi, sheet, "--view", "score", "--title", "A Waltz")
    assert (code, out, err) == (0, f"{sheet}\n", "")
    assert "<use " in sheet.read_text()
    assert ">A Waltz</text>" in sheet.read_text()
    assert "<use " not in roll.read_text()


def test_sheet_music_replaces_nothing_without_force(partimento: Call, midi: Path) -> None:
    out = midi.with_suffix(".pdf")
    out.write_text("mine")
    assert partimento("render", midi, out)[0] == 1
    assert out.read_text() == "mine"
    assert partimento("render", midi, out, "--force")[0] == 0
    assert out.read_bytes().startswith(b"%PDF")


def test_a_file_without_notes_is_a_failed_job(partimento: Call, tmp_path: Path) -> None:
    path = tmp_path / "empty.mid"
    write_midi(Score(24, (Track(()),)), path)
    for ending in (".musicxml", ".pdf"):
        code, out, err = partimento("render", path, tmp_path / f"out{ending}")
        assert (code, out) == (1, "")
        assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == [path]


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
    assert err == f"error: {out} exists; give another name, or --force to replace it\n"
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
        ("reportlab.pdfgen.canvas", ".pdf", "score"),
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


def test_what_a_picture_cannot_show_is_said(partimento: Call, tmp_path: Path) -> None:
    controls = (Control(0, "control", 64, 127), Control(0, "bend", 0, 100))
    track = Track((Note(0, 60, 480),), controls=controls)
    write_midi(Score(480, (track,)), tmp_path / "a.mid")
    roll, copy = tmp_path / "a.svg", tmp_path / "b.mid"
    code, out, err = partimento("render", tmp_path / "a.mid", roll, copy)
    assert (code, out) == (0, f"{roll}\n{copy}\n")
    assert err == f"warning: {roll}: shows the notes alone, not pedal, pitch bend\n"
