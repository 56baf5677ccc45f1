"""A checkpoint's weights in panels: each in its place, zeros where widths are filled up."""

from pathlib import Path

import numpy as np

from partimento.model.checkpoint import read_arrays
from partimento.model.compiled.packing import Matrix, pack, panels, quantize


def unpacked(matrix: Matrix, layer: int) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """(16 P, C) rows of a layer."""
    values = np.asarray(matrix.values[layer], np.float32)
    return values.transpose(0, 2, 1).reshape(-1, values.shape[1])


def test_panels_hold_each_weight_once_and_zeros_below() -> None:
    rows = np.arange(1, 20 * 7 + 1, dtype=np.float32).reshape(20, 7)
    packed = panels([rows, -rows])
    assert packed.values.shape == (2, 2, 7, 16)
    np.testing.assert_array_equal(unpacked(packed, 0)[:20], rows)
    np.testing.assert_array_equal(unpacked(packed, 1)[:20], -rows)
    assert not unpacked(packed, 0)[20:].any()
    np.testing.assert_array_equal(packed.scales, np.ones((2, 32)))


def test_every_head_is_filled_up_on_its_own(tiny_checkpoint: Path) -> None:
    header, arrays = read_arrays(tiny_checkpoint)
    assert (header.config.width, header.config.heads, header.config.head_width) == (40, 2, 20)
    weights = pack(header.config, arrays)
    rows = unpacked(weights.mixer, 1)  # queries, keys, values, gate; two heads each
    assert rows.shape == (4 * 2 * 32, 40)
    by_head = rows.reshape(4, 2, 32, 40)
    for part, name in enumerate(["inputs"] * 3 + ["gate"]):
        stored = arrays[f"blocks.1.mixer.{name}.weight"].reshape(-1, 2, 20, 40)
        np.testing.assert_array_equal(by_head[part, :, :20], stored[part if part < 3 else 0])
    assert not by_head[:, :, 20:].any()
    columns = unpacked(weights.mixer_output, 0)[:40].reshape(40, 2, 32)
    stored = arrays["blocks.0.mixer.output.weight"].reshape(40, 2, 20)
    np.testing.assert_array_equal(columns[..., :20], stored)
    assert not columns[..., 20:].any()


def test_the_checkpoint_itself_is_not_changed_by_quantisation(tiny_checkpoint: Path) -> None:
    header, arrays = read_arrays(tiny_checkpoint)
    before = {name: array.copy() for name, array in arrays.items()}
    weights = pack(header.config, arrays)
    kept = weights.mixer.values.copy()
    quantize(weights)
    np.testing.assert_array_equal(weights.mixer.values, kept)
    for name, array in arrays.items():
        np.testing.assert_array_equal(array, before[name])
