"""The decoder's ear for sketches in torch; `conditioning.sketch_rows` is the same in numpy."""

from torch import Tensor, nn
from torch.nn import functional

from partimento.model.blocks import HiddenMatrix
from partimento.model.latent.conditioning import INPUTS, KNOWN, LEVEL, LOUDER


class SketchReader(nn.Module):
    """Two layers from what is told of a sketch to what is added to the token's embedding.

    It starts at zero, and a place without a sketch adds nothing.
    """

    def __init__(self, width: int, hidden: int = 256) -> None:
        super().__init__()
        self.first = nn.Linear(INPUTS, hidden)
        self.last = nn.Linear(hidden, width)
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)
        self.is_written = False
        """Whether pieces are written with it: then it counts with `conditioning.told_gain`."""

    def forward(self, inputs: Tensor) -> Tensor:
        """Map (..., INPUTS) to (..., width)."""
        gate = inputs[..., KNOWN:].amax(-1, keepdim=True)
        read: Tensor = self.last(functional.silu(self.first(inputs)))
        if self.is_written:
            gate = gate * (1 - LOUDER * inputs[..., LEVEL : LEVEL + 1].clamp(-1, 0))
        return read * gate

    def hidden_matrices(self) -> list[HiddenMatrix]:
        """The inner matrix, for the optimiser."""
        return [HiddenMatrix(self.last.weight, 1)]
