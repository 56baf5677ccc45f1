"""The processes of a run: one, or several that torchrun started and that agree on each step."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import torch
import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel

from partimento.errors import PartimentoError

PATIENCE = timedelta(hours=12)
"""How long the others wait while one process tokenises a corpus."""


@dataclass(frozen=True, slots=True)
class Processes:
    """Which process this is, and of how many; everything below is trivial for a single one."""

    rank: int = 0
    """0 is the one that writes and prints."""
    count: int = 1

    @classmethod
    def current(cls) -> "Processes":
        """Those of torch's process group, when there is one."""
        if not dist.is_initialized():
            return cls()
        return cls(dist.get_rank(), dist.get_world_size())

    def wrap(self, model: nn.Module) -> nn.Module:
        """A module whose backward pass averages the gradients over the processes."""
        if self.count == 1:
            return model
        return DistributedDataParallel(model)

    def wait(self) -> None:
        """Wait until all processes are here."""
        if self.count > 1:
            dist.monitored_barrier(timeout=PATIENCE)

    def any(self, flag: bool) -> bool:
        """Whether any process says so: then all stop at the same step."""
        return self._reduce(float(flag), dist.ReduceOp.MAX) > 0

    def slowest(self, seconds: float) -> float:
        """The longest time that a process took, so that all follow one clock."""
        return self._reduce(seconds, dist.ReduceOp.MAX)

    def mean(self, value: float) -> float:
        """The mean over all processes."""
        return self._reduce(value, dist.ReduceOp.SUM) / self.count

    def first(self, value: Any) -> Any:
        """What the process of rank 0 gives: plain values and tensors."""
        if self.count == 1:
            return value
        box = [value]
        dist.broadcast_object_list(box)
        return box[0]

    def require_equal(self, name: str, value: str) -> None:
        """Raise ValueError in every process when they do not all give the same value."""
        if self.count == 1:
            return
        found: list[Any] = [None] * self.count
        dist.all_gather_object(found, value)
        if len(set(found)) > 1:
            raise PartimentoError(f"the processes differ in their {name}: {', '.join(found)}")

    def _reduce(self, value: float, operation: Any) -> float:
        if self.count == 1:
            return value
        box = torch.tensor(value, dtype=torch.float64)
        dist.all_reduce(box, operation)
        return float(box.item())


@contextmanager
def joined() -> Iterator[int]:
    """Join the processes that torchrun started; gives this one's number on its machine."""
    if not dist.is_torchelastic_launched():
        yield 0
        return
    dist.init_process_group("gloo")
    try:
        yield dist.get_node_local_rank()
        # Together: one that leaves while another still writes breaks the other's connections.
        Processes.current().wait()
    finally:
        dist.destroy_process_group()
