"""MusicXML -> engraved pages by verovio, as outlines, music glyphs and words.

Verovio draws SVG for browsers: text in music fonts, style sheets, nested pages. Here it becomes
few plain shapes that any viewer, and a PDF, can show. A unit is a hundredth of a millimetre on
paper, less where the music is made smaller to fit; y grows downwards.
"""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, NamedTuple

from partimento.rendering.engraving.fonts import MUSIC_FONT
from partimento.rendering.engraving.text import Glyph, Words, fitted, lifted, place_text
from partimento.rendering.errors import RenderingError, missing_package
from partimento.rendering.notation.notation import FEW_STAVES

PAGE_MILLIMETRES = (210, 297)
"""A4."""
_MARGIN_MILLIMETRES = 12
# Staves on a page of full size; with more the music gets smaller, as in a conductor's score.
_SCALES = ((2, 1.0), (4, 1.1), (6, 1.2), (9, 1.35), (12, 1.6), (16, 2.0), (24, 2.6), (40, 3.6))
_BOLD, _ITALIC = {"tempo", "ending", "reh"}, {"dir", "dynam", "mNum"}
"""Classes whose text verovio's style sheet makes bold or slanted."""


@dataclass(frozen=True, slots=True)
class Outline:
    """A line or a filled shape."""

    path: str
    """As in SVG: M, L and C with absolute places."""
    is_filled: bool
    stroke: float
    """Width of the pen; 0 draws none."""


@dataclass(frozen=True, slots=True)
class Page:
    """What stands on one page."""

    shapes: tuple[Outline | Glyph | Words, ...]
    bottom: float
    """Where the lowest line or word ends."""


@dataclass(frozen=True, slots=True)
class Sheets:
    """An engraved score."""

    width: float
    height: float
    """Of the paper."""
    margin: float
    pages: tuple[Page, ...]


def engrave(document: str, staves: int) -> Sheets:
    """Engrave a MusicXML document that has so many staves a system, on A4.

    RenderingError where verovio is missing or cannot read the document.
    """
    toolkit = _toolkit()
    hides_silence = staves > FEW_STAVES and _chords_stand_above_notes(document)
    scales = [scale for most, scale in _SCALES if staves <= most] or [_SCALES[-1][1]]
    for scale in [*scales, scales[-1] * 1.5, scales[-1] * 2.2]:
        width, height = (round(10 * side * scale) for side in PAGE_MILLIMETRES)
        margin = round(10 * _MARGIN_MILLIMETRES * scale)
        sides = {f"pageMargin{side}": margin for side in ("Top", "Bottom", "Left", "Right")}
        options = {"pageWidth": width, "pageHeight": height, **sides, **_OPTIONS}
        drawings = _drawings(toolkit, document, options, hides_silence)
        pages = tuple(map(_page, drawings))
        # Verovio lets a system that is higher than the page run over its edge.
        if all(page.bottom <= 10 * height for page in pages):
            break
    return Sheets(10 * width, 10 * height, 10 * margin, pages)


_OPTIONS = {
    **{"breaks": "auto", "justifyVertically": True, "spacingStaff": 10},
    **{"footer": "none", "header": "auto", "font": MUSIC_FONT, "smuflTextFont": "none"},
    # The strokes between systems would hide the numbers of bars.
    **{"scale": 100, "systemDivider": "none", "xmlIdSeed": 1},
}


def _drawings(
    toolkit: Any, document: str, options: dict[str, object], hides_silence: bool
) -> list[ET.Element]:
    """The pages as verovio draws them, but with two bars at least in the last system."""
    pages = _drawn(toolkit, document, options, hides_silence)
    bars = [len(_classes(s, "measure")) for page in pages for s in _classes(page, "system")]
    if len(bars) < 2 or bars[-1] > 1 or bars[-2] < 3:
        return pages
    root = ET.fromstring(document)
    measures = root.findall("part[1]/measure")
    for start in [*accumulate(bars[:-2]), sum(bars) - 2]:
        measures[start].insert(0, ET.Element("print", {"new-system": "yes"}))
    options = {**options, "breaks": "line"}
    return _drawn(toolkit, ET.tostring(root, encoding="unicode"), options, hides_silence)


def _drawn(
    toolkit: Any, document: str, options: dict[str, object], hides_silence: bool
) -> list[ET.Element]:
    toolkit.setOptions({**options, "condense": "encoded" if hides_silence else "none"})
    is_loaded = toolkit.loadData(document)
    if is_loaded and hides_silence:
        # MusicXML cannot say that silent staves are left out; MEI, verovio's own format, can.
        mei = toolkit.getMEI()
        is_loaded = toolkit.loadData(re.sub(r"<scoreDef\b", '\\g<0> optimize="true"', mei, count=1))
    if not is_loaded:
        raise RenderingError("verovio cannot engrave this score; write .musicxml instead")
    return [ET.fromstring(toolkit.renderToSVG(i + 1)) for i in range(toolkit.getPageCount())]


