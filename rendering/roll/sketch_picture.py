"""A sketch as a picture: what starts in each sixteenth of a bar, who plays, how full it is."""

from os import PathLike
from pathlib import Path

import numpy as np

from partimento.music.facts import counted
from partimento.music.files import write_whole
from partimento.music.instruments import INSTRUMENTS
from partimento.music.pitch import PITCH_CLASSES
from partimento.music.sketch import DRUM_KINDS, LANES, LEVELS, SLOTS, Floats, Sketch
from partimento.rendering.roll.shapes import Picture, Rectangle, Words, mixed, svg_text, write_png

# Lengths in units; a PNG has two pixels a unit.
_BARS_A_SYSTEM = 8
_CELL, _ROW, _BAR_GAP = 7, 8, 6
_LEFT, _RIGHT, _TOP, _GAP = 118, 16, 18, 26
_BAR = SLOTS * _CELL
MAX_BARS = 512
"""Bars that a picture shows; a longer sketch is cut, and the picture says so."""
LEAST = 0.05
"""Fainter values are not drawn."""

_GROUND, _INK, _FAINT, _EMPTY, _BLACK_KEY = "#ffffff", "#2b2b33", "#85858f", "#f7f7fa", "#eeeef3"
_ONSET, _DRUM, _PLAYER, _LEVEL = "#23407f", "#7f3f23", "#3f7f5a", "#8a6d1f"
_BLACK_KEYS = {1, 3, 6, 8, 10}


def write_sketch_picture(sketch: Sketch, path: str | PathLike[str], title: str = "") -> None:
    """Write the picture of a sketch as the .svg or .png that the path's ending names."""
    picture = draw_sketch(sketch, title)
    if Path(path).suffix.lower() == ".png":
        write_png(picture, path)
    else:
        write_whole(path, svg_text(picture).encode())


def draw_sketch(sketch: Sketch, title: str = "") -> Picture:
    """Draw a sketch, eight bars to a system; the darker, the likelier."""
    bars = min(sketch.bars, MAX_BARS)
    columns = min(max(bars, 1), _BARS_A_SYSTEM)
    picture = Picture(_LEFT + columns * (_BAR + _BAR_GAP) + _RIGHT, 0, _GROUND)
    y = float(_TOP)
    if title:
        picture.shapes.append(Words(_LEFT, y + 8, title, 18, _INK))
        y += 26
    text = f"sketch of {counted(sketch.bars, 'bar')}"
    text += f"  ·  the first {MAX_BARS} are shown" if bars < sketch.bars else ""
    picture.shapes.append(Words(_LEFT, y, text, 12, _FAINT))
    y += 12
    for first in range(0, bars, _BARS_A_SYSTEM):
        y = _draw_system(picture, sketch, first, min(first + _BARS_A_SYSTEM, bars), y) + _GAP
    picture.height = round(y)
    return picture


def _draw_system(picture: Picture, sketch: Sketch, first: int, end: int, top: float) -> float:
    """Draw the bars from `first` up to `end`; return the lower edge."""
    y = top + 14
    # High pitch classes above, as on a staff; drums below them.
    lanes = [*range(11, -1, -1), *range(12, LANES)]
    names = (*PITCH_CLASSES, *DRUM_KINDS)
    heard = sketch.onsets[first:end, :, 12:].max(initial=0) >= LEAST
    for lane in lanes if heard else lanes[:12]:
        is_drum = lane >= 12
        ground = _BLACK_KEY if lane in _BLACK_KEYS or is_drum else _EMPTY
        color = _DRUM if is_drum else _ONSET
        _draw_row(picture, names[lane], sketch.onsets[first:end, :, lane], y, ground, color)
        y += _ROW
    y += 4
    for index in np.flatnonzero(sketch.instruments[first:end].max(0, initial=0) >= LEAST).tolist():
        played = sketch.instruments[first:end, index, None]
        _draw_row(picture, INSTRUMENTS[index], played, y, _EMPTY, _PLAYER)
        y += _ROW
    y += 4
    for index, name in enumerate(LEVELS):
        _draw_row(picture, name, sketch.levels[first:end, index, None], y, _EMPTY, _LEVEL)
        y += _ROW
    for bar in range(first, end):
        x = _LEFT + (bar - first) * (_BAR + _BAR_GAP)
        meter = sketch.meters[bar] if sketch.meters else None
        is_new = meter is not None and (bar == 0 or sketch.meters[bar - 1] != meter)
        label = f"{bar + 1}  {meter[0]}/{meter[1]}" if meter and is_new else str(bar + 1)
        picture.shapes.append(Words(x, top + 10, label, 10, _FAINT))
    return y


def _draw_row(
    picture: Picture, name: str, values: Floats, y: float, ground: str, color: str
) -> None:
    """Draw values (bars, cells) from left to right, under one another's bar lines."""
    picture.shapes.append(Words(_LEFT - 8, y + _ROW - 1, name, 9, _FAINT, "end"))
    cell = _BAR / values.shape[1]
    for bar, cells in enumerate(values):
        x = _LEFT + bar * (_BAR + _BAR_GAP)
        picture.shapes.append(Rectangle(x, y, _BAR, _ROW - 1, ground))
        for number in np.flatnonzero(cells >= LEAST).tolist():
            shade = mixed(ground, color, float(cells[number]))
            picture.shapes.append(Rectangle(x + number * cell, y, cell - 1, _ROW - 1, shade))
