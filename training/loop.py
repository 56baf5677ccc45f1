"""The training loop: batches in, gradient steps, held-out evaluation, a state that resumes."""

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

import torch
import torch.distributed as dist
from torch import Tensor
from torch.nn import functional
from torch.nn.parallel import DistributedDataParallel

from partimento.model.config import ModelConfig
from partimento.model.transformer import Transformer
from partimento.tokenizer import vocabulary as v
from partimento.training.batches import Batch, BatchConfig, Batches
from partimento.training.corpus import Corpus
from partimento.training.evaluation import Likelihood, likelihood_by_style, model_scorer, total
from partimento.training.excerpts import Augmentation
from partimento.training.optimizer import OptimizerConfig, build_optimizer, learning_rate_share
from partimento.training.state import load_state, save_state

STATE_FILE = "training.safetensors"
CURVE_FILE = "curve.jsonl"


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
    gradient_norm: float = 1.0
    """Longer gradients are scaled down to this norm."""
    seed: int = 0
    evaluate_minutes: float = 10.0
    """Time between held-out evaluations; the state is saved then too."""
    evaluate_pieces: int = 4
    """Held-out pieces of each style in the evaluations on the way."""
    optimizer: OptimizerConfig = field(default_factory=OptimizerConfig)
    batches: BatchConfig = field(default_factory=BatchConfig)
    augmentation: Augmentation = field(default_factory=Augmentation)

    def __post_init__(self) -> None:
        """Check that the length is given once."""
        if (self.steps is None) == (self.minutes is None):
            raise ValueError("give the length of a training run as steps or as minutes")
        if not 0 < (self.steps or self.minutes or 0):
            raise ValueError(f"steps and minutes must be above 0, got {self.steps or self.minutes}")

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "TrainingConfig":
        """Build a config from the training section of a yaml file; unknown keys are refused."""
        parts = {"optimizer": OptimizerConfig, "batches": BatchConfig, "augmentation": Augmentation}
        changed = dict(values)
        for name, part in parts.items():
            given = dict(changed.get(name) or {})
            _refuse_unknown(f"training.{name}", given, part)
            if "transpose" in given:
                given["transpose"] = tuple(given["transpose"])
            changed[name] = part(**given)
        _refuse_unknown("training", changed, cls)
        return cls(**changed)


def _refuse_unknown(section: str, values: Mapping[str, Any], part: type) -> None:
    known = {entry.name for entry in fields(part)}
    for name in values:
        if name not in known:
            raise ValueError(f"{section}: unknown setting {name!r}; known: {', '.join(known)}")


@dataclass(frozen=True, slots=True)
class Status:
    """Where a run stands after a step."""

    step: int
    progress: float
    """Share of the run, 0..1."""
    loss: float
    """Mean nats per token of the last batch."""
    tokens_per_second: float
    """Over the last steps, all processes together."""
    seconds: float
    """Training time so far, resumed runs added up."""
    tokens: int
    evaluation: dict[str, Likelihood] | None = None
    """By style, when one was just made."""


