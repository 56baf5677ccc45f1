"""Engraved pages: that SVG and PDF hold all signs, that readers open them, and how they look."""

import re
import sys
import xml.etree.ElementTree as ET
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pypdf
import pytest

from partimento.music.score import Chord, Meter, Note, Score, Tempo, Track
from partimento.rendering.engraving.drawing import Outline
from partimento.rendering.engraving.engraving import (
    PAGE_MILLIMETRES,
    Sheets,
    engrave,
)
from partimento.rendering.engraving.fonts import glyph_outline, text_width
from partimento.rendering.engraving.pages import sheets_svg
from partimento.rendering.engraving.text import Glyph, Words
from partimento.rendering.errors import RenderingError
from partimento.rendering.musicxml.document import musicxml
from partimento.rendering.notation.notation import Notation, notate
from partimento.rendering.output import write_sheet_music

_SVG = "{http://www.w3.org/2000/svg}"


def sheets_of(score: Score, title: str = "") -> Sheets:
    notation = notate(score)
    return engrave(musicxml(notation, title), notation.staff_count)


def glyphs(sheets: Sheets) -> Counter[str]:
    return Counter(s.code for page in sheets.pages for s in page.shapes if isinstance(s, Glyph))


def words(sheets: Sheets) -> list[Words]:
    return [s for page in sheets.pages for s in page.shapes if isinstance(s, Words)]


def head_count(notation: Notation) -> int:
    return sum(
        len(written.heads)
        for part in notation.parts
        for staff in part.staves
        for bar in staff
        for voice in bar.voices
        for written in voice
    )


def scale(bars: int, program: int = 73) -> Score:
    """Quarters up and down in 4/4."""
    notes = tuple(Note(24 * i, 60 + abs(i % 24 - 12), 24) for i in range(4 * bars))
    return Score(24, (Track(notes, program),), (Tempo(0, 100.0),), (Meter(0, 4, 4),))


def test_every_head_and_every_sign_is_drawn(sheet_scores: dict[str, Score]) -> None:
    for name, score in sheet_scores.items():
        notation = notate(score)
        found = glyphs(sheets_of(score))
        assert all(glyph_outline(code) for code in found), name
        # SMuFL's note heads; E1D0 and on are notes in text.
        heads = sum(count for code, count in found.items() if "E0A0" <= code <= "E0FF")
        assert heads == head_count(notation), name


def test_nothing_stands_beyond_the_edge_of_the_paper(sheet_scores: dict[str, Score]) -> None:
    for name, score in sheet_scores.items():
        sheets = sheets_of(score, "A title")
        assert sheets.width / sheets.height == pytest.approx(210 / 297, rel=1e-3)
        for page in sheets.pages:
            for shape in page.shapes:
                if isinstance(shape, Outline):
                    points = [point for stroke in shape.path for point in stroke.points]
                    xs, ys = [x for x, _ in points], [y for _, y in points]
                else:
                    xs, ys = [shape.x], [shape.y]
                assert min(xs) >= 0, name
                assert max(xs) <= sheets.width, name
                assert min(ys) >= 0, name
                assert max(ys) <= page.bottom <= sheets.height, name


def test_the_page_says_title_names_tempo_and_chords(sheet_scores: dict[str, Score]) -> None:
    found = [piece.text for piece in words(sheets_of(sheet_scores["band"], "Rock & Roll"))]
    for text in ("Rock & Roll", "Tenor sax", "Electric bass", "Drums", "= 132", "= 90", "N.C."):
        assert text in found
    assert {"Dm7", "G7", "Cmaj7"} <= set(found)


def test_a_long_title_is_set_smaller_and_a_long_name_is_cut() -> None:
    title, name = "A very long title of a piece " * 8, "a very long name of a part " * 8
    score = replace(scale(2), tracks=(replace(scale(2).tracks[0], name=name),))
    sheets = sheets_of(score, title)
    shown = {piece.text: piece for piece in words(sheets)}
    piece = shown[" ".join(title.split())]
    assert text_width(piece.text, False, False) * piece.size <= 0.9 * sheets.width
    assert any(text.endswith("…") and len(text) <= 32 for text in shown)


def test_music_signs_in_text_are_outlines_not_letters(sheet_scores: dict[str, Score]) -> None:
    # A viewer without the music font would show boxes.
    sheets = sheets_of(sheet_scores["band"])
    assert all(ord(c) < 0xE000 for piece in words(sheets) for c in piece.text)
    assert glyphs(sheets)["ECA5"] == 2  # the quarters of two tempo marks


