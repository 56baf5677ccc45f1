"""`partimento mirex`: four bars in, twelve bars out, and all of them on the grid."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from partimento.music.mirex import END, FIRST

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def prompt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Four bars of two hands."""
    monkeypatch.chdir(tmp_path)
    hands = [{"start": 16 + 4 * i, "pitch": 60 + i % 8, "duration": 4} for i in range(16)]
    hands += [{"start": 16 + 16 * i, "pitch": 48 - i, "duration": 16} for i in range(4)]
    path = tmp_path / "prompt.json"
    path.write_text(json.dumps({"prompt": hands}))
    return path


def test_continuations_are_written_as_the_task_names_them(
    partimento: Call, tiny_checkpoint: Path, prompt: Path
) -> None:
    ours = ("mirex", prompt, "--checkpoint", tiny_checkpoint, "--seed", 3)
    code, out, err = partimento(*ours, "samples", "-n", 3)
    paths = [Path("samples") / f"sample_0{number}.json" for number in (1, 2, 3)]
    assert (code, err) == (0, "")
    assert out.split() == [str(path) for path in paths]
    texts = [path.read_text() for path in paths]
    assert len(set(texts)) == 3
    for text in texts:
        [(name, notes)] = json.loads(text).items()
        assert name == "generation"
        assert notes
        assert {tuple(note) for note in notes} == {("start", "pitch", "duration")}
        assert all(type(value) is int for note in notes for value in note.values())
        assert all(FIRST <= note["start"] < END for note in notes)
        assert all(0 <= note["pitch"] < 128 and note["duration"] > 0 for note in notes)
        assert all(note["start"] + note["duration"] <= END for note in notes)
        assert max(note["start"] for note in notes) >= END - 16  # the last bar sounds
    code, out, _ = partimento(*ours, "one.json")
    assert (code, out) == (0, "one.json\n")
    assert Path("one.json").read_text() == texts[0]
    code, out, _ = partimento(*ours, "two.json", "-n", 2)
    assert [Path(line).read_text() for line in out.split()] == texts[:2]
    assert out == "two-01.json\ntwo-02.json\n"
    code, _, err = partimento(*ours, "one.json")
    assert code == 1
    assert "one.json exists" in err


def test_silence_at_the_end_of_a_prompt_is_part_of_it(
    partimento: Call, tiny_checkpoint: Path, prompt: Path
) -> None:
    prompt.write_text(json.dumps({"prompt": [{"start": 16, "pitch": 60, "duration": 4}]}))
    partimento("mirex", prompt, "out.json", "--checkpoint", tiny_checkpoint, "--seed", 1)
    starts = [note["start"] for note in json.loads(Path("out.json").read_text())["generation"]]
    assert min(starts) >= FIRST
    assert END - 16 <= max(starts) < END


def test_a_prompt_that_is_none_is_refused_before_anything_is_written(
    partimento: Call, tiny_checkpoint: Path, prompt: Path
) -> None:
    prompt.write_text("{}")
    code, _, err = partimento("mirex", prompt, "samples", "--checkpoint", tiny_checkpoint)
    assert code == 1
    assert err.startswith("error: ")
    assert "holds no notes" in err
    assert not Path("samples").exists()
