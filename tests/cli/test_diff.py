"""`partimento diff`: words, JSON and exit codes."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from partimento.music.difference import compare
from partimento.music.midi.reader import read_midi
from partimento.music.midi.writer import write_midi
from partimento.music.score import Control, Note, Score, Tempo, Track

Call = Callable[..., tuple[int, str, str]]

TUNE = Track(
    tuple(Note(480 * beat, 60 + beat, 480) for beat in range(8)),
    73,
    name="flute",
    controls=(Control(480, "control", 64, 127),),
)
PIECE = Score(480, (TUNE,), tempos=(Tempo(0, 90.0),))


@pytest.fixture
def before(tmp_path: Path) -> Path:
    path = tmp_path / "before.mid"
    write_midi(PIECE, path)
    return path


def written(folder: Path, score: Score) -> Path:
    """A second file."""
    path = folder / "after.mid"
    write_midi(score, path)
    return path


def test_equal_files_are_called_equal_whatever_settings_they_hold(
    partimento: Call, before: Path, tmp_path: Path
) -> None:
    assert partimento("diff", before, before) == (0, "equal\n", "")
    made = written(tmp_path, replace(PIECE, texts=('partimento {"version":"0"}',)))
    assert partimento("diff", before, made)[0] == 0
    other = written(tmp_path, replace(PIECE, texts=("by somebody",)))
    assert partimento("diff", before, other)[0] == 1


def test_changes_are_told_bar_by_bar(partimento: Call, before: Path, tmp_path: Path) -> None:
    notes = (*TUNE.notes[:5], Note(2640, 66, 240, 70), *TUNE.notes[6:7])
    notes += (replace(TUNE.notes[7], duration=240, velocity=90),)
    bass = Track((Note(0, 40, 480),), 32, name="bass")
    changed = replace(TUNE, notes=notes, controls=())
    after = written(tmp_path, replace(PIECE, tracks=(changed, bass), tempos=(Tempo(0, 96.0),)))
    code, out, _ = partimento("diff", before, after)
    assert code == 1
    assert [" ".join(line.split()) for line in out.splitlines()] == [
        "all bars new line: bass (program 33)",
        "bar 1 tempo: 90 at tick 0 -> 96 at tick 0",
        "bar 1 flute pedal: 127 at tick 480 gone",
        "bar 1 bass 1 new (E2)",
        "bar 2 flute 1 gone (F4), 1 new (F#4), "
        "1 played otherwise (G4 length 480 -> 240, velocity 80 -> 90)",
        "different: 2 notes gone, 3 new, in 2 bars (1-2), 1 line",
    ]
    code, out, _ = partimento("diff", before, after, "--json")
    found = json.loads(out)
    assert (code, found["equal"], found["bars"]) == (1, False, [1, 2])
    assert found["notes"][1] == {
        "bar": 2,
        "line": "flute",
        "removed": [[480, 65, 480, 80], [1440, 67, 480, 80]],
        "added": [[720, 66, 240, 70], [1440, 67, 240, 90]],
    }
    assert partimento("diff", before, after, "--quiet") == (1, "", "")


def test_a_file_that_cannot_be_read_is_another_exit_code(
    partimento: Call, before: Path, tmp_path: Path
) -> None:
    (tmp_path / "broken.mid").write_bytes(b"no music")
    code, _, err = partimento("diff", before, tmp_path / "broken.mid")
    assert code == 2
    assert "broken.mid" in err
    assert partimento("diff", before, tmp_path / "nowhere.mid")[0] == 2


def test_every_piece_is_equal_to_itself_written_anew(pieces_folder: Path, tmp_path: Path) -> None:
    for path in sorted(pieces_folder.glob("*.mid")):
        score, _ = read_midi(path)
        assert compare(score, read_midi(written(tmp_path, score))[0]).is_equal, path.name
