"""Files of a sketch by their ending."""

from pathlib import Path

import numpy as np
import pytest

from partimento.errors import FileTakenError
from partimento.music.sketch import WIDTH, Sketch
from partimento.music.sketch_files import read_sketch
from partimento.rendering.errors import RenderingError
from partimento.rendering.sketch_output import write_sketch

PLAN = Sketch.of_values(np.ones((2, WIDTH), np.float32), [(4, 4), (4, 4)])


def test_a_sketch_is_written_as_what_the_ending_says(tmp_path: Path) -> None:
    for ending in (".npz", ".json"):
        path = write_sketch(PLAN, tmp_path / f"plan{ending}")
        assert (read_sketch(path).values() == PLAN.values()).all()
    drawn = write_sketch(PLAN, tmp_path / "plan.svg", title="A plan")
    assert ">A plan</text>" in drawn.read_text()


def test_files_are_not_replaced_unasked_and_other_endings_refused(tmp_path: Path) -> None:
    path = write_sketch(PLAN, tmp_path / "plan.json")
    with pytest.raises(FileTakenError):
        write_sketch(PLAN, path)
    write_sketch(PLAN, path, force=True)
    with pytest.raises(RenderingError, match=r"a sketch's name must end in one of \.npz \.json"):
        write_sketch(PLAN, tmp_path / "plan.mid")
