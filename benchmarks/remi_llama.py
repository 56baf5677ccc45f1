"""A Llama of transformers over REMI: built, trained with AdamW, and asked what tokens cost it."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from benchmarks.remi_pieces import TOKENS, Ids, Pieces
from miditok import REMI
from torch.nn import functional
from transformers import LlamaConfig, LlamaForCausalLM

from partimento.training.optimizer import learning_rate_share

WIDTH, HEADS, FEED_FORWARD = 192, 4, 512
WEIGHT_DECAY, BETAS, WARM_UP = 0.1, (0.9, 0.95), 30
"""AdamW as small language models are usually trained; warm-up in steps."""
PARTS = 1_000_000
"""Of the course of the learning rate."""
_STEPS_FILE = "steps.json"


@dataclass(frozen=True)
class Course:
    """How the Llama is trained."""

    minutes: float
    """Of the processor's time, reading pieces not counted."""
    marks: tuple[float, ...]
    """Minutes after which its weights are handed out; the last one is the end."""
    learning_rate: float = 3e-3
    """At its highest; it stays up and falls as the other model's does."""
    rows: int = 1
    """Of a batch."""


class Marked(NamedTuple):
    """A Llama on its way."""

    model: LlamaForCausalLM
    minutes: float
    steps: int

    def save(self, folder: Path) -> None:
        """Keep its weights and what they cost."""
        self.model.save_pretrained(folder)
        (folder / _STEPS_FILE).write_text(json.dumps(self.steps))


def load(folder: Path) -> tuple[LlamaForCausalLM, int]:
    """The Llama that was saved, and after how many steps."""
    model = LlamaForCausalLM.from_pretrained(folder)
    model.train(False)
    return model, int(json.loads((folder / _STEPS_FILE).read_text()))


def batch(pieces: Pieces, rows: int, seed: int, number: int) -> torch.Tensor:
    """(rows, TOKENS + 1) excerpts one after another; styles weigh as in the other model's."""
    rng = np.random.default_rng((seed, number))
    found = []
    for _ in range(rows):
        row = np.zeros(0, np.int64)
        while len(row) <= TOKENS:
            at = np.searchsorted(pieces.weights, rng.random() * pieces.weights[-1], "right")
            row = np.append(row, pieces.excerpt(min(int(at), len(pieces.weights) - 1), rng))
        found.append(row[: TOKENS + 1])
    return torch.from_numpy(np.stack(found))


def build(remi: REMI, parameters: int) -> LlamaForCausalLM:
    """A Llama of about so many parameters."""
    layer = 4 * WIDTH**2 + 3 * WIDTH * FEED_FORWARD
    config = LlamaConfig(
        vocab_size=len(remi),
        hidden_size=WIDTH,
        intermediate_size=FEED_FORWARD,
        num_hidden_layers=max(1, round((parameters - 2 * len(remi) * WIDTH) / layer)),
        num_attention_heads=HEADS,
        max_position_embeddings=TOKENS,
        bos_token_id=remi["BOS_None"],
        eos_token_id=remi["EOS_None"],
        pad_token_id=remi["PAD_None"],
    )
    return LlamaForCausalLM(config)


def train(
    model: LlamaForCausalLM,
    pieces: Pieces,
    course: Course,
    seed: int,
    state: Path,
    should_stop: Callable[[], bool] = lambda: False,
) -> Iterator[Marked]:
    """Train in place, and hand it out at each mark; goes on from a state and leaves one."""
    optimizer = _optimizer(model, course.learning_rate)
    spent, step = 0.0, 0
    if state.is_file():
        found = torch.load(state)
        model.load_state_dict(found["model"])
        optimizer.load_state_dict(found["optimizer"])
        spent, step = found["spent"], found["step"]
    marks = [minutes for minutes in course.marks if spent < 60 * minutes]
    while spent < 60 * course.minutes and not should_stop():
        rows = batch(pieces, course.rows, seed, step)
        start = time.process_time()
        done = min(int(PARTS * spent / (60 * course.minutes)), PARTS - 1)
        share = learning_rate_share(done, PARTS, 0) * min(1.0, (step + 1) / WARM_UP)
        loss = _step(model, optimizer, rows, course.learning_rate * share)
        spent += time.process_time() - start
        step += 1
        if step % 20 == 0:
            print(f"{step} {spent:.0f} s {loss:.3f}", file=sys.stderr, flush=True)
        while marks and spent >= 60 * marks[0]:
            yield Marked(model, marks.pop(0), step)
    weights = {"model": model.state_dict(), "optimizer": optimizer.state_dict()}
    torch.save({**weights, "spent": spent, "step": step}, state)


def _optimizer(model: LlamaForCausalLM, learning_rate: float) -> torch.optim.AdamW:
    groups = [
        {"params": [p for p in model.parameters() if p.ndim > 1], "weight_decay": WEIGHT_DECAY},
        {"params": [p for p in model.parameters() if p.ndim <= 1], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=learning_rate, betas=BETAS, fused=True)


def _step(
    model: LlamaForCausalLM, optimizer: torch.optim.AdamW, rows: torch.Tensor, rate: float
) -> float:
    """One gradient step; the loss before it."""
    for group in optimizer.param_groups:
        group["lr"] = rate
    with torch.autocast("cpu", torch.bfloat16):
        logits = model(rows[:, :-1]).logits
    loss = functional.cross_entropy(logits.flatten(0, 1).float(), rows[:, 1:].flatten())
    optimizer.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]  # torch has no types here
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    return loss.item()


@torch.inference_mode()
def costs(model: LlamaForCausalLM, remi: REMI, ids: Ids) -> npt.NDArray[np.float64]:
    """(T,) nats of the tokens (T,) of a piece, behind BOS."""
    row = torch.from_numpy(np.append(remi["BOS_None"], ids))[None]
    logits = model(row[:, :-1]).logits[0].float()
    nats = functional.cross_entropy(logits, row[0, 1:], reduction="none")
    return np.asarray(nats.double().numpy(), np.float64)