def test_a_tempo_mark_stands_clear_of_the_number_of_a_triplet() -> None:
    notes = tuple(Note(8 * i, 60 + i % 6, 8) for i in range(12))
    score = Score(24, (Track(notes, 73),), (Tempo(0, 96.0),), (Meter(0, 4, 4),))
    page = sheets_of(score).pages[0]
    (mark,) = [s for s in page.shapes if isinstance(s, Words) and s.text.startswith("=")]
    numbers = [s for s in page.shapes if isinstance(s, Glyph) and s.code == "E883"]
    assert len(numbers) == 4
    first = min(numbers, key=lambda s: s.x)
    assert first.x < mark.x + 2 * mark.size  # the two would meet
    assert mark.y < first.y - 0.4 * first.size


def test_no_bar_stands_alone_in_the_last_system() -> None:
    for bars in range(1, 24):
        sheets = sheets_of(scale(bars))
        page = sheets.pages[-1]
        heads = [s for s in page.shapes if isinstance(s, Glyph) and s.code == "E0A4"]
        clefs = [s for s in page.shapes if isinstance(s, Glyph) and s.code == "E050"]
        last = max(clefs, key=lambda s: s.y)
        alone = [s for s in heads if s.y > last.y - 1500]
        assert len(alone) > 4 or bars < 3, bars


def test_large_scores_leave_out_silent_staves_after_the_first_system() -> None:
    first = scale(32).tracks[0]
    others = [Track(first.notes[:8], 40, name=f"violin {n}") for n in range(1, 6)]
    sheets = sheets_of(replace(scale(32), tracks=(first, *others)))
    systems = len([piece for piece in words(sheets) if piece.text in ("Flute", "Fl.")])
    assert systems > 2
    assert [piece.text for piece in words(sheets)].count("Vln. 3") == 0
    assert glyphs(sheets)["E050"] == 6 + (systems - 1)
    assert glyphs(sheets)["E0A4"] == 128 + 5 * 8


def test_no_chord_name_is_lost_with_a_silent_staff() -> None:
    first = scale(32).tracks[0]
    early = [Track(first.notes[:8], 56 + n, name="oboe") for n in range(5)]
    chords = tuple(Chord(96 * bar, 96, 7 * bar % 12, "maj") for bar in range(32))
    # The chords stand above the first oboe, which is silent from bar 3 on.
    score = replace(scale(32), tracks=(*early, first), chords=chords)
    found = glyphs(sheets_of(score))
    names = [piece.text for piece in words(sheets_of(score))]
    assert sum(names.count(letter) for letter in "CDEFGAB") == 32
    assert found["E050"] % 6 == 0
    leading = replace(score, tracks=(first, *early))
    assert glyphs(sheets_of(leading))["E050"] < found["E050"]


def test_a_tempo_stands_above_a_staff_that_plays() -> None:
    first = scale(32).tracks[0]
    late = Track(tuple(n for n in first.notes if n.onset >= 96 * 16), 40, name="violin")
    early = [Track(first.notes[:8], 56 + n) for n in range(5)]
    score = replace(
        scale(32), tracks=(*early, late), tempos=(Tempo(0, 100.0), Tempo(96 * 24, 60.0))
    )
    marks = [piece.text for piece in words(sheets_of(score)) if piece.text.startswith("=")]
    assert marks == ["= 100", "= 60"]


def test_later_systems_have_short_names_where_parts_could_be_confused() -> None:
    first = scale(32).tracks[0]
    both = replace(scale(32), tracks=(first, replace(first, program=40, name="violin")))
    assert {"Flute", "Violin", "Fl.", "Vln."} <= {piece.text for piece in words(sheets_of(both))}
    assert "Fl." not in {piece.text for piece in words(sheets_of(scale(32)))}


def test_large_scores_fit_the_page() -> None:
    tracks = tuple(replace(scale(2).tracks[0], program=40 + i, name=f"{i}") for i in range(60))
    for count in (8, 20, 60):
        sheets = sheets_of(replace(scale(2), tracks=tracks[:count]))
        assert all(page.bottom <= sheets.height for page in sheets.pages), count
        assert glyphs(sheets)["E0A4"] == 8 * count


