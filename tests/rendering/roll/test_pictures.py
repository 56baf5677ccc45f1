"""Piano rolls: what they show, and that other programs open them."""

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from rich.console import Console

from partimento.music.score import Chord, Key, Meter, Note, Score, Track
from partimento.rendering.errors import RenderingError
from partimento.rendering.roll.contents import PALETTE, headline, read_contents
from partimento.rendering.roll.pictures import draw_roll, write_picture
from partimento.rendering.roll.roll import build_roll
from partimento.rendering.roll.shapes import Rectangle, Words, mixed, text_width
from partimento.rendering.roll.terminal import roll_lines


def repeated(bars: int) -> Score:
    """A scale over many bars of 4/4."""
    notes = tuple(Note(24 * beat, 48 + beat % 24, 24) for beat in range(4 * bars))
    return Score(24, (Track(notes),), meters=(Meter(0, 4, 4),))


def words(score: Score) -> list[str]:
    shapes = draw_roll(build_roll(score, 32)).shapes
    return [shape.text for shape in shapes if isinstance(shape, Words)]


@pytest.mark.parametrize(("bars", "systems"), [(1, 1), (4, 1), (8, 1), (9, 2), (64, 8)])
def test_bars_wrap_into_systems_of_eight(bars: int, systems: int) -> None:
    roll = build_roll(repeated(bars), 32)
    assert len(roll.systems) == systems
    assert sum(len(system.bars) for system in roll.systems) == bars


def test_64_bars_are_no_wider_than_8() -> None:
    short, long = (draw_roll(build_roll(repeated(bars), 32)) for bars in (8, 64))
    assert short.width == long.width
    assert long.height > 5 * short.height


def test_the_picture_names_lines_chords_pitches_bars_and_drums(piece: Score) -> None:
    found = words(piece)
    for text in ("Flöte", "acoustic grand piano", "drums", "F", "Bb", "C", "C4", "C5"):
        assert text in found
    assert {"kick", "snare", "closed hat"} <= set(found)
    assert [text for text in found if text[0] in "12345678"] == [
        *("1", "2", "3", "4", "5  3/4", "6", "7", "8")
    ]


def test_the_facts_say_whether_chords_and_key_are_estimated(piece: Score) -> None:
    text = headline(read_contents(piece))
    assert text.split("  ·  ") == [
        *("F major", "4/4 and others", "120 bpm", "8 bars", "chords as written")
    ]
    bare = replace(piece, chords=(), keys=())
    assert "F major (estimated)" in headline(read_contents(bare))
    assert "chords estimated" in headline(read_contents(bare))


def test_chords_are_spelled_in_their_key_and_do_not_touch() -> None:
    names = [(6, "dim"), (10, "maj7"), (8, "maj"), (1, "min7"), (0, "7"), (3, "maj")]
    chords = tuple(Chord(24 * i, 24, root, quality) for i, (root, quality) in enumerate(names))
    score = replace(repeated(8), chords=chords, keys=(Key(0, 0, False),))
    shapes = draw_roll(build_roll(score, 32)).shapes
    spelled = ["F#dim", "Bbmaj7", "Ab", "C#m7", "C7", "Eb"]
    drawn = [s for s in shapes if isinstance(s, Words) and s.text in spelled]
    assert [s.text for s in drawn] == spelled
    for left, right in pairwise(drawn):
        assert left.x + text_width(left.text, left.size) < right.x


def test_every_note_has_a_rectangle_in_its_lines_colour(piece: Score) -> None:
    picture = draw_roll(build_roll(piece, 64))
    edges = {"flute": "#004a74", "piano": "#8a3d00"}  # the palette, a third towards black
    for track, edge in zip(piece.tracks, edges.values(), strict=False):
        drawn = [s for s in picture.shapes if isinstance(s, Rectangle) and s.fill == edge]
        assert len(drawn) == len(track.notes)


def test_nothing_is_drawn_outside_the_picture(piece: Score) -> None:
    for score in (piece, repeated(1), repeated(13)):
        picture = draw_roll(build_roll(score, 32), "title")
        for shape in picture.shapes:
            assert shape.x >= 0
            assert 0 <= shape.y <= picture.height
            if isinstance(shape, Rectangle):
                assert shape.width > 0
                assert shape.height > 0
                assert shape.x + shape.width <= picture.width
                assert shape.y + shape.height <= picture.height


def test_soft_notes_are_paler() -> None:
    score = Score(24, (Track((Note(0, 60, 24, 127), Note(24, 60, 24, 20))),))
    fills = [s.fill for s in draw_roll(build_roll(score, 32)).shapes if isinstance(s, Rectangle)]
    assert PALETTE[0] in fills
    assert mixed(PALETTE[0], "#ffffff", 0.55 * (1 - 20 / 127)) in fills


