"""The loop: it learns, resumes to the bit, stops when asked, and keeps what it promises on disk."""

import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from partimento.model.checkpoint import file_hash, read_header
from partimento.model.config import ModelConfig, select_features
from partimento.model.latent.conditioning import INPUTS
from partimento.model.loading import load_model
from partimento.music.score import Score
from partimento.tokenizer.encoding import encode
from partimento.tokenizer.features import FEATURES, SOUNDING_WIDTH
from partimento.training import loop
from partimento.training.config import TrainingConfig
from partimento.training.corpus import Corpus, Entry, Piece
from partimento.training.latent.conditions import SketchShares
from partimento.training.loop import BatchConfig, OptimizerConfig, Run
from partimento.training.state import load_state, save_state

MODEL = ModelConfig(
    width=16,
    layers=1,
    heads=2,
    feed_forward_width=24,
    features=select_features(FEATURES),
    sounding_width=SOUNDING_WIDTH,
)
CONFIG = TrainingConfig(
    steps=8, warm_up=2, seed=3, batches=BatchConfig(rows=2, tokens=64), evaluate_minutes=1e9
)


def make_corpus(random_score: Callable[..., Score], valid: int = 2) -> Corpus:
    pieces = []
    for seed in range(6):
        style = ("folk", "jazz")[seed % 2]
        score = random_score(seed, style)
        split = "valid" if seed < valid else "train"
        tokens = encode(score).tokens
        pieces.append(Piece(Entry(f"{seed}.mid", style, split), tokens, score.note_count))
    return Corpus(tuple(pieces), (), "tiny")


@pytest.fixture(scope="module")
def corpus(random_score: Callable[..., Score]) -> Corpus:
    return make_corpus(random_score)


