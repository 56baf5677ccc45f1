"""`partimento train`: what it prints, its exit codes, Ctrl-C, and torchrun."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from partimento.cli.training_run import LEFT_OUT_FILE, SHOWN_PROBLEMS
from partimento.model.checkpoint import file_hash, read_header, shipped_checkpoint
from partimento.model.config_files import load_config, read_section
from partimento.model.known_music import PASSAGES_FILE, known_music
from partimento.model.loading import load_model
from partimento.music.midi.writer import write_midi
from partimento.music.score import Note, Score, Track
from partimento.tokenizer.conditioning import CONDITIONING_WIDTH
from partimento.tokenizer.features import FEATURES, SOUNDING_WIDTH
from partimento.tokenizer.loading import load_score
from partimento.training.config import TrainingConfig
from partimento.training.loop import CHECKPOINT_FILE, CURVE_FILE, STATE_FILE
from partimento.training.state import load_state

TINY = {
    "model": {"width": 16, "layers": 1, "heads": 2, "feed_forward_width": 24},
    "training": {"warm_up": 2, "seed": 3, "batches": {"rows": 2, "tokens": 64}},
}
Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, with data (a manifest, six pieces) and a tiny config."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    lines = []
    for number in range(6):
        rng = random.Random(number)
        notes = tuple(Note(24 * i, rng.randrange(55, 80), 24) for i in range(32))
        write_midi(Score(24, (Track(notes, 40),)), tmp_path / "data" / f"{number}.mid")
        split = "valid" if number == 0 else "train"
        lines.append({"path": f"{number}.mid", "style": "folk", "split": split})
    manifest = "".join(json.dumps(line) + "\n" for line in lines)
    (tmp_path / "data" / "manifest.jsonl").write_text(manifest)
    (tmp_path / "tiny.yaml").write_text(yaml.safe_dump(TINY))
    return tmp_path


@pytest.fixture
def train(folder: Path, partimento: Command) -> Command:
    """A function that runs the command; gives exit code, stdout and stderr."""

    def run(*options: str, config: str = "tiny.yaml") -> tuple[int, str, str]:
        return partimento(
            *("train", "--data", "data", "--out", "out", "--config", config), *options
        )

    return run


def command(*options: str) -> list[str]:
    """The command for a process of its own."""
    base = ["-m", "partimento", "train", "--data", "data", "--out", "out", "--config", "tiny.yaml"]
    return [*base, *options]


def test_the_path_of_the_checkpoint_is_all_that_stdout_gets(folder: Path, train: Command) -> None:
    code, out, err = train("--steps", "3")
    assert code == 0
    assert out == f"{Path('out') / CHECKPOINT_FILE}\n"
    assert "5 pieces to train on with " in err
    assert ", 1 to validate, 0 to test\n" in err
    assert "step 3, 384 tokens, " in err
    assert "held-out nats a note: folk " in err
    model, header = load_model(folder / "out" / CHECKPOINT_FILE)
    assert header.step == 3
    known = known_music(folder / "out" / CHECKPOINT_FILE, header.data)
    assert known is not None
    tunes = [load_score(folder / "data" / f"{number}.mid").score for number in (0, 1)]
    assert [known.common(tune).longest for tune in tunes] == [0, 32]
    assert model.config == load_config("tiny.yaml", FEATURES, SOUNDING_WIDTH, CONDITIONING_WIDTH)
    names = {path.name for path in (folder / "out").iterdir()}
    assert names == {CHECKPOINT_FILE, CURVE_FILE, STATE_FILE, PASSAGES_FILE}
    assert [path.suffix for path in (folder / "cache").iterdir()] == [".npz"]


def test_quiet_leaves_stderr_empty(train: Command) -> None:
    code, out, err = train("--steps", "2", "--quiet")
    assert (code, err) == (0, "")
    assert out.strip().endswith(CHECKPOINT_FILE)


def test_a_finished_run_says_so_and_where_the_checkpoint_is(folder: Path, train: Command) -> None:
    train("--steps", "3")
    (folder / "out" / CHECKPOINT_FILE).unlink()
    code, out, err = train("--steps", "3")
    assert code == 0
    assert "this run is finished: 3 steps, 384 tokens; train on with a longer --minutes" in err
    assert read_header(Path(out.strip())).step == 3


def test_a_longer_run_goes_on_from_the_saved_step(folder: Path, train: Command) -> None:
    train("--steps", "3")
    code, _, err = train("--steps", "5")
    assert code == 0
    assert "resuming at step 3, 60% done" in err
    assert load_state(folder / "out" / STATE_FILE)["step"] == 5


def test_files_left_out_are_counted_and_named(folder: Path, train: Command) -> None:
    with (folder / "data" / "manifest.jsonl").open("a") as file:
        for number in range(SHOWN_PROBLEMS + 2):
            (folder / "data" / f"junk{number}.mid").write_text("no music")
            file.write(f'{{"path": "junk{number}.mid"}}\n')
    code, _, err = train("--steps", "1")
    assert code == 0
    assert f"warning: 7 files left out, see {Path('out') / LEFT_OUT_FILE}\n" in err
    assert "junk0.mid: not a MIDI file" in err
    assert "  and 2 more\n" in err
    listed = (folder / "out" / LEFT_OUT_FILE).read_text().splitlines()
    assert [f"junk{number}.mid" in line for number, line in enumerate(listed)] == [True] * 7


def test_without_valid_pieces_a_warning_says_that_nothing_is_evaluated(
    folder: Path, train: Command
) -> None:
    manifest = folder / "data" / "manifest.jsonl"
    manifest.write_text(manifest.read_text().replace("valid", "train"))
    code, _, err = train("--steps", "1")
    assert code == 0
    assert "warning: no piece to validate on, so the run is not evaluated" in err
    assert "held-out" not in err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ((), "config tiny.yaml sets no length of the run; give --minutes or --steps"),
        (("--steps", "3", "--minutes", "1"), "two lengths of a run; give one of them"),
        (("--steps", "0"), "--steps must be at least 1, got 0"),
        (("--minutes", "-1"), "--minutes must be above 0, got -1.0"),
        (("--steps", "1", "--seed", "-1"), "--seed must be at least 0, got -1"),
        (("--steps", "1", "--threads", "0"), "--threads must be at least 1, got 0"),
        (("--steps", "1", "--config", "big"), "no config is called 'big'; choose from "),
        (("--steps", "1", "--config", "no.yaml"), "no.yaml: no such config file"),
        (("--config", "fine-tune"), "has no section 'model:'; add it, or start from a checkpoint"),
        (("--steps", "1", "--start", "no.safetensors"), "no.safetensors: no such checkpoint"),
        (("--steps", "1", "--data", "nowhere"), "nowhere' does not exist"),
    ],
)
def test_a_wrong_option_is_one_line_and_exit_code_2(
    folder: Path, train: Command, options: tuple[str, ...], message: str
) -> None:
    code, out, err = train(*options)
    assert (code, out) == (2, "")
    assert message in " ".join(err.split())
    assert not (folder / "out").exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("model: [", "wrong.yaml: not valid yaml"),
        ("training: {steps: 3}", "wrong.yaml: has no section 'model:'"),
        ("model: {width: 16}", "wrong.yaml: has no section 'training:'"),
        ("model: {wide: 16}\ntraining: {}", "model: setting 'wide' does not exist"),
        ("model: {width: 16}\ntraining: {rows: 4}", "training: setting 'rows' does not exist"),
        (
            "model: {width: 16}\ntraining: {optimizer: {learning_rate: fast}}",
            "training.optimizer.learning_rate must be a number, got 'fast'",
        ),
    ],
)
def test_a_wrong_config_is_one_line_and_exit_code_2(
    folder: Path, train: Command, content: str, message: str
) -> None:
    (folder / "wrong.yaml").write_text(content)
    code, out, err = train("--steps", "1", config="wrong.yaml")
    assert (code, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1


def test_a_checkpoint_is_trained_on_whatever_its_shape(folder: Path, train: Command) -> None:
    train("--steps", "1")
    (folder / "out").rename(folder / "first")
    first = folder / "first" / CHECKPOINT_FILE
    options = ("--start", str(first), "--steps", "2")
    assert train(*options, config="fine-tune")[0] == 0
    header = read_header(folder / "out" / CHECKPOINT_FILE)
    assert header.config == read_header(first).config
    assert (header.step, header.extra["start"]) == (2, file_hash(first))
    code, out, err = train("--steps", "3", "--quiet")
    assert (code, out) == (1, "")
    assert "made with another " in err


def test_the_shipped_model_is_trained_on_by_its_name(folder: Path, train: Command) -> None:
    options = ("--start", "shipped", "--steps", "1", "--quiet")
    assert train(*options, config="fine-tune")[0] == 0
    header = read_header(folder / "out" / CHECKPOINT_FILE)
    assert header.config == read_header(shipped_checkpoint()).config
    assert header.extra["start"] == file_hash(shipped_checkpoint())


def test_a_config_with_a_model_gives_a_checkpoint_its_inputs(folder: Path, train: Command) -> None:
    (folder / "few.yaml").write_text(
        "model: {width: 16, features: [tick], conditioning: false}\ntraining: {}\n"
    )
    assert train("--steps", "1", config="few.yaml")[0] == 0
    (folder / "out").rename(folder / "first")
    first = folder / "first" / CHECKPOINT_FILE
    (folder / "more.yaml").write_text("model: {features: [tick, echo]}\ntraining: {}\n")
    assert train("--start", str(first), "--steps", "1", config="more.yaml")[0] == 0
    before = read_header(first).config
    after = read_header(folder / "out" / CHECKPOINT_FILE).config
    assert [feature.name for feature in after.features] == ["tick", "echo"]
    assert after.conditioning_width == CONDITIONING_WIDTH
    assert after.width == before.width == 16
    code, out, err = train("--start", str(first), "--steps", "1", "--quiet", config="few.yaml")
    assert (code, out) == (1, "")
    assert "made with another " in err


def test_a_checkpoint_keeps_the_inputs_that_it_has(folder: Path, train: Command) -> None:
    (folder / "more.yaml").write_text("model: {width: 16, features: [tick, echo]}\ntraining: {}\n")
    assert train("--steps", "1", config="more.yaml")[0] == 0
    (folder / "out").rename(folder / "first")
    first = folder / "first" / CHECKPOINT_FILE
    (folder / "few.yaml").write_text("model: {features: [tick]}\ntraining: {}\n")
    code, out, err = train("--start", str(first), "--steps", "1", "--quiet", config="few.yaml")
    assert (code, out) == (1, "")
    assert "features: echo of the checkpoint must stay as they are" in err
    assert err.count("\n") == 1


def test_other_settings_than_those_of_the_saved_run_are_exit_code_1(train: Command) -> None:
    train("--steps", "2")
    code, out, err = train("--steps", "3", "--seed", "4", "--quiet")
    assert (code, out) == (1, "")
    assert "was made with another training.seed (3, not 4); --out names another folder" in err


def test_a_wrong_manifest_is_one_line_and_exit_code_1(folder: Path, train: Command) -> None:
    with (folder / "data" / "manifest.jsonl").open("a") as file:
        file.write("{broken\n")
    code, out, err = train("--steps", "2")
    assert (code, out) == (1, "")
    assert "manifest.jsonl:7: not valid JSON" in err
    assert err.count("\n") == 1


def test_a_corpus_without_training_pieces_is_exit_code_1(folder: Path, train: Command) -> None:
    manifest = folder / "data" / "manifest.jsonl"
    manifest.write_text(manifest.read_text().replace('"train"', '"test"'))
    code, _, err = train("--steps", "2")
    assert code == 1
    assert "the train split is empty" in err


@pytest.mark.slow
def test_ctrl_c_saves_and_the_same_command_resumes(folder: Path, train: Command) -> None:
    curve = folder / "out" / CURVE_FILE
    with subprocess.Popen(
        [sys.executable, *command("--steps", "100000")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        waited = time.monotonic()
        while not curve.is_file() and time.monotonic() < waited + 120:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert out == ""
    assert "; the state is saved, the same command resumes" in err
    step = load_state(folder / "out" / STATE_FILE)["step"]
    assert step >= 20
    assert read_header(folder / "out" / CHECKPOINT_FILE).step == step
    code, _, err = train("--steps", str(step + 2))
    assert code == 0
    assert f"resuming at step {step:,}, " in err


@pytest.mark.slow
def test_torchrun_trains_one_checkpoint_with_two_processes(folder: Path) -> None:
    # A standalone rendezvous takes a free port: tests may run side by side.
    launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2"]
    with subprocess.Popen(
        [sys.executable, *launcher, *command("--steps", "4")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    ) as process:
        try:
            out, err = process.communicate(timeout=240)
        except subprocess.TimeoutExpired:
            process.terminate()  # and not kill: it ends its workers
            raise
    assert process.returncode == 0, err
    assert out == f"{Path('out') / CHECKPOINT_FILE}\n"
    assert err.count("held-out nats a note") == 1
    assert read_header(folder / "out" / CHECKPOINT_FILE).extra["tokens"] == 4 * 2 * 2 * 64
    state = load_state(folder / "out" / STATE_FILE)
    assert (state["step"], state["training"]["processes"]) == (4, 2)
    assert len((folder / "out" / CURVE_FILE).read_text().splitlines()) == 1
    names = {path.name for path in (folder / "out").iterdir()}
    assert names == {CHECKPOINT_FILE, CURVE_FILE, STATE_FILE, PASSAGES_FILE}
    assert len(list((folder / "cache").iterdir())) == 1


@pytest.mark.parametrize("name", ["base", "delta", "softmax"])
def test_the_shipped_configs_differ_in_their_attention_only(name: str) -> None:
    assert read_section(name, "training") == read_section("base", "training")
    attention = {"base": "gated"}.get(name, name)
    assert read_section(name, "model") == {**read_section("base", "model"), "attention": attention}
    settings = TrainingConfig.from_dict(read_section(name, "training"))
    assert (settings.minutes, settings.optimizer.learning_rate) == (120, 3e-3)
    assert (settings.batches.rows, settings.batches.tokens) == (4, 1024)
