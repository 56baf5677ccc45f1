"""`partimento batch`: what is written, and what wins over what."""

import json
import re
import sys
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from partimento.model.checkpoint import file_hash
from partimento.music.midi.reader import read_midi
from partimento.music.midi.writer import write_midi
from partimento.music.score import Meter, Note, Score, Tempo, Track
from partimento.sampling.draw import derive_seed
from partimento.sampling.provenance import read_provenance

Call = Callable[..., tuple[int, str, str]]


def records(folder: str = "out") -> list[dict[str, Any]]:
    return [json.loads(line) for line in Path(folder, "batch.jsonl").open()]


def contents(folder: str | Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in Path(folder).iterdir()}


def write_tune(path: Path, bars: int = 2) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    notes = tuple(Note(24 * beat, 60 + beat % 5, 24) for beat in range(3 * bars))
    score = Score(24, (Track(notes, 73),), tempos=(Tempo(0, 90.0),), meters=(Meter(0, 3, 4),))
    write_midi(score, path)


def test_every_line_becomes_a_piece_with_its_line_in_the_record(
    batch: Call, tiny_checkpoint: Path
) -> None:
    code, out, err = batch("prompts.txt", "--out", "out")
    assert code == 0
    assert out == "out/batch.jsonl  4 of 4 pieces, seed 7\n"
    assert len(err.splitlines()) == 4
    assert re.fullmatch(
        r"4/4  00\d-\S+  (1 bar|\d bars), (1 note|\d+ notes), .+  \([\d,]+ tokens/s, 0:00 left\)",
        err.splitlines()[-1],
    )
    found = records()
    assert [record["source"] for record in found] == [
        {"file": "prompts.txt", "line": line} for line in (2, 4, 5, 6)
    ]
    lines = Path("prompts.txt").read_text().split("\n")
    assert [record["prompt"] for record in found] == [lines[1], *lines[3:6]]
    assert sorted(contents("out")) == sorted(
        ["batch.jsonl", *(file for record in found for file in record["files"])]
    )
    for number, record in enumerate(found):
        assert (record["index"], record["status"], record["error"]) == (number + 1, "done", None)
        assert record["seed"] == derive_seed(7, number) == record["settings"]["seed"]
        assert record["checkpoint"] == file_hash(tiny_checkpoint)
        (name,) = record["files"]
        assert name == f"{record['name']}.mid"
        score = read_midi(Path("out") / name)[0]
        provenance = read_provenance(score)
        assert provenance is not None
        assert provenance.request.to_dict() == record["settings"]
        assert record["notes"] == score.note_count > 0
        assert record["bars"] == record["settings"]["bars"] == (2, 1, 2, 1)[number]
        assert record["bpm"] == pytest.approx(score.tempos[0].bpm, abs=0.01)
        assert record["reading"].startswith("understood: ")
    assert found[0]["settings"]["meter"] == "3/4"
    assert found[1]["style"] == "folk"


def test_a_batch_has_the_pieces_of_generate(batch: Call, generate: Call) -> None:
    Path("same.csv").write_text("prompt,bars\n" + "a waltz,1\n" * 3)
    assert batch("same.csv", "--out", "out", "--name", "{index}")[0] == 0
    assert generate("g.mid", "-n", 3, "--seed", 7, "--prompt", "a waltz", "--bars", 1)[0] == 0
    for number in (1, 2, 3):
        assert Path(f"g-{number}.mid").read_bytes() == Path(f"out/{number}.mid").read_bytes()


def test_one_piece_alone_has_the_bytes_that_it_has_among_the_others(batch: Call) -> None:
    assert batch("prompts.txt", "--out", "all")[0] == 0
    assert batch("prompts.txt", "--out", "one", "--only", "3")[0] == 0
    alone = contents("one")
    assert len(alone) == 2
    (name,) = records("one")[0]["files"]
    assert alone[name] == contents("all")[name]
    assert records("one")[0] == records("all")[2]
    assert batch("prompts.txt", "--out", "grouped", "--group", "1")[0] == 0
    assert contents("grouped") == contents("all")
    assert batch("prompts.txt", "--out", "one", "--only", "1-2,4", "--resume")[0] == 0
    assert contents("one") == contents("all")


def test_items_win_over_options_and_options_over_the_defaults_of_the_file(batch: Call) -> None:
    Path("list.yaml").write_text(
        "defaults: {bars: 1, bpm: 100, style: jazz, temperature: 0.5, name: '{index}-{bpm}'}\n"
        "items:\n"
        "- {}\n"
        "- {bpm: 80, style: null}\n"
        "- a fast reel\n"  # its words win over the options: reel has a tempo
        "- {prompt: a fast reel, bpm: 90, mode: expressive}\n"
        "- {count: 2, name: 'n{index}'}\n"
    )
    assert batch("list.yaml", "--out", "out", "--bpm", 120)[0] == 0
    found = records()
    settings = [record["settings"] for record in found]
    assert [setting["bpm"] for setting in settings][:2] == [120, 80]
    assert settings[2]["bpm"] > 120
    assert [setting["bpm"] for setting in settings][3:] == [90, 120, 120]
    assert [setting["bars"] for setting in settings] == [1] * 6
    assert [setting.get("style") for setting in settings] == [
        *("jazz", None, "folk", "folk", "jazz", "jazz")
    ]
    assert [setting["temperature"] for setting in settings] == [0.5, 0.5, 0.5, 1.2, 0.5, 0.5]
    assert [record["name"] for record in found][3:] == ["4-90", "n5", "n6"]
    assert found[4]["source"] == found[5]["source"] == {"file": "list.yaml", "line": 7}
    assert found[4]["seed"] != found[5]["seed"]


