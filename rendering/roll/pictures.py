"""Piano rolls as pictures: SVG by hand, PNG by Pillow."""

from os import PathLike
from pathlib import Path

from partimento.music.metre import beats
from partimento.music.score import Note, Score
from partimento.rendering.drum_kit import drum
from partimento.rendering.roll.contents import Line, chord_name, headline
from partimento.rendering.roll.roll import Roll, System, build_roll
from partimento.rendering.roll.shapes import (
    Picture,
    Rectangle,
    Words,
    mixed,
    svg_text,
    text_width,
    write_png,
)

# Lengths in units; a PNG has two pixels a unit.
_QUARTERS_A_SYSTEM = 32
_ROLL_WIDTH = 1360
_MAX_QUARTER_WIDTH = 64
_LEFT, _RIGHT, _TOP = 64, 24, 20
_CHORD_HEIGHT, _NUMBER_HEIGHT = 18, 14
_DRUM_ROW, _DRUM_GAP = 11, 8
_SYSTEM_GAP = 22
_MIN_WIDTH = 640
MAX_BARS = 1024
"""Bars that a picture shows; a longer piece is cut, and the picture says so."""

_INK, _FAINT, _GROUND = "#2b2b33", "#85858f", "#ffffff"
_WHITE_ROW, _BLACK_ROW, _OCTAVE_LINE = "#fafafc", "#f0f0f4", "#d2d2da"
_BEAT_LINE, _BAR_LINE = "#d8d8e0", "#8e8e9a"
_BLACK_KEYS = {1, 3, 6, 8, 10}

_Sound = tuple[int, int, str]
"""First tick, end tick and colour of a note that is drawn."""


def write_picture(score: Score, path: str | PathLike[str], title: str = "") -> None:
    """Write the piano roll of a score as the .svg or .png that the path's ending names."""
    picture = draw_roll(build_roll(score, _QUARTERS_A_SYSTEM), title)
    if Path(path).suffix.lower() == ".png":
        write_png(picture, path)
    else:
        Path(path).write_text(svg_text(picture), encoding="utf-8")


def draw_roll(roll: Roll, title: str = "") -> Picture:
    """Draw a piano roll, one system of bars below the other."""
    quarter = roll.contents.score.ticks_per_quarter
    systems = [s for s in roll.systems if s.first_bar < MAX_BARS]
    widest = max(system.end - system.start for system in systems) / quarter
    scale = min(_MAX_QUARTER_WIDTH, _ROLL_WIDTH / widest)  # units a quarter
    pitches = max(system.highest - system.lowest + 1 for system in systems)
    row = 9 if pitches <= 30 else 7 if pitches <= 48 else 6
    if len(systems) == 1:  # room to look closely
        row += 3
    width = max(_MIN_WIDTH, round(_LEFT + widest * scale + _RIGHT))
    picture = Picture(width, 0, _GROUND)
    y = _draw_header(picture, roll, title, len(systems) < len(roll.systems))
    for system in systems:
        drawing = _SystemDrawing(picture, roll, system, scale / quarter, row, y)
        y = drawing.draw() + _SYSTEM_GAP
    picture.height = round(y)
    return picture


def _draw_header(picture: Picture, roll: Roll, title: str, is_cut: bool) -> float:
    """Draw title, facts and legend; return where the first system may start."""
    y = float(_TOP)
    if title:
        y += 12
        picture.shapes.append(Words(_LEFT, y, title, 20, _INK))
        y += 8
    y += 12
    text = headline(roll.contents) + (f"  ·  the first {MAX_BARS} are shown" if is_cut else "")
    picture.shapes.append(Words(_LEFT, y, text, 13, _INK))
    y += 22
    x = float(_LEFT)
    for line in roll.contents.lines:
        needed = 18 + text_width(line.name, 12) + 14
        if x > _LEFT and x + needed > picture.width - _RIGHT:
            x, y = _LEFT, y + 18
        picture.shapes.append(Rectangle(x, y - 9, 12, 10, line.color))
        picture.shapes.append(Words(x + 18, y, line.name, 12, _INK))
        x += needed
    return y + 16


