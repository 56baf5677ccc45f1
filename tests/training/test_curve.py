"""The file of a run's curve: which steps have a line, and what a resumed run drops."""

import json
from pathlib import Path

from partimento.training.curve import CURVE_STEPS, Curve, Status
from partimento.training.likelihood import Likelihood


def status(step: int, evaluation: dict[str, Likelihood] | None = None) -> Status:
    return Status(step, 0.5, 1.23456, 100.0, 2.34, 5.0, 10 * step, evaluation)


def steps(path: Path) -> list[int]:
    return [json.loads(line)["step"] for line in path.read_text("utf-8").splitlines()]


def test_there_is_a_line_every_few_steps_and_at_an_evaluation(tmp_path: Path) -> None:
    curve = Curve(tmp_path / "curve.jsonl")
    for step in range(1, 2 * CURVE_STEPS + 1):
        curve.record(status(step, {"folk": Likelihood()} if step == 7 else None))
    assert steps(curve.path) == [7, CURVE_STEPS, 2 * CURVE_STEPS]


def test_a_line_is_rounded_and_in_order(tmp_path: Path) -> None:
    curve = Curve(tmp_path / "curve.jsonl")
    curve.record(status(CURVE_STEPS))
    assert json.loads(curve.path.read_text("utf-8")) == {
        **{"step": CURVE_STEPS, "seconds": 2.3, "tokens": 10 * CURVE_STEPS, "loss": 1.2346}
    }


def test_lines_after_a_step_and_torn_ones_are_dropped(tmp_path: Path) -> None:
    curve = Curve(tmp_path / "curve.jsonl")
    for factor in (1, 2, 3):
        curve.record(status(factor * CURVE_STEPS))
    with curve.path.open("a", encoding="utf-8") as file:
        file.write('{"step": 4')
    curve.keep_until(2 * CURVE_STEPS)
    assert steps(curve.path) == [CURVE_STEPS, 2 * CURVE_STEPS]


def test_a_run_without_a_curve_has_none_to_cut(tmp_path: Path) -> None:
    Curve(tmp_path / "curve.jsonl").keep_until(3)
    assert list(tmp_path.iterdir()) == []
