"""The flow in torch, for training; `flow.py` is the same in numpy.

R rows, T bars, D numbers of a bar's vector, W width, H heads, O told numbers.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from partimento.model.blocks import HiddenMatrix
from partimento.model.latent.flow import EPSILON, FREQUENCIES, RATES, FlowConfig
from partimento.model.latent.flow_conditions import MAX_LEFT, PHASES, TABLES, TOLD
from partimento.model.latent.network import LatentNetwork
from partimento.model.latent.steering import probe_shapes

TABLE_STD = 0.1
"""Standard deviation of fresh tables."""


class FlowBlock(nn.Module):
    """Attention over all bars and a feed-forward, both shifted, scaled and gated."""

    def __init__(self, config: FlowConfig) -> None:
        super().__init__()
        width = config.width
        self.heads = config.heads
        self.inputs = nn.Linear(width, 3 * width)  # rows: queries, keys, values
        self.read = nn.Linear(width, width)
        self.hidden = nn.Linear(width, 4 * width)
        self.output = nn.Linear(4 * width, width)
        self.bias = nn.Parameter(torch.zeros(config.heads, 2 * config.bars - 1))
        # All gates start closed: a fresh block passes its input on.
        self.modulation = nn.Parameter(torch.zeros(6 * width))

    def forward(self, h: Tensor, shared: Tensor, distance: Tensor, absent: Tensor) -> Tensor:
        """Map (R, T, W); shared (R, 1, 6 W), distance (T, T), absent (R, T) bars to leave out."""
        parts = (shared + self.modulation).chunk(6, -1)
        width = h.shape[-1]
        y = functional.layer_norm(h, (width,), eps=EPSILON) * (1 + parts[0]) + parts[1]
        q, k, v = self.inputs(y).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        mask = self.bias[:, distance][None].masked_fill(absent[:, None, None, :], -1e9)
        read = functional.scaled_dot_product_attention(q, k, v, attn_mask=mask.to(q.dtype))
        h = h + parts[2] * self.read(read.transpose(1, 2).flatten(2))
        y = functional.layer_norm(h, (width,), eps=EPSILON) * (1 + parts[3]) + parts[4]
        gated: Tensor = h + parts[5] * self.output(functional.silu(self.hidden(y)))
        return gated


class Probe(nn.Module):
    """The attributes of mean vectors, for `steering`; fitted, not trained."""

    def __init__(self, latent: int) -> None:
        super().__init__()
        for name, shape in probe_shapes(latent).items():
            self.register_buffer(name.removeprefix("probe."), torch.zeros(shape))

    def set(self, arrays: Mapping[str, npt.NDArray[np.float32]]) -> None:
        """Take over fitted arrays, by the names that `steering` gives them."""
        for name, array in arrays.items():
            self.get_buffer(name.removeprefix("probe.")).copy_(torch.from_numpy(array))


class FlowNetwork(LatentNetwork):
    """Say the velocity, or the noise, of the noisy vectors of a piece."""

    def __init__(self, config: FlowConfig) -> None:
        super().__init__()
        self.config = config
        width = config.width
        self.input = nn.Linear(2 * config.latent + 1, width)
        self.time = nn.ModuleList([nn.Linear(2 * FREQUENCIES, width), nn.Linear(width, width)])
        self.told = nn.Linear(TOLD, width)
        self.modulation = nn.Linear(width, 6 * width)
        self.last = nn.Linear(width, config.latent)
        for name, size in zip(("style", "key", "meter", "tempo"), TABLES, strict=True):
            setattr(self, name, _table(size, width))
        self.since = _table(MAX_LEFT + 1, width)
        self.phase = _table(PHASES, width)
        self.left = _table(MAX_LEFT + 2, width)
        self.blocks = nn.ModuleList(FlowBlock(config) for _ in range(config.layers))
        self.probe = Probe(config.latent)
        for layer in (self.modulation, self.last):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(
        self,
        x: Tensor,
        time: Tensor,
        tables: Tensor,
        numbers: Tensor,
        places: Tensor,
        given: Tensor,
        known: Tensor,
        absent: Tensor,
    ) -> Tensor:
        """(R, T, D) what is said of noisy vectors x (R, T, D) at times (R,).

        tables (R, 4), numbers (R, O) and places (R, T, 3) as `flow_conditions` makes them;
        given (R, T, D) the vectors of known (R, T) bars; absent (R, T) bars beyond the end.
        """
        bars = x.shape[1]
        kept = known[..., None].to(x.dtype)
        h = self.input(torch.cat([x, given * kept, kept], -1))
        for column, table in enumerate((self.since, self.phase, self.left)):
            h = h + table[places[..., column]]
        angles = time[:, None] * torch.from_numpy(RATES)
        waves = torch.cat([angles.sin(), angles.cos()], 1)
        summary = self.time[1](functional.silu(self.time[0](waves))) + self.told(numbers)
        for column, name in enumerate(("style", "key", "meter", "tempo")):
            summary = summary + getattr(self, name)[tables[:, column]]
        shared = self.modulation(functional.silu(summary))[:, None]
        number = torch.arange(bars)
        distance = number[None] - number[:, None] + self.config.bars - 1
        for block in self.blocks:
            h = block(h, shared, distance, absent)
        said: Tensor = self.last(functional.layer_norm(h, h.shape[-1:], eps=EPSILON))
        return said.float()

    def hidden_matrices(self) -> list[HiddenMatrix]:
        """The blocks' weight matrices, for the optimiser."""
        found = []
        for block in self.blocks:
            assert isinstance(block, FlowBlock)
            found.append(HiddenMatrix(block.inputs.weight, 3))
            found += [
                HiddenMatrix(layer.weight, 1) for layer in (block.read, block.hidden, block.output)
            ]
        return found

    def arrays(self) -> dict[str, npt.NDArray[np.float32]]:
        """The weights by the names that `Flow` knows them by."""
        return {
            name: tensor.detach().cpu().float().numpy()
            for name, tensor in self.state_dict().items()
        }


def _table(size: int, width: int) -> nn.Parameter:
    return nn.Parameter(torch.randn(size, width) * TABLE_STD)
