"""Lines of text that verovio sets, with music glyphs in them, as pieces that each stand alone."""

import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Literal

from partimento.rendering.engraving.fonts import MUSIC_FONT, glyph_width, text_width

Anchor = Literal["start", "middle", "end"]
_ROOM = 0.88
"""Share of a page's width between its margins."""


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


def place_text(
    element: ET.Element,
    origin: tuple[float, float],
    is_bold: bool,
    is_italic: bool,
) -> Iterator[Glyph | Words]:
    """Lay out a `text` element of SVG: pieces from left to right, at their own places."""
    start = _Style(0.0, 0.0, "start", "", 0.0, is_bold, is_italic)
    for place, group in groupby(_pieces(element, start), key=lambda p: (p[0].x, p[0].y)):
        pieces = _joined(group)
        style = pieces[0][0]
        x, y = origin[0] + place[0], origin[1] + place[1]
        if len(pieces) == 1 and style.family != MUSIC_FONT:
            text = pieces[0][1].strip()
            if text:
                anchor = style.anchor
                yield Words(x, y, text, style.size, anchor, style.is_bold, style.is_italic)
            continue
        widths = [_width(style, text) for style, text in pieces]
        x -= sum(widths) * {"start": 0.0, "middle": 0.5, "end": 1.0}[style.anchor]
        for (style, text), width in zip(pieces, widths, strict=True):
            if style.family == MUSIC_FONT:
                at = x
                for letter in text:
                    code = f"{ord(letter):04X}"
                    if letter.strip():
                        yield Glyph(code, at, y, style.size)
                    at += glyph_width(code) * style.size
            elif text.strip():
                # Viewers drop spaces at the start of a text.
                spaces = text[: len(text) - len(text.lstrip())]
                at = x + _width(style, spaces)
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
        yield style, element.text.replace("\xa0", " ")
    for child in element:
        if child.tag.endswith("tspan"):
            yield from _pieces(child, style)


_ANCHORS: dict[str, Anchor] = {"start": "start", "middle": "middle", "end": "end"}


def _joined(pieces: Iterator[tuple[_Style, str]]) -> list[tuple[_Style, str]]:
    """Neighbours of one style as one piece."""
    grouped = groupby(pieces, key=lambda piece: piece[0])
    return [(style, "".join(text for _, text in group)) for style, group in grouped]


def fitted(words: Words, width: float) -> Words:
    """Words in smaller letters where they would be wider than the page lets them, as titles."""
    room = _ROOM * width / words.size
    taken = text_width(words.text, words.is_bold, words.is_italic)
    return words if taken <= room else replace(words, size=words.size * room / taken)


def lifted(text: Sequence[Glyph | Words], signs: Sequence[Glyph | Words]) -> list[Glyph | Words]:
    """A line of text, raised above the triplets' numbers and chord names that it would hide.

    Verovio does not see the numbers when it places a tempo mark.
    """
    boxes = sorted(map(_box, signs), key=lambda box: -box[3])
    lines = [_box(piece) for piece in text]
    left, right = min(box[0] for box in lines), max(box[2] for box in lines)
    bottom = max(box[3] for box in lines)
    height = bottom - min(box[1] for box in lines)
    raised = bottom
    for x, top, end, low in boxes:  # from the lowest up
        if x < right and left < end and top < raised and raised - height < low:
            raised = top - 0.2 * height
    return [replace(piece, y=piece.y + raised - bottom) for piece in text]


def _box(sign: Glyph | Words) -> tuple[float, float, float, float]:
    """About where a sign stands: left, top, right, bottom."""
    if isinstance(sign, Glyph):
        if not sign.code.startswith("E88"):  # not a digit of a triplet
            return sign.x, sign.y, sign.x, sign.y
        width = glyph_width(sign.code) * sign.size
        return sign.x, sign.y - 0.45 * sign.size, sign.x + width, sign.y + 0.05 * sign.size
    width = text_width(sign.text, sign.is_bold, sign.is_italic) * sign.size
    left = sign.x - width * {"start": 0.0, "middle": 0.5, "end": 1.0}[sign.anchor]
    return left, sign.y - 0.7 * sign.size, left + width, sign.y


def _width(style: _Style, text: str) -> float:
    if style.family == MUSIC_FONT:
        return sum(glyph_width(f"{ord(letter):04X}") for letter in text) * style.size
    return text_width(text, style.is_bold, style.is_italic) * style.size
