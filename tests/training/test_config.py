"""Settings of a training run: read from plain values, and refused in one line."""

import math

import pytest

from partimento.training.batches import BatchConfig
from partimento.training.config import TrainingConfig


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "either as steps or as minutes"),
        ({"steps": 3, "minutes": 1}, "either as steps or as minutes"),
        ({"steps": 0}, "training: steps must be at least 1, got 0"),
        ({"steps": 2.5}, r"training\.steps must be a whole number, got 2.5"),
        ({"minutes": -1}, "minutes must be above 0, got -1"),
        ({"minutes": "long"}, r"training\.minutes must be a number, got 'long'"),
        ({"minutes": math.inf}, r"training\.minutes must be a number, got inf"),
        ({"steps": True}, r"training\.steps must be a whole number, got True"),
        ({"steps": 3, "rows": 4}, "training: setting 'rows' does not exist; known: steps, minutes"),
        (
            {"steps": 3, "clock": "sun"},
            r"training\.clock must be one of wall, processor, got 'sun'",
        ),
        ({"steps": 3, "seed": -1}, "seed must be at least 0, got -1"),
        ({"steps": 3, "constant": 2}, r"constant must be in \[0, 1\], got 2"),
        ({"steps": 3, "batches": 4}, r"training\.batches must hold settings of its own, got 4"),
        ({"steps": 3, "batches": {"rows": 0}}, r"training\.batches: rows must be at least 1"),
        ({"steps": 3, "optimizer": {"lr": 1}}, r"training\.optimizer: setting 'lr' does not exist"),
        ({"steps": 3, "augmentation": {"transpose": 5}}, "must be a list of 2 values, got 5"),
    ],
)
def test_a_wrong_setting_is_named(values: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        TrainingConfig.from_dict(values)


def test_settings_are_read_from_what_yaml_gives() -> None:
    config = TrainingConfig.from_dict(
        {
            "steps": None,
            "minutes": 90,
            "clock": "processor",
            "optimizer": {"learning_rate": "3e-3"},  # yaml takes it for text
            "batches": None,
            "augmentation": {"transpose": [-2, 2], "holes": 0},
        }
    )
    assert config.minutes == 90.0
    assert config.optimizer.learning_rate == 3e-3
    assert config.batches == BatchConfig()
    assert config.augmentation.transpose == (-2, 2)
    assert config.clock == "processor"
