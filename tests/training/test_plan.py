"""What a run trains: which of config, checkpoint and wishes says what."""

from pathlib import Path

import pytest
import yaml

from partimento.errors import PartimentoError
from partimento.model.checkpoint import read_header
from partimento.model.latent.autoencoder import PART
from partimento.model.latent.conditioning import INPUTS
from partimento.model.latent.weights import shipped_part
from partimento.training.plan import has_length, plan_training

SHAPE = {"width": 16, "layers": 1, "heads": 2, "feed_forward_width": 24}


@pytest.fixture
def config(tmp_path: Path) -> str:
    """A config without a length of its own."""
    path = tmp_path / "tiny.yaml"
    path.write_text(yaml.safe_dump({"model": SHAPE, "training": {"seed": 3}}))
    return str(path)


def test_a_length_and_a_seed_that_are_given_come_before_the_configs(config: str) -> None:
    assert plan_training(config, steps=5).settings.seed == 3
    plan = plan_training(config, minutes=2, seed=7)
    assert (plan.settings.steps, plan.settings.minutes, plan.settings.seed) == (None, 2, 7)
    assert (plan.model.width, plan.start) == (16, None)


def test_a_config_without_a_length_needs_one(config: str) -> None:
    assert not has_length(config)
    assert has_length("base")
    with pytest.raises(PartimentoError, match="either as steps or as minutes"):
        plan_training(config)


def test_a_model_that_hears_sketches_takes_the_shipped_autoencoder_or_the_one_named(
    tmp_path: Path, config: str
) -> None:
    hearing = tmp_path / "hearing.yaml"
    hearing.write_text(yaml.safe_dump({"model": {**SHAPE, "sketch": True}, "training": {}}))
    plan = plan_training(str(hearing), steps=1)
    assert (plan.model.sketch_width, plan.autoencoder) == (INPUTS, shipped_part(PART))
    own = tmp_path / "own.safetensors"
    assert plan_training(str(hearing), steps=1, autoencoder=own).autoencoder == own
    assert plan_training(config, steps=1).autoencoder is None
    with pytest.raises(PartimentoError, match="its model hears no sketches, which need an"):
        plan_training(config, steps=1, autoencoder=own)


def test_a_checkpoint_gives_its_shape(tmp_path: Path, config: str, tiny_checkpoint: Path) -> None:
    shape = read_header(tiny_checkpoint).config
    path = tmp_path / "no_model.yaml"
    path.write_text(yaml.safe_dump({"training": {"steps": 4}}))
    plan = plan_training(str(path), tiny_checkpoint)
    assert (plan.model, plan.start) == (shape, tiny_checkpoint)
    assert plan_training(config, tiny_checkpoint, steps=1).model.width == shape.width
