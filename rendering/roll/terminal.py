"""A piano roll in characters: two pitches in a line by half blocks, colours by rich."""

from collections.abc import Iterator

from rich.style import Style
from rich.text import Text

from partimento.music.bars import bar_starts
from partimento.music.metre import beats
from partimento.music.score import Note, Score
from partimento.rendering.drum_kit import drum
from partimento.rendering.roll.contents import DARK_PALETTE, chord_name, headline
from partimento.rendering.roll.roll import Roll, System, build_roll

_GUTTER = 4
"""Columns for pitch names, the space after them included."""
_DRUM_GUTTER = 11
_FINE, _COARSE = 4, 2
"""Columns a quarter: sixteenths, or eighths in long pieces that have little below them."""
_MANY_BARS = 32
_ON_EIGHTHS = 0.95
"""Share of the notes that must start on an eighth for columns of eighths."""
_MIN_WIDTH = 24
_FAINT = Style(dim=True)


def roll_lines(
    score: Score, width: int, title: str = "", is_unicode: bool = True
) -> Iterator[Text]:
    """Yield the lines of a piano roll that fits `width` columns, styled with colours.

    Without `is_unicode` only ASCII characters are used, a line a pitch. RenderingError for a
    score without notes.
    """
    has_drums = any(track.is_drum for track in score.tracks)
    gutter = _DRUM_GUTTER if has_drums else _GUTTER
    bars = bar_starts(score)
    columns = _COARSE if len(bars) > _MANY_BARS and _moves_in_eighths(score) else _FINE
    usual = sorted(bar.length for bar in bars)[len(bars) // 2] / score.ticks_per_quarter
    # Each bar line takes a column beside those of its quarters.
    a_bar = usual * columns + 1
    room = max(_MIN_WIDTH, width - gutter - 1)
    roll = build_roll(score, max(1.0, room / a_bar) * usual)
    if title:
        yield Text(title, style="bold")
    text = headline(roll.contents)
    yield Text(text if is_unicode else text.replace("·", "-"))
    legend = Text()
    for index, line in enumerate(roll.contents.lines):
        legend.append("■ " if is_unicode else "# ", DARK_PALETTE[index % len(DARK_PALETTE)])
        legend.append(line.name + "   ")
    yield legend
    for system in roll.systems:
        yield Text()
        yield from _Grid(roll, system, columns, gutter, is_unicode).lines()


def _moves_in_eighths(score: Score) -> bool:
    """Whether nearly all notes start on an eighth, a thirty-second of imprecision allowed."""
    eighth = score.ticks_per_quarter / 2
    onsets = [note.onset / eighth for track in score.tracks for note in track.notes]
    return sum(abs(x - round(x)) < 0.25 for x in onsets) >= _ON_EIGHTHS * len(onsets)


class _Grid:
    """One system as cells: a column each for a stretch of time, and for each bar line."""

    def __init__(
        self, roll: Roll, system: System, columns: int, gutter: int, is_unicode: bool
    ) -> None:
        self.roll, self.system, self.gutter, self.is_unicode = roll, system, gutter, is_unicode
        self.ticks = roll.contents.score.ticks_per_quarter / columns  # of a column
        self.bar_columns: list[int] = []
        self.beat_columns: set[int] = set()
        x = 0
        for bar in system.bars:
            self.bar_columns.append(x)
            for tick in beats(bar.length, bar.meter, roll.contents.score.ticks_per_quarter):
                self.beat_columns.add(x + 1 + round(tick / self.ticks))
            x += 1 + max(1, round(bar.length / self.ticks))
        self.width = x + 1
        self.bar_columns.append(x)
        self.sounding: dict[int, list[tuple[Note, str]]] = {}  # by pitch: notes and colours
        self.hits: dict[str, list[tuple[Note, str]]] = {}  # by drum name
        for index, line in enumerate(roll.contents.lines):
            color = DARK_PALETTE[index % len(DARK_PALETTE)]
            for note in line.notes:
                if line.is_drum:
                    if system.start <= note.onset < system.end:
                        self.hits.setdefault(drum(note.pitch).name, []).append((note, color))
                elif note.onset < system.end and note.onset + note.duration > system.start:
                    self.sounding.setdefault(note.pitch, []).append((note, color))

    def lines(self) -> Iterator[Text]:
        """Yield the lines of the system from chords to drums."""
        if self.roll.contents.chords:
            yield self._chords()
        yield self._numbers()
        cells = [
            self._pitch_cells(pitch)
            for pitch in range(self.system.highest, self.system.lowest - 1, -1)
        ]
        if self.is_unicode and len(cells) % 2:
            cells.append({})
        step = 2 if self.is_unicode else 1
        for index in range(0, len(cells), step):
            top = self.system.highest - index
            label = next((f"C{p // 12 - 1}" for p in range(top, top - step, -1) if p % 12 == 0), "")
            lower = cells[index + 1] if step == 2 else None
            yield self._row(label, cells[index], lower)
        for name in reversed(self.system.drums):
            yield self._row(name[: _DRUM_GUTTER - 1], self._drum_cells(name), None, is_drum=True)

    def _column(self, tick: int) -> int:
        """The column in which a tick of this system falls."""
        index = 0
        while index + 1 < len(self.system.bars) and self.system.bars[index + 1].start <= tick:
            index += 1
        bar = self.system.bars[index]
        last = self.bar_columns[index + 1] - 1
        column = self.bar_columns[index] + 1 + int((tick - bar.start) / self.ticks + 0.01)
        return min(column, last)

    def _pitch_cells(self, pitch: int) -> dict[int, str]:
        """Colour of each column in which the pitch sounds; bar lines are filled through."""
        start, end = self.system.start, self.system.end
        cells: dict[int, str] = {}
        for note, color in self.sounding.get(pitch, ()):
            first = self._column(max(note.onset, start))
            last = max(first, self._column(min(note.onset + note.duration, end) - 1))
            # A note struck again right before is cut by a column, so that both are seen.
            if note.onset >= start and cells.get(first - 1) == cells.get(first - 2) == color:
                del cells[first - 1]
            for column in range(first, last + 1):
                cells.setdefault(column, color)
        return cells

    def _drum_cells(self, name: str) -> dict[int, str]:
        return {self._column(note.onset): color for note, color in self.hits.get(name, ())}

    def _row(
        self, label: str, upper: dict[int, str], lower: dict[int, str] | None, is_drum: bool = False
    ) -> Text:
        """One line of characters; `lower` is the pitch in its lower half."""
        text = Text(no_wrap=True, end="")  # without a style, which the notes would inherit
        text.append(label.rjust(self.gutter - 1) + " ", _FAINT)
        for x in range(self.width):
            above = upper.get(x)
            below = lower.get(x) if lower is not None else above
            if above is None and below is None:
                text.append(self._empty(x), _FAINT)
            elif not self.is_unicode:
                text.append("x" if is_drum else "#", above or "")
            elif is_drum:
                text.append("■", above or "")
            elif above == below:
                text.append("█", above or "")
            elif below is None:
                text.append("▀", above or "")
            elif above is None:
                text.append("▄", below)
            else:
                text.append("▀", Style(color=above, bgcolor=below))
        return text

    def _empty(self, x: int) -> str:
        if x in self.bar_columns:
            return "│" if self.is_unicode else "|"
        return ("·" if self.is_unicode else ".") if x in self.beat_columns else " "

    def _numbers(self) -> Text:
        marks = [
            (x, str(self.system.first_bar + index + 1))
            for index, x in enumerate(self.bar_columns[:-1])
        ]
        return self._words(marks, _FAINT)

    def _chords(self) -> Text:
        marks = [
            (self._column(max(c.onset, self.system.start)), chord_name(c, self.roll.contents.key))
            for c in self.roll.contents.chords
            if c.onset < self.system.end and c.onset + c.duration > self.system.start
        ]
        return self._words(
            marks, _FAINT if self.roll.contents.chords_are_estimated else Style(bold=True)
        )

    def _words(self, marks: list[tuple[int, str]], style: Style) -> Text:
        """Words at columns; one that has no room before the next one is left out."""
        line = " " * self.gutter
        for index, (x, word) in enumerate(marks):
            room = (marks[index + 1][0] if index + 1 < len(marks) else self.width + 8) - x
            if len(word) < room and len(line) <= self.gutter + x:
                line = line.ljust(self.gutter + x) + word
        return Text(line, style, no_wrap=True, end="")
