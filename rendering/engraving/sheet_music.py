"""Sheet music: MusicXML, and engraved pages as SVG or PDF."""

from os import PathLike
from pathlib import Path

from partimento.music.score import Score
from partimento.rendering.engraving.engraving import engrave
from partimento.rendering.engraving.pages import sheets_svg, write_sheets_pdf
from partimento.rendering.musicxml.document import musicxml
from partimento.rendering.notation.notation import notate


def write_sheet_music(score: Score, path: str | PathLike[str], title: str = "") -> None:
    """Write a score as the .musicxml, .svg or .pdf that the path's ending names.

    An existing file is replaced. RenderingError for a score without notes, and where verovio
    (.svg, .pdf) or reportlab (.pdf) is missing.
    """
    path = Path(path)
    notation = notate(score)
    document = musicxml(notation, title)
    if path.suffix.lower() == ".musicxml":
        path.write_text(document, encoding="utf-8")
        return
    sheets = engrave(document, notation.staff_count)
    if path.suffix.lower() == ".svg":
        path.write_text(sheets_svg(sheets, title), encoding="utf-8")
    else:
        write_sheets_pdf(sheets, path, title)
