"""What a run begins with: a fresh model or a checkpoint's, and what tells it of sketches."""

from pathlib import Path

import torch

from partimento.errors import PartimentoError
from partimento.model.checkpoint import file_hash
from partimento.model.config import ModelConfig
from partimento.model.extension import extend
from partimento.model.latent.autoencoder import Autoencoder
from partimento.model.loading import load_model
from partimento.model.transformer import Transformer
from partimento.training.config import TrainingConfig
from partimento.training.latent.conditions import SketchTeller
from partimento.training.state import first_difference


def first_model(config: ModelConfig, seed: int, start: Path | None) -> tuple[Transformer, str]:
    """The model to begin with, and the hash of the checkpoint whose weights it has, if any."""
    # The seed of the weights leaves the caller's random numbers alone.
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        if start is None:
            return Transformer(config), ""
        return _extended(config, start), file_hash(start)


def _extended(config: ModelConfig, start: Path) -> Transformer:
    """The model of a checkpoint, with the inputs of a config."""
    model, header = load_model(start)
    found = header.config
    difference = first_difference("model", found.with_inputs_of(config).to_dict(), config.to_dict())
    if difference is not None:
        raise PartimentoError(
            f"{start} has another {difference}; begin with a checkpoint of the same shape"
        )
    try:
        return extend(model, config).train()
    except PartimentoError as error:
        raise PartimentoError(f"{start}: {error}") from None


def sketch_teller(
    model: ModelConfig, config: TrainingConfig, autoencoder: Path | None
) -> SketchTeller | None:
    """What tells the sketches; None for a model that has no ear for them."""
    if (model.sketch_width is None) != (autoencoder is None):
        raise PartimentoError(
            "an autoencoder is given, but sketch_width of the model is null; leave it out"
            if autoencoder is not None
            else f"sketch_width of the model is {model.sketch_width}; give an autoencoder"
        )
    if autoencoder is None:
        return None
    return SketchTeller(Autoencoder.load(autoencoder), config.sketches)
