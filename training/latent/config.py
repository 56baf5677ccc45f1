"""What the training of a latent part is told: its length, its batches, its learning rate."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from partimento.errors import PartimentoError, SettingError
from partimento.request.plain import read_config
from partimento.training.optimizer import OptimizerConfig


@dataclass(frozen=True)
class LatentTraining:
    """A training run of a latent part; either `steps` or `minutes` says how long it is."""

    steps: int | None = None
    """Gradient steps."""
    minutes: float | None = None
    """Time; the learning rate follows the clock instead of the steps."""
    clock: Literal["wall", "processor"] = "wall"
    """What `minutes` counts; the time of the processor compares fairly on a shared machine."""
    rows: int = 512
    """Rows of a batch: bars for the autoencoder, pieces for the flow."""
    most_noise: float = 1.5
    """Highest noise level that the autoencoder sees in its vectors."""
    warm_up: int = 50
    """Steps of rising learning rate."""
    constant: float = 0.3
    """Share of the run before the learning rate falls."""
    average: float = 0.999
    """Share of the old mean in the running mean of the weights, which is what is kept."""
    gradient_norm: float = 1.0
    """Longer gradients are scaled down to this norm."""
    seed: int = 0
    """Seed of the first weights and of all batches."""
    evaluate_minutes: float = 2.0
    """Time between held-out evaluations; the state is saved then too."""
    optimizer: OptimizerConfig = field(default_factory=OptimizerConfig)

    def __post_init__(self) -> None:
        """Check every field, and that the length is given once."""
        if (self.steps is None) == (self.minutes is None):
            raise PartimentoError("give the length of a training run either as steps or as minutes")
        for name in ("steps", "minutes", "gradient_norm", "evaluate_minutes", "most_noise"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise SettingError(name, f"must be above 0, got {value}")
        for name, least in (("warm_up", 0), ("seed", 0), ("rows", 2)):
            if getattr(self, name) < least:
                raise SettingError(name, f"must be at least {least}, got {getattr(self, name)}")
        if not 0 <= self.constant <= 1:
            raise SettingError("constant", f"must be in [0, 1], got {self.constant}")
        if not 0 <= self.average < 1:
            raise SettingError("average", f"must be in [0, 1), got {self.average}")
        if self.clock not in ("wall", "processor"):
            raise SettingError("clock", f"must be wall or processor, got {self.clock!r}")

    @classmethod
    def from_dict(cls, values: Mapping[str, object]) -> "LatentTraining":
        """Build a config from the training section of a yaml file.

        ValueError names a setting that is unknown, of another type or out of range.
        """
        return read_config(cls, "training", values)
