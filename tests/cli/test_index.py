"""`partimento index`, and what the other commands say of music that is known."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from partimento.cli.piece_facts import NOTED_RUN, _run_in_common
from partimento.model.known_music import PASSAGES_FILE
from partimento.music.known_passages import PASSAGE, know, save_known
from partimento.music.midi.writer import write_midi
from partimento.music.score import Note, Score, Track
from partimento.request.request import Request
from partimento.sampling import generate as sampling
from partimento.sampling.engines import load_engine
from partimento.tokenizer.token_passages import passages_of_tokens

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def weights(tmp_path: Path, tiny_checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The tiny model in a folder of its own, with a folder `data` of two tunes beside it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    for seed in range(2):
        steps = np.random.default_rng(seed).integers(50, 80, 40).tolist()
        notes = tuple(Note(12 * i, pitch, 12) for i, pitch in enumerate(steps))
        write_midi(Score(24, (Track(notes),)), tmp_path / "data" / f"{seed}.mid")
    names = [json.dumps({"path": f"{seed}.mid"}) for seed in range(2)]
    (tmp_path / "data" / "manifest.jsonl").write_text("\n".join(names))
    path = tmp_path / "model.safetensors"
    path.write_bytes(tiny_checkpoint.read_bytes())
    return path


def test_an_index_is_written_beside_the_weights_and_read_by_info(
    partimento: Call, weights: Path
) -> None:
    options = ("index", "--data", "data", "--checkpoint", weights)
    code, out, err = partimento(*options)
    assert (code, out) == (0, f"{weights.with_name(PASSAGES_FILE)}\n")
    assert "was trained on the data (not named), this is " in err
    assert "is taken for one that is with a chance of 0.39%" in err
    info = ("info", "data/1.mid", "--checkpoint", weights)
    code, out, _ = partimento(*info, "--json")
    assert (json.loads(out)["common_run"], json.loads(out)["common_share"]) == (40, 1.0)
    code, out, _ = partimento(*info)
    assert "40 notes in a row as in the training music (100.0% of all notes in runs of" in out
    code, _, err = partimento(*options)
    assert code == 1
    assert "--force" in err
    assert partimento(*options, "--force", "--quiet")[0] == 0


def test_generate_and_batch_say_what_is_in_common(
    generate: Call, partimento: Call, weights: Path
) -> None:
    asked = ("--bars", 12, "--instruments", "violin, cello", "--meter", "4/4", "--key", "C")
    asked = (*asked, "--seed", 4)
    code, out, _ = generate(*asked, "--json", "first.mid")
    facts = json.loads(out)
    assert (facts["common_run"], facts["common_share"], facts["redraws"]) == (None, None, 0)
    request = Request(bars=12, instruments=["violin", "cello"], meter="4/4", key="C", seed=4)
    [piece] = sampling.generate([request], load_engine(weights))
    hashes = passages_of_tokens(piece.tokens, PASSAGE)
    save_known(know(hashes, frozenset({""})), weights.with_name(PASSAGES_FILE))
    ours = ("generate", "--checkpoint", weights, *asked)
    code, out, _ = partimento(*ours, "--json", "again.mid")
    facts = json.loads(out)
    assert facts["common_run"] >= 24
    assert facts["common_share"] > 0.5
    code, out, _ = partimento(*ours, "third.mid")
    assert out.endswith(f", {facts['common_run']} notes in a row as in the training music\n")
    code, out, err = partimento(*ours, "--original", 16, "--json", "original.mid")
    assert (code, err) == (0, "")
    facts = json.loads(out)
    assert facts["redraws"] > 0
    assert facts["common_run"] < 16
    code, _, err = partimento(*ours, "--original", 16, "--temperature", 0, "greedy.mid")
    assert code == 0
    code, _, err = partimento(*ours, "--original", 8, "x.mid")
    assert code == 2
    assert "--original must be in [16, 64], got 8" in err
    (weights.parent / "items.yaml").write_text("[{bars: 2, original: 16}]")
    code, _, err = partimento(
        "batch", "items.yaml", "--out", "pieces", "--checkpoint", weights, "--seed", 1
    )
    [line] = (weights.parent / "pieces" / "batch.jsonl").read_text().splitlines()
    record = json.loads(line)
    assert (record["common_run"], record["redraws"]) == (0, 0)
    assert record["settings"]["original"] == 16


def test_only_long_runs_are_told_in_the_line_of_a_piece() -> None:
    assert _run_in_common(NOTED_RUN - 1) == ""
    assert _run_in_common(NOTED_RUN) == ", 24 notes in a row as in the training music"
