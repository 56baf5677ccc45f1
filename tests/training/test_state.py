"""The state file: what is saved comes back, to the bit, and nothing is half written."""

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from partimento.training.state import first_difference, load_state, save_state


def test_nested_tensors_and_plain_values_come_back_to_the_bit(tmp_path: Path) -> None:
    weights = torch.randn(4, 6)
    state: dict[str, Any] = {
        "weights": weights,
        "view": weights.T[1:3],
        "optimizer": {"state": {0: {"step": torch.tensor(3.0)}, 1: {}}, "groups": [{"lr": 0.1}]},
        "seconds": 0.1 + 0.2,
        "names": ["a", None, True],
    }
    save_state(tmp_path / "state.safetensors", state)
    back = load_state(tmp_path / "state.safetensors")
    assert torch.equal(back["weights"], weights)
    assert torch.equal(back["view"], weights.T[1:3])
    assert back["optimizer"]["state"].keys() == {0, 1}
    assert back["optimizer"]["state"][0]["step"].item() == 3.0
    assert back["optimizer"]["groups"] == [{"lr": 0.1}]
    assert back["seconds"] == 0.1 + 0.2
    assert back["names"] == ["a", None, True]


def test_loading_leaves_no_tie_to_the_file(tmp_path: Path) -> None:
    path = tmp_path / "state.safetensors"
    save_state(path, {"w": torch.zeros(3)})
    load_state(path)["w"].fill_(1.0)
    assert load_state(path)["w"].tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("content", ["text", "weights"])
def test_another_file_is_refused_with_the_remedy(tmp_path: Path, content: str) -> None:
    path = tmp_path / "state.safetensors"
    if content == "text":
        path.write_text("not a state")
    else:
        save_file({"w": torch.zeros(2)}, path)
    with pytest.raises(ValueError, match=r"state\.safetensors: not the state .* out names another"):
        load_state(path)


def test_the_first_difference_names_the_setting_and_both_values() -> None:
    found = {"seed": 1, "batches": {"rows": 4, "tokens": 16}, "range": [0, 1], "gone": 1}
    same = {"seed": 1, "batches": {"rows": 4, "tokens": 16}, "range": (0, 1), "new": 2}
    assert first_difference("training", found, same) is None
    other = {**same, "batches": {"rows": 8, "tokens": 16}}
    assert first_difference("training", found, other) == "training.batches.rows (4, not 8)"
    assert first_difference("data", "a" * 50, "b" * 50) == "data"
