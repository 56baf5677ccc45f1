"""The config: what it refuses, and how it comes from plain values and yaml."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from partimento.model.config import Feature, ModelConfig, select_features
from partimento.model.config_files import load_config, read_section

AVAILABLE = (("tick", 9), ("meter", 4), ("line", 5))


def test_a_config_survives_json() -> None:
    config = ModelConfig(features=select_features(AVAILABLE), sounding_width=3, attention="delta")
    assert ModelConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config


def test_an_unknown_setting_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"setting 'depth' does not exist; did you mean width"):
        ModelConfig.from_dict({"depth": 3})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"width": 0}, "width must be an integer of at least 1, got 0"),
        ({"layers": 2.5}, "layers must be an integer of at least 1, got 2.5"),
        ({"layers": True}, "layers must be an integer of at least 1, got True"),
        ({"width": 10, "heads": 4}, "width must be a multiple of heads = 4, got 10"),
        ({"attention": "sparse"}, "attention must be one of gated, delta, softmax, got 'sparse'"),
        ({"width": 12, "heads": 4, "attention": "softmax"}, "must be even for rotary"),
        ({"convolution_width": 1}, "convolution_width must be an integer of at least 2 or null"),
        ({"conditioning_width": 0}, "conditioning_width must be an integer of at least 1 or null"),
        ({"sketch_width": 0}, "sketch_width must be an integer of at least 1 or null"),
        ({"sounding_width": -1}, "sounding_width must be an integer of at least 0"),
        ({"features": (("a", 0, 3), ("a", 1, 3))}, "must not repeat a name"),
        ({"features": (("a", 0, 3), ("b", 0, 3))}, "must not repeat a column"),
        ({"features": (("a", 0, 0),)}, "size of a must be an integer of at least 1"),
        ({"features": ["tick"]}, "features must be a list of"),
    ],
)
def test_a_bad_value_is_named(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ModelConfig.from_dict(changes)


def test_selected_features_keep_the_input_columns() -> None:
    assert select_features(AVAILABLE, ["line", "tick"]) == (
        Feature("tick", 0, 9),
        Feature("line", 2, 5),
    )
    assert len(select_features(AVAILABLE)) == 3
    assert select_features(AVAILABLE, []) == ()


def test_a_feature_that_is_not_offered_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown mood; choose from tick, meter, line"):
        select_features(AVAILABLE, ["mood"])


@pytest.mark.parametrize("name", ["base", "delta", "softmax"])
def test_the_shipped_configs_load(name: str) -> None:
    config = load_config(name, AVAILABLE, 7)
    assert config.attention == ("gated" if name == "base" else name)
    assert config.sounding_width == 7
    assert len(config.features) == 3


def test_yaml_chooses_features_and_turns_the_sounding_input_off(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text("model:\n  width: 8\n  features: [line]\n  sounding: false\n")
    config = load_config(str(path), AVAILABLE, 7, layers=2)
    assert config == ModelConfig(width=8, layers=2, features=(Feature("line", 2, 5),))


def test_yaml_turns_the_reader_of_sketches_on(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    for text, expected in (("sketch: true", 9), ("sketch: false", None), ("width: 8", None)):
        path.write_text(f"model: {{{text}}}\n")
        assert load_config(str(path), AVAILABLE, sketch_width=9).sketch_width == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("training: {}\n", "has no section 'model:'"),
        ("model: [\n", "not valid yaml"),
        ("model:\n  features: line\n", "features must be a list of names"),
        ("model:\n  sounding: 3\n", "sounding must be true or false"),
    ],
)
def test_a_bad_yaml_file_is_named(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(text)
    with pytest.raises(ValueError, match=message) as caught:
        load_config(str(path), AVAILABLE)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_an_unknown_config_lists_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"no config is called 'huge'; choose from .*base, delta"):
        read_section("huge", "model")
    with pytest.raises(ValueError, match=r"huge\.yaml: no such config file"):
        read_section("huge.yaml", "model")


def test_the_config_leaves_torch_unimported() -> None:
    program = "import sys, partimento.model.config; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
