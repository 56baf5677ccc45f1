"""Muon for the hidden matrices, AdamW for everything else, and the learning rate's course.

Muon: Jordan et al. 2024 (https://kellerjordan.github.io/posts/muon), with the update's scale
of Liu et al. 2025 (arXiv:2502.16982), so that both share one learning rate.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor

from partimento.errors import SettingError
from partimento.model.blocks import HiddenMatrix

NEWTON_SCHULZ = (3.4445, -4.7750, 2.0315)
"""Coefficients of the quintic iteration that takes singular values near one (Jordan et al.)."""

NORM_EPSILON = 1e-7
"""Keeps a zero gradient zero."""


@dataclass(frozen=True)
class OptimizerConfig:
    """How the weights follow their gradients; checked on construction, raises ValueError."""

    learning_rate: float = 3e-3
    """Peak learning rate of both optimisers."""
    weight_decay: float = 0.05
    """Decoupled decay of the matrices and embeddings; gains and biases are left alone."""
    momentum: float = 0.95
    """Muon's Nesterov momentum."""
    iterations: int = 5
    """Newton-Schulz steps of a Muon update."""
    beta1: float = 0.9
    """AdamW's decay of the mean gradient."""
    beta2: float = 0.95
    """AdamW's decay of the mean squared gradient."""

    def __post_init__(self) -> None:
        """Check every field."""
        if not self.learning_rate > 0:
            raise SettingError("learning_rate", f"must be above 0, got {self.learning_rate}")
        if not self.weight_decay >= 0:
            raise SettingError("weight_decay", f"must be at least 0, got {self.weight_decay}")
        for name in ("momentum", "beta1", "beta2"):
            if not 0 <= getattr(self, name) < 1:
                raise SettingError(name, f"must be in [0, 1), got {getattr(self, name)}")
        if self.iterations < 1:
            raise SettingError("iterations", f"must be at least 1, got {self.iterations}")


def learning_rate_share(
    step: int, steps: int, warm_up: int = 30, constant: float = 0.6, final: float = 0.02
) -> float:
    """The share of the peak learning rate at a step, counted from 0.

    It rises linearly for `warm_up` steps, stays up to the share `constant` of all steps,
    then falls linearly to `final` at the last step.
    """
    if not 0 <= step < steps:
        raise ValueError(f"step must be in 0..{steps - 1}, got {step}")
    rise = min(1.0, (step + 1) / max(1, warm_up))
    turn = constant * steps
    past = max(0.0, step + 1 - turn) / max(1.0, steps - turn)
    return min(rise, 1.0 - (1.0 - final) * past)


def orthogonalize(matrices: Tensor, iterations: int = 5) -> Tensor:
    """Move every singular value near one: matrices (N, rows, columns), in their own precision.

    The iteration leaves them between about 0.7 and 1.2, which trains as well as exactly one.
    """
    tall = matrices.shape[1] > matrices.shape[2]
    x = matrices.mT if tall else matrices
    x = x / (x.norm(dim=(1, 2), keepdim=True) + NORM_EPSILON)
    a, b, c = NEWTON_SCHULZ
    for _ in range(iterations):
        gram = x @ x.mT
        weights = torch.baddbmm(gram, gram, gram, beta=b, alpha=c)
        x = torch.baddbmm(x, weights, x, beta=a)
    return x.mT if tall else x


