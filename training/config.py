"""What a training run is told: its length, its batches, its optimiser, read from plain values."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, is_dataclass
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from partimento.errors import PartimentoError, SettingError
from partimento.training.batches import BatchConfig
from partimento.training.excerpts import Augmentation
from partimento.training.optimizer import OptimizerConfig

Part = TypeVar("Part")
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
        return build_part(cls, "training", values)


def build_part(part: type[Part], section: str, values: Mapping[str, object]) -> Part:
    """Build a config dataclass from plain values; ValueError names the section."""
    hints = get_type_hints(part)
    unknown = [name for name in values if name not in hints]
    if unknown:
        raise PartimentoError(
            f"{section}: unknown setting {', '.join(unknown)}; known are {', '.join(hints)}"
        )
    given = {name: _read(f"{section}.{name}", hints[name], v) for name, v in values.items()}
    try:
        return part(**given)
    except ValueError as error:
        raise PartimentoError(f"{section}: {error}") from None


def _read(name: str, hint: Any, value: object) -> object:
    """Check a plain value against a field's type; lists become tuples."""
    if is_dataclass(hint) and isinstance(hint, type):
        if not isinstance(value, Mapping | None):
            raise SettingError(name, f"must hold settings of its own, got {value!r}")
        return build_part(hint, name, value or {})
    if get_origin(hint) is UnionType:
        kinds = [kind for kind in get_args(hint) if kind is not NoneType]
        return None if value is None else _read(name, kinds[0], value)
    if get_origin(hint) is Literal:
        if value not in get_args(hint):
            raise SettingError(name, f"must be {' or '.join(get_args(hint))}, got {value!r}")
        return value
    if get_origin(hint) is tuple:
        kinds = list(get_args(hint))
        if not isinstance(value, Sequence) or isinstance(value, str) or len(value) != len(kinds):
            raise SettingError(name, f"must be a list of {len(kinds)} numbers, got {value!r}")
        return tuple(_read(name, kind, entry) for kind, entry in zip(kinds, value, strict=True))
    number = _number(value)
    if hint is int and isinstance(number, int):
        return number
    if hint is float and number is not None and math.isfinite(number):
        return float(number)
    raise SettingError(
        name, f"must be {'an integer' if hint is int else 'a number'}, got {value!r}"
    )


def _number(value: object) -> int | float | None:
    """The number that a plain value is; yaml takes 3e-3, without a point, for text."""
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return None
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
