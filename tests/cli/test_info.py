"""`partimento info`: facts about files of any origin."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from partimento.music.midi.writer import write_midi
from partimento.music.score import Key, Meter, Note, Score, Tempo, Track
from partimento.request.request import Request
from partimento.sampling.provenance import Provenance
from partimento.tokenizer.encoding import encode
from partimento.tokenizer.loading import load_score

Call = Callable[..., tuple[int, str, str]]

PIECE = Score(
    24,
    (
        Track(tuple(Note(24 * i, 62 + p, 24) for i, p in enumerate((0, 4, 7, 12, 7, 4))), 40),
        Track((Note(0, 36, 6), Note(72, 38, 6)), is_drum=True, name="Kit"),
    ),
    tempos=(Tempo(0, 90.0), Tempo(72, 60.0)),
    meters=(Meter(0, 3, 4),),
    keys=(Key(0, 11, True),),
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "piece.mid"
    write_midi(PIECE, path)
    return path


def test_json_holds_what_was_written_and_what_is_heard(partimento: Call, file: Path) -> None:
    code, out, err = partimento("info", file, "--json")
    facts = json.loads(out)
    assert (code, err) == (0, "")
    tracks = facts.pop("tracks")
    assert facts == {
        "path": str(file),
        "bars": 2,
        "notes": 8,
        "seconds": 2 + 3,
        "ticks_per_quarter": 480,
        "meters": ["3/4"],
        "tempos": [90, 60],
        "keys": ["B minor"],
        "estimated_key": "D major",
        "tokens": len(encode(load_score(file).score).tokens),
        "moved_onsets_share": 0,
        "common_run": 0,
        "common_share": 0.0,
        "made_by": {},
    }
    assert tracks[0] == {
        "name": "",
        "instrument": "violin",
        "program": "Violin",
        "range": "D4-D5",
        "notes": 6,
    }
    assert (tracks[1]["name"], tracks[1]["instrument"], tracks[1]["range"]) == (
        "Kit",
        "drums",
        None,
    )


def test_the_text_holds_the_same_facts_and_a_line_a_track(partimento: Call, file: Path) -> None:
    code, out, _ = partimento("info", file)
    assert code == 0
    lines = dict(line.split("  ", 1) for line in out.split("\n\n")[0].splitlines())
    facts = {name: value.strip() for name, value in lines.items()}
    assert (facts["keys"], facts["estimated key"], facts["tempos"]) == (
        *("B minor", "D major", "90, 60"),
    )
    assert "moved onsets" in facts
    assert len(out.split("\n\n")[1].splitlines()) == 3


def test_what_a_file_leaves_out_is_a_dash(partimento: Call, tmp_path: Path) -> None:
    path = tmp_path / "bare.mid"
    write_midi(Score(24, (Track((Note(0, 36, 6),), is_drum=True),)), path)
    out = partimento("info", path)[1]
    assert "keys               -" in out
    assert "estimated key      -" in out


def test_a_file_of_this_program_shows_its_settings(partimento: Call, tmp_path: Path) -> None:
    request = Request(bars=2, style="folk", temperature=1.25, min_p=0.005, seed=2**53 - 1)
    made = Provenance("9.9", request, "abc123", "numba", "float32")
    path = tmp_path / "made.mid"
    write_midi(replace(PIECE, texts=(made.to_text(),)), path)
    settings = json.loads(partimento("info", path, "--json")[1])["made_by"]
    assert settings["settings"] == request.to_dict()
    assert (settings["version"], settings["checkpoint"]) == ("9.9", "abc123")
    out = partimento("info", path)[1]
    assert "style folk" in out
    assert "min_p 0.005" in out
    assert "seed 9007199254740991" in out


def test_damaged_settings_are_a_warning_only(partimento: Call, tmp_path: Path) -> None:
    path = tmp_path / "damaged.mid"
    write_midi(replace(PIECE, texts=("partimento {oops",)), path)
    code, out, err = partimento("info", path)
    assert code == 0
    assert "bars" in out
    assert err.startswith("warning: ")
    assert err.count("\n") == 1


def test_a_file_that_is_not_midi_is_named_in_one_line(partimento: Call, tmp_path: Path) -> None:
    path = tmp_path / "bad.mid"
    path.write_bytes(b"")
    code, out, err = partimento("info", path)
    assert (code, out) == (1, "")
    assert err.startswith(f"error: {path}: ")
    assert err.count("\n") == 1