class Clock:
    """Stands in for the module time: half a second passes with each look at it."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        self.now += 0.5
        return self.now

    process_time = monotonic


def train(run: Run, until: int | None = None) -> list[loop.Status]:
    """Train to the end, or stop after a step."""
    return list(run.train(lambda: until is not None and run.step >= until))


def assert_same_state(one: Any, two: Any) -> None:
    """Compare nested states; tensors bit for bit."""
    if isinstance(one, Tensor):
        assert torch.equal(one, two)
    elif isinstance(one, dict):
        assert one.keys() == two.keys()
        for key in one.keys() - {"seconds"}:
            assert_same_state(one[key], two[key])
    elif isinstance(one, list | tuple):
        for left, right in zip(one, two, strict=True):
            assert_same_state(left, right)
    else:
        assert one == two


def test_a_resumed_run_repeats_to_the_bit(corpus: Corpus, tmp_path: Path) -> None:
    at_once = Run(MODEL, CONFIG, corpus, tmp_path / "once")
    losses = [status.loss for status in train(at_once)]
    first = Run(MODEL, CONFIG, corpus, tmp_path / "twice")
    in_parts = [status.loss for status in train(first, until=3)]
    second = Run(MODEL, CONFIG, corpus, tmp_path / "twice")
    assert second.step == 3
    in_parts += [status.loss for status in train(second)]
    assert losses == in_parts
    states = [load_state(tmp_path / name / loop.STATE_FILE) for name in ("once", "twice")]
    assert states[0]["step"] == 8
    assert_same_state(*states)


def test_an_evaluation_on_the_way_changes_nothing(corpus: Corpus, tmp_path: Path) -> None:
    rare = Run(MODEL, CONFIG, corpus, tmp_path / "rare")
    often = Run(MODEL, replace(CONFIG, evaluate_minutes=1e-9), corpus, tmp_path / "often")
    assert [s.loss for s in train(rare)] == [s.loss for s in train(often)]
    assert_same_state(rare.model.state_dict(), often.model.state_dict())


def test_the_seed_decides_weights_and_batches_and_leaves_torch_alone(
    corpus: Corpus, tmp_path: Path
) -> None:
    torch.manual_seed(0)
    expected = torch.rand(3)
    torch.manual_seed(0)
    one = Run(MODEL, CONFIG, corpus, tmp_path / "one")
    assert torch.equal(torch.rand(3), expected)
    two = Run(MODEL, CONFIG, corpus, tmp_path / "two")
    other = Run(MODEL, replace(CONFIG, seed=4), corpus, tmp_path / "other")
    assert torch.equal(one.model.embedding, two.model.embedding)
    assert not torch.equal(one.model.embedding, other.model.embedding)


def test_the_loss_falls(corpus: Corpus, tmp_path: Path) -> None:
    losses = [s.loss for s in train(Run(MODEL, replace(CONFIG, steps=60), corpus, tmp_path))]
    assert losses[0] == pytest.approx(math.log(384), abs=0.01)
    assert sum(losses[-5:]) / 5 < losses[0] - 1.0


def test_a_run_that_should_stop_saves_between_two_steps(corpus: Corpus, tmp_path: Path) -> None:
    run = Run(MODEL, CONFIG, corpus, tmp_path)
    assert len(train(run, until=5)) == 5
    state = load_state(tmp_path / loop.STATE_FILE)
    assert state["step"] == 5
    assert_same_state(state["model"], dict(run.model.state_dict()))
    assert read_header(tmp_path / loop.CHECKPOINT_FILE).step == 5
    assert not run.is_finished


def test_a_finished_run_does_nothing_more(corpus: Corpus, tmp_path: Path) -> None:
    train(Run(MODEL, CONFIG, corpus, tmp_path))
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    again = Run(MODEL, CONFIG, corpus, tmp_path)
    assert again.is_finished
    assert again.tokens == 8 * 2 * 64
    assert before == {path.name: path.read_bytes() for path in tmp_path.iterdir()}


@pytest.mark.parametrize(
    ("model", "config", "fingerprint", "message"),
    [
        ({"layers": 2}, {}, "tiny", r"another model\.layers \(1, not 2\)"),
        ({}, {"seed": 4}, "tiny", r"another training\.seed \(3, not 4\)"),
        ({}, {"batches": BatchConfig(4, 64)}, "tiny", r"batches\.rows \(2, not 4\)"),
        ({}, {"optimizer": OptimizerConfig(0.1)}, "tiny", r"optimizer\.learning_rate"),
        ({}, {}, "other", r'another data \("tiny", not "other"\)'),
    ],
)
def test_another_setting_is_refused_with_the_remedy(
    corpus: Corpus,
    tmp_path: Path,
    model: dict[str, Any],
    config: dict[str, Any],
    fingerprint: str,
    message: str,
) -> None:
    train(Run(MODEL, replace(CONFIG, steps=1), corpus, tmp_path))
    other = replace(corpus, fingerprint=fingerprint)
    with pytest.raises(ValueError, match=f"{message}.* out names another folder"):
        Run(replace(MODEL, **model), replace(CONFIG, **config), other, tmp_path)


def test_a_longer_run_goes_on_as_if_it_had_been_long_from_the_start(
    corpus: Corpus, tmp_path: Path
) -> None:
    """While the learning rate is constant, the length leaves no trace."""
    longer = replace(CONFIG, steps=12)
    train(Run(MODEL, CONFIG, corpus, tmp_path / "grown"), until=4)
    train(Run(MODEL, longer, corpus, tmp_path / "grown"))
    train(Run(MODEL, longer, corpus, tmp_path / "long"))
    grown, long = (load_state(tmp_path / name / loop.STATE_FILE) for name in ("grown", "long"))
    assert_same_state(grown, long)


def test_a_state_without_its_settings_is_resumed(corpus: Corpus, tmp_path: Path) -> None:
    train(Run(MODEL, CONFIG, corpus, tmp_path), until=2)
    state = load_state(tmp_path / loop.STATE_FILE)
    del state["training"]
    save_state(tmp_path / loop.STATE_FILE, state)
    assert Run(MODEL, CONFIG, corpus, tmp_path).step == 2


def test_a_run_may_begin_with_the_weights_of_a_checkpoint(corpus: Corpus, tmp_path: Path) -> None:
    first = Run(MODEL, CONFIG, corpus, tmp_path / "first")
    train(first)
    start = tmp_path / "first" / loop.CHECKPOINT_FILE
    second = Run(MODEL, replace(CONFIG, seed=9), corpus, tmp_path / "second", start)
    assert_same_state(second.model.state_dict(), load_model(start)[0].state_dict())
    assert second.step == 0
    train(second)
    assert not torch.equal(second.model.embedding, first.model.embedding)
    extra = read_header(tmp_path / "second" / loop.CHECKPOINT_FILE).extra
    assert extra["start"] == file_hash(start)
    assert extra["tokens"] == second.tokens


def test_a_resumed_run_keeps_its_own_weights_and_its_start(corpus: Corpus, tmp_path: Path) -> None:
    train(Run(MODEL, CONFIG, corpus, tmp_path / "first"))
    start, out = tmp_path / "first" / loop.CHECKPOINT_FILE, tmp_path / "second"
    whole = Run(MODEL, CONFIG, corpus, tmp_path / "whole", start)
    train(whole)
    train(Run(MODEL, CONFIG, corpus, out, start), until=3)
    resumed = Run(MODEL, CONFIG, corpus, out, start)
    assert resumed.step == 3
    train(resumed)
    assert_same_state(resumed.model.state_dict(), whole.model.state_dict())
    with pytest.raises(ValueError, match=r"made with another training\.start"):
        Run(MODEL, CONFIG, corpus, out)


def test_a_checkpoint_of_another_shape_is_no_start(corpus: Corpus, tmp_path: Path) -> None:
    train(Run(MODEL, replace(CONFIG, steps=1), corpus, tmp_path / "first"))
    start = tmp_path / "first" / loop.CHECKPOINT_FILE
    with pytest.raises(ValueError, match=r"has another model\.layers \(1, not 2\); begin with"):
        Run(replace(MODEL, layers=2), CONFIG, corpus, tmp_path / "second", start)


HEARING = replace(MODEL, sketch_width=INPUTS)


def test_a_run_with_sketches_begins_as_its_start_and_resumes_to_the_bit(
    corpus: Corpus, tmp_path: Path, autoencoder_file: Path
) -> None:
    train(Run(MODEL, CONFIG, corpus, tmp_path / "first"))
    start, out = tmp_path / "first" / loop.CHECKPOINT_FILE, tmp_path / "second"
    whole = Run(HEARING, CONFIG, corpus, tmp_path / "whole", start, autoencoder_file)
    deaf = Run(MODEL, CONFIG, corpus, tmp_path / "deaf", start)
    for style, sums in deaf.evaluate().items():
        assert whole.evaluate()[style].nats == pytest.approx(sums.nats)
    train(whole)
    assert whole.model.sketch is not None
    assert whole.model.sketch.last.weight.any()
    train(Run(HEARING, CONFIG, corpus, out, start, autoencoder_file), until=3)
    resumed = Run(HEARING, CONFIG, corpus, out, start, autoencoder_file)
    train(resumed)
    assert_same_state(resumed.model.state_dict(), whole.model.state_dict())
    header = read_header(out / loop.CHECKPOINT_FILE)
    assert header.extra["autoencoder"] == file_hash(autoencoder_file)
    assert load_model(out / loop.CHECKPOINT_FILE)[0].config == HEARING


def test_a_run_with_another_autoencoder_or_other_shares_is_not_resumed(
    corpus: Corpus, tmp_path: Path, autoencoder_file: Path, save_autoencoder: Callable[..., Path]
) -> None:
    out = tmp_path / "out"
    train(Run(HEARING, CONFIG, corpus, out, None, autoencoder_file), until=1)
    other = save_autoencoder(tmp_path / "other.safetensors", seed=1)
    with pytest.raises(ValueError, match=r"made with another training\.autoencoder"):
        Run(HEARING, CONFIG, corpus, out, None, other)
    shares = replace(CONFIG, sketches=SketchShares(0.2))
    with pytest.raises(ValueError, match=r"training\.sketches\.without \(0\.5, not 0\.2\)"):
        Run(HEARING, shares, corpus, out, None, autoencoder_file)


def test_an_autoencoder_and_an_ear_for_sketches_need_each_other(
    corpus: Corpus, tmp_path: Path, autoencoder_file: Path
) -> None:
    with pytest.raises(ValueError, match="sketch_width of the model is 287; give an autoencoder"):
        Run(HEARING, CONFIG, corpus, tmp_path)
    with pytest.raises(ValueError, match="an autoencoder is given, but sketch_width"):
        Run(MODEL, CONFIG, corpus, tmp_path, None, autoencoder_file)


def test_the_curve_has_a_line_every_twenty_steps_and_at_the_end(
    corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "time", Clock())
    config = replace(CONFIG, steps=50)
    train(Run(MODEL, config, corpus, tmp_path), until=45)
    train(Run(MODEL, config, corpus, tmp_path))
    content = (tmp_path / loop.CURVE_FILE).read_bytes()
    assert content.endswith(b"}\n")
    assert b"\r" not in content
    lines = [json.loads(line) for line in content.splitlines()]
    assert [line["step"] for line in lines] == [20, 40, 50]
    assert [line["tokens"] for line in lines] == [20 * 128, 40 * 128, 50 * 128]
    assert [line["seconds"] for line in lines] == [0.5 * 20, 0.5 * 40, 0.5 * 50]
    assert lines[2]["nats_per_note"].keys() == {"folk", "jazz"}
    assert "nats_per_note" not in lines[0]


def test_lines_of_the_curve_after_the_saved_step_are_dropped(
    corpus: Corpus, tmp_path: Path
) -> None:
    """A killed run leaves them, the last one perhaps cut off; the resumed run writes them anew."""
    config = replace(CONFIG, steps=60)
    train(Run(MODEL, config, corpus, tmp_path), until=30)
    curve = tmp_path / loop.CURVE_FILE
    kept = curve.read_text()
    curve.write_text(kept + '{"step": 40, "loss": 1.0}\n{"step": 6')
    run = Run(MODEL, config, corpus, tmp_path)
    assert curve.read_text() == kept
    train(run)
    steps = [json.loads(line)["step"] for line in curve.read_text().splitlines()]
    assert steps == [20, 40, 60]


def test_without_valid_pieces_the_run_is_saved_and_not_evaluated(
    random_score: Callable[..., Score], tmp_path: Path
) -> None:
    statuses = train(Run(MODEL, CONFIG, make_corpus(random_score, valid=0), tmp_path))
    assert all(status.evaluation is None for status in statuses)
    assert load_state(tmp_path / loop.STATE_FILE)["step"] == 8
    assert not (tmp_path / loop.CURVE_FILE).exists()


def test_the_evaluation_counts_notes_of_the_valid_split_only(
    corpus: Corpus, tmp_path: Path
) -> None:
    run = Run(MODEL, CONFIG, corpus, tmp_path)
    evaluation = run.evaluate()
    assert {style: sums.pieces for style, sums in evaluation.items()} == {"folk": 1, "jazz": 1}
    # An untrained model gives all tokens the same probability.
    assert evaluation["folk"].nats_per_token == pytest.approx(math.log(384), rel=1e-4)


def test_the_checkpoint_is_the_model_in_half_precision(corpus: Corpus, tmp_path: Path) -> None:
    run = Run(MODEL, CONFIG, corpus, tmp_path)
    train(run)
    model, header = load_model(run.export("CC0-1.0"))
    assert (header.step, header.data, header.licence) == (8, "tiny", "CC0-1.0")
    assert header.extra["tokens"] == 8 * 2 * 64
    for name, weight in model.state_dict().items():
        torch.testing.assert_close(weight, run.model.state_dict()[name], rtol=1e-3, atol=1e-6)


def test_a_run_that_diverges_ends_with_the_remedy_and_keeps_the_last_state(
    corpus: Corpus, tmp_path: Path
) -> None:
    train(Run(MODEL, CONFIG, corpus, tmp_path), until=2)
    before = (tmp_path / loop.STATE_FILE).read_bytes()
    run = Run(MODEL, CONFIG, corpus, tmp_path)
    torch.nn.init.constant_(run.model.head.weight, math.nan)
    with pytest.raises(ValueError, match=r"the loss is nan at step 3: .*lower learning_rate"):
        train(run)
    assert (tmp_path / loop.STATE_FILE).read_bytes() == before


def test_the_time_left_of_a_resumed_run_counts_its_own_steps_only(
    corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = replace(CONFIG, steps=20)
    train(Run(MODEL, config, corpus, tmp_path), until=10)
    monkeypatch.setattr(loop, "time", Clock())
    left = [status.seconds_left for status in train(Run(MODEL, config, corpus, tmp_path))]
    # Three looks a step: before it, after it, and for the estimate.
    assert left == pytest.approx([1.5 * steps for steps in range(9, -1, -1)])


@pytest.mark.parametrize("clock", ["wall", "processor"])
def test_minutes_count_the_time_of_the_steps(
    corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: Any
) -> None:
    monkeypatch.setattr(loop, "time", Clock())
    config = replace(CONFIG, steps=None, minutes=0.1, clock=clock)  # twelve steps of 0.5 s
    first = Run(MODEL, config, corpus, tmp_path)
    train(first, until=5)
    second = Run(MODEL, config, corpus, tmp_path)
    assert second.seconds == first.seconds
    steps = [status.step for status in train(second)]
    assert second.is_finished
    assert second.seconds == pytest.approx(0.5 * steps[-1])
    assert 0 < steps[-1] <= 12