class Muon(torch.optim.Optimizer):
    """Step along the orthogonalised momentum, with decoupled weight decay."""

    def __init__(
        self,
        matrices: Iterable[HiddenMatrix],
        learning_rate: float,
        momentum: float,
        weight_decay: float,
        iterations: int,
        product_type: torch.dtype | None = None,
    ) -> None:
        self._product_type = product_type
        found = list(matrices)
        self._parts = [matrix.parts for matrix in found]
        defaults = {
            "lr": learning_rate,
            "momentum": momentum,
            "weight_decay": weight_decay,
            "iterations": iterations,
        }
        super().__init__([matrix.parameter for matrix in found], defaults)

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]  # a step needs no closure
        """Update the parameters in place from their gradients."""
        for group in self.param_groups:
            by_shape: dict[tuple[int, int], list[tuple[Tensor, Tensor]]] = {}
            for parameter, parts in zip(group["params"], self._parts, strict=True):
                if parameter.grad is None:
                    continue
                direction = self._direction(parameter, group["momentum"])
                pieces = zip(parameter.chunk(parts), direction.chunk(parts), strict=True)
                for piece, part in pieces:
                    rows, columns = piece.shape
                    by_shape.setdefault((rows, columns), []).append((piece, part))
            for shape, pairs in by_shape.items():
                stacked = torch.stack([part for _, part in pairs])
                stacked = stacked.to(self._product_type or stacked.dtype)
                updates = orthogonalize(stacked, group["iterations"])
                # The root mean square of the update is then about 0.2, as AdamW's is.
                scale = 0.2 * max(shape) ** 0.5
                for (piece, _), update in zip(pairs, updates, strict=True):
                    piece.mul_(1 - group["lr"] * group["weight_decay"])
                    piece.add_(update, alpha=-group["lr"] * scale)

    def _direction(self, parameter: Tensor, momentum: float) -> Tensor:
        """Fold the gradient into the momentum, and look one step ahead of it."""
        gradient = parameter.grad
        assert gradient is not None
        state: dict[str, Any] = self.state[parameter]
        if "momentum" not in state:
            state["momentum"] = torch.zeros_like(parameter)
        mean: Tensor = state["momentum"]
        mean.lerp_(gradient, 1 - momentum)
        return gradient.lerp(mean, momentum)


class Optimizer:
    """Muon and AdamW as one: the same learning rate, one state to save."""

    def __init__(self, muon: Muon, adamw: torch.optim.AdamW, learning_rate: float) -> None:
        self._muon = muon
        self._adamw = adamw
        self.learning_rate = learning_rate

    def step(self, share: float = 1.0) -> None:
        """Update all parameters in place at this share of the peak learning rate."""
        for optimizer in (self._muon, self._adamw):
            for group in optimizer.param_groups:
                group["lr"] = self.learning_rate * share
            optimizer.step()

    def zero_grad(self) -> None:
        """Forget the gradients."""
        for optimizer in (self._muon, self._adamw):
            optimizer.zero_grad(set_to_none=True)

    def state_dict(self) -> dict[str, Any]:
        """All that a resumed run needs, as tensors and plain values."""
        return {"muon": self._muon.state_dict(), "adamw": self._adamw.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take over a copy of the state of an optimizer that was built for the same model."""
        self._muon.load_state_dict(deepcopy(state["muon"]))
        self._adamw.load_state_dict(deepcopy(state["adamw"]))


class Trainable(Protocol):
    """A network that knows which of its weights Muon may train."""

    def hidden_matrices(self) -> list[HiddenMatrix]:
        """The weight matrices inside, in a fixed order."""

    def parameters(self) -> Iterator[torch.nn.Parameter]:
        """All weights, these included."""


def build_optimizer(
    model: Trainable,
    config: OptimizerConfig | None = None,
    product_type: torch.dtype | None = None,
) -> Optimizer:
    """Give the inner matrices to Muon, and embeddings, head, gains and the rest to AdamW.

    `product_type` is the number type of Muon's products, that of the weights by default.
    """
    config = OptimizerConfig() if config is None else config
    matrices = model.hidden_matrices()
    hidden = {id(matrix.parameter) for matrix in matrices}
    rest = [p for p in model.parameters() if id(p) not in hidden and p.requires_grad]
    groups = [
        {"params": [p for p in rest if p.ndim >= 2], "weight_decay": config.weight_decay},
        {"params": [p for p in rest if p.ndim < 2], "weight_decay": 0.0},
    ]
    muon = Muon(
        matrices,
        config.learning_rate,
        config.momentum,
        config.weight_decay,
        config.iterations,
        product_type,
    )
    adamw = torch.optim.AdamW(
        groups, lr=config.learning_rate, betas=(config.beta1, config.beta2), fused=True
    )
    return Optimizer(muon, adamw, config.learning_rate)