def _chords_stand_above_notes(document: str) -> bool:
    """Whether no chord name is lost with a silent staff that is left out."""
    measures = ET.fromstring(document).iter("measure")
    named = (measure for measure in measures if measure.find("harmony") is not None)
    return all(measure.find("note/pitch") is not None for measure in named)


def _classes(element: ET.Element, name: str) -> list[ET.Element]:
    return [e for e in element.iter() if name in e.get("class", "").split()]


def _toolkit() -> Any:
    try:
        import verovio
    except ImportError as error:
        raise missing_package("verovio", "score") from error
    verovio.enableLog(verovio.LOG_OFF)
    return verovio.toolkit()


def _page(drawing: ET.Element) -> Page:
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


def _bottom(shape: Outline | Glyph | Words) -> float:
    if isinstance(shape, Outline):
        return max(map(float, re.findall(r"[\d.]+[ ,]+(-?[\d.]+)", shape.path)), default=0.0)
    return shape.y


class _Context(NamedTuple):
    """What holds in a group of shapes."""

    origin: tuple[float, float]
    is_bold: bool
    is_italic: bool
    tempos: list[list[Glyph | Words]]
    """Tempo marks, which are set aside."""


def _shapes(element: ET.Element, context: _Context) -> Iterator[Outline | Glyph | Words]:
    """The shapes of an element and all in it, in the order in which they are painted."""
    for child in element:
        tag = _tag(child)
        classes = set(child.get("class", "").split())
        x, y = context.origin
        if tag in {"title", "desc"} or "placeholder" in classes:
            continue
        if tag == "g":
            moved = _translation(child)
            inner = context._replace(
                origin=(x + moved[0], y + moved[1]),
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
            moved = _translation(child)
            code = next(value for name, value in child.items() if name.endswith("href"))
            scale = re.search(r"scale\(([^,)]*)", child.get("transform", ""))
            size = 1000 * float(scale[1]) if scale else 1000.0
            yield Glyph(code[1:].split("-")[0], x + moved[0], y + moved[1], size)
        else:
            yield _outline(child, tag, context.origin)


def _outline(shape: ET.Element, tag: str, origin: tuple[float, float]) -> Outline:
    stroke = float(shape.get("stroke-width", "0"))
    is_filled = shape.get("fill") != "none"
    if tag == "path":
        return Outline(_moved(shape.get("d", ""), origin), is_filled, stroke)
    if tag in {"polygon", "polyline"}:
        path = "M" + shape.get("points", "").strip().replace(" ", "L")
        path += "Z" if tag == "polygon" else ""
        return Outline(_moved(path, origin), is_filled, stroke)
    if tag == "rect":
        x, y, width, height = (float(shape.get(name, "0")) for name in _RECTANGLE)
        path = f"M{x},{y}L{x + width},{y}L{x + width},{y + height}L{x},{y + height}Z"
        return Outline(_moved(path, origin), is_filled, stroke)
    if tag == "ellipse":
        x, y, a, b = (float(shape.get(name, "0")) for name in ("cx", "cy", "rx", "ry"))
        return Outline(_moved(_ellipse(x, y, a, b), origin), is_filled, stroke)
    raise AssertionError(f"verovio drew a shape that is not known here: {tag}")


_RECTANGLE = ("x", "y", "width", "height")


def _ellipse(x: float, y: float, a: float, b: float) -> str:
    """Four cubic curves, off by 0.03 % of the radius at most."""
    c, d = 0.5522848 * a, 0.5522848 * b
    return (
        f"M{x - a},{y}C{x - a},{y - d} {x - c},{y - b} {x},{y - b}"
        f"C{x + c},{y - b} {x + a},{y - d} {x + a},{y}C{x + a},{y + d} {x + c},{y + b} {x},{y + b}"
        f"C{x - c},{y + b} {x - a},{y + d} {x - a},{y}Z"
    )


def _moved(path: str, origin: tuple[float, float]) -> str:
    """A path of absolute commands, moved."""
    assert not re.search(r"[^MLCZ\d\s.,eE+-]", path), f"a path with relative commands: {path}"
    place = 0

    def move(match: re.Match[str]) -> str:
        nonlocal place
        place += 1
        return f"{float(match[0]) + origin[(place + 1) % 2]:g}"

    return re.sub(r"[+-]?\d*\.?\d+", move, path)


def _translation(element: ET.Element) -> tuple[float, float]:
    found = re.search(r"translate\(([^,)]*),([^)]*)\)", element.get("transform", ""))
    return (float(found[1]), float(found[2])) if found else (0.0, 0.0)


def _tag(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]
