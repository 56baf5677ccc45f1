"""A model that hears more than the checkpoint that it begins with."""

from __future__ import annotations

import torch
from torch import Tensor

from partimento.errors import PartimentoError, SettingError
from partimento.model.config import ModelConfig
from partimento.model.transformer import Transformer


def extend(model: Transformer, config: ModelConfig) -> Transformer:
    """The same model with the inputs of a config: rows and columns that it lacked are zero.

    A reader of sketches that it lacked is fresh, and adds nothing either.
    Until it is trained on it says what the model said. ValueError when the config lacks an input
    of the model, or differs in anything but its inputs.
    """
    _check(model.config, config)
    wider = Transformer(config)
    weights = wider.state_dict()
    for name, found in model.state_dict().items():
        if name == "embedding":
            weights[name] = _tables(found, model.config, config)
        elif name == "conditioning.weight":
            weights[name] = torch.zeros_like(weights[name])
            weights[name][:, : found.shape[1]] = found
        else:
            weights[name] = found
    if model.conditioning is None and wider.conditioning is not None:
        weights["conditioning.weight"] = torch.zeros_like(weights["conditioning.weight"])
    wider.load_state_dict(weights)
    return wider.train(model.training)


def _tables(found: Tensor, before: ModelConfig, after: ModelConfig) -> Tensor:
    """The rows of the token and of each feature, zeros for a feature that there was not."""
    sizes = [before.vocabulary_size, *(feature.size for feature in before.features)]
    token, *tables = torch.split(found, sizes)
    known = {f.name: table for f, table in zip(before.features, tables, strict=True)}
    rows = [token]
    for feature in after.features:
        fresh = torch.zeros(feature.size, found.shape[1])
        rows.append(known.get(feature.name, fresh))
    return torch.cat(rows)


def _check(before: ModelConfig, after: ModelConfig) -> None:
    """ValueError unless `after` only adds inputs to `before`."""
    lacking = [feature.name for feature in before.features if feature not in after.features]
    if lacking:
        raise PartimentoError(
            f"features: {', '.join(lacking)} of the checkpoint must stay as they are"
        )
    if (after.conditioning_width or 0) < (before.conditioning_width or 0):
        raise SettingError(
            "conditioning_width",
            f"must be at least {before.conditioning_width} as in the checkpoint, got "
            f"{after.conditioning_width}",
        )
    if before.sketch_width is not None and after.sketch_width != before.sketch_width:
        raise SettingError(
            "sketch_width",
            f"must be {before.sketch_width} as in the checkpoint, got {after.sketch_width}",
        )
    if after.sounding_width != before.sounding_width or before.with_inputs_of(after) != after:
        raise PartimentoError(
            "a checkpoint is trained on in its own shape; only inputs may be added"
        )
