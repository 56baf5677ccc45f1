"""The decode engines, and the choice between them."""

from pathlib import Path

from partimento.errors import SettingError
from partimento.model.checkpoint import shipped_checkpoint
from partimento.sampling.engine import Engine, EngineName, Precision, check_engine
from partimento.sampling.engines.numba_engine import NumbaEngine


def load_engine(
    checkpoint: Path | None,
    name: EngineName = "numba",
    precision: Precision | None = None,
    device: str = "cpu",
) -> Engine:
    """Read a checkpoint, or the shipped one, into an engine; in its own precision by default.

    Raises ValueError for a checkpoint that cannot be read and for settings that the engine
    does not have.
    """
    name, precision = check_engine(name, precision)
    path = shipped_checkpoint() if checkpoint is None else checkpoint
    if name == "numba":
        if device != "cpu":
            raise SettingError(
                "device", f"must be cpu for the numba engine, got {device}; use torch"
            )
        return NumbaEngine(path, precision)
    if precision != "float32":
        raise SettingError("precision", f"must be float32 for the torch engine, got {precision}")
    # Torch takes seconds to import, and the other engine runs without it.
    from partimento.sampling.engines.torch_engine import TorchEngine

    return TorchEngine(path, device)
