"""Bar lines: where they stand, and how bars the vocabulary has no meter for are written.

A bar that no meter of the vocabulary fits is, in this order: renamed (4/8 is 2/4), divided
(7/8 is 2/4 + 3/8), joined with the bars after it, else the one before it (1/4 + 4/4 is 5/4),
or padded with silence to the next longer supported bar, which moves everything after it.
A short first bar is an upbeat and is padded in front; the last bar is padded behind.
"""

from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import accumulate

from partimento.music.bars import Bar, bar_starts
from partimento.music.metre import METERS, counts_in_threes
from partimento.music.score import Chord, Meter, Note, Score, Tempo

_MAX_JOINED_BARS = 8
"""Five bars of 1/16 fill no supported bar, but many may; past this, silence is the better end."""


Fit = list[tuple[int, tuple[int, int]]]
"""Supported bars in a row: length in ticks, meter."""


def rebar(score: Score) -> tuple[Score, list[str]]:
    """Return the score in bars of the vocabulary's meters only, and what had to be done.

    Every bar of the result has the full length of its meter. The resolution is doubled when a
    quarter is an odd number of ticks, which 3/8 cannot be counted in. Controllers and marks, which
    bars of another length would part from their notes, are left out.
    """
    plain = tuple(replace(track, controls=()) for track in score.tracks)
    score = replace(score, tracks=plain, marks=())
    if score.ticks_per_quarter % 2:
        score = _rescaled(score, 2)
    fitted = fit_bars(bar_starts(score), score.ticks_per_quarter)
    warnings = [f"{count} x {text}" for text, count in fitted.actions.items()]
    return _with_bars(score, fitted), warnings


@dataclass(frozen=True, slots=True)
class FittedBars:
    """Bars, and the supported ones that they are written as."""

    written: Fit
    """From tick 0 on."""
    shifts: tuple[tuple[int, int], ...]
    """Each: from this tick of the bars on, everything stands this many ticks later in all."""
    actions: Counter[str]
    """What had to be done, with how often."""

    def moved(self, tick: int) -> int:
        """Where a note at a tick of the bars is written."""
        before = bisect_right(self.shifts, tick, key=lambda shift: shift[0])
        return tick + (self.shifts[before - 1][1] if before else 0)


def fit_bars(source: list[Bar], ticks_per_quarter: int) -> FittedBars:
    """Write bars as supported ones; the ticks of a quarter must be even."""
    unit = ticks_per_quarter // 2  # an eighth: every supported bar is a multiple of it
    written: Fit = []
    shifts: list[tuple[int, int]] = []  # from this tick on, this many ticks later
    actions: Counter[str] = Counter()
    i = 0
    while i < len(source):
        bar = source[i]
        is_last = i + 1 == len(source)
        count = 1  # of source bars that are dealt with
        if fit := tile(bar.length, unit, bar.meter):
            action = "" if [bar.meter] == [meter for _, meter in fit] else "written as"
        elif fit := _upbeat(source, unit) if i == 0 else []:
            action = "as an upbeat filled up to"
            shifts.append((0, source[1].length - bar.length))
        elif joined := _join(source, i, unit):
            action = "joined with the next as"
            count, fit = joined
        elif fit := _join_before(written, bar, unit) if not is_last else []:
            action = "joined with the one before as"
            written.pop()
        else:
            action = "padded with silence to"
            fit = pad(bar, unit)
            if not is_last:
                padding = sum(length for length, _ in fit) - bar.length
                shifts.append((bar.start + bar.length, padding))
        written += fit
        if action:
            actions[f"{_describe(bar, ticks_per_quarter)} {action} {_names(fit)}"] += 1
        i += count
    totals = accumulate(shift for _, shift in shifts)
    ticks = (tick for tick, _ in shifts)
    return FittedBars(written, tuple(zip(ticks, totals, strict=True)), actions)


def _describe(bar: Bar, ticks_per_quarter: int) -> str:
    """Name a bar by its meter, and by its length when that is cut short."""
    name = f"{bar.meter[0]}/{bar.meter[1]}"
    if bar.length == Meter(0, *bar.meter).bar_ticks(ticks_per_quarter):
        return f"a bar of {name}"
    return f"a bar of {name} cut to {bar.length / ticks_per_quarter:g} quarters"


def _names(fit: Fit) -> str:
    names = [f"{numerator}/{denominator}" for _, (numerator, denominator) in fit]
    return " + ".join(names) if len(names) < 5 else f"{len(names)} bars"


