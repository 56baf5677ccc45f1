"""Where a run stands after each step, and the file that keeps a line of it every few steps."""

import json
from dataclasses import dataclass
from pathlib import Path

from partimento.music.files import write_whole
from partimento.training.likelihood import Likelihood, total

CURVE_STEPS = 20
"""Steps between two lines of the curve."""


@dataclass(frozen=True, slots=True)
class Status:
    """Where a run stands after a step."""

    step: int
    progress: float
    """Share of the run, 0..1."""
    loss: float
    """Mean nats per token of the last batch, over all processes."""
    tokens_per_second: float
    """Over the last steps, all processes together."""
    seconds: float
    """Training time so far, resumed runs added up."""
    seconds_left: float
    """Wall time to the end, by what this process has seen; evaluations included."""
    tokens: int
    evaluation: dict[str, Likelihood] | None = None
    """By style, when one was just made."""


class Curve:
    """A file of JSON lines that is only appended to."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def record(self, status: Status) -> None:
        """Add a line every few steps and at every evaluation."""
        if status.step % CURVE_STEPS and status.evaluation is None:
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
        with self.path.open("a", encoding="utf-8", newline="\n") as file:
            file.write(json.dumps(line) + "\n")

    def keep_until(self, step: int) -> None:
        """Drop the lines after a step: a run that was killed resumes before its last lines."""
        if not self.path.is_file():
            return
        lines = self.path.read_text("utf-8").splitlines(keepends=True)
        kept = [line for line in lines if _step(line) <= step]
        if kept != lines:
            write_whole(self.path, "".join(kept).encode())


def _step(line: str) -> float:
    """The step of a line, infinite when it was cut off in writing."""
    try:
        return float(json.loads(line)["step"])
    except (ValueError, KeyError, TypeError):
        return float("inf")