class _SystemDrawing:
    """Draws one system with its upper edge at `top`."""

    def __init__(
        self, picture: Picture, roll: Roll, system: System, scale: float, row: int, top: float
    ) -> None:
        self.picture, self.roll, self.system, self.scale = picture, roll, system, scale
        self.row = row
        self.drawn: dict[int, list[_Sound]] = {}  # by pitch
        pitches = max(0, system.highest - system.lowest + 1)
        self.chords_y = top + 12
        self.numbers_y = top + (_CHORD_HEIGHT if roll.contents.chords else 0) + 10
        self.top = top + (_CHORD_HEIGHT if roll.contents.chords else 0) + _NUMBER_HEIGHT
        self.pitch_bottom = self.top + pitches * self.row
        gap = _DRUM_GAP if pitches and system.drums else 0
        self.drums_top = self.pitch_bottom + gap
        self.bottom = self.drums_top + len(system.drums) * _DRUM_ROW

    def draw(self) -> float:
        """Draw everything; return the lower edge."""
        self._draw_rows()
        self._draw_bars()
        for line in self.roll.contents.lines:
            if line.is_drum:
                self._draw_hits(line)
            else:
                self._draw_notes(line)
        self._draw_chords()
        return self.bottom

    def _x(self, tick: float) -> float:
        return _LEFT + (tick - self.system.start) * self.scale

    def _y(self, pitch: int) -> float:
        return self.top + (self.system.highest - pitch) * self.row

    def _rectangle(self, x: float, y: float, width: float, height: float, fill: str) -> None:
        self.picture.shapes.append(Rectangle(x, y, width, height, fill))

    def _words(self, x: float, y: float, text: str, size: float, fill: str) -> None:
        self.picture.shapes.append(Words(x, y, text, size, fill))

    def _draw_rows(self) -> None:
        left, right = self._x(self.system.start), self._x(self.system.end)
        if self.pitch_bottom > self.top:
            height = self.pitch_bottom - self.top
            self._rectangle(left, self.top, right - left, height, _WHITE_ROW)
        for pitch in range(self.system.lowest, self.system.highest + 1):
            y = self._y(pitch)
            if pitch % 12 in _BLACK_KEYS:
                self._rectangle(left, y, right - left, self.row, _BLACK_ROW)
            if pitch % 12 == 0:
                self._rectangle(left, y + self.row - 0.5, right - left, 0.5, _OCTAVE_LINE)
                label = Words(left - 6, y + self.row, f"C{pitch // 12 - 1}", 10, _FAINT, "end")
                self.picture.shapes.append(label)
        for index, name in enumerate(self.system.drums):
            y = self.bottom - (index + 1) * _DRUM_ROW
            self._rectangle(left, y, right - left, _DRUM_ROW, (_WHITE_ROW, _BLACK_ROW)[index % 2])
            label = Words(left - 6, y + _DRUM_ROW - 2.5, name, 8.5, _FAINT, "end")
            self.picture.shapes.append(label)

    def _draw_bars(self) -> None:
        meter = None
        if self.system.first_bar:
            before = [s for s in self.roll.systems if s.first_bar < self.system.first_bar][-1]
            meter = before.bars[-1].meter
        for index, bar in enumerate(self.system.bars):
            for tick in beats(bar.length, bar.meter, self.roll.contents.score.ticks_per_quarter):
                self._draw_upright(bar.start + tick, 0.5, _BEAT_LINE)
            number = self.system.first_bar + index + 1
            text = str(number)
            if bar.meter != meter and (number > 1 or meter is not None):
                text += f"  {bar.meter[0]}/{bar.meter[1]}"
            meter = bar.meter
            self._words(self._x(bar.start) + 1, self.numbers_y, text, 9, _FAINT)
        for bar in self.system.bars:
            self._draw_upright(bar.start, 1, _BAR_LINE)
        self._draw_upright(self.system.end, 1, _BAR_LINE)

    def _draw_upright(self, tick: float, width: float, fill: str) -> None:
        x = self._x(tick) - width / 2
        if self.pitch_bottom > self.top:
            self._rectangle(x, self.top, width, self.pitch_bottom - self.top, fill)
        if self.bottom > self.drums_top:
            self._rectangle(x, self.drums_top, width, self.bottom - self.drums_top, fill)

    def _draw_hits(self, line: Line) -> None:
        width = min(5, max(2.5, self.scale * self.roll.contents.score.ticks_per_quarter / 8))
        for note in line.notes:
            if not self.system.start <= note.onset < self.system.end:
                continue
            index = self.system.drums.index(drum(note.pitch).name)
            y = self.bottom - (index + 1) * _DRUM_ROW + 1.5
            x = min(self._x(note.onset), self._x(self.system.end) - width)
            self._rectangle(x, y, width, _DRUM_ROW - 3, _tint(line, note))

    def _draw_notes(self, line: Line) -> None:
        start, end = self.system.start, self.system.end
        own: list[tuple[int, _Sound]] = []
        # Long notes first, so that short ones at the same pitch stay visible.
        for note in sorted(line.notes, key=lambda n: -n.duration):
            first, last = max(note.onset, start), min(note.onset + note.duration, end)
            if first >= last:
                continue
            x, y, height = self._x(first), self._y(note.pitch) + 0.5, self.row - 1
            # A hair of ground at the end parts repeated notes.
            width = max(1.5, self._x(last) - x - 0.75)
            edge, fill = mixed(line.color, "#000000", 0.35), _tint(line, note)
            self._rectangle(x, y, width, height, edge)
            if width > 2.5:
                self._rectangle(x + 1.5, y + 0.5, width - 2, height - 1, fill)
            for begin, stop, color in self.drawn.get(note.pitch, ()):
                # In unison with an earlier line both share the row.
                if begin < last and stop > first:
                    left = self._x(max(begin, first))
                    width = self._x(min(stop, last)) - left
                    self._rectangle(left + 1.5, y + 0.5, max(0, width - 2), height / 2 - 0.5, color)
            own.append((note.pitch, (first, last, fill)))
        for pitch, sound in own:
            self.drawn.setdefault(pitch, []).append(sound)

    def _draw_chords(self) -> None:
        start, end = self.system.start, self.system.end
        shown = [
            c for c in self.roll.contents.chords if c.onset < end and c.onset + c.duration > start
        ]
        for index, chord in enumerate(shown):
            x = self._x(max(chord.onset, start))
            text = chord_name(chord, self.roll.contents.key)
            room = (self._x(shown[index + 1].onset) if index + 1 < len(shown) else 1e9) - x
            # A gap of 4 parts a name from the next one.
            size = max(7.0, min(13.0, 13 * (room - 4) / text_width(text, 13)))
            fill = _FAINT if self.roll.contents.chords_are_estimated else _INK
            self._words(x + 1, self.chords_y, text, round(size * 2) / 2, fill)


def _tint(line: Line, note: Note) -> str:
    """The line's colour, paler for soft notes."""
    return mixed(line.color, _GROUND, 0.55 * (1 - note.velocity / 127))
