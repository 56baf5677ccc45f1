"""What a Transformer carries from token to token."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from torch import Tensor


@dataclass(frozen=True)
class LayerState:
    """The state of one block; B batch, H heads, K key, V value, D width, W convolution width."""

    memory: Tensor | None = None
    """(B, H, K, V): the recurrent matrices of linear attention."""
    tail: Tensor | None = None
    """(B, W - 1, 3 D): the last inputs of the convolution."""
    keys: Tensor | None = None
    """(B, H, T, K): every rotated key so far, for softmax attention."""
    values: Tensor | None = None
    """(B, H, T, V): every value so far, for softmax attention."""


@dataclass(frozen=True)
class State:
    """The state of all blocks; of fixed size except with softmax attention."""

    layers: tuple[LayerState, ...]

    def select(self, rows: Tensor) -> State:
        """Keep these rows of the batch, in this order; a row may repeat."""
        return self._map(lambda tensor: tensor.index_select(0, rows))

    def _map(self, change: Callable[[Tensor], Tensor]) -> State:
        names = ("memory", "tail", "keys", "values")
        return State(
            tuple(
                replace(
                    layer,
                    **{
                        name: change(tensor)
                        for name in names
                        if (tensor := getattr(layer, name)) is not None
                    },
                )
                for layer in self.layers
            )
        )
