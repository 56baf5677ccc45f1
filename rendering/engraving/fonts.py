"""Verovio's fonts: outlines of music glyphs, and widths of glyphs and of text."""

import re
import xml.etree.ElementTree as ET
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from partimento.rendering.errors import missing_package

MUSIC_FONT = "Leipzig"
"""Verovio's own music font, the one it is made for."""
_UNKNOWN_WIDTH = 0.5
"""Ems of a letter that the tables do not have."""


@cache
def _data() -> Path:
    """Verovio's folder of fonts; RenderingError where it is not installed."""
    spec = find_spec("verovio")
    if spec is None or spec.origin is None:
        raise missing_package("verovio", "score")
    return Path(spec.origin).parent / "data"


@cache
def glyph_outline(code: str) -> str:
    """The outline of a glyph (hexadecimal code point), 1000 units an em, y upwards.

    Empty for a space and for what the font does not have.
    """
    path = _data() / MUSIC_FONT / f"{code}.xml"
    found = re.search(r' d="([^"]*)"', path.read_text()) if path.exists() else None
    return found[1] if found else ""


def glyph_width(code: str) -> float:
    """How far a glyph of the music font moves on, in ems."""
    return _widths(f"{MUSIC_FONT}.xml").get(int(code, 16), 0.0)


def text_width(text: str, is_bold: bool, is_italic: bool) -> float:
    """Width of text in Times, in ems."""
    style = "-bold" * is_bold + "-italic" * is_italic
    widths = _widths(f"text/Times{style}.xml")
    return sum(widths.get(ord(letter), _UNKNOWN_WIDTH) for letter in text)


@cache
def _widths(file: str) -> dict[int, float]:
    """Widths in ems by code point."""
    root = ET.parse(_data() / file).getroot()
    em = float(root.get("units-per-em", "1000"))
    return {int(g.get("c", "0"), 16): float(g.get("h-a-x", "0")) / em for g in root.iter("g")}
