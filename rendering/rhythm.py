"""How time is written: note values, dots, ties, triplets, rests and beams of one voice in a bar.

All times are ticks of the token grid, 24 a quarter, counted from the bar line.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

# Note values in half ticks, so that the 64th of a triplet is whole.
_KINDS = {
    **{384: "breve", 192: "whole", 96: "half", 48: "quarter", 24: "eighth"},
    **{12: "16th", 6: "32nd", 3: "64th"},
}
_BEAMS = {"eighth": 1, "16th": 2, "32nd": 3, "64th": 4}
_WEAK = 99
"""Level of a tick where no part of the meter begins."""
_GROUPS = {5: (3, 2), 7: (2, 2, 3), 8: (4, 4), 11: (3, 3, 3, 2), 13: (3, 3, 3, 2, 2)}


@dataclass(frozen=True, slots=True)
class Span:
    """What sounds, or rests, from tick to tick."""

    start: int
    end: int
    sound: int | None
    """Index of the sound; None is a rest."""


@dataclass(frozen=True, slots=True)
class Value:
    """One written note, chord or rest."""

    start: int
    ticks: int
    kind: str
    """MusicXML's name of the note value."""
    dots: int
    sound: int | None
    """Index of the sound; None is a rest."""
    is_triplet: bool = False
    tuplet: str = ""
    """`start` or `stop` where a triplet's bracket begins or ends."""
    beams: tuple[str, ...] = ()
    """MusicXML's state of each beam, the eighths' first."""

    @property
    def end(self) -> int:
        """First tick after it."""
        return self.start + self.ticks


@dataclass(frozen=True, slots=True)
class Metre:
    """The shape of a bar."""

    levels: tuple[int, ...]
    """For each tick from the bar line to the end: 0 is the bar line, 1 its main parts, ..."""
    beam_ticks: int
    """Length of the groups that beams join."""
    beat_level: int | None
    """Level of the dotted beats of a compound meter, else None."""


def write_voice(spans: Sequence[Span], meter: tuple[int, int], length: int) -> list[Value]:
    """Write the spans of one voice, which fill a bar of `length` ticks without gap or overlap."""
    metre = metre_of(meter, length)
    edges = {span.start for span in spans} | {length}
    triplets = list(_triplets(edges, meter, length))
    values: list[Value] = []
    for span in spans:
        for start, end, triplet in _cut(span, triplets):
            if triplet:
                values += _in_triplet(start, end, triplet, span.sound)
            elif span.sound is None:
                values += _rests(start, end, metre)
            else:
                values += _notes(start, end, metre, span.sound)
    return _with_beams(_with_brackets(values, triplets), metre)


