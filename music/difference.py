"""What is different between two pieces: note by note and event by event, bar by bar, line by line.

Both are compared at a resolution that holds every tick of either, so files that differ in their
ticks a quarter alone are equal. Lines are matched by their contents, names and instruments.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import lcm
from typing import TypeVar

from partimento.music.bars import Bar, bar_starts
from partimento.music.continuation import scaled
from partimento.music.facts import CONTROLLERS
from partimento.music.keys import key_name
from partimento.music.lines import line_names
from partimento.music.score import Control, Note, Score, Track

_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class NoteChange:
    """Notes of one line that start in one bar."""

    bar: int
    """From 1."""
    line: str
    removed: tuple[Note, ...]
    """Of the first piece; all ticks are the comparison's."""
    added: tuple[Note, ...]
    """Of the second piece."""


@dataclass(frozen=True, slots=True)
class EventChange:
    """Other events of one kind in one bar: tempo, meter, key, pedal, lyric ..."""

    bar: int
    """From 1."""
    kind: str
    line: str | None
    """None for what concerns the whole piece."""
    removed: tuple[str, ...]
    added: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LineChange:
    """A line that is in one piece only, or that is called or played otherwise."""

    removed: str | None
    added: str | None


@dataclass(frozen=True, slots=True)
class Difference:
    """All that is different between two pieces."""

    ticks_per_quarter: int
    """Of all ticks here."""
    bars: tuple[Bar, ...]
    """Those of the first piece, and where the second is longer, bars after them."""
    lines: tuple[LineChange, ...]
    notes: tuple[NoteChange, ...]
    """By bar, then by line."""
    events: tuple[EventChange, ...]
    """By bar."""

    @property
    def is_equal(self) -> bool:
        """Whether nothing is different."""
        return not (self.lines or self.notes or self.events)

    @property
    def changed_bars(self) -> tuple[int, ...]:
        """Numbers of the bars in which something is different, from 1."""
        notes, events = ({c.bar for c in found} for found in (self.notes, self.events))
        return tuple(sorted(notes | events))


def compare(before: Score, after: Score) -> Difference:
    """What is different between two pieces."""
    resolution = lcm(before.ticks_per_quarter, after.ticks_per_quarter)
    before, after = scaled(before, resolution), scaled(after, resolution)
    bars = _bars(before, after)
    starts = [bar.start for bar in bars]
    pairs = _matched(before.tracks, after.tracks)
    names = line_names(before), line_names(after)
    lines: list[LineChange] = []
    notes: list[NoteChange] = []
    events = _piece_events(before, after, starts)
    for old, new in pairs:
        first = None if old is None else before.tracks[old]
        second = None if new is None else after.tracks[new]
        if first is None or second is None or _told(first) != _told(second):
            lines.append(LineChange(_described(first), _described(second)))
        name = names[0][old] if old is not None else names[1][new or 0]
        notes += _note_changes(first, second, name, starts)
        events += _changes(_controls(first), _controls(second), name, starts)
    return Difference(
        resolution,
        tuple(bars),
        tuple(lines),
        tuple(sorted(notes, key=lambda change: change.bar)),
        tuple(sorted(events, key=lambda change: change.bar)),
    )


def _bars(before: Score, after: Score) -> list[Bar]:
    """The bars of the first piece, then those of the second that begin behind them."""
    bars = bar_starts(before)
    end = bars[-1].start + bars[-1].length if bars else 0
    return bars + [bar for bar in bar_starts(after) if bar.start >= end] or [Bar(0, 1, (4, 4))]


def _matched(
    before: Sequence[Track], after: Sequence[Track]
) -> list[tuple[int | None, int | None]]:
    """Indices of the tracks that are the same line, in the order of the first piece.

    Equal tracks first, then those of one name and instrument, then those that share most notes.
    """
    partner: dict[int, int] = {}
    free = list(range(len(after)))

    def pair(old: int, new: int) -> None:
        partner[old] = new
        free.remove(new)

    for is_same in (_is_equal, _is_alike):
        for old in range(len(before)):
            if old not in partner:
                found = next((new for new in free if is_same(before[old], after[new])), None)
                if found is not None:
                    pair(old, found)
    shared = [
        (-len(common), old, new)
        for old in range(len(before))
        for new in free
        if old not in partner
        and 2 * len(common := {*before[old].notes} & {*after[new].notes}) > len(before[old].notes)
    ]
    for _, old, new in sorted(shared):
        if old not in partner and new in free:
            pair(old, new)
    matched: list[tuple[int | None, int | None]] = [
        (old, partner.get(old)) for old in range(len(before))
    ]
    return matched + [(None, new) for new in free]


