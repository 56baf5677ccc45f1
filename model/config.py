"""The sizes and choices that make a model, readable without torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, NamedTuple, cast, get_args

from partimento.errors import PartimentoError, SettingError
from partimento.request.settings import check_names

Attention = Literal["gated", "delta", "softmax"]
"""The token mixer: gated linear attention, the gated delta rule, or softmax attention."""


class Feature(NamedTuple):
    """One derived integer feature that is embedded and added to the token's embedding."""

    name: str
    """The feature's name in the cursor."""
    column: int
    """Its column in the input array of all features."""
    size: int
    """The number of its values: 0 to size - 1."""


def select_features(
    available: Sequence[tuple[str, int]], names: Sequence[str] | None = None
) -> tuple[Feature, ...]:
    """Keep the named features, in the order of the input columns; all of them without names.

    Raises ValueError for a name that is not available.

    >>> select_features([("beat", 12), ("line", 4)], ["line"])
    (Feature(name='line', column=1, size=4),)
    """
    if names is not None:
        unknown = sorted(set(names) - {name for name, _ in available})
        if unknown:
            known = ", ".join(name for name, _ in available)
            raise PartimentoError(f"features: unknown {', '.join(unknown)}; choose from {known}")
    return tuple(
        Feature(name, column, size)
        for column, (name, size) in enumerate(available)
        if names is None or name in names
    )


_OPTIONAL_WIDTHS = (("convolution_width", 2), ("conditioning_width", 1), ("sketch_width", 1))
"""Fields of a model that may be null, and their least values."""


@dataclass(frozen=True)
class ModelConfig:
    """The shape of a Transformer; checked on construction, raises ValueError."""

    vocabulary_size: int = 384
    """Number of token ids."""
    width: int = 256
    """Width of the residual stream."""
    layers: int = 4
    """Number of blocks."""
    heads: int = 4
    """Attention heads in a block; they divide the width."""
    feed_forward_width: int = 688
    """Hidden width of the gated feed-forward."""
    attention: Attention = "gated"
    """Token mixer: gated, delta or softmax."""
    convolution_width: int | None = 4
    """Tokens that the causal convolution on queries, keys and values sees; None is off."""
    features: tuple[Feature, ...] = ()
    """Derived features that are embedded next to the token, by input column."""
    sounding_width: int = 0
    """Entries of the multi-hot vector of what sounds at the cursor; 0 is off."""
    conditioning_width: int | None = None
    """Entries of the optional conditioning vector, what is told of the piece; None is off."""
    sketch_width: int | None = None
    """Entries of what is told of a sketch beside each token; None is off."""

    def __post_init__(self) -> None:
        """Check every field."""
        # Lists come from yaml and JSON; the tuple makes the config hashable.
        object.__setattr__(self, "features", tuple(Feature(*entry) for entry in self.features))
        for name in ("vocabulary_size", "width", "layers", "heads", "feed_forward_width"):
            _require_integer(name, getattr(self, name), 1)
        _require_integer("sounding_width", self.sounding_width, 0)
        for name, least in _OPTIONAL_WIDTHS:
            if getattr(self, name) is not None:
                _require_integer(name, getattr(self, name), least, " or null")
        if self.attention not in get_args(Attention):
            choices = ", ".join(get_args(Attention))
            raise SettingError("attention", f"must be one of {choices}, got {self.attention!r}")
        if self.width % self.heads:
            raise PartimentoError(
                f"width must be a multiple of heads = {self.heads}, got {self.width}; "
                "change one of the two"
            )
        if self.attention == "softmax" and self.head_width % 2:
            raise PartimentoError(
                f"width / heads must be even for rotary positions, got {self.head_width}; "
                "change heads"
            )
        for attribute in ("name", "column"):
            values = [getattr(feature, attribute) for feature in self.features]
            if len(set(values)) < len(values):
                raise SettingError("features", f"must not repeat a {attribute}, got {values}")
        for feature in self.features:
            _require_integer(f"features: column of {feature.name}", feature.column, 0)
            _require_integer(f"features: size of {feature.name}", feature.size, 1)

    @property
    def head_width(self) -> int:
        """Width of the queries, keys and values of one head."""
        return self.width // self.heads

    def with_inputs_of(self, other: ModelConfig) -> ModelConfig:
        """The same shape with the inputs of another config."""
        return replace(
            self,
            features=other.features,
            sounding_width=other.sounding_width,
            conditioning_width=other.conditioning_width,
            sketch_width=other.sketch_width,
        )

    def to_dict(self) -> dict[str, object]:
        """Plain values for JSON and yaml; from_dict reads them back."""
        values: dict[str, object] = {f.name: getattr(self, f.name) for f in fields(self)}
        values["features"] = [list(feature) for feature in self.features]
        return values

    @classmethod
    def from_dict(cls, values: Mapping[str, object]) -> ModelConfig:
        """Build a config from plain values; an unknown key raises ValueError."""
        check_names(values, [f.name for f in fields(cls)], "model: ")
        features = values.get("features", ())
        if not isinstance(features, Sequence) or not all(
            isinstance(entry, Sequence) and not isinstance(entry, str) and len(entry) == 3
            for entry in features
        ):
            raise SettingError(
                "features",
                f"must be a list of [name, column, size], got {features!r}; "
                "use select_features to make it from names",
            )
        return cls(**cast(dict[str, Any], dict(values)))


def _require_integer(name: str, value: object, least: int, also: str = "") -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise SettingError(name, f"must be an integer of at least {least}{also}, got {value!r}")