def test_both_lines_of_a_unison_are_seen() -> None:
    lines = tuple(Track((Note(0, 60, 96, 127),), program=40 + i) for i in range(2))
    shapes = draw_roll(build_roll(Score(24, lines), 32)).shapes
    first, second = (
        [s for s in shapes if isinstance(s, Rectangle) and s.fill == color and s.width > 20]
        for color in PALETTE[:2]
    )
    # The first line's colour is painted again over the upper half of the second's.
    assert len(first) == 2
    assert first[1].height < second[0].height


def test_an_svg_is_xml_whatever_the_names_hold(piece: Score, tmp_path: Path) -> None:
    tracks = (replace(piece.tracks[0], name='<&"\x07>'), *piece.tracks[1:])
    path = tmp_path / "roll.svg"
    write_picture(replace(piece, tracks=tracks), path, "a < b")
    root = ET.parse(path).getroot()
    texts = [element.text for element in root.iter() if element.tag.endswith("text")]
    assert "a < b" in texts
    assert '<&"?>' in texts


def test_the_same_score_gives_the_same_svg(piece: Score, tmp_path: Path) -> None:
    for name in ("a.svg", "b.svg"):
        write_picture(piece, tmp_path / name, "same")
    text = (tmp_path / "a.svg").read_text()
    assert text == (tmp_path / "b.svg").read_text()
    # No number has more than two places, whatever the machine's floating point did.
    assert not re.search(r"\d\.\d{3}", text)


def test_a_png_opens_and_shows_the_lines(piece: Score, tmp_path: Path) -> None:
    image_module = pytest.importorskip("PIL.Image")
    path = tmp_path / "roll.png"
    write_picture(piece, path, "Flöte ♭")
    with image_module.open(path) as image:
        assert image.size[0] == 2 * draw_roll(build_roll(piece, 32)).width
        colors = {color for _, color in image.convert("RGB").getcolors(1 << 24)}
    assert (0x00, 0x72, 0xB2) in colors
    assert path.stat().st_size < 300_000


def test_a_score_without_notes_is_an_error() -> None:
    with pytest.raises(RenderingError, match="no notes"):
        build_roll(Score(24, (Track(()),)), 32)


@pytest.mark.parametrize("width", [40, 80, 200])
def test_the_terminal_roll_fits_the_width(piece: Score, width: int) -> None:
    for score in (piece, repeated(64)):
        lines = list(roll_lines(score, width))
        grid = [line.cell_len for line in lines if "│" in line.plain]
        assert grid
        assert max(grid) <= width


def test_the_terminal_roll_shows_both_halves_of_a_cell() -> None:
    notes = (Note(0, 62, 24), Note(24, 63, 24), Note(48, 61, 24))
    score = Score(24, (Track(notes),), meters=(Meter(0, 3, 4),))
    rows = [line.plain.split("│")[1] for line in roll_lines(score, 40) if "│" in line.plain]
    assert [row for row in rows if row.strip(" ·")] == ["▄▄▄▄▀▀▀▀·   ", "    ·   ▀▀▀▀"]


def test_a_long_piece_in_eighths_takes_less_room_and_one_in_sixteenths_does_not() -> None:
    def systems(bars: int, step: int) -> int:
        notes = tuple(Note(tick, 60 + tick % 5, step) for tick in range(0, 96 * bars, step))
        score = Score(24, (Track(notes),), meters=(Meter(0, 4, 4),))
        return sum(line.plain.strip().startswith("C4") for line in roll_lines(score, 80))

    assert [systems(16, 12), systems(64, 12), systems(64, 6)] == [4, 8, 16]


def test_notes_are_as_bright_as_their_line_in_the_legend(piece: Score) -> None:
    console = Console(width=80, force_terminal=True, color_system="truecolor")
    for line in roll_lines(piece, 80):
        for segment in line.render(console):
            if segment.style and segment.style.color and segment.text.strip():
                assert not segment.style.dim


def test_the_terminal_roll_in_ascii_is_ascii(piece: Score) -> None:
    for line in roll_lines(replace(piece, tracks=piece.tracks[1:]), 80, is_unicode=False):
        assert line.plain.isascii()


def test_a_repeated_note_is_seen_twice() -> None:
    score = Score(24, (Track((Note(0, 60, 24), Note(24, 60, 24))),), meters=(Meter(0, 2, 4),))
    rows = [line.plain for line in roll_lines(score, 40, is_unicode=False) if "#" in line.plain]
    assert rows[1].split("|")[1] == "### ####"


def test_colours_are_only_written_to_a_terminal(piece: Score) -> None:
    console = Console(width=80, force_terminal=True, color_system="truecolor", record=True)
    with console.capture() as capture:
        for line in roll_lines(piece, 80):
            console.print(line)
    assert "\x1b[" in capture.get()
