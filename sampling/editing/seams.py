"""A loop of a given piece: its last bars written anew where they do not lead to its beginning.

The piece is laid out with its beginning once more behind its end, so that what is written there
goes on, rings and is judged as between any other bars. Then it is cut at the seam.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from partimento.errors import SettingError
from partimento.music.bar_ranges import BarRanges
from partimento.music.bars import bar_starts
from partimento.music.continuation import PEDALS, continued, until_tick
from partimento.music.loops import closed, loop_of, opened
from partimento.music.score import Control, Score, Tempo, Track
from partimento.music.timeline import DEFAULT_BPM, from_tick
from partimento.sampling.editing.tasks import Task

ANEW = 2
"""Last bars that are written anew when nothing is said of it, half of the loop at most."""
SEAM_TAKES = 16
"""How many takes of them there are to choose from; docs/experiments.md, "Loops"."""
ROUND = 32
"""Bars of the beginning that stand once more behind the end, at most."""

_AT_REST = {
    ("bend", 0): 0,
    ("control", 1): 0,
    ("control", 11): 127,
    **{("control", pedal): 0 for pedal in PEDALS},
}
"""What is in force of each controller where a file does not say so."""


@dataclass(frozen=True, slots=True)
class Seam:
    """Where a piece goes round. Bars are indices, from 0."""

    first: int
    """The bar with which the loop begins; those before it are played once."""
    end: int
    """The first bar behind it."""
    bars: tuple[int, ...]
    """The last ones, which may be written anew."""
    is_asked: bool
    """Whether these bars were asked for: then they are written anew in any case."""

    @property
    def task(self) -> Task:
        """What there is to write, in the unrolled piece."""
        return Task("fill", self.bars)


def seam_of(score: Score, asked: BarRanges | None = None) -> Seam:
    """The seam of a score; `asked` are the last bars, to be written anew.

    An upbeat is played once, and so is what stands before a loop that the score is marked as.
    SettingError for a piece of one bar and for other bars than the last.
    """
    bars = bar_starts(score)
    starts = [bar.start for bar in bars]
    marked = loop_of(score) or (0, 0)
    has_upbeat = len(bars) > 1 and bars[0].length < bars[1].length
    first = starts.index(marked[0]) if marked[0] in starts else 0
    first = max(first, int(has_upbeat))
    end = starts.index(marked[1]) if marked[1] in starts[first + 1 :] else len(bars)
    if end - first < 2:
        raise SettingError("loop", f"needs at least two bars, got {end - first}")
    if asked is None:
        count = min(ANEW, (end - first) // 2)
        return Seam(first, end, tuple(range(end - count, end)), is_asked=False)
    numbers = asked.numbers
    if numbers != tuple(range(numbers[0], end + 1)) or numbers[0] < first + 2:
        raise SettingError(
            "bars",
            f"must be the last ones of the loop, such as {max(end - 1, first + 2)}-{end}, and "
            f"leave its first one, got {asked}",
        )
    return Seam(first, end, tuple(number - 1 for number in numbers), is_asked=True)


def unrolled(score: Score, seam: Seam) -> Score:
    """The score with the beginning of the loop once more behind its end."""
    score = opened(score)
    bars = bar_starts(score)
    start, end = bars[seam.first].start, _end_of(score, seam)
    behind = seam.first + ROUND
    stop = bars[behind].start if behind < seam.end else end
    head = from_tick(until_tick(score, stop), start)
    kept = [track for track in score.tracks if any(note.onset < end for note in track.notes)]
    again = [any(start <= note.onset < stop for note in track.notes) for track in kept]
    places = [index for index, is_again in enumerate(again) if is_again]
    return continued(until_tick(score, end), end, head, places)


def as_loop(score: Score, seam: Seam, is_anew: bool) -> Score:
    """An unrolled score as the loop that its file holds.

    Where its end is new it does not slow: the tempo stays that of the bar before.
    """
    bars = bar_starts(score)
    start, end = bars[seam.first].start, _end_of(score, seam)
    score = until_tick(score, end)
    if is_anew:
        since = bars[seam.bars[0]].start
        score = replace(score, tempos=tuple(t for t in score.tempos if t.tick < since))
    score = replace(
        score,
        tracks=tuple(_as_begun(track, start) for track in score.tracks),
        tempos=_tempos_as_begun(score.tempos, start),
    )
    return closed(score, end, start)


def _end_of(score: Score, seam: Seam) -> int:
    """The tick at which the loop ends."""
    last = bar_starts(score)[seam.end - 1]
    return last.start + last.length


def _as_begun(track: Track, start: int) -> Track:
    """A track that says at the start of a loop what is changed by its end."""
    begun = dict(_AT_REST)
    begun |= {(c.kind, c.number): c.value for c in track.controls if c.tick <= start}
    last = {(c.kind, c.number): c.value for c in track.controls}
    stated = {(c.kind, c.number) for c in track.controls if c.tick == start}
    again = [
        Control(start, kind, number, begun[kind, number])
        for (kind, number), value in last.items()
        if (kind, number) not in stated and begun.get((kind, number), value) != value
    ]
    controls: Sequence[Control] = [*again, *track.controls]
    return replace(track, controls=tuple(sorted(controls, key=lambda control: control.tick)))


def _tempos_as_begun(tempos: tuple[Tempo, ...], start: int) -> tuple[Tempo, ...]:
    """Tempos with that at the start of a loop said there, where it is another one at the end."""
    before = [tempo.bpm for tempo in tempos if tempo.tick <= start]
    begun = Tempo(start, before[-1] if before else DEFAULT_BPM)
    if any(tempo.tick == start for tempo in tempos) or not tempos or tempos[-1].bpm == begun.bpm:
        return tempos
    return tuple(sorted([begun, *tempos], key=lambda tempo: tempo.tick))
