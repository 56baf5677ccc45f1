"""From a checkpoint to the torch model that it holds."""

from __future__ import annotations

from pathlib import Path

import torch

from partimento.errors import PartimentoError
from partimento.model.checkpoint import Header, read_arrays
from partimento.model.transformer import Transformer


def load_model(path: Path) -> tuple[Transformer, Header]:
    """Build the model of a checkpoint, in evaluation mode, on the CPU in float32.

    Raises ValueError as read_arrays does, and when weights and config do not belong together.
    """
    header, arrays = read_arrays(path)
    model = Transformer(header.config)
    shapes = {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}
    found = {name: array.shape for name, array in arrays.items()}
    if found != shapes:
        wrong = sorted(
            name for name in shapes.keys() | found if shapes.get(name) != found.get(name)
        )
        raise PartimentoError(
            f"{path}: weights do not fit the config ({', '.join(wrong[:3])}); "
            "the checkpoint was made by another version, train or download it again"
        )
    model.load_state_dict({name: torch.from_numpy(array) for name, array in arrays.items()})
    return model.eval(), header
