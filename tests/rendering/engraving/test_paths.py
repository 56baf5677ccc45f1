"""Paths: every command of SVG as four absolute ones, and what verovio may draw one day."""

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partimento.rendering.engraving.drawing import read_page
from partimento.rendering.engraving.paths import (
    ellipse,
    lowest,
    moved,
    parse_path,
    path_text,
    polygon,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("M1 2L3 4Z", "M1,2L3,4Z"),
        ("m1,2 3,4 5-6z", "M1,2L4,6L9,0Z"),
        ("M0 0h5v-5H1V2", "M0,0L5,0L5,-5L1,-5L1,2"),
        ("M1 1l.5.5-1e1 0", "M1,1L1.5,1.5L-8.5,1.5"),
        ("M0 0c1 2 3 4 5 6s3 3 4 4", "M0,0C1,2 3,4 5,6C7,8 8,9 9,10"),
        ("M1 1S2 2 3 3", "M1,1C1,1 2,2 3,3"),
        ("M0 0Q3 3 6 0T12 0", "M0,0C2,2 4,2 6,0C8,-2 10,-2 12,0"),
        ("M5 5zl1 0", "M5,5ZL6,5"),
        ("M0 0A5 5 0 0 1 10 0", "M0,0L10,0"),
        ("", ""),
    ],
)
def test_every_command_becomes_absolute(text: str, expected: str) -> None:
    assert path_text(parse_path(text)) == expected


@given(st.lists(st.tuples(st.integers(-999, 999), st.integers(-999, 999)), min_size=1))
def test_what_was_written_is_read_again(points: list[tuple[float, float]]) -> None:
    path = polygon(points)
    assert parse_path(path_text(path)) == path
    assert lowest(path) == max(y for _, y in points)
    assert moved(moved(path, (5, -3)), (-5, 3)) == path


def test_an_ellipse_passes_through_its_four_ends() -> None:
    ends = {stroke.points[-1] for stroke in ellipse(10, 20, 3, 2) if stroke.points}
    assert ends == {(7, 20), (10, 18), (13, 20), (10, 22)}


def test_shapes_that_verovio_has_not_drawn_so_far_are_drawn_or_left_out() -> None:
    drawing = ET.fromstring(
        '<svg><svg viewBox="0 0 100 100"><g transform="translate(1, 2)">'
        '<line x1="0" y1="0" x2="5" y2="6" stroke-width="2"/><circle cx="5" cy="5" r="1"/>'
        '<image href="x.png"/><mesh/></g></svg></svg>'
    )
    page = read_page(drawing)
    assert [shape.path[0].points[0] for shape in page.shapes if hasattr(shape, "path")] == [
        (1, 2),
        (5, 7),
    ]
    assert page.bottom == 8
