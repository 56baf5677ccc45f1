"""The training loop: batches in, gradient steps, held-out evaluation, a state that resumes."""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from partimento.errors import PartimentoError, RemedyError
from partimento.model.checkpoint import file_hash, save_checkpoint
from partimento.model.config import ModelConfig
from partimento.tokenizer import vocabulary as v
from partimento.training.batches import Batch, BatchConfig, Batches
from partimento.training.config import TrainingConfig
from partimento.training.corpus import Corpus
from partimento.training.curve import Curve, Status
from partimento.training.likelihood import Likelihood, likelihood_by_style, model_scorer
from partimento.training.optimizer import OptimizerConfig, build_optimizer, learning_rate_share
from partimento.training.processes import Processes
from partimento.training.products import product_type
from partimento.training.start import first_model, sketch_teller
from partimento.training.state import first_difference, load_state, save_state

__all__ = ["BatchConfig", "OptimizerConfig", "Run", "Status", "TrainingConfig"]

STATE_FILE = "training.safetensors"
CURVE_FILE = "curve.jsonl"
CHECKPOINT_FILE = "model.safetensors"

EVALUATION_TOKENS = 1024
"""First tokens of a piece that the evaluations on the way score."""
MAY_CHANGE = ("steps", "minutes", "evaluate_minutes", "evaluate_pieces")
"""Settings that a resumed run may change: its length and how often it is looked at."""


