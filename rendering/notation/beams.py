"""Beams and triplet brackets over the values of one voice in a bar."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from partimento.rendering.notation.metre import Metre
from partimento.rendering.notation.values import Value

_BEAMS = {"eighth": 1, "16th": 2, "32nd": 3, "64th": 4}
_EIGHTH = 12


def with_beams(
    values: Sequence[Value], metre: Metre, triplets: Sequence[tuple[int, int]]
) -> list[Value]:
    """Join flagged notes within each group of the meter; rests and longer notes part them."""
    out = list(values)
    groups = [
        part
        for group in _beam_groups(values, metre)
        for part in _without_halves(values, group, triplets)
        if len(part) > 1
    ]
    for group in groups:
        members = [values[i] for i in group]
        for place, index in enumerate(group):
            out[index] = replace(out[index], beams=tuple(_states(members, place, metre)))
    return out


def with_brackets(values: Sequence[Value], triplets: Sequence[tuple[int, int]]) -> list[Value]:
    """Mark the first and the last value of each triplet; a beam needs no bracket beside it."""
    out = list(values)
    for start, end in triplets:
        inside = [i for i, value in enumerate(values) if start <= value.start < end]
        has_bracket = not all(values[i].beams for i in inside)
        first, last = inside[0], inside[-1]
        out[first] = replace(out[first], tuplet="start", has_bracket=has_bracket)
        out[last] = replace(out[last], tuplet="stop")
    return out


def _states(members: Sequence[Value], place: int, metre: Metre) -> Iterator[str]:
    """MusicXML's state of each beam at one note of a beamed group."""
    counts = [_BEAMS[member.kind] for member in members]
    # Where there are thirty-seconds, the inner beams show the eighths.
    is_fine = max(counts) > 2

    def reaches(left: int, level: int) -> bool:
        """Whether a beam leads from a note to the next one."""
        if left < 0 or left + 1 == len(members) or min(counts[left], counts[left + 1]) < level:
            return False
        start = members[left + 1].start + metre.offset
        return level == 1 or not is_fine or start % _EIGHTH != 0

    for level in range(1, counts[place] + 1):
        before, after = reaches(place - 1, level), reaches(place, level)
        if before or after:
            yield "continue" if before and after else "end" if before else "begin"
        else:
            value = members[place]
            # A hook points to the notes with which this one fills a beat.
            is_late = metre.levels[value.end] < metre.levels[value.start]
            is_backward = place > 0 and (is_late or place + 1 == len(members))
            yield "backward hook" if is_backward else "forward hook"


def _beam_groups(values: Sequence[Value], metre: Metre) -> Iterator[list[int]]:
    """Indices of the notes that one beam may join."""
    groups: list[list[int]] = [[]]
    place = None
    joined = {i for i in range(len(metre.spans) - 1) if _are_eighths(values, metre, i)}
    for index, value in enumerate(values):
        if value.sound is None or value.kind not in _BEAMS:
            place = None
            continue
        span = bisect_right(metre.spans, value.start) - 1
        is_joined = span in joined
        here = (is_joined, span if is_joined else bisect_right(metre.beats, value.start))
        if here == place:
            groups[-1].append(index)
        else:
            groups.append([index])
        place = here
    return iter(groups)


def _without_halves(
    values: Sequence[Value], group: list[int], triplets: Sequence[tuple[int, int]]
) -> Iterator[list[int]]:
    """Part a group where it would join some members of a triplet with notes outside it."""
    places: dict[int, tuple[int, int]] = {}
    for triplet in triplets:
        members = [i for i, value in enumerate(values) if triplet[0] <= value.start < triplet[1]]
        if not set(members) <= set(group):
            places |= dict.fromkeys(members, triplet)
    for _, part in groupby(group, key=places.get):
        yield list(part)


def _are_eighths(values: Sequence[Value], metre: Metre, span: int) -> bool:
    """Whether nothing but plain eighths fills a span, so that one beam is easy to read."""
    start, end = metre.spans[span : span + 2]
    inside = [value for value in values if start <= value.start < end]
    return (
        bool(inside)
        and inside[0].start == start
        and all(v.kind == "eighth" and not v.is_triplet and not v.dots for v in inside)
    )
