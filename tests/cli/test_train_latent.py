"""`partimento train` for the autoencoder of bars and the flow over them."""

import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from partimento.model.checkpoint import file_hash, read_header
from partimento.model.latent.autoencoder import Autoencoder
from partimento.model.latent.conditioning import INPUTS
from partimento.model.latent.flow import Flow
from partimento.music.midi.writer import write_midi
from partimento.music.score import Note, Score, Track

SHORT = "training:\n  steps: 3\n  rows: 4\n  warm_up: 1\n"
AUTOENCODER = f"autoencoder:\n  latent: 6\n  width: 16\n{SHORT}"
FLOW = f"flow:\n  width: 12\n  layers: 1\n  heads: 2\n  bars: 8\n{SHORT}"
MODEL = """
model: {width: 16, layers: 1, heads: 2, feed_forward_width: 24, sketch: true}
training: {warm_up: 1, batches: {rows: 2, tokens: 64}}
"""
Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, with four small pieces and a config of either part."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    lines = []
    for number, split in enumerate(("train", "train", "train", "valid")):
        rng = random.Random(number)
        notes = tuple(Note(24 * i, rng.randrange(55, 80), 24) for i in range(32))
        write_midi(Score(24, (Track(notes, 40),)), tmp_path / "data" / f"{number}.mid")
        lines.append({"path": f"{number}.mid", "style": "folk", "split": split})
    manifest = "".join(json.dumps(line) + "\n" for line in lines)
    (tmp_path / "data" / "manifest.jsonl").write_text(manifest)
    (tmp_path / "bars.yaml").write_text(AUTOENCODER)
    (tmp_path / "flow.yaml").write_text(FLOW)
    (tmp_path / "model.yaml").write_text(MODEL)
    return tmp_path


@pytest.fixture
def train(folder: Path, partimento: Command) -> Command:
    """A function that runs the command; gives exit code, stdout and stderr."""

    def run(config: str, out: str, *options: str) -> tuple[int, str, str]:
        return partimento("train", "--data", "data", "--out", out, "--config", config, *options)

    return run


def test_an_autoencoder_and_a_flow_are_trained_one_on_the_other(
    folder: Path, train: Command
) -> None:
    code, output, errors = train("bars.yaml", "bars")
    assert code == 0, errors
    path = Path("bars/autoencoder.safetensors")
    assert output == f"{path}\n"
    assert Autoencoder.load(path).config.latent == 6
    code, output, errors = train("flow.yaml", "flow", "--autoencoder", str(path))
    assert code == 0, errors
    assert Flow.load(Path("flow/flow.safetensors")).config.latent == 6
    (line,) = Path("flow/curve.jsonl").read_text().splitlines()
    assert json.loads(line).keys() >= {"step", "seconds", "loss", "error", "error at 0.5"}


def test_a_model_is_told_the_sketches_of_an_autoencoder_and_resumes_with_it_alone(
    folder: Path, train: Command
) -> None:
    for out, seed in (("bars", "1"), ("others", "2")):
        assert train("bars.yaml", out, "--seed", seed)[0] == 0
    options = ["--autoencoder", "bars/autoencoder.safetensors"]
    assert train("model.yaml", "model", *options, "--steps", "2")[0] == 0
    header = read_header(Path("model/model.safetensors"))
    assert header.config.sketch_width == INPUTS
    assert header.extra["autoencoder"] == file_hash(Path(options[1]))
    code, _, errors = train("model.yaml", "model", *options, "--steps", "3")
    assert code == 0
    assert "resuming at step 2" in errors
    options = ["--autoencoder", "others/autoencoder.safetensors"]
    code, _, errors = train("model.yaml", "model", *options, "--steps", "4")
    assert code == 1
    assert "made with another training.autoencoder" in " ".join(errors.split())


def test_a_finished_run_says_so_and_a_longer_one_goes_on(train: Command) -> None:
    assert train("bars.yaml", "out")[0] == 0
    assert "this run is finished: 3 steps" in train("bars.yaml", "out")[2]
    code, _, errors = train("bars.yaml", "out", "--steps", "5")
    assert code == 0
    assert "resuming at step 3" in errors


@pytest.mark.parametrize(
    ("config", "options", "message"),
    [
        ("flow.yaml", [], "give --autoencoder, the file that"),
        ("bars.yaml", ["--autoencoder", "x"], "--autoencoder is for a flow"),
        ("base", ["--autoencoder", "x"], "base: its model hears no sketches, which need an"),
        ("bars.yaml", ["--start", "shipped"], "--start is for models"),
        ("bars.yaml", ["--steps", "1", "--minutes", "1"], "two lengths of a run"),
        ("nothing", [], "no config is called 'nothing'; choose from autoencoder, base"),
    ],
)
def test_options_that_do_not_belong_together_are_usage_errors(
    train: Command, config: str, options: list[str], message: str
) -> None:
    code, _, errors = train(config, "out", *options)
    assert code == 2
    assert message in errors


def test_a_config_of_two_parts_is_refused(folder: Path, train: Command) -> None:
    (folder / "both.yaml").write_text(AUTOENCODER + FLOW.replace(SHORT, ""))
    code, _, errors = train("both.yaml", "out")
    assert code == 2
    assert "sections of autoencoder and flow; keep one" in errors
