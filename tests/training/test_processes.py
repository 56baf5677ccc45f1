"""Two processes that train one model: what they send each other gives the same step."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch.nn.functional import cross_entropy

from partimento.model.checkpoint import read_header
from partimento.model.config import ModelConfig
from partimento.training import loop
from partimento.training.batches import Batches
from partimento.training.config import TrainingConfig
from partimento.training.corpus import load_corpus
from partimento.training.loop import BatchConfig, Run

pytestmark = pytest.mark.slow

ONE_OF_TWO = """
import os
import sys
from pathlib import Path
import torch
import torch.distributed as dist
from partimento.model.config import ModelConfig
from partimento.training.config import TrainingConfig
from partimento.training.corpus import load_corpus
from partimento.training.loop import Run

rank, folder = int(sys.argv[1]), Path(sys.argv[2])
corpus = load_corpus(folder / "data", folder / "cache")
for steps in (3, 6):  # the second run resumes the first one
    dist.init_process_group("gloo", f"file://{folder}/meet{steps}", rank=rank, world_size=2)
    config = TrainingConfig.from_dict({
        "steps": steps, "constant": 1, "warm_up": 2, "batches": {"rows": 2, "tokens": 64}
    })
    run = Run(ModelConfig(width=16, layers=1, feed_forward_width=24), config, corpus,
              folder / "out")
    assert run.step == steps - 3
    for status in run.train():
        pass
    dist.barrier()
    dist.destroy_process_group()
torch.save(run.model.state_dict(), folder / f"{rank}.pt")
os._exit(0)  # a thread of gloo that still runs would abort an orderly end, once in many runs
"""


def test_two_processes_take_the_step_of_their_mean_gradient(
    write_folder: Callable[..., Path], tmp_path: Path
) -> None:
    manifest = [{"path": f"{i}.mid", "split": ("train", "valid")[i == 3]} for i in range(4)]
    write_folder(tmp_path / "data", manifest=manifest)
    corpus = load_corpus(tmp_path / "data", tmp_path / "cache")
    command = [sys.executable, "-c", ONE_OF_TWO]
    workers = [subprocess.Popen([*command, str(rank), str(tmp_path)]) for rank in (0, 1)]
    # The obvious twin: one process, the gradients of both batches added up by hand.
    config = TrainingConfig(steps=6, constant=1, warm_up=2, batches=BatchConfig(2, 64))
    model = ModelConfig(width=16, layers=1, feed_forward_width=24)
    twin = Run(model, config, corpus, tmp_path / "twin")
    series = [
        Batches(corpus.split("train"), config.batches, config.augmentation, 0, rank)
        for rank in (0, 1)
    ]
    for step in range(6):
        twin.optimizer.zero_grad()
        for batches in series:
            batch = batches.batch(step)
            logits, _ = twin.model(*(torch.from_numpy(array) for array in batch[:3]))
            targets = torch.from_numpy(batch.targets)
            (cross_entropy(logits.flatten(0, 1), targets.flatten()) / 2).backward()
        torch.nn.utils.clip_grad_norm_(twin.model.parameters(), config.gradient_norm)
        twin.optimizer.step(min(1.0, (step + 1) / config.warm_up))
    assert [worker.wait(240) for worker in workers] == [0, 0]
    weights = [torch.load(tmp_path / f"{rank}.pt", weights_only=True) for rank in (0, 1)]
    for name, weight in twin.model.state_dict().items():
        assert torch.equal(weights[0][name], weights[1][name])
        torch.testing.assert_close(weights[0][name], weight, rtol=1e-3, atol=1e-5)
    header = read_header(tmp_path / "out" / loop.CHECKPOINT_FILE)
    assert (header.step, header.extra["tokens"]) == (6, 6 * 2 * 2 * 64)
