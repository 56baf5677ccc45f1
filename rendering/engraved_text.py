"""Lines of text that verovio sets, with music glyphs in them, as pieces that each stand alone."""

import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Literal

from partimento.rendering.errors import missing_package

Anchor = Literal["start", "middle", "end"]


@dataclass(frozen=True, slots=True)
class Glyph:
    """A sign of the music font."""

    code: str
    """Hexadecimal code point."""
    x: float
    y: float
    """Its origin; on the line for text."""
    size: float
    """An em."""


@dataclass(frozen=True, slots=True)
class Words:
    """A piece of text in one style; y is its baseline."""

    x: float
    y: float
    text: str
    size: float
    anchor: Anchor
    is_bold: bool
    is_italic: bool


@dataclass(frozen=True, slots=True)
class _Style:
    x: float
    y: float
    anchor: Anchor
    family: str
    size: float
    is_bold: bool
    is_italic: bool


def font_name(words: Words) -> str:
    """The PDF font of some words, one of the fourteen that every reader has."""
    return (
        ("Times-Roman", "Times-Italic"),
        ("Times-Bold", "Times-BoldItalic"),
    )[words.is_bold][words.is_italic]


def printable(text: str) -> str:
    """Text in letters of those fonts; others become their nearest, or question marks.

    >>> printable("Flöte · Głos · 山")
    'Flöte · Glos · ?'
    """
    from partimento.rendering.shapes import plain_letters

    def shown(letter: str) -> str:
        try:
            letter.encode("cp1252")
        except UnicodeEncodeError:
            return plain_letters(letter)
        return letter

    return "".join(map(shown, text))


def place_text(
    element: ET.Element,
    origin: tuple[float, float],
    is_bold: bool,
    is_italic: bool,
    music_font: str,
    advances: Mapping[str, float],
) -> Iterator[Glyph | Words]:
    """Lay out a `text` element of SVG: pieces from left to right, at their own places."""
    start = _Style(0.0, 0.0, "start", "", 0.0, is_bold, is_italic)
    for place, group in groupby(_pieces(element, start), key=lambda p: (p[0].x, p[0].y)):
        pieces = _joined(group)
        style = pieces[0][0]
        x, y = origin[0] + place[0], origin[1] + place[1]
        if len(pieces) == 1 and style.family != music_font:
            text = pieces[0][1].strip()
            if text:
                anchor = style.anchor
                yield Words(x, y, text, style.size, anchor, style.is_bold, style.is_italic)
            continue
        widths = [_width(style, text, music_font, advances) for style, text in pieces]
        x -= sum(widths) * {"start": 0.0, "middle": 0.5, "end": 1.0}[style.anchor]
        for (style, text), width in zip(pieces, widths, strict=True):
            if style.family == music_font:
                at = x
                for letter in text:
                    code = f"{ord(letter):04X}"
                    if letter.strip():
                        yield Glyph(code, at, y, style.size)
                    at += advances.get(code, 0.0) * style.size / 1000
            elif text.strip():
                # Viewers drop spaces at the start of a text.
                spaces = text[: len(text) - len(text.lstrip())]
                at = x + _width(style, spaces, music_font, advances)
                bold, italic = style.is_bold, style.is_italic
                yield Words(at, y, text.strip(), style.size, "start", bold, italic)
            x += width


def _pieces(element: ET.Element, style: _Style) -> Iterator[tuple[_Style, str]]:
    """Text with its style, in the order of reading."""
    style = replace(
        style,
        x=float(element.get("x", style.x)),
        y=float(element.get("y", style.y)),
        anchor=_ANCHORS.get(element.get("text-anchor", ""), style.anchor),
        family=element.get("font-family", style.family),
        size=float(element.get("font-size", f"{style.size}px").removesuffix("px")),
        is_bold={"bold": True, "normal": False}.get(element.get("font-weight", ""), style.is_bold),
        is_italic={"italic": True, "normal": False}.get(
            element.get("font-style", ""), style.is_italic
        ),
    )
    # White space between elements is only verovio's indentation.
    if element.text and style.size and not len(element):
        yield style, element.text
    for child in element:
        if child.tag.endswith("tspan"):
            yield from _pieces(child, style)


_ANCHORS: dict[str, Anchor] = {"start": "start", "middle": "middle", "end": "end"}


def _joined(pieces: Iterator[tuple[_Style, str]]) -> list[tuple[_Style, str]]:
    """Neighbours of one style as one piece."""
    grouped = groupby(pieces, key=lambda piece: piece[0])
    return [(style, "".join(text for _, text in group)) for style, group in grouped]


def _width(style: _Style, text: str, music_font: str, advances: Mapping[str, float]) -> float:
    if style.family == music_font:
        return sum(advances.get(f"{ord(c):04X}", 0.0) for c in text) * style.size / 1000
    try:
        from reportlab.pdfbase.pdfmetrics import stringWidth
    except ImportError as error:
        raise missing_package("reportlab", "score") from error
    words = Words(0, 0, text, style.size, "start", style.is_bold, style.is_italic)
    return float(stringWidth(printable(text), font_name(words), style.size))