def tile(length: int, unit: int, meter: tuple[int, int]) -> Fit:
    """Fill a length in ticks with the fewest supported bars, akin to `meter`; [] if impossible."""
    if length % unit:
        return []
    return [(eighths * unit, found) for eighths, found in _tile_eighths(length // unit, meter)]


@lru_cache(maxsize=4096)
def _tile_eighths(length: int, meter: tuple[int, int]) -> tuple[tuple[int, tuple[int, int]], ...]:
    """Fill a length in eighths: fewest bars, then the same beat, then equal lengths; long first."""
    best: list[tuple[tuple[int, int, int], int] | None] = [((0, 0, 0), -1)] + [None] * length
    sizes = [8 * numerator // denominator for numerator, denominator in METERS]
    for total in range(1, length + 1):
        for index, size in enumerate(sizes):
            before = best[total - size] if size <= total else None
            if before is None:
                continue
            (count, strangeness, squares), _ = before
            cost = (count + 1, strangeness + _strangeness(METERS[index], meter), squares + size**2)
            current = best[total]
            if current is None or cost < current[0]:
                best[total] = (cost, index)
    bars = []
    while length > 0:
        cell = best[length]
        if cell is None:
            return ()
        bars.append((sizes[cell[1]], METERS[cell[1]]))
        length -= sizes[cell[1]]
    return tuple(sorted(bars, key=lambda bar: -bar[0]))


def _strangeness(candidate: tuple[int, int], meter: tuple[int, int]) -> int:
    """Measure how little a meter is like the one it stands for: 0 is the same."""
    if candidate == meter:
        return 0
    far = abs(candidate[1].bit_length() - meter[1].bit_length())
    return 1 + far + 4 * (counts_in_threes(meter) != counts_in_threes(candidate))


def _upbeat(source: list[Bar], unit: int) -> Fit:
    """Return the second bar's form for the first, when that is the shorter one; else []."""
    if len(source) < 2 or source[0].length >= source[1].length:
        return []
    return tile(source[1].length, unit, source[1].meter)


def _join_before(written: Fit, bar: Bar, unit: int) -> Fit:
    """Fill the bar with the one written last; [] if that is impossible."""
    if not written:
        return []
    length, meter = written[-1]
    return tile(length + bar.length, unit, meter)


def _join(source: list[Bar], first: int, unit: int) -> tuple[int, Fit] | None:
    """Fill the bar with as few as possible of the bars after it; return how many and the bars.

    The bars must be unsupported themselves, only the last may be any.
    """
    length = source[first].length
    for count, bar in enumerate(source[first + 1 : first + _MAX_JOINED_BARS], start=2):
        length += bar.length
        own = tile(bar.length, unit, bar.meter)
        fit = tile(length, unit, bar.meter if own else source[first].meter)
        if fit:
            return count, fit
        if own:
            return None
    return None


def pad(bar: Bar, unit: int) -> Fit:
    """Fill the shortest supported length that is longer than the bar."""
    length = -(-bar.length // unit) * unit
    while not (fit := tile(length, unit, bar.meter)):
        length += unit
    return fit


def _with_bars(score: Score, fitted: FittedBars) -> Score:
    """Return the score with these bars from tick 0, everything moved by the shifts."""
    moved = fitted.moved

    def moved_change(tick: int) -> int:
        # What holds from the start holds through the silence before an upbeat, too.
        return moved(tick) if tick else 0

    last_onset = moved(max((t.notes[-1].onset for t in score.tracks if t.notes), default=0))
    meters: list[Meter] = []
    start = 0
    for length, meter in fitted.written:
        is_new = not meters or (meters[-1].numerator, meters[-1].denominator) != meter
        if is_new and start <= last_onset:
            meters.append(Meter(start, *meter))
        start += length
    score = replace(score, meters=tuple(meters) or (Meter(0, 4, 4),))
    if not fitted.shifts:
        return score
    return replace(
        score,
        tracks=tuple(
            replace(t, notes=tuple(replace(n, onset=moved(n.onset)) for n in t.notes))
            for t in score.tracks
        ),
        tempos=tuple(Tempo(moved_change(t.tick), t.bpm) for t in score.tempos),
        keys=tuple(replace(k, tick=moved_change(k.tick)) for k in score.keys),
        chords=tuple(replace(c, onset=moved(c.onset)) for c in score.chords),
    )


def _rescaled(score: Score, factor: int) -> Score:
    """Return the score at a resolution `factor` times finer."""

    def note(n: Note) -> Note:
        return Note(n.onset * factor, n.pitch, n.duration * factor, n.velocity)

    def chord(c: Chord) -> Chord:
        return replace(c, onset=c.onset * factor, duration=c.duration * factor)

    return replace(
        score,
        ticks_per_quarter=score.ticks_per_quarter * factor,
        tracks=tuple(replace(t, notes=tuple(map(note, t.notes))) for t in score.tracks),
        tempos=tuple(replace(t, tick=t.tick * factor) for t in score.tempos),
        meters=tuple(replace(m, tick=m.tick * factor) for m in score.meters),
        keys=tuple(replace(k, tick=k.tick * factor) for k in score.keys),
        chords=tuple(map(chord, score.chords)),
    )