def test_all_kinds_of_files_say_the_same(batch: Call) -> None:
    Path("a.jsonl").write_text(
        '{"prompt": "a waltz", "bars": 1, "instruments": ["violin", "cello"], "lock-key": true,'
        ' "seed": 5, "also": ["musicxml"], "name": "x"}\n'
    )
    Path("b.csv").write_text(
        "Prompt,bars,instruments,lock_key,top-p,seed,also,name\n"
        'a waltz,1,"violin, cello",yes,,5,musicxml,x\n'
    )
    Path("c.yml").write_text(
        "- prompt: >\n    a\n    waltz\n  bars: 1\n  instruments: violin, cello\n"
        "  lock_key: yes\n  seed: 5\n  also: musicxml\n  name: x\n"
    )
    for file in ("a.jsonl", "b.csv", "c.yml"):
        assert batch(file, "--out", file[0])[0] == 0
        assert sorted(contents(file[0])) == ["batch.jsonl", "x.mid", "x.musicxml"]
    assert contents("a")["x.mid"] == contents("b")["x.mid"] == contents("c")["x.mid"]


def test_tunes_are_gone_on_from_each_its_own_whichever_way_they_are_named(batch: Call) -> None:
    write_tune(Path("tunes/one.mid"), 1)
    write_tune(Path("tunes/below/two.MID"), 3)
    name = ("--bars", 1, "--name", "{primer}")
    assert batch("tunes", "--out", "tunes/out", *name)[0] == 0
    assert sorted(contents("tunes/out")) == ["batch.jsonl", "one.mid", "two.mid"]
    assert [record["bars"] for record in records("tunes/out")] == [4, 2]
    # What was written before lies in the folder now, and is no tune to go on from.
    assert batch("tunes", "--out", "tunes/out", *name, "--resume")[0] == 0
    assert batch("tunes/**/t*.MID", "tunes/*.mid", "--out", "out", *name)[0] == 0
    assert contents("out")["one.mid"] == contents("tunes/out")["one.mid"]
    # A primer in a prompt file is found from where the file is.
    Path("tunes/list.yaml").write_text(
        "- {primer: below/two.MID, primer_bars: 2, bars: 1, without_primer: true, name: x}\n"
    )
    assert batch("tunes/list.yaml", "--out", "new")[0] == 0
    assert records("new")[0]["bars"] == 1
    assert records("new")[0]["settings"]["primer"] == "tunes/below/two.MID"


def test_sound_and_pictures_stand_beside_the_piece(batch: Call) -> None:
    for package in ("midirenderer", "soundfile", "PIL"):
        pytest.importorskip(package)
    arguments = ("--only", 2, "--also", "png,WAV", "--flac", "--wav")
    assert batch("prompts.txt", "--out", "out", *arguments)[0] == 0
    (record,) = records()
    endings = (".mid", ".wav", ".flac", ".png")
    assert list(record["files"]) == [f"{record['name']}{ending}" for ending in endings]
    with wave.open(f"out/{record['name']}.wav") as sound:
        seconds = sound.getnframes() / sound.getframerate()
    assert 0 < seconds <= record["music_seconds"] + 10


def test_a_page_to_listen_through_the_pieces_is_written_last(batch: Call) -> None:
    code, out, _ = batch("prompts.txt", "--out", "out", "--page")
    assert code == 0
    assert out.splitlines()[-1] == str(Path("out", "index.html"))
    page = Path("out", "index.html").read_bytes()
    assert all(record["name"].encode() in page for record in records())
    Path("out", "index.html").write_text("mine")
    code, _, err = batch("prompts.txt", "--out", "out", "--page")
    assert code == 1
    assert err == "error: out/index.html exists; give another name, or --force to replace it\n"
    assert Path("out", "index.html").read_text() == "mine"
    assert batch("prompts.txt", "--out", "out", "--page", "--resume")[0] == 0
    assert Path("out", "index.html").read_bytes() == page


def test_a_missing_sound_font_is_found_before_the_first_note(batch: Call) -> None:
    code, _, err = batch("prompts.txt", "--out", "out", "--also", "wav", "--soundfont", "no.sf2")
    assert code == 1
    assert "no.sf2: cannot be read" in err
    assert not Path("out").exists()


def test_the_progress_on_a_terminal_counts_pieces_and_bars(
    batch: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TTY_INTERACTIVE", "1")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "200")
    code, _, err = batch("prompts.txt", "--out", "out")
    assert code == 0
    assert "/4 pieces" in err
    code, _, err = batch("prompts.txt", "--out", "quiet", "-q")
    assert (code, err) == (0, "")
