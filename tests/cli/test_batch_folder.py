"""`partimento batch` and a folder with files: what is kept, made again, refused."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Call = Callable[..., tuple[int, str, str]]


def records() -> list[dict[str, Any]]:
    return [json.loads(line) for line in Path("out/batch.jsonl").open()]


def contents(folder: str) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in Path(folder).iterdir()}


def test_what_the_record_and_the_hashes_call_whole_is_kept(batch: Call) -> None:
    assert batch("prompts.txt", "--out", "out")[0] == 0
    whole = contents("out")
    names = [next(iter(record["files"])) for record in records()]
    times = {name: Path("out", name).stat().st_mtime_ns for name in names}
    Path("out", names[0]).unlink()
    Path("out", names[1]).write_bytes(whole[names[1]][:-1])
    Path("out/batch.jsonl").write_bytes(whole["batch.jsonl"][:-400])  # the last is torn
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
    prompts = Path("prompts.txt").read_text()
    changed = prompts.replace("a jig, 1 bar", "a polka, 2 bars").replace("# four", "\n\n# four")
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
    assert err.startswith("error: out/batch.jsonl exists; --resume")
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
    Path("corpus/batch.jsonl").write_text('{"path": "a.mid", "style": "folk"}\n')
    code, _, err = batch("prompts.txt", "--out", "corpus", "--resume", "--force")
    assert code == 1
    assert "corpus/batch.jsonl:1: not a line of a batch" in err
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
