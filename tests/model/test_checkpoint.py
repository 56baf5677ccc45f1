"""Checkpoints: what is saved comes back, and what is no checkpoint is refused in one line."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file

from partimento.model import checkpoint
from partimento.model.checkpoint import read_arrays, read_header, save_checkpoint
from partimento.model.config import Feature, ModelConfig, select_features
from partimento.model.loading import load_model
from partimento.model.transformer import Transformer
from partimento.sampling.engines import load_engine
from partimento.tokenizer import vocabulary
from partimento.tokenizer.features import FEATURES, SOUNDING_WIDTH


@pytest.fixture
def model() -> Transformer:
    torch.manual_seed(0)
    features = select_features(FEATURES, ["tick"])
    return Transformer(
        ModelConfig(width=8, layers=1, heads=2, feed_forward_width=12, features=features)
    )


@pytest.fixture
def path(tmp_path: Path, model: Transformer) -> Path:
    target = tmp_path / "tiny.safetensors"
    save_checkpoint(target, model, step=7, data="abc", licence="MIT", extra={"note": [1, "two"]})
    return target


def rewrite_header(path: Path, **changes: object) -> None:
    """Save the same arrays under a changed header."""
    content = {
        "format": 1,
        "config": read_header(path).config.to_dict(),
        "vocabulary": vocabulary.fingerprint(),
        **changes,
    }
    arrays = read_arrays(path)[1]
    save_file(dict(arrays), path, {checkpoint.HEADER_KEY: json.dumps(content)})


def test_a_saved_model_comes_back_with_its_header(path: Path, model: Transformer) -> None:
    loaded, header = load_model(path)
    assert header == checkpoint.Header(
        model.config, vocabulary.fingerprint(), 7, "abc", "MIT", {"note": [1, "two"]}
    )
    assert not loaded.training
    for name, tensor in model.state_dict().items():
        assert torch.equal(loaded.state_dict()[name], tensor)


def test_half_precision_halves_the_file_and_rounds_the_weights(
    path: Path, model: Transformer, tmp_path: Path
) -> None:
    half = tmp_path / "half.safetensors"
    save_checkpoint(half, model, storage="float16")
    assert half.stat().st_size < 0.6 * path.stat().st_size
    embedding = read_arrays(half)[1]["embedding"]
    assert embedding.dtype == np.float32
    np.testing.assert_array_equal(
        embedding, model.embedding.detach().numpy().astype(np.float16).astype(np.float32)
    )


def test_a_weight_that_float16_cannot_hold_is_refused(tmp_path: Path, model: Transformer) -> None:
    model.embedding.data[0, 0] = 1e6
    with pytest.raises(ValueError, match="weight embedding is not finite in float16"):
        save_checkpoint(tmp_path / "half.safetensors", model, storage="float16")
    assert list(tmp_path.iterdir()) == []


def test_a_failed_save_keeps_the_old_file(
    path: Path, model: Transformer, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = path.read_bytes()

    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="disk full"):
        save_checkpoint(path, model, step=8)
    assert path.read_bytes() == old
    assert list(path.parent.iterdir()) == [path]


def test_reading_header_and_arrays_leaves_torch_unimported(path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from partimento.model.checkpoint import *; "
        f"read_header(Path({str(path)!r})); read_arrays(Path({str(path)!r})); "
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_another_vocabulary_is_refused_with_the_remedy(path: Path) -> None:
    rewrite_header(path, vocabulary="0123")
    with pytest.raises(ValueError, match=r"made for vocabulary 0123.*train again"):
        read_header(path)


def test_a_newer_format_and_an_unknown_entry_are_refused(path: Path) -> None:
    rewrite_header(path, format=99)
    with pytest.raises(ValueError, match="its format is 99"):
        read_header(path)


def test_an_unknown_entry_of_the_header_is_refused(path: Path) -> None:
    rewrite_header(path, surprise=1)
    with pytest.raises(ValueError, match="header not understood"):
        read_header(path)


def test_weights_of_another_shape_are_refused_by_name(path: Path) -> None:
    rewrite_header(path, config=ModelConfig(width=8, layers=1, heads=2).to_dict())
    with pytest.raises(ValueError, match=r"weights do not fit the config.*embedding"):
        load_model(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"none\.safetensors: no such checkpoint"):
        read_header(tmp_path / "none.safetensors")


@pytest.mark.parametrize("kept", [0, 4, 100, 3000])
def test_a_file_cut_short_is_refused(path: Path, kept: int) -> None:
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(ValueError, match="not a readable safetensors file") as caught:
        read_arrays(path)
    assert "\n" not in str(caught.value)


def test_other_bytes_and_other_safetensors_files_are_refused(tmp_path: Path) -> None:
    other = tmp_path / "other.safetensors"
    other.write_bytes(b"MThd" * 50)
    with pytest.raises(ValueError, match="not a readable safetensors file"):
        read_header(other)
    save_file({"x": np.zeros(2, np.float32)}, other)
    with pytest.raises(ValueError, match="not a partimento checkpoint"):
        read_header(other)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"features": (Feature("mood", 0, 7),)}, "mood among its features is none of this version"),
        ({"features": (Feature("tick", 0, 7),)}, "tick among its features is none of this version"),
        ({"sounding_width": 3}, f"sounding_width must be 0 or {SOUNDING_WIDTH}, got 3"),
        ({"conditioning_width": 5}, "conditioning_width must be null or 165, got 5"),
        ({"sketch_width": 5}, "sketch_width must be null or 287, got 5"),
    ],
)
def test_inputs_that_this_version_does_not_have_are_refused_whoever_computes(
    tmp_path: Path, changes: dict[str, object], problem: str
) -> None:
    config = ModelConfig(width=8, layers=1, heads=2, feed_forward_width=12)
    path = tmp_path / "other.safetensors"
    save_checkpoint(path, Transformer(replace(config, **changes)))  # type: ignore[arg-type]
    for read in (
        read_arrays,
        load_model,
        lambda path: load_engine(path, "numba"),
        lambda path: load_engine(path, "torch"),
    ):
        with pytest.raises(ValueError, match=f"{problem}.*train again"):
            read(path)
    assert read_header(path).config.to_dict() == replace(config, **changes).to_dict()  # type: ignore[arg-type]
