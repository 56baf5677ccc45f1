"""A picture as rectangles and words, and the two forms it is stored in: SVG and PNG."""

import unicodedata
from dataclasses import dataclass, field
from html import escape
from os import PathLike
from typing import Literal

from partimento.rendering.errors import missing_package

Anchor = Literal["start", "middle", "end"]

_PNG_SCALE = 2
"""Pixels of a PNG for each unit of a picture, for sharp letters on today's screens."""


@dataclass(frozen=True, slots=True)
class Rectangle:
    """A filled rectangle; x and y are its upper left corner."""

    x: float
    y: float
    width: float
    height: float
    fill: str
    """#rrggbb."""


@dataclass(frozen=True, slots=True)
class Words:
    """A line of text; y is its baseline."""

    x: float
    y: float
    text: str
    size: float = 12
    fill: str = "#333333"
    anchor: Anchor = "start"


@dataclass(slots=True)
class Picture:
    """Shapes on a light ground, painted in order."""

    width: int
    height: int
    background: str = "#ffffff"
    shapes: list[Rectangle | Words] = field(default_factory=list)


def mixed(color: str, other: str, share: float) -> str:
    """Mix a share (0..1) of another colour into a colour.

    >>> mixed("#000000", "#ffffff", 0.5)
    '#808080'
    """
    pairs = [(int(color[i : i + 2], 16), int(other[i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def text_width(text: str, size: float) -> float:
    """About the width of a text in units, a little generous."""
    return 0.57 * size * len(text)


def svg_text(picture: Picture) -> str:
    """The picture as an SVG document."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{picture.width}" '
        f'height="{picture.height}" viewBox="0 0 {picture.width} {picture.height}" '
        'font-family="Helvetica, Arial, sans-serif">',
        f'<rect width="100%" height="100%" fill="{picture.background}"/>',
    ]
    for shape in picture.shapes:
        if isinstance(shape, Rectangle):
            parts.append(
                f'<rect x="{_number(shape.x)}" y="{_number(shape.y)}" '
                f'width="{_number(shape.width)}" height="{_number(shape.height)}" '
                f'fill="{shape.fill}"/>'
            )
        else:
            anchor = "" if shape.anchor == "start" else f' text-anchor="{shape.anchor}"'
            parts.append(
                f'<text x="{_number(shape.x)}" y="{_number(shape.y)}" '
                f'font-size="{_number(shape.size)}" fill="{shape.fill}"{anchor}>'
                f"{escape(_printable(shape.text))}</text>"
            )
    return "\n".join([*parts, "</svg>", ""])


def write_png(picture: Picture, path: str | PathLike[str]) -> None:
    """Write the picture as a PNG of twice its size in pixels; an existing file is replaced."""
    try:
        from PIL import Image, ImageDraw, ImageFont
    except ImportError as error:
        raise missing_package("pillow", "pictures") from error
    scale = _PNG_SCALE
    image = Image.new("RGB", (picture.width * scale, picture.height * scale), picture.background)
    draw = ImageDraw.Draw(image)
    fonts = {
        size: ImageFont.load_default(size * scale)
        for size in {shape.size for shape in picture.shapes if isinstance(shape, Words)}
    }
    for shape in picture.shapes:
        if isinstance(shape, Rectangle):
            left, top = round(shape.x * scale), round(shape.y * scale)
            # The lower right pixel belongs to Pillow's rectangles.
            right = max(left + 1, round((shape.x + shape.width) * scale)) - 1
            bottom = max(top + 1, round((shape.y + shape.height) * scale)) - 1
            draw.rectangle((left, top, right, bottom), shape.fill)
        else:
            place = (shape.x * scale, shape.y * scale)
            anchor = {"start": "ls", "middle": "ms", "end": "rs"}[shape.anchor]
            text = plain_letters(shape.text)
            draw.text(place, text, shape.fill, fonts[shape.size], anchor=anchor)
    image.save(path, format="PNG")


def plain_letters(text: str) -> str:
    """Replace letters that Pillow's own font does not have by their nearest ASCII letters.

    >>> plain_letters("Flöte · Głos")
    'Flote · Glos'
    """
    text = text.translate(str.maketrans("łŁøØđĐßæœ♯♭–—’", "lLoOdDsao#b--'"))
    letters = unicodedata.normalize("NFKD", text)
    kept = (c for c in letters if not unicodedata.combining(c))
    return "".join(c if " " <= c <= "~" or c == "·" else "?" for c in kept)


def _printable(text: str) -> str:
    """Drop control characters, which no XML document may hold."""
    return "".join(c for c in text if unicodedata.category(c)[0] != "C")


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
