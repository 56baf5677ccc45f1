"""What a run trains: the model and the settings, from a config and what was asked besides."""

from pathlib import Path
from typing import NamedTuple

from partimento.errors import RemedyError
from partimento.model.checkpoint import read_header
from partimento.model.config import ModelConfig
from partimento.model.config_files import load_config, read_section, read_sections
from partimento.model.latent.autoencoder import PART
from partimento.model.latent.conditioning import INPUTS
from partimento.model.latent.weights import shipped_part
from partimento.tokenizer.conditioning import CONDITIONING_WIDTH
from partimento.tokenizer.features import FEATURES, SOUNDING_WIDTH
from partimento.training.config import TrainingConfig


class TrainingPlan(NamedTuple):
    """A training of a model, all of whose settings were checked."""

    model: ModelConfig
    settings: TrainingConfig
    start: Path | None
    """Checkpoint whose model is trained on; None for random weights."""
    autoencoder: Path | None
    """What makes the sketches that the model is told; None for a model that is told none."""


def plan_training(
    config: str,
    start: Path | None = None,
    steps: int | None = None,
    minutes: float | None = None,
    seed: int | None = None,
    autoencoder: Path | None = None,
) -> TrainingPlan:
    """The config's model and settings; a length and a seed given here come before its own.

    A model that hears sketches takes the shipped autoencoder where none is given.
    PartimentoError says what is wrong.
    """
    model = _model(config, start)
    values = read_section(config, "training")
    if steps is not None or minutes is not None:
        values |= {"steps": steps, "minutes": minutes}
    if seed is not None:
        values["seed"] = seed
    settings = TrainingConfig.from_dict(values)
    if model.sketch_width is not None and autoencoder is None:
        autoencoder = shipped_part(PART)
    elif model.sketch_width is None and autoencoder is not None:
        raise RemedyError(
            f"{config}: its model hears no sketches, which need an autoencoder",
            {"autoencoder": "is left out, or `sketch: true` written into its model"},
        )
    return TrainingPlan(model, settings, start, autoencoder)


def has_length(config: str) -> bool:
    """Whether a config says how long its run is."""
    values = read_section(config, "training")
    return values.get("steps") is not None or values.get("minutes") is not None


def _model(config: str, start: Path | None) -> ModelConfig:
    """The config's model; with a checkpoint to begin with, its shape and the config's inputs."""
    found = None if start is None else read_header(start).config
    if found is not None and "model" not in read_sections(config):
        return found
    asked = load_config(config, FEATURES, SOUNDING_WIDTH, CONDITIONING_WIDTH, INPUTS)
    return asked if found is None else found.with_inputs_of(asked)