class Run:
    """A training run that can be stopped and resumed; everything it writes is under `out`.

    It begins with random weights, or with those of the checkpoint `start`. A model that hears
    sketches is told those that `autoencoder` makes. ValueError when `out` holds a run with other
    settings or data, or `start` is a model of another shape.
    """

    def __init__(
        self,
        model_config: ModelConfig,
        config: TrainingConfig,
        corpus: Corpus,
        out: Path,
        start: Path | None = None,
        autoencoder: Path | None = None,
    ) -> None:
        self.processes = Processes.current()
        self.config = config
        self.corpus = corpus
        self.out = out
        self.step = 0
        self.seconds = 0.0
        self.processes.require_equal("training data", corpus.fingerprint)
        self._clock = time.monotonic if config.clock == "wall" else time.process_time
        self._batches = Batches(
            corpus.split("train"),
            config.batches,
            config.augmentation,
            config.seed,
            self.processes.rank,
            sketch_teller(model_config, config, autoencoder),
        )
        self._autoencoder = "" if autoencoder is None else file_hash(autoencoder)
        self.model, self._start = first_model(model_config, config.seed, start)
        self._is_told = self.model.config.conditioning_width is not None
        rounded = product_type(config.products)
        self.model.set_product_type(rounded)
        self.optimizer = build_optimizer(self.model, config.optimizer, rounded)
        self._curve = Curve(out / CURVE_FILE)
        self._resume()
        self._forward = self.processes.wrap(self.model)

    @property
    def tokens(self) -> int:
        """Tokens trained on so far."""
        return self.step * self._tokens_per_step

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

    @property
    def _tokens_per_step(self) -> int:
        return self.config.batches.rows * self.config.batches.tokens * self.processes.count

    def train(self, should_stop: Callable[[], bool] = lambda: False) -> Iterator[Status]:
        """Step until the run is done or, between two steps, should stop.

        Saves the state and a checkpoint at every evaluation and at the end. ValueError when
        the loss is no longer a number; what was saved before stays.
        """
        began, progress_before = time.monotonic(), self.progress
        rate = 0.0
        since_saving = 0.0
        is_saved = False
        while not self.is_finished and not self.processes.any(should_stop()):
            start = self._clock()
            loss = self.processes.mean(self._train_step(self._batches.batch(self.step)))
            self.step += 1
            is_saved = False
            elapsed = self.processes.slowest(self._clock() - start)
            self.seconds += elapsed
            since_saving += elapsed
            self._require_finite(loss)
            now = self._tokens_per_step / max(elapsed, 1e-9)
            rate = now if rate == 0 else 0.95 * rate + 0.05 * now
            is_due = since_saving > 60 * self.config.evaluate_minutes or self.is_finished
            evaluation = self.evaluate(self.config.evaluate_pieces) if is_due else None
            gained = max(self.progress - progress_before, 1e-9)
            status = Status(
                step=self.step,
                progress=self.progress,
                loss=loss,
                tokens_per_second=rate,
                seconds=self.seconds,
                seconds_left=(1 - self.progress) * (time.monotonic() - began) / gained,
                tokens=self.tokens,
                evaluation=evaluation or None,
            )
            if self.processes.rank == 0:
                self._curve.record(status)
            if is_due:
                self.save()
                since_saving, is_saved = 0.0, True
            yield status
        if not is_saved:
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
            conditioning=torch.from_numpy(batch.conditioning) if self._is_told else None,
            sketch=None if batch.sketch is None else torch.from_numpy(batch.sketch),
        )
        loss: Tensor = functional.cross_entropy(
            logits.flatten(0, 1), targets.flatten(), ignore_index=v.PAD
        )
        # With several processes the gradients are their mean when backward returns, so that
        # all clip by the same norm and take the same step.
        loss.backward()  # type: ignore[no-untyped-call]  # torch has no types here
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.config.gradient_norm)
        self.optimizer.step(share)
        return loss.item()

    def _learning_rate_share(self) -> float:
        rise = min(1.0, (self.step + 1) / max(1, self.config.warm_up))
        parts = 1_000_000
        done = min(int(self.progress * parts), parts - 1)
        return min(rise, learning_rate_share(done, parts, 0, self.config.constant))

    def _require_finite(self, loss: float) -> None:
        if not math.isfinite(loss):
            raise PartimentoError(
                f"the loss is {loss} at step {self.step}: the run diverged; begin anew with a "
                "lower learning_rate in another folder"
            )

    def evaluate(self, pieces_per_style: int | None = None) -> dict[str, Likelihood]:
        """Likelihood of the valid split by style; empty when it is, and in ranks above 0."""
        if self.processes.rank != 0:
            return {}
        self.model.eval()
        result = likelihood_by_style(
            model_scorer(self.model),
            self.corpus.split("valid"),
            EVALUATION_TOKENS,
            pieces_per_style,
        )
        self.model.train()
        return result

    def save(self) -> None:
        """Write the state that a run with the same settings resumes from, and a checkpoint."""
        if self.processes.rank != 0:
            return
        save_state(
            self.out / STATE_FILE,
            {
                "model": self.model.state_dict(),
                "optimizer": self.optimizer.state_dict(),
                "step": self.step,
                "seconds": self.seconds,
                "model_config": self.model.config.to_dict(),
                "training": self._settings(),
                "data": self.corpus.fingerprint,
                "vocabulary": v.fingerprint(),
            },
        )
        self.export()

    def export(self, licence: str = "") -> Path:
        """Write the weights as a checkpoint in half precision; returns its path."""
        path = self.out / CHECKPOINT_FILE
        save_checkpoint(
            path,
            self.model,
            step=self.step,
            data=self.corpus.fingerprint,
            licence=licence,
            extra={
                "tokens": self.tokens,
                "seconds": round(self.seconds),
                **({"start": self._start} if self._start else {}),
                **({"autoencoder": self._autoencoder} if self._autoencoder else {}),
            },
            storage="float16",
        )
        return path

    def _settings(self) -> dict[str, object]:
        """What must be the same in a resumed run, as plain values."""
        settings = {k: s for k, s in asdict(self.config).items() if k not in MAY_CHANGE}
        return {
            **settings,
            "processes": self.processes.count,
            "start": self._start,
            "autoencoder": self._autoencoder,
        }

    def _resume(self) -> None:
        """Go on from the state in `out`, if there is one; the first process reads it for all."""
        path = self.out / STATE_FILE
        state = None
        if self.processes.rank == 0:
            self.out.mkdir(parents=True, exist_ok=True)
            state = load_state(path) if path.is_file() else None
        state = self.processes.first(state)
        if state is not None:
            self._take_over(path, state)
        if self.processes.rank == 0:
            self._curve.keep_until(self.step)

    def _take_over(self, path: Path, state: dict[str, Any]) -> None:
        for name, found, expected in (
            ("vocabulary", state["vocabulary"], v.fingerprint()),
            ("model", state["model_config"], self.model.config.to_dict()),
            # States of the first runs do not name their settings.
            ("training", state.get("training", {}), self._settings()),
            ("data", state["data"], self.corpus.fingerprint),
        ):
            difference = first_difference(name, found, expected)
            if difference is not None:
                raise RemedyError(
                    f"{path} was made with another {difference}",
                    {"out": "names another folder; the same settings and data resume it"},
                )
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.step, self.seconds = state["step"], state["seconds"]
