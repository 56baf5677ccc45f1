"""A page as verovio draws it -> plain shapes: outlines, music glyphs and words.

Verovio draws SVG for browsers: text in music fonts, style sheets, nested pages. Few plain shapes
are what any viewer, and a PDF without the libraries of a system, can show. y grows downwards.
"""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from partimento.rendering.engraving.paths import Path, ellipse, lowest, moved, parse_path, polygon
from partimento.rendering.engraving.text import Glyph, Words, fitted, lifted, place_text

_BOLD, _ITALIC = {"tempo", "ending", "reh"}, {"dir", "dynam", "mNum"}
"""Classes whose text verovio's style sheet makes bold or slanted."""


@dataclass(frozen=True, slots=True)
class Outline:
    """A line or a filled shape."""

    path: Path
    is_filled: bool
    stroke: float
    """Width of the pen; 0 draws none."""


Shape = Outline | Glyph | Words


@dataclass(frozen=True, slots=True)
class Page:
    """What stands on one page."""

    shapes: tuple[Shape, ...]
    bottom: float
    """Where the lowest line or word ends."""


def read_page(drawing: ET.Element) -> Page:
    """Read one page that verovio drew."""
    scaled = next(child for child in drawing if _tag(child) == "svg")
    width = float(scaled.get("viewBox", "").split()[2])
    tempos: list[list[Glyph | Words]] = []
    shapes = [
        fitted(shape, width) if isinstance(shape, Words) else shape
        for shape in _shapes(scaled, _Context((0.0, 0.0), False, False, tempos))
    ]
    signs = [shape for shape in shapes if isinstance(shape, Glyph | Words)]
    for tempo in filter(None, tempos):
        shapes += lifted(tempo, signs)
    return Page(tuple(shapes), max(map(_bottom, shapes), default=0.0))


def _bottom(shape: Shape) -> float:
    return lowest(shape.path) if isinstance(shape, Outline) else shape.y


class _Context(NamedTuple):
    """What holds in a group of shapes."""

    origin: tuple[float, float]
    is_bold: bool
    is_italic: bool
    tempos: list[list[Glyph | Words]]
    """Tempo marks, which are set aside."""


def _shapes(element: ET.Element, context: _Context) -> Iterator[Shape]:
    """The shapes of an element and all in it, in the order in which they are painted."""
    for child in element:
        tag = _tag(child)
        classes = set(child.get("class", "").split())
        x, y = context.origin
        if tag in {"title", "desc"} or "placeholder" in classes:
            continue
        if tag == "g":
            shift = _translation(child)
            inner = context._replace(
                origin=(x + shift[0], y + shift[1]),
                is_bold=context.is_bold or bool(classes & _BOLD),
                is_italic=context.is_italic or bool(classes & _ITALIC),
            )
            if "tempo" in classes:
                found = _shapes(child, inner)
                context.tempos.append([s for s in found if not isinstance(s, Outline)])
            else:
                yield from _shapes(child, inner)
        elif tag == "text":
            yield from place_text(child, context.origin, context.is_bold, context.is_italic)
        elif tag == "use":
            shift = _translation(child)
            code = next(value for name, value in child.items() if name.endswith("href"))
            scale = re.search(r"scale\(([^,)]*)", child.get("transform", ""))
            size = 1000 * float(scale[1]) if scale else 1000.0
            yield Glyph(code[1:].split("-")[0], x + shift[0], y + shift[1], size)
        else:
            path = _path(child, tag)
            if path is not None:
                stroke = float(child.get("stroke-width", "0"))
                is_filled = child.get("fill") != "none"
                yield Outline(moved(path, context.origin), is_filled, stroke)


def _path(shape: ET.Element, tag: str) -> Path | None:
    """The outline of a shape; None of what verovio has not drawn so far, which is left out."""

    def numbers(*names: str) -> list[float]:
        return [float(shape.get(name, "0")) for name in names]

    if tag == "path":
        return parse_path(shape.get("d", ""))
    if tag in {"polygon", "polyline"}:
        places = [float(n) for n in shape.get("points", "").replace(",", " ").split()]
        return polygon(list(zip(places[::2], places[1::2], strict=False)), tag == "polygon")
    if tag == "line":
        x1, y1, x2, y2 = numbers("x1", "y1", "x2", "y2")
        return polygon([(x1, y1), (x2, y2)], is_closed=False)
    if tag == "rect":
        x, y, width, height = numbers("x", "y", "width", "height")
        right, bottom = x + width, y + height
        return polygon([(x, y), (right, y), (right, bottom), (x, bottom)])
    if tag == "ellipse":
        return ellipse(*numbers("cx", "cy", "rx", "ry"))
    if tag == "circle":
        return ellipse(*numbers("cx", "cy", "r", "r"))
    return None


def _translation(element: ET.Element) -> tuple[float, float]:
    found = re.search(r"translate\(([^,)]*),([^)]*)\)", element.get("transform", ""))
    return (float(found[1]), float(found[2])) if found else (0.0, 0.0)


def _tag(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]
