"""Pictures of sketches: a rectangle for each value that is there, in its place."""

from pathlib import Path

import numpy as np
import pytest

from partimento.music.score import Meter, Note, Score, Track
from partimento.music.sketch import WIDTH, Sketch
from partimento.music.sketching import sketch_score
from partimento.rendering.roll.shapes import Picture, Rectangle, Words
from partimento.rendering.roll.sketch_picture import MAX_BARS, draw_sketch, write_sketch_picture

WALTZ = Score(
    ticks_per_quarter=24,
    tracks=(Track(tuple(Note(24 * n, 60 + n % 5, 24) for n in range(30)), 40),),
    meters=(Meter(0, 3, 4),),
)


def words(picture: Picture) -> list[str]:
    return [shape.text for shape in picture.shapes if isinstance(shape, Words)]


def test_a_picture_names_bars_meter_players_and_pitches() -> None:
    found = words(draw_sketch(sketch_score(WALTZ), "Waltz"))
    assert found[:2] == ["Waltz", "sketch of 10 bars"]
    assert {"1  3/4", "2", "10", "violin", "C", "B", "loudness"} <= set(found)
    # Nobody drums, so that no drums are shown.
    assert "cymbals" not in found


def test_every_onset_is_a_cell_as_dark_as_it_is_likely() -> None:
    values = np.zeros((1, WIDTH), np.float32)
    values[0, 15 * 3 + 7] = 1.0
    values[0, 15 * 9 + 0] = 0.5
    values[0, 15 * 9 + 2] = 0.01
    picture = draw_sketch(Sketch.of_values(values))
    cells = [s for s in picture.shapes if isinstance(s, Rectangle) and s.width == 6]
    assert len(cells) == 2
    sure, vague = sorted(cells, key=lambda cell: cell.x)
    assert sure.fill == "#23407f"
    assert vague.fill != sure.fill
    # Six slots of seven units apart, and G above C.
    assert vague.x - sure.x == 42
    assert sure.y < vague.y


def test_pictures_are_written_in_both_forms(tmp_path: Path) -> None:
    pytest.importorskip("PIL")
    sketch = sketch_score(WALTZ)
    write_sketch_picture(sketch, tmp_path / "a.svg")
    assert (tmp_path / "a.svg").read_text(encoding="utf-8").startswith("<svg")
    write_sketch_picture(sketch, tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


def test_a_sketch_without_bars_has_a_picture() -> None:
    assert words(draw_sketch(sketch_score(Score(24, ())))) == ["sketch of 0 bars"]


def test_a_long_sketch_is_cut_and_says_so() -> None:
    values = np.zeros((MAX_BARS + 9, WIDTH), np.float32)
    found = words(draw_sketch(Sketch.of_values(values)))
    assert f"sketch of {MAX_BARS + 9} bars  ·  the first {MAX_BARS} are shown" in found
    assert str(MAX_BARS) in found
    assert str(MAX_BARS + 1) not in found
