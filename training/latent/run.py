"""The training loop of the latent parts: gradient steps, held-out figures, a state that resumes."""

import json
import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from torch import Tensor, nn

from partimento.errors import PartimentoError
from partimento.model.latent.network import LatentNetwork
from partimento.music.files import write_whole
from partimento.training.latent.config import LatentTraining
from partimento.training.optimizer import build_optimizer, learning_rate_share
from partimento.training.products import product_type
from partimento.training.state import first_difference, load_state, save_state

STATE_FILE = "training.safetensors"
CURVE_FILE = "curve.jsonl"
MAY_CHANGE = ("steps", "minutes", "evaluate_minutes")
"""Settings that a resumed run may change: its length and how often it is looked at."""


class Task(Protocol):
    """What is learned: a network, its loss, its held-out figures, its file."""

    @property
    def name(self) -> str:
        """Name of the part."""

    @property
    def network(self) -> LatentNetwork:
        """Whose weights are trained."""

    def loss(self, rng: np.random.Generator) -> Tensor:
        """Draw a batch and return its loss."""

    def evaluate(self) -> dict[str, float]:
        """Held-out figures by name, of the network as it is."""

    def file(self) -> bytes:
        """The trained part, from the network as it is."""

    def settings(self) -> Mapping[str, object]:
        """The shape of the network and the data, as plain values."""


@dataclass(frozen=True, slots=True)
class Step:
    """Where a run stands after a step."""

    step: int
    progress: float
    """Share of the run, 0..1."""
    loss: float
    """Of the last batch."""
    seconds: float
    """Training time so far, resumed runs added up."""
    seconds_left: float
    """Wall time to the end, by what this process has seen."""
    figures: dict[str, float] | None = None
    """Held-out, when they were just measured."""


class LatentRun:
    """A training run that can be stopped and resumed; everything it writes is under `out`.

    ValueError when `out` holds a run with other settings or data.
    """

    def __init__(self, task: Task, config: LatentTraining, out: Path) -> None:
        self.task = task
        self.config = config
        self.out = out
        self.step = 0
        self.seconds = 0.0
        self._clock = time.monotonic if config.clock == "wall" else time.process_time
        self._product_type = product_type("auto")
        self._optimizer = build_optimizer(task.network, config.optimizer, self._product_type)
        self._average = _copy(task.network)
        out.mkdir(parents=True, exist_ok=True)
        self._resume()

    @property
    def checkpoint(self) -> Path:
        """Where the trained part is written."""
        return self.out / f"{self.task.name}.safetensors"

    @property
    def progress(self) -> float:
        """Share of the run that is done, 0..1."""
        if self.config.steps is not None:
            return min(1.0, self.step / self.config.steps)
        assert self.config.minutes is not None
        return min(1.0, self.seconds / (60 * self.config.minutes))

    @property
    def is_finished(self) -> bool:
        """Whether there is nothing left to do."""
        return self.progress >= 1

    def train(self, should_stop: Callable[[], bool] = lambda: False) -> Iterator[Step]:
        """Step until the run is done or, between two steps, should stop.

        Saves the state and the part at every evaluation and at the end. ValueError when the
        loss is no longer a number; what was saved before stays.
        """
        began, progress_before = time.monotonic(), self.progress
        since_saving = 0.0
        is_saved = False
        while not self.is_finished and not should_stop():
            start = self._clock()
            loss = self._train_step()
            self.step += 1
            elapsed = self._clock() - start
            self.seconds += elapsed
            since_saving += elapsed
            is_saved = since_saving > 60 * self.config.evaluate_minutes or self.is_finished
            figures = self.save() if is_saved else None
            if is_saved:
                since_saving = 0.0
            gained = max(self.progress - progress_before, 1e-9)
            left = (1 - self.progress) * (time.monotonic() - began) / gained
            yield Step(self.step, self.progress, loss, self.seconds, left, figures)
            if is_saved:
                self._record(loss, figures or {})
        if not is_saved:
            self.save()

    def _train_step(self) -> float:
        """One gradient step; the loss before it. The same seed and step draw the same batch."""
        rng = np.random.default_rng((self.config.seed, self.step))
        share = self._learning_rate_share()
        self._optimizer.zero_grad()
        with torch.autocast("cpu", torch.bfloat16, enabled=self._product_type is not None):
            loss = self.task.loss(rng)
        value = loss.item()
        if not math.isfinite(value):
            raise PartimentoError(
                f"the loss is {value} at step {self.step}: the run diverged; begin anew with a "
                "lower learning_rate and another --out"
            )
        loss.backward()  # type: ignore[no-untyped-call]  # torch has no types here
        nn.utils.clip_grad_norm_(self.task.network.parameters(), self.config.gradient_norm)
        self._optimizer.step(share)
        self._fold()
        return value

    def _fold(self) -> None:
        """Move the running mean of the weights towards the weights."""
        # Early on the mean is short, or it would hold the first random weights for long.
        share = 1 - min(self.config.average, self.step / (self.step + 10))
        for name, tensor in self.task.network.state_dict().items():
            if tensor.is_floating_point():
                self._average[name].lerp_(tensor, share)
            else:
                self._average[name].copy_(tensor)

    def _learning_rate_share(self) -> float:
        rise = min(1.0, (self.step + 1) / max(1, self.config.warm_up))
        parts = 1_000_000
        done = min(int(self.progress * parts), parts - 1)
        return min(rise, learning_rate_share(done, parts, 0, self.config.constant))

    def save(self) -> dict[str, float]:
        """Write the state to resume from and the part; returns the part's held-out figures."""
        network = self.task.network
        trained = _copy(network)
        save_state(
            self.out / STATE_FILE,
            {
                "network": trained,
                "average": self._average,
                "optimizer": self._optimizer.state_dict(),
                "step": self.step,
                "seconds": self.seconds,
                "settings": self._settings(),
            },
        )
        network.load_state_dict(self._average)
        network.eval()
        figures = self.task.evaluate()
        write_whole(self.checkpoint, self.task.file())
        network.load_state_dict(trained)
        network.train()
        return figures

    def _record(self, loss: float, figures: dict[str, float]) -> None:
        """Add a line to the curve."""
        line = {"step": self.step, "seconds": round(self.seconds, 1), "loss": round(loss, 4)}
        line |= {name: round(figure, 4) for name, figure in figures.items()}
        with (self.out / CURVE_FILE).open("a", encoding="utf-8", newline="\n") as file:
            file.write(json.dumps(line) + "\n")

    def _settings(self) -> dict[str, object]:
        """What must be the same in a resumed run, as plain values."""
        training = {k: s for k, s in asdict(self.config).items() if k not in MAY_CHANGE}
        return {"part": self.task.name, "training": training, **self.task.settings()}

    def _resume(self) -> None:
        """Take over the state under `out`, if there is one; ValueError when it is another run's."""
        path = self.out / STATE_FILE
        if not path.is_file():
            return
        state = load_state(path)
        difference = first_difference("run", state.get("settings", {}), self._settings())
        if "average" not in state or difference is not None:
            raise PartimentoError(
                f"{path}: the state of another run ({difference or 'not of a latent part'}); "
                "give another --out"
            )
        self.task.network.load_state_dict(state["network"])
        self._average = state["average"]
        self._optimizer.load_state_dict(state["optimizer"])
        self.step, self.seconds = state["step"], state["seconds"]


def _copy(network: nn.Module) -> dict[str, Tensor]:
    return {name: tensor.detach().clone() for name, tensor in network.state_dict().items()}
