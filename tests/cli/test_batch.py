"""`partimento batch`: what is written, what wins over what, and what a second run keeps."""

import json
import re
import subprocess
import sys
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from partimento.model.checkpoint import file_hash
from partimento.sampling.draw import derive_seed
from partimento.sampling.provenance import read_provenance
from partimento.tokenizer.midi_reader import read_midi
from partimento.tokenizer.midi_writer import write_midi
from partimento.tokenizer.score import Meter, Note, Score, Tempo, Track

Call = Callable[..., tuple[int, str, str]]

PROMPTS = """\
# four pieces
a slow waltz in D minor, 2 bars

a jig, 1 bar
piano in C major, 2 bars, Am F
drums, 1 bar
"""


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


def records(folder: str = "out") -> list[dict[str, Any]]:
    return [json.loads(line) for line in Path(folder, "manifest.jsonl").open()]


def contents(folder: str | Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in Path(folder).iterdir()}


def write_tune(path: Path, bars: int = 2) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    notes = tuple(Note(24 * beat, 60 + beat % 5, 24) for beat in range(3 * bars))
    score = Score(24, (Track(notes, 73),), tempos=(Tempo(0, 90.0),), meters=(Meter(0, 3, 4),))
    write_midi(score, path)


def test_every_line_becomes_a_piece_with_its_line_in_the_manifest(
    batch: Call, tiny_checkpoint: Path
) -> None:
    code, out, err = batch("prompts.txt", "--out", "out")
    assert code == 0
    assert out == "out/manifest.jsonl  4 of 4 pieces, seed 7\n"
    assert len(err.splitlines()) == 4
    assert re.fullmatch(
        r"4/4  00\d-\S+  \d bars?, \d+ notes, .+  \([\d,]+ tokens/s, 0:00 left\)",
        err.splitlines()[-1].replace("1 bars", "1 bar"),
    )
    found = records()
    assert [record["source"] for record in found] == [
        {"file": "prompts.txt", "line": line} for line in (2, 4, 5, 6)
    ]
    assert [record["prompt"] for record in found] == PROMPTS.split("\n")[1:2] + PROMPTS.split("\n")[
        3:6
    ]
    assert sorted(contents("out")) == sorted(
        ["manifest.jsonl", *(file for record in found for file in record["files"])]
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
        assert sorted(contents(file[0])) == ["manifest.jsonl", "x.mid", "x.musicxml"]
    assert contents("a")["x.mid"] == contents("b")["x.mid"] == contents("c")["x.mid"]


def test_tunes_are_gone_on_from_each_its_own_whichever_way_they_are_named(batch: Call) -> None:
    write_tune(Path("tunes/one.mid"), 1)
    write_tune(Path("tunes/below/two.MID"), 3)
    name = ("--bars", 1, "--name", "{primer}")
    assert batch("tunes", "--out", "tunes/out", *name)[0] == 0
    assert sorted(contents("tunes/out")) == ["manifest.jsonl", "one.mid", "two.mid"]
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
    assert err == "error: out/index.html exists; give --force to replace it\n"
    assert Path("out", "index.html").read_text() == "mine"
    assert batch("prompts.txt", "--out", "out", "--page", "--resume")[0] == 0
    assert Path("out", "index.html").read_bytes() == page


def test_what_the_manifest_and_the_hashes_call_whole_is_kept(batch: Call) -> None:
    assert batch("prompts.txt", "--out", "out")[0] == 0
    whole = contents("out")
    names = [next(iter(record["files"])) for record in records()]
    times = {name: Path("out", name).stat().st_mtime_ns for name in names}
    Path("out", names[0]).unlink()
    Path("out", names[1]).write_bytes(whole[names[1]][:-1])
    Path("out/manifest.jsonl").write_bytes(whole["manifest.jsonl"][:-400])  # the last is torn
    Path("out/.partial/9").mkdir(parents=True)
    Path("out/.partial/9/.part-x.wav").write_bytes(b"half")
    code, out, _ = batch("prompts.txt", "--out", "out", "--resume", "--json")
    # The file of the torn line is of unknown origin: nothing says that it is the batch's.
    assert code == 1
    Path("out", names[3]).unlink()
    code, out, _ = batch("prompts.txt", "--out", "out", "--resume", "--json")
    assert code == 0
    assert json.loads(out)["made"] == 3
    assert contents("out") == whole
    assert times[names[2]] == Path("out", names[2]).stat().st_mtime_ns


def test_items_that_changed_are_made_again_and_their_old_files_go(batch: Call) -> None:
    assert batch("prompts.txt", "--out", "out")[0] == 0
    changed = PROMPTS.replace("a jig, 1 bar", "a polka, 2 bars").replace("# four", "\n\n# four")
    Path("prompts.txt").write_text(changed)
    code, out, _ = batch("prompts.txt", "--out", "out", "--resume", "--json")
    assert (code, json.loads(out)["made"]) == (0, 1)
    assert batch("prompts.txt", "--out", "fresh")[0] == 0
    assert contents("out") == contents("fresh")
    # Another seed changes all of them.
    code, out, _ = batch("prompts.txt", "--out", "out", "--resume", "--json", "--seed", 8)
    assert (code, json.loads(out)["made"]) == (0, 4)
    assert len(contents("out")) == 5


def test_a_folder_keeps_its_seed(partimento: Call, batch: Call, tiny_checkpoint: Path) -> None:
    arguments = ("batch", "prompts.txt", "--out", "out", "--checkpoint", tiny_checkpoint, "--json")
    seed = json.loads(partimento(*arguments, "--only", 1)[1])["seed"]
    code, out, _ = partimento(*arguments, "--resume")
    assert code == 0
    assert (json.loads(out)["seed"], json.loads(out)["made"]) == (seed, 3)


def test_nothing_is_overwritten_unasked(batch: Call) -> None:
    assert batch("prompts.txt", "--out", "out")[0] == 0
    before = contents("out")
    code, _, err = batch("prompts.txt", "--out", "out")
    assert code == 1
    assert err.startswith("error: out/manifest.jsonl exists; --resume")
    Path("short.txt").write_text("a jig, 1 bar\n")
    code, _, err = batch("short.txt", "--out", "out", "--resume")
    assert code == 1
    assert "has a piece 2, the input ends at 1" in err
    assert contents("out") == before
    Path("other").mkdir()
    Path("other/001-ANY-7.mid").write_bytes(b"mine")
    code, _, err = batch("prompts.txt", "--out", "other")
    assert code == 1
    assert "other/001-ANY-7.mid exists and is of no piece of this batch" in err
    assert contents("other") == {"001-ANY-7.mid": b"mine"}
    Path("corpus").mkdir()
    Path("corpus/manifest.jsonl").write_text('{"path": "a.mid", "style": "folk"}\n')
    code, _, err = batch("prompts.txt", "--out", "corpus", "--resume", "--force")
    assert code == 1
    assert "corpus/manifest.jsonl:1: not a line of a batch" in err
    # --force makes all anew, and takes away what the input no longer has.
    code, out, _ = batch("short.txt", "--out", "out", "--force", "--json")
    assert (code, json.loads(out)["made"]) == (0, 1)
    assert len(contents("out")) == 2


def test_a_piece_that_cannot_be_saved_is_recorded_and_the_others_go_on(
    batch: Call, tiny_checkpoint: Path
) -> None:
    pytest.importorskip("midirenderer")
    resource = pytest.importorskip("resource")
    del resource
    Path("two.csv").write_text("bars,bpm,meter\n1,240,2/4\n8,40,4/4\n1,240,2/4\n")
    # Files must stay below a megabyte: the sound of eight slow bars does not.
    program = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20));"
        "from partimento.cli.main import run; run()"
    )
    arguments = ["batch", "two.csv", "--out", "out", "--also", "wav", "--json"]
    weights = ["--checkpoint", str(tiny_checkpoint), "--seed", "7"]
    command = [sys.executable, "-c", program, *arguments, *weights]
    limited = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "Traceback" not in limited.stderr
    assert limited.returncode == 1
    assert (json.loads(limited.stdout)["done"], json.loads(limited.stdout)["failed"]) == (2, 1)
    failed = records()[1]
    assert failed["status"] == "failed"
    assert failed["error"]
    assert failed["files"] == {}
    assert f"3  {failed['name']}  failed: " in limited.stderr
    assert len(contents("out")) == 5
    # Failed pieces are tried again, and the folder is as if nothing had been.
    code, out, _ = batch("two.csv", "--out", "out", "--also", "wav", "--resume", "--json")
    assert (code, json.loads(out)["made"]) == (0, 1)
    assert batch("two.csv", "--out", "fresh", "--also", "wav")[0] == 0
    assert contents("out") == contents("fresh")


def test_two_runs_do_not_write_into_one_folder(batch: Call) -> None:
    fcntl = pytest.importorskip("fcntl")
    del fcntl
    from partimento.batch.folder import OutputFolder

    with OutputFolder(Path("out")):
        code, _, err = batch("prompts.txt", "--out", "out")
    assert code == 1
    assert err == "error: out: another run is writing here; wait for it\n"


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
