"""Files whose tempo is no tempo: ticks that count milliseconds become ticks of a quarter note.

Some programs write one tick a millisecond, as 60,000 quarters a minute, others skip time with a
tempo event that no musician could follow. Their seconds are kept and the ticks changed: when most
of the file is so, a quarter becomes half a second, 120 beats a minute; else the
ticks of the stretches with such a tempo are moved apart or together.
"""

from bisect import bisect_right
from itertools import pairwise

from partimento.music.midi.events import MAX_QUARTERS, META_TEMPO, TOO_LATE, MidiEvents

MIN_BPM, MAX_BPM = 5.0, 960.0
"""Slower and faster, a tempo event is a unit of time."""
_MIN_TICKS_PER_QUARTER, _MAX_TICKS_PER_QUARTER = 96, 32_767
"""The last is the most that the header of a MIDI file can say."""
_TARGET_BPM = 120.0

Tempos = list[tuple[int, float]]
"""Ticks and the quarters a minute from there on; the first stands at tick 0."""


def with_plain_tempos(events: MidiEvents, name: str) -> None:
    """Change the ticks, in place, so that tempos are tempos and every time stays.

    `name` stands in front of the warning that says so. Damaged tempo events are taken out.
    """
    damaged = 0
    for track in events.tracks:
        kept = [e for e in track.meta_events if e[1] != META_TEMPO or _microseconds(e[2])]
        damaged += len(track.meta_events) - len(kept)
        track.meta_events = kept
    if damaged:
        events.warnings.append(f"{name}: damaged tempos ignored: {damaged}")
    tempos = _tempos(events)
    absurd = [bpm for _, bpm in tempos if not MIN_BPM <= bpm <= MAX_BPM]
    if not absurd:
        return
    span = f"{MIN_BPM:g} to {MAX_BPM:g}"
    events.warnings.append(
        f"{name}: {len(absurd)} tempos outside {span} beats per minute, such as {absurd[0]:,.6g}: "
        "ticks rewritten so that all times stay"
    )
    end = max((track.end_tick for track in events.tracks), default=0)
    whole = _factor(tempos, end)
    # The resolution takes the whole factor, the ticks take what is left of each stretch.
    before = events.ticks_per_quarter
    finer = 1
    while before * finer / whole < _MIN_TICKS_PER_QUARTER:
        finer *= 2
    after = min(max(1, round(before * finer / whole)), _MAX_TICKS_PER_QUARTER)
    whole = before * finer / after
    new = [(tick, min(max(bpm * whole, MIN_BPM), MAX_BPM)) for tick, bpm in tempos]
    stretches = [n / (bpm * whole) * finer for (_, bpm), (_, n) in zip(tempos, new, strict=True)]
    _move(events, [tick for tick, _ in tempos], stretches)
    _retempo(events, whole)
    events.ticks_per_quarter = after


def _microseconds(data: bytes) -> int:
    """Of a quarter; 0 for an event that is cut short."""
    return int.from_bytes(data[:3], "big") if len(data) >= 3 else 0


def _tempos(events: MidiEvents) -> Tempos:
    """The tempos in force, 120 before the first; the last one of a tick counts."""
    found = {0: _TARGET_BPM}
    meta = [event for track in events.tracks for event in track.meta_events]
    for tick, kind, data in sorted(meta, key=lambda event: event[0]):
        if kind == META_TEMPO:
            found[tick] = 60e6 / _microseconds(data)
    return list(found.items())


def _factor(tempos: Tempos, end: int) -> float:
    """What makes the usual tempo 120, when absurd ones last for most of the file; else 1."""
    plain = absurd = absurd_ticks = 0.0
    for (start, bpm), (stop, _) in pairwise([*tempos, (max(end, tempos[-1][0]), 0.0)]):
        if MIN_BPM <= bpm <= MAX_BPM:
            plain += (stop - start) / bpm
        else:
            absurd += (stop - start) / bpm
            absurd_ticks += stop - start
    return _TARGET_BPM / (absurd_ticks / absurd) if absurd > plain else 1.0


def _move(events: MidiEvents, starts: list[int], stretches: list[float]) -> None:
    """Stretch the ticks from each start on by its factor, in place."""
    edges = [0.0]
    for (start, stop), factor in zip(pairwise(starts), stretches, strict=False):
        edges.append(edges[-1] + (stop - start) * factor)

    def moved(tick: int) -> int:
        index = bisect_right(starts, tick) - 1
        return round(edges[index] + (tick - starts[index]) * stretches[index])

    for track in events.tracks:
        track.channel_events = [(moved(t), s, a, b) for t, s, a, b in track.channel_events]
        track.meta_events = [(moved(t), kind, data) for t, kind, data in track.meta_events]
        track.end_tick = moved(track.end_tick)


def _retempo(events: MidiEvents, factor: float) -> None:
    """Write the new tempos, in place: the factor times the old ones, within the bounds."""
    has_first = False
    for track in events.tracks:
        for index, (tick, kind, data) in enumerate(track.meta_events):
            if kind == META_TEMPO:
                has_first = has_first or tick == 0
                bpm = min(max(60e6 / _microseconds(data) * factor, MIN_BPM), MAX_BPM)
                track.meta_events[index] = (tick, kind, round(60e6 / bpm).to_bytes(3, "big"))
    if not has_first and events.tracks:
        # What MIDI means before the first tempo is another one by now.
        bpm = min(max(_TARGET_BPM * factor, MIN_BPM), MAX_BPM)
        first = (0, META_TEMPO, round(60e6 / bpm).to_bytes(3, "big"))
        events.tracks[0].meta_events.insert(0, first)


def without_late_events(events: MidiEvents, name: str) -> None:
    """Drop what lies after MAX_QUARTERS, in place, with a warning that `name` begins."""
    last = MAX_QUARTERS * events.ticks_per_quarter
    for number, track in enumerate(events.tracks, 1):
        if track.end_tick > last:
            track.end_tick = last
            track.channel_events = [e for e in track.channel_events if e[0] <= last]
            track.meta_events = [e for e in track.meta_events if e[0] <= last]
            warning = f"{name}: track {number}: {TOO_LATE}"
            if warning not in events.warnings:
                events.warnings.append(warning)
