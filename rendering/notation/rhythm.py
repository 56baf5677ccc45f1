"""How time is written: note values, dots, ties, triplets and rests of one voice in a bar.

All times are ticks of the token grid, 24 a quarter, counted from the bar line.
"""

from collections.abc import Iterator, Sequence

from partimento.rendering.notation.beams import with_beams, with_brackets
from partimento.rendering.notation.metre import WEAK, Metre
from partimento.rendering.notation.values import KINDS, Span, Value, form

_BEAT, _SIXTEENTH, _THIRD, _SHORTEST = 24, 6, 8, 3
"""Ticks of a quarter, a sixteenth, an eighth of a triplet, a thirty-second."""
_Stretch = tuple[int, int]
"""First tick and end."""
# Kind and dots of every rest by its half ticks, the longest first.
_REST_FORMS = sorted([(h, 0) for h in KINDS] + [(h * 3 // 2, 1) for h in KINDS], reverse=True)


def write_voice(spans: Sequence[Span], metre: Metre) -> list[Value]:
    """Write the spans of one voice, which fill the bar without gap or overlap.

    The bar's length is a whole number of thirty-seconds. A note that silence follows may end up
    to five ticks earlier or later, where it would else take a value that no reader counts.
    """
    spans = _with_plain_ends(spans, metre)
    edges = {span.start for span in spans}
    triplets = list(_triplets(edges, metre))
    values: list[Value] = []
    for span in spans:
        for start, end, triplet in _cut(span, triplets):
            if triplet:
                values += _in_triplet(start, end, triplet, span.sound)
            elif span.sound is None:
                values += _rests(start, end, metre)
            else:
                values += _notes(start, end, metre, span.sound)
    return with_brackets(with_beams(values, metre, triplets), triplets)


def _with_plain_ends(spans: Sequence[Span], metre: Metre) -> list[Span]:
    """Let notes before rests end on sixteenths or eighth triplets, unless triplets surround them.

    So a short or detached note is one value and not three with ties.
    """
    onsets = [span.start + metre.offset for span in spans if span.sound is not None]
    uneven = {onset // _BEAT for onset in onsets if onset % _SHORTEST}
    out: list[Span] = []
    for span, after in zip(spans, [*spans[1:], None], strict=True):
        start, end = span.start, span.end
        if out and out[-1].end > start:
            start = out[-1].end  # a rest that has become shorter
        is_last = span.sound is None or after is None or after.sound is not None
        if not is_last and after is not None and (end + metre.offset) // _BEAT not in uneven:
            place = end + metre.offset
            if place % _SIXTEENTH and (metre.unit <= 12 or place % _THIRD):
                nearest = (place + _SIXTEENTH // 2) // _SIXTEENTH * _SIXTEENTH - metre.offset
                end = min(nearest if nearest > start else nearest + _SIXTEENTH, after.end)
        if out and out[-1].end < start:
            start = out[-1].end  # a rest that has become longer
        if start < end:
            out.append(Span(start, end, span.sound))
    return out


def _triplets(edges: set[int], metre: Metre) -> Iterator[_Stretch]:
    """Find the stretches that are divided by three."""
    length = len(metre.levels) - 1
    full = metre.offset + length
    size = 12 if metre.unit <= 12 else next((s for s in (96, 48) if full % s == 0), 24)
    start = 0
    while start < length:
        place = start + metre.offset
        # Where the bar is cut, a quarter or an eighth at a time, and less at its edge.
        steps = [s for s in {size, min(size, 24)} if place % s == 0 and start + s <= length]
        step = max(steps, default=12 - place % 12)
        yield from _divided(edges, start, min(start + step, length))
        start += step


def _divided(edges: set[int], start: int, end: int) -> Iterator[_Stretch]:
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


def _cut(span: Span, triplets: list[_Stretch]) -> Iterator[tuple[int, int, _Stretch | None]]:
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


def _in_triplet(start: int, end: int, triplet: _Stretch, sound: int | None) -> Iterator[Value]:
    """Write a span inside a triplet, divided at its thirds where one value is not enough."""
    found = form(3 * (end - start))
    if found:
        yield Value(start, end - start, *found, sound, is_triplet=True)
        return
    grid = (triplet[1] - triplet[0]) // 3
    while grid > 1 and not any((tick - triplet[0]) % grid == 0 for tick in range(start + 1, end)):
        grid //= 2
    middle = next(t for t in range(start + 1, end) if (t - triplet[0]) % max(1, grid) == 0)
    yield from _in_triplet(start, middle, triplet, sound)
    yield from _in_triplet(middle, end, triplet, sound)


def _notes(start: int, end: int, metre: Metre, sound: int) -> Iterator[Value]:
    """Write a span as the fewest notes that let the eye see the beats."""
    found = form(2 * (end - start))
    if found and _is_readable(start, end, found[1], metre):
        yield Value(start, end - start, *found, sound)
        return
    inner = metre.levels[start + 1 : end]
    strongest = min(inner)
    if strongest == WEAK:  # a bar of an odd length: nothing to hold on to
        middle = start + max(n for n in range(1, end - start) if form(2 * n))
    else:
        places = [start + 1 + i for i, level in enumerate(inner) if level == strongest]
        middle = places[-1 if metre.levels[start] < strongest else 0]
    yield from _notes(start, middle, metre, sound)
    yield from _notes(middle, end, metre, sound)


def _is_readable(start: int, end: int, dots: int, metre: Metre) -> bool:
    """Whether one value from `start` to `end` does not hide a beat."""
    inner = metre.levels[start + 1 : end]
    crossed = min(inner, default=WEAK)
    if crossed == WEAK:
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
    """Write silence as rests that each fill a part of the meter, the longest possible."""
    while start < end:
        half_ticks, dots = next(
            (half_ticks, dots)
            for half_ticks, dots in _REST_FORMS
            if half_ticks % 2 == 0 and _is_rest(start, start + half_ticks // 2, end, dots, metre)
        )
        kind = KINDS[half_ticks * 2 // 3 if dots else half_ticks]
        yield Value(start, half_ticks // 2, kind, dots, None)
        start += half_ticks // 2


def _is_rest(start: int, stop: int, end: int, dots: int, metre: Metre) -> bool:
    """Whether one rest may be written from `start` to `stop`."""
    if stop > end:
        return False
    if (start, stop) in metre.parts:
        return not dots or metre.beat_level is not None
    if dots:
        return False
    # Two eighths that begin a dotted beat; and what is left of a bar of an odd length.
    is_begun = metre.beat_level is not None and metre.levels[start] <= metre.beat_level
    if is_begun and stop - start == 2 * metre.unit:
        return True
    return min(metre.levels[start : stop + 1][1:-1], default=WEAK) == WEAK