class Run:
    """A training run that can be stopped and resumed; everything it writes is under `out`."""

    def __init__(
        self, model_config: ModelConfig, config: TrainingConfig, corpus: Corpus, out: Path
    ) -> None:
        self.rank = dist.get_rank() if dist.is_initialized() else 0
        self.world = dist.get_world_size() if dist.is_initialized() else 1
        torch.manual_seed(config.seed)
        self.config = config
        self.model = Transformer(model_config)
        self.optimizer = build_optimizer(self.model, config.optimizer)
        self.corpus = corpus
        self.out = out
        self.step = 0
        self.seconds = 0.0
        self._clock = time.monotonic if config.clock == "wall" else time.process_time
        self._batches = Batches(
            corpus.split("train"), config.batches, config.augmentation, config.seed, self.rank
        )
        self._forward: Callable[..., Any] = (
            DistributedDataParallel(self.model) if self.world > 1 else self.model
        )
        out.mkdir(parents=True, exist_ok=True)
        if (out / STATE_FILE).is_file():
            self._resume(load_state(out / STATE_FILE))

    @property
    def tokens(self) -> int:
        """Tokens trained on so far."""
        return self.step * self.config.batches.rows * self.config.batches.tokens * self.world

    @property
    def progress(self) -> float:
        """Share of the run that is done, 0..1."""
        if self.config.steps is not None:
            return min(1.0, self.step / self.config.steps)
        assert self.config.minutes is not None
        return min(1.0, self.seconds / (60 * self.config.minutes))

    def train(self, should_stop: Callable[[], bool] = lambda: False) -> Iterator[Status]:
        """Step until the run is done or should stop, saving on the way and at the end."""
        rate = 0.0
        since_evaluation = 0.0
        while self.progress < 1 and not self._agree(should_stop()):
            start = self._clock()
            loss = self._train_step(self._batches.batch(self.step))
            self.step += 1
            elapsed = self._agreed_seconds(self._clock() - start)
            self.seconds += elapsed
            since_evaluation += elapsed
            tokens = self.config.batches.rows * self.config.batches.tokens * self.world
            rate = tokens / elapsed if rate == 0 else 0.95 * rate + 0.05 * tokens / elapsed
            evaluation = None
            if since_evaluation > 60 * self.config.evaluate_minutes or self.progress >= 1:
                since_evaluation = 0.0
                evaluation = self.evaluate(self.config.evaluate_pieces)
                self.save()
            status = Status(
                self.step, self.progress, loss, rate, self.seconds, self.tokens, evaluation
            )
            self._record(status)
            yield status
        self.save()

    def _train_step(self, batch: Batch) -> float:
        """One gradient step; the loss before it."""
        share = self._learning_rate_share()
        self.optimizer.zero_grad()
        targets = torch.from_numpy(batch.targets)
        logits, _ = self._forward(
            torch.from_numpy(batch.tokens),
            torch.from_numpy(batch.features),
            torch.from_numpy(batch.sounding),
        )
        loss: Tensor = functional.cross_entropy(
            logits.flatten(0, 1), targets.flatten(), ignore_index=v.PAD
        )
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.config.gradient_norm)
        self.optimizer.step(share)
        return loss.item()

    def _learning_rate_share(self) -> float:
        rise = min(1.0, (self.step + 1) / max(1, self.config.warm_up))
        parts = 1_000_000
        done = min(int(self.progress * parts), parts - 1)
        return min(rise, learning_rate_share(done, parts, 0, self.config.constant))

    def evaluate(self, pieces_per_style: int | None = None) -> dict[str, Likelihood]:
        """Likelihood of the valid split by style."""
        self.model.eval()
        result = likelihood_by_style(
            model_scorer(self.model), self.corpus.split("valid"), 1024, pieces_per_style
        )
        self.model.train()
        return result

    def save(self) -> None:
        """Write the state that a run with the same settings resumes from."""
        if self.rank == 0:
            save_state(
                self.out / STATE_FILE,
                {
                    "model": self.model.state_dict(),
                    "optimizer": self.optimizer.state_dict(),
                    "step": self.step,
                    "seconds": self.seconds,
                    "model_config": self.model.config.to_dict(),
                    "data": self.corpus.fingerprint,
                    "vocabulary": v.fingerprint(),
                },
            )

    def _resume(self, state: dict[str, Any]) -> None:
        for name, found, expected in (
            ("vocabulary", state["vocabulary"], v.fingerprint()),
            ("model", ModelConfig.from_dict(state["model_config"]), self.model.config),
            ("data", state["data"], self.corpus.fingerprint),
        ):
            if found != expected:
                raise ValueError(
                    f"{self.out / STATE_FILE} was made with another {name}; "
                    "give the same settings to resume, or another --out"
                )
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.step, self.seconds = state["step"], state["seconds"]

    def _agree(self, stop: bool) -> bool:
        """Whether any process wants to stop, so that all stop at the same step."""
        if self.world == 1:
            return stop
        flag = torch.tensor(float(stop))
        dist.all_reduce(flag, dist.ReduceOp.MAX)
        return bool(flag.item())

    def _agreed_seconds(self, seconds: float) -> float:
        """The slowest process' time, so that all follow one clock."""
        if self.world == 1:
            return seconds
        slowest = torch.tensor(seconds, dtype=torch.float64)
        dist.all_reduce(slowest, dist.ReduceOp.MAX)
        return float(slowest.item())

    def _record(self, status: Status) -> None:
        """Append a line to the curve every 20 steps and at every evaluation."""
        if self.rank != 0 or (status.step % 20 and status.evaluation is None):
            return
        line: dict[str, object] = {
            "step": status.step,
            "seconds": round(status.seconds, 1),
            "tokens": status.tokens,
            "loss": round(status.loss, 4),
        }
        if status.evaluation is not None:
            line["nats_per_note"] = {
                style: round(likelihood.nats_per_note, 4)
                for style, likelihood in sorted(status.evaluation.items())
            }
            line["valid_nats_per_token"] = round(total(status.evaluation).nats_per_token, 4)
        with (self.out / CURVE_FILE).open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + os.linesep)
