"""Kept music and new music in one piece: some bars of some lines replaced, all else as it is.

What a musician would do at the borders:

- A kept note keeps its length, wherever it rings: also into bars that are written anew.
- A new note does not strike a key that a kept note still holds down: it comes when that one ends,
  or not at all when less than half of it would be left. A line that plays one note at a time
  finishes the kept note before any new one.
- A new note that rings past the new bars ends at the latest where its line goes on.
- Tempos, meters, keys, words, pedals and all other controllers stay where they are: the new notes
  are played under them. Only bends go with the notes that they bent.
"""

from bisect import bisect_left
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from math import lcm

from partimento.music.continuation import scaled
from partimento.music.midi.writer import MAX_TICKS_PER_QUARTER
from partimento.music.score import Control, Note, Score, Track

MAX_OVERLAPS = 0.05
"""Share of the notes of a line played one note at a time that may begin before the last one ends:
slurs of a performance."""


@dataclass(frozen=True, slots=True)
class Span:
    """Some ticks, from the first to before the end."""

    start: int
    end: int

    def __contains__(self, tick: int) -> bool:
        return self.start <= tick < self.end


def spliced(
    score: Score,
    spans: Sequence[Span],
    tracks: Collection[int],
    new: Score,
    places: Sequence[int | None],
    drops_silent: bool = True,
) -> Score:
    """The score with what `tracks` (by index) play in the spans replaced by the notes of `new`.

    `spans` are ticks of the score, rising and apart. Both scores begin at the same moment; the
    result has a resolution that both have. `places` says for each track of `new` which track of
    the score plays it, None for a further one, which comes last. Notes of `new` outside the spans
    are left out, and so are tracks in which no note is left, unless they are to keep their places.
    """
    resolution = lcm(score.ticks_per_quarter, new.ticks_per_quarter)
    if resolution > MAX_TICKS_PER_QUARTER:
        resolution = score.ticks_per_quarter
    factor = resolution // score.ticks_per_quarter
    spans = [Span(span.start * factor, span.end * factor) for span in spans]
    score, new = scaled(score, resolution), scaled(new, resolution)
    found: dict[int, list[Note]] = {}
    further: list[Track] = []
    for track, place in zip(new.tracks, places, strict=True):
        notes = [note for note in track.notes if _within(note.onset, spans)]
        if place is not None:
            found.setdefault(place, []).extend(notes)
        elif notes:
            further.append(replace(track, notes=_joined([], notes, spans, has_one_line=False)))
    result = [
        _spliced_track(track, spans, found.get(index, []), index in tracks)
        for index, track in enumerate(score.tracks)
    ]
    kept = [track for track in result if track.notes or not drops_silent]
    return replace(score, tracks=(*kept, *further))


def plays_one_line(notes: Sequence[Note]) -> bool:
    """Whether notes, sorted, are those of a line that plays one at a time."""
    end = overlaps = 0
    for note in notes:
        overlaps += note.onset < end
        end = max(end, note.onset + note.duration)
    return overlaps <= MAX_OVERLAPS * len(notes)


def _within(tick: int, spans: Sequence[Span]) -> bool:
    return any(tick in span for span in spans)


def _spliced_track(track: Track, spans: Sequence[Span], new: list[Note], is_cut: bool) -> Track:
    """A track of the score with new notes, in place of its own in the spans when it is cut."""
    kept = [note for note in track.notes if not (is_cut and _within(note.onset, spans))]
    if len(kept) == len(track.notes) and not new:
        return track
    has_one_line = plays_one_line(track.notes)
    controls = _without_bends(track.controls, spans) if is_cut else track.controls
    return replace(track, notes=_joined(kept, new, spans, has_one_line), controls=controls)


def _joined(
    kept: list[Note], new: list[Note], spans: Sequence[Span], has_one_line: bool
) -> tuple[Note, ...]:
    """Kept notes as they are, and new ones as far as they leave room for them."""
    fitted: dict[tuple[int, int], Note] = {}
    for note in new:
        late = _after_kept(note, kept, has_one_line)
        if late is not None and _within(late.onset, spans):
            twin = fitted.get((late.onset, late.pitch), late)
            fitted[late.onset, late.pitch] = max(late, twin, key=lambda n: n.duration)
    onsets = [note.onset for note in kept]
    struck: dict[int, int] = {}
    result = []
    for note in sorted(fitted.values(), reverse=True):
        end = min(note.onset + note.duration, struck.get(note.pitch, note.onset + note.duration))
        border = next(span.end for span in spans if note.onset < span.end)
        following = bisect_left(onsets, border)
        if end > border and following < len(kept):
            end = min(end, onsets[following])
        struck[note.pitch] = note.onset
        result.append(replace(note, duration=end - note.onset))
    return tuple(sorted([*kept, *result]))


def _after_kept(note: Note, kept: Sequence[Note], has_one_line: bool) -> Note | None:
    """A new note, which waits for kept notes that it would be struck through; None when in vain."""
    held = [
        other.onset + other.duration
        for other in kept
        if other.onset <= note.onset and (has_one_line or other.pitch == note.pitch)
    ]
    end = note.onset + note.duration
    onset = max([note.onset, *held])
    if 2 * (end - onset) < note.duration:
        return None
    return replace(note, onset=onset, duration=end - onset)


def _without_bends(controls: tuple[Control, ...], spans: Sequence[Span]) -> tuple[Control, ...]:
    """The controllers of a track that plays new notes in the spans: these are not bent.

    At the end of a span the wheel is back where it was.
    """
    bends = [control for control in controls if control.kind == "bend"]
    if not bends:
        return controls
    result = [c for c in controls if c.kind != "bend" or not _within(c.tick, spans)]
    for span in spans:
        before = next((c.value for c in reversed(bends) if c.tick < span.start), 0)
        after = next((c.value for c in reversed(bends) if c.tick < span.end), 0)
        if before:
            result.append(Control(span.start, "bend", 0, 0))
        if after and not any(c.tick == span.end for c in bends):
            result.append(Control(max(span.start, span.end - 1), "bend", 0, after))
    return tuple(sorted(result, key=lambda control: control.tick))