def _is_equal(first: Track, second: Track) -> bool:
    return first == second


def _is_alike(first: Track, second: Track) -> bool:
    return _told(first) == _told(second)


def _told(track: Track) -> tuple[str, int, bool]:
    """What is said of a track beside its notes and controllers."""
    return track.name, track.program, track.is_drum


def _described(track: Track | None) -> str | None:
    """A track in words."""
    if track is None:
        return None
    from_program = "drums" if track.is_drum else f"program {track.program + 1}"
    return f"{track.name} ({from_program})" if track.name else from_program


def _note_changes(
    first: Track | None, second: Track | None, line: str, starts: Sequence[int]
) -> list[NoteChange]:
    """The notes that only one of two tracks has, by bar."""
    old = Counter(first.notes if first is not None else ())
    new = Counter(second.notes if second is not None else ())
    removed, added = (
        _by_bar(((note.onset, note) for note in only.elements()), starts)
        for only in (old - new, new - old)
    )
    return [
        NoteChange(
            bar, line, tuple(sorted(removed.get(bar, ()))), tuple(sorted(added.get(bar, ())))
        )
        for bar in sorted({*removed, *added})
    ]


_Event = tuple[int, str, str]
"""(tick, kind, value in words)."""


def _by_bar(items: Iterable[tuple[int, _Item]], starts: Sequence[int]) -> dict[int, list[_Item]]:
    """Items by the number of the bar that their tick is in, from 1."""
    found: dict[int, list[_Item]] = {}
    for tick, item in items:
        found.setdefault(max(1, bisect_right(starts, tick)), []).append(item)
    return found


def _changes(
    before: Iterable[_Event], after: Iterable[_Event], line: str | None, starts: Sequence[int]
) -> list[EventChange]:
    """The events that only one of two pieces has, by bar and kind."""
    old, new = Counter(before), Counter(after)
    found: dict[tuple[int, str], tuple[list[str], list[str]]] = {}
    for side, only in enumerate((old - new, new - old)):
        for tick, kind, value in sorted(only.elements()):
            bar = max(1, bisect_right(starts, tick))
            at = f"{value} at tick {tick - (starts[bar - 1] if starts else 0)}"
            found.setdefault((bar, kind), ([], []))[side].append(at)
    return [
        EventChange(bar, kind, line, tuple(removed), tuple(added))
        for (bar, kind), (removed, added) in sorted(found.items())
    ]


def _controls(track: Track | None) -> list[_Event]:
    """The controllers of a track."""
    return [] if track is None else [(c.tick, _kind(c), str(c.value)) for c in track.controls]


def _kind(control: Control) -> str:
    """The name of a controller."""
    if control.kind == "control":
        name = CONTROLLERS.get(control.number, f"controller {control.number}")
        return f"fine {name}" if control.number == 32 else name
    names = {"bend": "pitch bend", "aftertouch": f"aftertouch of {control.number}"}
    return names.get(control.kind, control.kind)


def _piece_events(before: Score, after: Score, starts: Sequence[int]) -> list[EventChange]:
    """The events of the whole piece that only one of two has."""
    return _changes(_of_piece(before), _of_piece(after), None, starts)


def _of_piece(score: Score) -> list[_Event]:
    return [
        *((t.tick, "tempo", f"{t.bpm:.12g}") for t in score.tempos),
        *((m.tick, "meter", f"{m.numerator}/{m.denominator}") for m in score.meters),
        *((k.tick, "key", str(key_name(k))) for k in score.keys),
        *((m.tick, m.kind, repr(m.text)) for m in score.marks),
        *((0, "text", repr(text)) for text in score.texts),
    ]
