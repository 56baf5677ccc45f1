"""MusicXML -> engraved pages by verovio, as outlines, music glyphs and words.

A unit is a hundredth of a millimetre on paper, less where the music is made smaller to fit.
"""

import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from partimento.rendering.engraving.drawing import Page, read_page
from partimento.rendering.engraving.fonts import MUSIC_FONT
from partimento.rendering.errors import RenderingError, missing_package
from partimento.rendering.notation.notation import FEW_STAVES

PAGE_MILLIMETRES = (210, 297)
"""A4."""
_MARGIN_MILLIMETRES = 12
# Staves on a page of full size; with more the music gets smaller, as in a conductor's score.
_SCALES = ((2, 1.0), (4, 1.1), (6, 1.2), (9, 1.35), (12, 1.6), (16, 2.0), (24, 2.6), (40, 3.6))


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
        pages = tuple(map(read_page, drawings))
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
