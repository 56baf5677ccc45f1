"""What a training run is told: its length, its batches, its optimiser, read from plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from partimento.errors import PartimentoError, SettingError
from partimento.request.plain import read_config
from partimento.training.batches import BatchConfig
from partimento.training.excerpts import Augmentation
from partimento.training.latent.conditions import SketchShares
from partimento.training.optimizer import OptimizerConfig

Products = Literal["auto", "float32", "bfloat16"]


@dataclass(frozen=True)
class TrainingConfig:
    """A training run; either `steps` or `minutes` says how long it is."""

    steps: int | None = None
    """Gradient steps; the run then repeats to the bit on a CPU."""
    minutes: float | None = None
    """Time; the learning rate follows the clock instead of the steps."""
    clock: Literal["wall", "processor"] = "wall"
    """What `minutes` counts; the time of the processor compares fairly on a shared machine."""
    warm_up: int = 30
    """Steps of rising learning rate."""
    constant: float = 0.6
    """Share of the run before the learning rate falls."""
    products: Products = "auto"
    """Number type of the large matrix products; auto is bfloat16 on processors that have it."""
    gradient_norm: float = 1.0
    """Longer gradients are scaled down to this norm."""
    seed: int = 0
    """Seed of the first weights and of all batches."""
    evaluate_minutes: float = 10.0
    """Time between held-out evaluations; the state is saved then too."""
    evaluate_pieces: int = 4
    """Held-out pieces of each style in the evaluations on the way."""
    optimizer: OptimizerConfig = field(default_factory=OptimizerConfig)
    batches: BatchConfig = field(default_factory=BatchConfig)
    augmentation: Augmentation = field(default_factory=Augmentation)
    sketches: SketchShares = field(default_factory=SketchShares)

    def __post_init__(self) -> None:
        """Check every field, and that the length is given once."""
        if (self.steps is None) == (self.minutes is None):
            raise PartimentoError("give the length of a training run either as steps or as minutes")
        if self.steps is not None and self.steps < 1:
            raise SettingError("steps", f"must be at least 1, got {self.steps}")
        for name in ("minutes", "gradient_norm", "evaluate_minutes"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise SettingError(name, f"must be above 0, got {value}")
        for name, least in (("warm_up", 0), ("seed", 0), ("evaluate_pieces", 1)):
            if getattr(self, name) < least:
                raise SettingError(name, f"must be at least {least}, got {getattr(self, name)}")
        if not 0 <= self.constant <= 1:
            raise SettingError("constant", f"must be in [0, 1], got {self.constant}")
        if self.products not in get_args(Products):
            raise SettingError(
                "products", f"must be auto, float32 or bfloat16, got {self.products!r}"
            )
        if self.clock not in ("wall", "processor"):
            raise SettingError("clock", f"must be wall or processor, got {self.clock!r}")

    @classmethod
    def from_dict(cls, values: Mapping[str, object]) -> "TrainingConfig":
        """Build a config from the training section of a yaml file.

        ValueError names a setting that is unknown, of another type or out of range.
        """
        return read_config(cls, "training", values)
