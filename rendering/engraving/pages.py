"""Engraved pages as files: one SVG with all pages below each other, or a PDF of outlines."""

from html import escape
from itertools import chain
from os import PathLike
from typing import Any

from partimento.rendering.engraving.drawing import Shape
from partimento.rendering.engraving.engraving import PAGE_MILLIMETRES, Sheets
from partimento.rendering.engraving.fonts import glyph_outline
from partimento.rendering.engraving.paths import Path, parse_path, path_text
from partimento.rendering.engraving.text import Glyph, Words
from partimento.rendering.errors import missing_package
from partimento.rendering.roll.shapes import plain_letters

_SVG_WIDTH = 1000
"""Pixels at which an SVG is shown unless the viewer scales it."""
_POINTS_A_MILLIMETRE = 72 / 25.4
_GLYPH_BOX = (-4000, -4000, 4000, 4000)
"""What no sign reaches beyond, in thousandths of an em; a PDF cuts off what does."""


def sheets_svg(sheets: Sheets, title: str = "") -> str:
    """All pages below each other in one SVG document, black on white."""
    heights = [page.bottom + sheets.margin for page in sheets.pages]
    height = sum(heights)
    shown = f"{_SVG_WIDTH * height / sheets.width:.0f}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_SVG_WIDTH}" height="{shown}" '
        f'viewBox="0 0 {sheets.width:g} {height:g}" font-family="Times, serif">',
        *([f"<title>{escape(title)}</title>"] if title else []),
        "<defs>",
    ]
    glyphs = {s.code for page in sheets.pages for s in page.shapes if isinstance(s, Glyph)}
    parts += [f'<path id="g{code}" d="{glyph_outline(code)}"/>' for code in sorted(glyphs)]
    parts += ["</defs>", '<rect width="100%" height="100%" fill="#ffffff"/>']
    top = 0.0
    for page, page_height in zip(sheets.pages, heights, strict=True):
        parts.append(f'<g transform="translate(0 {top:g})">')
        parts += map(_svg_shape, page.shapes)
        parts.append("</g>")
        top += page_height
    return "\n".join([*parts, "</svg>", ""])


def _svg_shape(shape: Shape) -> str:
    if isinstance(shape, Glyph):
        scale = f"{shape.size / 1000:g}"
        return (
            f'<use href="#g{shape.code}" '
            f'transform="translate({shape.x:g} {shape.y:g}) scale({scale} -{scale})"/>'
        )
    if isinstance(shape, Words):
        weight = ' font-weight="bold"' if shape.is_bold else ""
        style = ' font-style="italic"' if shape.is_italic else ""
        anchor = "" if shape.anchor == "start" else f' text-anchor="{shape.anchor}"'
        return (
            f'<text x="{shape.x:g}" y="{shape.y:g}" font-size="{shape.size:g}"'
            f"{anchor}{weight}{style}>{escape(shape.text)}</text>"
        )
    fill = "" if shape.is_filled else ' fill="none"'
    pen = f' stroke="#000000" stroke-width="{shape.stroke:g}"' if shape.stroke else ""
    return f'<path d="{path_text(shape.path)}"{fill}{pen}/>'


def write_sheets_pdf(sheets: Sheets, path: str | PathLike[str], title: str = "") -> None:
    """Write the pages as a PDF of outlines and text; equal sheets give equal bytes."""
    try:
        from reportlab.pdfgen.canvas import Canvas
    except ImportError as error:
        raise missing_package("reportlab", "score") from error
    size = tuple(side * _POINTS_A_MILLIMETRE for side in PAGE_MILLIMETRES)
    # invariant: without the time of day in it.
    canvas = Canvas(str(path), pagesize=size, invariant=1, pageCompression=1)
    canvas.setTitle(title or "Score")
    canvas.setCreator("Partimento")
    for code in sorted({s.code for p in sheets.pages for s in p.shapes if isinstance(s, Glyph)}):
        canvas.beginForm(f"g{code}", *_GLYPH_BOX)
        _draw(canvas, parse_path(glyph_outline(code)), True, 0)
        canvas.endForm()
    scale = size[0] / sheets.width
    for page in sheets.pages:
        canvas.scale(scale, scale)
        canvas.translate(0, sheets.height)
        for shape in page.shapes:
            _pdf_shape(canvas, shape)
        canvas.showPage()
    canvas.save()


def _pdf_shape(canvas: Any, shape: Shape) -> None:
    """Draw a shape; the canvas' y grows upwards from the page's upper edge."""
    canvas.saveState()
    if isinstance(shape, Glyph):
        canvas.translate(shape.x, -shape.y)
        canvas.scale(shape.size / 1000, shape.size / 1000)
        canvas.doForm(f"g{shape.code}")
    elif isinstance(shape, Words):
        canvas.setFont(_font_name(shape), shape.size)
        draw = {
            "start": canvas.drawString,
            "middle": canvas.drawCentredString,
            "end": canvas.drawRightString,
        }[shape.anchor]
        draw(shape.x, -shape.y, printable(shape.text))
    else:
        canvas.scale(1, -1)
        _draw(canvas, shape.path, shape.is_filled, shape.stroke)
    canvas.restoreState()


def _font_name(words: Words) -> str:
    """One of the fourteen fonts that every reader of PDF has."""
    upright, italic = ("Times-Bold", "Times-BoldItalic") if words.is_bold else _PLAIN_FONTS
    return italic if words.is_italic else upright


_PLAIN_FONTS = ("Times-Roman", "Times-Italic")


def printable(text: str) -> str:
    """Text in letters of those fonts; others become their nearest, or question marks.

    >>> printable("Flöte · Głos · 山")
    'Flöte · Glos · ?'
    """

    def shown(letter: str) -> str:
        try:
            letter.encode("cp1252")
        except UnicodeEncodeError:
            return plain_letters(letter)
        return letter

    return "".join(map(shown, text))


def _draw(canvas: Any, path: Path, is_filled: bool, stroke: float) -> None:
    outline = canvas.beginPath()
    draw = {"M": outline.moveTo, "L": outline.lineTo, "C": outline.curveTo, "Z": outline.close}
    for name, points in path:
        draw[name](*chain(*points))
    canvas.setLineWidth(stroke)
    canvas.drawPath(outline, stroke=int(stroke > 0), fill=int(is_filled))
