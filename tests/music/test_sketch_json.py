"""Sketches as JSON: there and back, by hand, and what is wrong is named with its bar."""

import json
from pathlib import Path

import numpy as np
import pytest

from partimento.music.instruments import INSTRUMENTS
from partimento.music.sketch import SLOTS, WIDTH, Sketch
from partimento.music.sketch_files import read_sketch
from partimento.music.sketch_json import parse_sketch, sketch_json


def test_a_sketch_survives_its_json(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    values = np.where(rng.random((3, WIDTH)) < 0.1, rng.integers(0, 1001, (3, WIDTH)) / 1000, 0)
    sketch = Sketch.of_values(values.astype(np.float32), [(4, 4), (4, 4), (3, 4)])
    path = tmp_path / "plan.json"
    path.write_text(sketch_json(sketch))
    again = read_sketch(path)
    np.testing.assert_allclose(again.values(), sketch.values(), atol=1e-6)
    assert again.meters == sketch.meters
    assert len(path.read_text().splitlines()) == 3 + 2


def test_json_can_be_written_by_hand() -> None:
    bar = {"onsets": {"C": [1, *[0] * 15], "bass drum": [0.5] * 16}, "pitches": {"60": 1}}
    text = json.dumps({"format": "partimento sketch 1", "bars": [bar, {"instruments": {}}]})
    sketch = parse_sketch(text)
    assert sketch.bars == 2
    assert sketch.meters == ()
    assert sketch.onsets[0, 0, 0] == 1
    assert sketch.onsets[0, :, 12].tolist() == [0.5] * SLOTS
    assert sketch.values().sum() == 1 + 8 + 1
    assert not sketch.instruments.any()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[", "not JSON"),
        ({"bars": []}, "its `format` is not 'partimento sketch 1'"),
        ({"format": "partimento sketch 1", "bars": [1]}, "`bars` must be a list of bars"),
        ([{}, {"onsets": {"H": [0] * 16}}], "bar 2: 'H' is none of C, "),
        ([{"onsets": {"C": [0] * 15}}], "bar 1: C must have 16 values, got 15"),
        ([{"notes": 2}], "bar 1: notes must lie between 0 and 1, got 2"),
        ([{"pitches": 3}], "bar 1: must name values, got 3"),
        ([{"instruments": {"kazoo": 1}}], f"'kazoo' is none of {INSTRUMENTS[0]}"),
    ],
)
def test_what_is_wrong_is_named(content: object, message: str) -> None:
    if isinstance(content, list):
        content = {"format": "partimento sketch 1", "bars": content}
    text = content if isinstance(content, str) else json.dumps(content)
    with pytest.raises(ValueError) as error:  # noqa: PT011, the message is compared below
        parse_sketch(text)
    assert message in str(error.value)