def test_an_svg_is_one_document_with_all_pages(tmp_path: Path) -> None:
    score = scale(160)
    path = tmp_path / "out.svg"
    write_sheet_music(score, path, "Scale & <more>")
    root = ET.parse(path).getroot()
    assert root.tag == f"{_SVG}svg"
    assert root.findtext(f"{_SVG}title") == "Scale & <more>"
    uses = root.findall(f".//{_SVG}use")
    known = {f"#{outline.get('id')}" for outline in root.findall(f"{_SVG}defs/{_SVG}path")}
    assert {use.get("href") for use in uses} == known
    assert sum(use.get("href") == "#gE0A4" for use in uses) == 640
    pages = root.findall(f"{_SVG}g")
    tops = [float(re.findall(r"[\d.]+", page.get("transform", ""))[1]) for page in pages]
    assert len(pages) > 1
    assert tops == sorted(set(tops))
    box = [float(number) for number in root.get("viewBox", "").split()]
    ratio = float(root.get("height", "")) / float(root.get("width", ""))
    assert ratio == pytest.approx(box[3] / box[2], rel=0.01)
    # Nothing from elsewhere: no fonts, styles, scripts or links.
    text = path.read_text()
    assert not re.search(r"@font-face|<style|<script|xlink|http(?!://www.w3.org/2000/svg)", text)


def test_a_pdf_has_all_pages_on_a4_with_title_and_names(
    sheet_scores: dict[str, Score], tmp_path: Path
) -> None:
    for name in ("band", "choir", "piano", "change of key"):
        path = tmp_path / "out.pdf"
        write_sheet_music(sheet_scores[name], path, "Für Élise")
        reader = pypdf.PdfReader(path)
        sheets = sheets_of(sheet_scores[name], "Für Élise")
        assert len(reader.pages) == len(sheets.pages)
        text = "\n".join(page.extract_text() for page in reader.pages)
        for piece in words(sheets):
            assert piece.text in text
        for page in reader.pages:
            size = (float(page.mediabox.width), float(page.mediabox.height))
            assert size == pytest.approx([s * 72 / 25.4 for s in PAGE_MILLIMETRES], abs=0.01)
            assert not page.images
        assert reader.metadata is not None
        assert reader.metadata.title == "Für Élise"


def test_a_pdf_draws_each_sign_as_often_as_the_page_has_it(
    sheet_scores: dict[str, Score], tmp_path: Path
) -> None:
    path = tmp_path / "out.pdf"
    write_sheet_music(sheet_scores["triplets"], path)
    (page,) = pypdf.PdfReader(path).pages
    names = re.findall(rb"/(\S+) Do", page.get_contents().get_data())
    drawn = Counter(name.decode().rpartition("g")[2] for name in names)
    assert drawn == glyphs(sheets_of(sheet_scores["triplets"]))


def test_a_pdf_shows_the_nearest_letter_of_what_its_fonts_lack(tmp_path: Path) -> None:
    path = tmp_path / "out.pdf"
    write_sheet_music(scale(2), path, "Głos – Flöte")
    assert "Glos – Flöte" in pypdf.PdfReader(path).pages[0].extract_text()


@pytest.mark.parametrize("ending", [".musicxml", ".svg", ".pdf"])
def test_equal_scores_give_equal_files(
    sheet_scores: dict[str, Score], tmp_path: Path, ending: str
) -> None:
    paths = [tmp_path / f"{number}{ending}" for number in range(2)]
    for path in paths:
        write_sheet_music(sheet_scores["band"], path, "Twice")
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_nothing_is_printed(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write_sheet_music(scale(3), tmp_path / "out.pdf")
    assert capfd.readouterr() == ("", "")


def test_without_a_title_none_is_shown() -> None:
    sheets = sheets_of(scale(2))
    assert {piece.text for piece in words(sheets)} == {"Flute", "= 100"}
    assert "<title>" not in sheets_svg(sheets)


@pytest.mark.parametrize(
    ("module", "ending", "is_needed"),
    [
        ("verovio", ".musicxml", False),
        ("verovio", ".svg", True),
        ("verovio", ".pdf", True),
        ("reportlab.pdfgen.canvas", ".musicxml", False),
        ("reportlab.pdfgen.canvas", ".svg", False),
        ("reportlab.pdfgen.canvas", ".pdf", True),
    ],
)
def test_a_missing_package_is_named_with_its_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str, ending: str, is_needed: bool
) -> None:
    path = tmp_path / f"out{ending}"
    monkeypatch.setitem(sys.modules, module, None)
    if not is_needed:
        write_sheet_music(scale(2), path)
        assert path.stat().st_size > 1000
        return
    package = module.partition(".")[0]
    with pytest.raises(RenderingError) as caught:
        write_sheet_music(scale(2), path)
    assert str(caught.value) == (
        f"{package} is not installed; run: pip install 'partimento[score]'"
    )


@pytest.mark.parametrize("ending", [".musicxml", ".svg", ".pdf"])
def test_a_score_without_notes_is_an_error(tmp_path: Path, ending: str) -> None:
    with pytest.raises(RenderingError, match="no notes"):
        write_sheet_music(Score(24, (Track(()),)), tmp_path / f"out{ending}")