@lru_cache(maxsize=512)
def metre_of(meter: tuple[int, int], length: int) -> Metre:
    """The levels of a bar; one cut short or filled up keeps the parts of its meter."""
    numerator, denominator = meter
    unit = max(1, 96 // denominator)
    is_compound = numerator % 3 == 0 and numerator > 3 and denominator >= 8
    levels = [_WEAK] * (max(length, numerator * unit) + 1)
    beat_level = None

    def mark(start: int, count: int, level: int) -> None:
        nonlocal beat_level
        levels[start] = min(levels[start], level)
        if is_compound and count == 3:
            beat_level = level
        if count == 1:
            halve(start, unit, level)
            return
        for size in _groups(count):
            mark(start, size, level + 1)
            start += size * unit

    def halve(start: int, ticks: int, level: int) -> None:
        levels[start] = min(levels[start], level)
        if ticks % 2 == 0 and ticks >= 6:
            halve(start, ticks // 2, level + 1)
            halve(start + ticks // 2, ticks // 2, level + 1)

    mark(0, numerator, 0)
    levels[length] = 0
    beam_ticks = 3 * unit if is_compound or meter == (3, 8) else max(24, unit)
    return Metre(tuple(levels[: length + 1]), beam_ticks, beat_level)


def _groups(count: int) -> tuple[int, ...]:
    """Main parts of a bar, or of a part of one, with this many units."""
    if count in _GROUPS:
        return _GROUPS[count]
    if count in (2, 3):
        return (1,) * count
    if count % 2 == 0:
        return (count // 2, count // 2)
    return (3,) * (count // 3) if count % 3 == 0 else (2, count - 2)


def _triplets(edges: set[int], meter: tuple[int, int], length: int) -> Iterator[tuple[int, int]]:
    """Find the stretches that are divided by three, as (start, end)."""
    size = 12 if meter[1] >= 8 else next((s for s in (96, 48) if length % s == 0), 24)
    for start in range(0, length, size):
        yield from _divided(edges, start, min(start + size, length))


def _divided(edges: set[int], start: int, end: int) -> Iterator[tuple[int, int]]:
    inside = [edge - start for edge in edges if start < edge < end]
    if all(edge % 3 == 0 for edge in inside):
        return
    size = end - start
    middle = size // 2
    whole = size <= 12 or all(edge % (size // 3) == 0 for edge in inside)
    if size == 24 and middle not in inside:
        whole = whole or all(edge % 2 == 0 for edge in inside)
    if whole:
        yield start, end
    else:
        yield from _divided(edges, start, start + middle)
        yield from _divided(edges, start + middle, end)


def _cut(
    span: Span, triplets: list[tuple[int, int]]
) -> Iterator[tuple[int, int, tuple[int, int] | None]]:
    """Cut a span where triplets begin and end; yield start, end and the triplet it is in."""
    start = span.start
    for triplet in triplets:
        first, last = triplet
        if last <= start or first >= span.end:
            continue
        if first > start:
            yield start, first, None
            start = first
        yield start, min(last, span.end), triplet
        start = min(last, span.end)
    if start < span.end:
        yield start, span.end, None


def _in_triplet(
    start: int, end: int, triplet: tuple[int, int], sound: int | None
) -> Iterator[Value]:
    """Write a span inside a triplet, divided at its thirds where one value is not enough."""
    form = _form(3 * (end - start))
    if form:
        yield Value(start, end - start, *form, sound, is_triplet=True)
        return
    grid = (triplet[1] - triplet[0]) // 3
    while grid > 1 and not any((tick - triplet[0]) % grid == 0 for tick in range(start + 1, end)):
        grid //= 2
    middle = next(t for t in range(start + 1, end) if (t - triplet[0]) % max(1, grid) == 0)
    yield from _in_triplet(start, middle, triplet, sound)
    yield from _in_triplet(middle, end, triplet, sound)


def _form(half_ticks: int) -> tuple[str, int] | None:
    """Kind and dots of a length in half ticks; None when it is not one note value."""
    if half_ticks in _KINDS:
        return _KINDS[half_ticks], 0
    if half_ticks % 3 == 0 and half_ticks // 3 * 2 in _KINDS:
        return _KINDS[half_ticks // 3 * 2], 1
    return None


def _notes(start: int, end: int, metre: Metre, sound: int) -> Iterator[Value]:
    """Write a span as the fewest notes that let the eye see the beats."""
    form = _form(2 * (end - start))
    if form and _is_readable(start, end, form[1], metre):
        yield Value(start, end - start, *form, sound)
        return
    inner = metre.levels[start + 1 : end]
    strongest = min(inner, default=_WEAK)
    if strongest == _WEAK:  # a damaged bar: nothing to hold on to
        middle = start + max(n for n in range(1, end - start) if _form(2 * n))
    else:
        places = [start + 1 + i for i, level in enumerate(inner) if level == strongest]
        middle = places[-1 if metre.levels[start] < strongest else 0]
    yield from _notes(start, middle, metre, sound)
    yield from _notes(middle, end, metre, sound)


def _is_readable(start: int, end: int, dots: int, metre: Metre) -> bool:
    """Whether one value from `start` to `end` does not hide a beat."""
    inner = metre.levels[start + 1 : end]
    crossed = min(inner, default=_WEAK)
    if crossed == _WEAK:
        return True
    first, last = metre.levels[start], metre.levels[end]
    if metre.beat_level is not None and crossed <= metre.beat_level:
        return max(first, last) <= metre.beat_level
    if first <= crossed:
        return True
    if dots:
        return last <= crossed
    # A syncopation, as quarter, half, quarter in 4/4: over one boundary, in its middle.
    middle = (start + end) // 2
    is_one = inner.count(crossed) == 1
    return is_one and first == crossed + 1 and metre.levels[middle] == crossed


def _rests(start: int, end: int, metre: Metre) -> Iterator[Value]:
    """Write silence as rests that each fill a part of the meter."""
    while start < end:
        for half_ticks, dots in _REST_FORMS:
            ticks = half_ticks // 2
            stop = start + ticks
            if half_ticks % 2 or stop > end or (dots and metre.beat_level is None):
                continue
            crossed = min(metre.levels[start + 1 : stop], default=_WEAK)
            beat = metre.beat_level or 0
            is_part = not dots or max(metre.levels[start], metre.levels[stop]) <= beat
            if is_part and (crossed > metre.levels[start] or crossed == _WEAK):
                kind = _KINDS[half_ticks * 2 // 3 if dots else half_ticks]
                yield Value(start, ticks, kind, dots, None)
                start = stop
                break
        else:
            raise AssertionError("a rest of any length can be written")


_REST_FORMS = sorted([(h, 0) for h in _KINDS] + [(h * 3 // 2, 1) for h in _KINDS], reverse=True)


def _with_brackets(values: list[Value], triplets: list[tuple[int, int]]) -> list[Value]:
    """Mark the first and the last value of each triplet; a lone one needs no mark."""
    starts = {start for start, _ in triplets}
    ends = {end for _, end in triplets}
    return [
        replace(value, tuplet="start" if value.start in starts else "stop")
        if value.is_triplet and (value.start in starts) != (value.end in ends)
        else value
        for value in values
    ]


def _with_beams(values: list[Value], metre: Metre) -> list[Value]:
    """Join flagged notes within each group of the meter; rests and longer notes part them."""
    out = list(values)
    for group in _beam_groups(values, metre):
        counts = [_BEAMS[values[i].kind] for i in group]
        for place, index in enumerate(group):
            beams = []
            for level in range(1, counts[place] + 1):
                before = place > 0 and counts[place - 1] >= level
                after = place + 1 < len(group) and counts[place + 1] >= level
                if before or after:
                    beams.append("continue" if before and after else "end" if before else "begin")
                else:
                    beams.append("forward hook" if place == 0 else "backward hook")
            out[index] = replace(out[index], beams=tuple(beams))
    return out


def _beam_groups(values: list[Value], metre: Metre) -> Iterator[list[int]]:
    """Indices of the notes that one beam joins, two at least."""
    groups: list[list[int]] = [[]]
    place = None
    for index, value in enumerate(values):
        if value.sound is None or value.kind not in _BEAMS:
            place = None
            continue
        width = metre.beam_ticks
        # Plain eighths are joined over two beats that make a part of the meter.
        if width == 24 and _are_eighths(values, value.start // 48) and len(metre.levels) != 73:
            width = 48
        here = (width, value.start // width)
        if here == place:
            groups[-1].append(index)
        else:
            groups.append([index])
        place = here
    return (group for group in groups if len(group) > 1)


def _are_eighths(values: list[Value], half: int) -> bool:
    inside = [v for v in values if 48 * half <= v.start < 48 * (half + 1)]
    return all(v.kind == "eighth" and not v.is_triplet and not v.dots for v in inside)
