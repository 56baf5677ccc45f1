"""How time is written: what musicians expect, and that no tick is lost."""

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partimento.rendering.notation.metre import metre_of
from partimento.rendering.notation.rhythm import write_voice
from partimento.rendering.notation.values import Span, Value

_SHORT = {
    **{"breve": "b", "whole": "1", "half": "2", "quarter": "4", "eighth": "8"},
    **{"16th": "16", "32nd": "32", "64th": "64"},
}
# Length in half ticks of each kind, as an independent count: 96 half ticks a half note.
_HALF_TICKS = {"b": 384, "1": 192, "2": 96, "4": 48, "8": 24, "16": 12, "32": 6, "64": 3}


def spans_of(lengths: Sequence[int]) -> list[Span]:
    """Notes of these lengths in ticks one after the other; rests are negative."""
    spans, tick = [], 0
    for index, length in enumerate(lengths):
        spans.append(Span(tick, tick + abs(length), None if length < 0 else index))
        tick += abs(length)
    return spans


def write(lengths: Sequence[int], meter: tuple[int, int], is_upbeat: bool = False) -> list[Value]:
    return write_voice(spans_of(lengths), metre_of(meter, sum(map(abs, lengths)), is_upbeat))


def text(values: Sequence[Value]) -> str:
    """A line such as `4. 8~2 r4 {8 8 8}`: dots, ties, rests and triplets."""
    parts = []
    for value, after in zip(values, [*values[1:], None], strict=True):
        is_tied = after is not None and value.sound is not None and after.sound == value.sound
        parts.append(
            ("{" if value.tuplet == "start" else "")
            + ("r" if value.sound is None else "")
            + _SHORT[value.kind]
            + "." * value.dots
            + ("}" if value.tuplet == "stop" else "")
            + ("~" if is_tied else " ")
        )
    return "".join(parts).strip()


def beams(values: Sequence[Value]) -> str:
    """Numbers of notes under each beam; other values are left out."""
    sizes = []
    for value in values:
        if value.beams and value.beams[0] == "begin":
            sizes.append(1)
        elif value.beams:
            sizes[-1] += 1
    return " ".join(map(str, sizes))


@pytest.mark.parametrize(
    ("meter", "lengths", "expected"),
    [
        ((4, 4), [96], "1"),
        ((4, 4), [72, 24], "2. 4"),
        ((4, 4), [24, 72], "4 2."),
        ((4, 4), [24, 48, 24], "4 2 4"),
        ((4, 4), [12, 24, 12, 48], "8 4 8 2"),
        ((4, 4), [36, 12, 36, 12], "4. 8 4. 8"),
        ((4, 4), [12, 36, 48], "8 4. 2"),
        # The middle of the bar must be seen.
        ((4, 4), [24, 12, 24, 36], "4 8 8~8 4."),
        ((4, 4), [36, 60], "4. 8~2"),
        ((4, 4), [60, 36], "2~8 4."),
        ((4, 4), [18, 6, 6, 18, 48], "8. 16 16 8. 2"),
        ((4, 4), [6, 12, 6, 24, 48], "16 8 16 4 2"),
        ((4, 4), [-24, 24, -48], "r4 4 r2"),
        ((4, 4), [24, -72], "4 r4 r2"),
        ((4, 4), [-12, 12, 24, 48], "r8 8 4 2"),
        ((4, 4), [12, -84], "8 r8 r4 r2"),
        ((4, 4), [8, 8, 8, 24, 48], "{8 8 8} 4 2"),
        ((4, 4), [16, 8, 24, 48], "{4 8} 4 2"),
        ((4, 4), [16, 16, 16, 48], "{4 4 4} 2"),
        ((4, 4), [32, 32, 32], "{2 2 2}"),
        ((4, 4), [4, 4, 4, 12, 72], "{16 16 16} 8 2."),
        ((4, 4), [4, 4, 4, 4, 4, 4, 72], "{16 16 16} {16 16 16} 2."),
        ((4, 4), [-8, 8, 8, 72], "{r8 8 8} 2."),
        # Over a triplet's edge only ties lead.
        ((4, 4), [16, 16, 8, 56], "{4 8}~{8 8 8}~2"),
        ((3, 4), [72], "2."),
        ((3, 4), [48, 24], "2 4"),
        ((3, 4), [24, 48], "4 2"),
        ((3, 4), [36, 36], "4. 4."),
        ((3, 4), [24, -48], "4 r4 r4"),
        ((3, 4), [-48, 24], "r4 r4 4"),
        ((6, 8), [72], "2."),
        ((6, 8), [36, 36], "4. 4."),
        ((6, 8), [24, 12, 24, 12], "4 8 4 8"),
        ((6, 8), [48, 24], "4.~8 4"),
        ((6, 8), [-36, 36], "r4. 4."),
        ((6, 8), [-24, 12, 12, -24], "r4 8 8 r8 r8"),
        ((6, 8), [18, 6, 12, 36], "8. 16 8 4."),
        ((6, 8), [18, 18, 36], "8. 8. 4."),
        ((9, 8), [108], "2.~4."),
        ((9, 8), [72, 36], "2. 4."),
        ((12, 8), [144], "1."),
        ((12, 8), [72, -72], "2. r2."),
        ((5, 4), [72, 48], "2. 2"),
        ((5, 4), [120], "2.~2"),
        ((5, 4), [24, -96], "4 r4 r4 r2"),
        ((2, 2), [96], "1"),
        ((3, 2), [96, 48], "1 2"),
        ((4, 2), [192], "b"),
        ((7, 8), [24, 24, 36], "4 4 4."),
        ((3, 8), [36], "4."),
        ((2, 4), [36, 12], "4. 8"),
    ],
)
def test_values_are_what_musicians_write(
    meter: tuple[int, int], lengths: list[int], expected: str
) -> None:
    assert text(write(lengths, meter)) == expected


@pytest.mark.parametrize(
    ("meter", "lengths", "expected"),
    [
        ((4, 4), [12] * 8, "4 4"),
        ((4, 4), [12, 12, 24, 12, 12, 12, 12], "2 4"),
        ((4, 4), [12, 12, 6, 6, 6, 6, 48], "2 4"),
        ((4, 4), [6] * 16, "4 4 4 4"),
        ((4, 4), [12, 24, 12, 12, 24, 12], ""),
        ((4, 4), [12, -12, 12, 12, 48], "2"),
        ((2, 2), [12] * 8, "4 4"),
        ((3, 4), [12] * 6, "6"),
        ((3, 4), [24, 12, 12, 12, 12], "2 2"),
        ((3, 4), [12, 12, 24, 12, 12], "2 2"),
        ((6, 8), [12] * 6, "3 3"),
        ((6, 8), [6] * 12, "6 6"),
        ((9, 8), [12] * 9, "3 3 3"),
        ((3, 8), [12] * 3, "3"),
        ((5, 8), [12] * 5, "3 2"),
        ((7, 8), [12] * 7, "2 2 3"),
        ((5, 4), [12] * 10, "6 4"),
        ((4, 4), [8, 8, 8, 24, 48], "3"),
        ((4, 4), [16, 8, 24, 48], ""),
    ],
)
def test_beams_join_the_groups_of_the_meter(
    meter: tuple[int, int], lengths: list[int], expected: str
) -> None:
    assert beams(write(lengths, meter)) == expected


def test_hooks_point_to_the_note_that_fills_the_beat() -> None:
    dotted, reversed_, middle = (
        write([*group, 72], (4, 4)) for group in ([18, 6], [6, 18], [6, 12, 6])
    )
    assert dotted[1].beams == ("end", "backward hook")
    assert reversed_[0].beams == ("begin", "forward hook")
    assert middle[0].beams == ("begin", "forward hook")
    assert middle[2].beams == ("end", "backward hook")


def test_inner_beams_of_thirty_seconds_show_the_eighths() -> None:
    values = write([3] * 8 + [72], (4, 4))
    assert [value.beams[0] for value in values[:8]] == ["begin", *["continue"] * 6, "end"]
    assert [value.beams[1] for value in values[:8]] == [
        *("begin", "continue", "continue", "end"),
        *("begin", "continue", "continue", "end"),
    ]


def test_a_beam_joins_all_of_a_triplet_or_none_of_it() -> None:
    # Readers scale what one beam holds together with a triplet.
    values = write([-8, 4, 12, 72], (4, 4))
    assert text(values) == "{r8 16} 8 2."
    assert beams(values) == ""
    assert beams(write([4, 4, 4, 12, 72], (4, 4))) == "4"


def test_only_triplets_without_a_beam_have_a_bracket() -> None:
    assert not write([8, 8, 8, 72], (4, 4))[0].has_bracket
    assert write([16, 8, 72], (4, 4))[0].has_bracket
    assert write([16, 16, 16, 48], (4, 4))[0].has_bracket


@pytest.mark.parametrize(
    ("meter", "lengths", "expected"),
    [
        ((4, 4), [24], "4"),
        ((4, 4), [12, 24, 12], "8 4 8"),
        ((4, 4), [16, 8], "{4 8}"),
        ((6, 8), [12], "8"),
        ((6, 8), [24, 12], "4 8"),
        ((3, 4), [12, 24], "8 4"),
    ],
)
def test_an_upbeat_is_the_end_of_a_bar(
    meter: tuple[int, int], lengths: list[int], expected: str
) -> None:
    assert text(write(lengths, meter, is_upbeat=True)) == expected


def test_an_upbeat_counts_its_beats_from_the_bar_line_that_follows() -> None:
    # Three eighths before the bar line: one before the beat, two on it.
    values = write([12, 12, 12], (4, 4), is_upbeat=True)
    assert [bool(value.beams) for value in values] == [False, True, True]
    assert text(write([12, 24, 24], (4, 4), is_upbeat=True)) == "8 4 4"
    assert text(write([12, 24, 24], (4, 4))) == "8 4 8~8"


@pytest.mark.parametrize(
    ("lengths", "expected"),
    [
        ([9, -15, 72], "8 r8 2."),
        ([1, -23, 72], "16 r16 r8 2."),
        ([13, -11, 72], "8 r8 2."),
        ([11, -85], "8 r8 r4 r2"),
        ([23, -1, 72], "4 2."),
        # Ends that triplets have, and those that a note follows, stay.
        ([8, -16, 72], "{8 r4} 2."),
        ([16, -8, 72], "{4 r8} 2."),
        ([9, 15, 72], "16. 32~8 2."),
        ([4, -4, 4, -12, 72], "{16 r16 16} r8 2."),
    ],
)
def test_notes_before_rests_end_where_a_reader_can_count(lengths: list[int], expected: str) -> None:
    assert text(write(lengths, (4, 4))) == expected


METERS = st.tuples(st.integers(1, 13), st.sampled_from([1, 2, 4, 8, 16, 32]))


@st.composite
def bars(draw: st.DrawFn) -> tuple[tuple[int, int], list[int], bool]:
    """A meter, lengths that fill a bar of it or part of one, and whether that is an upbeat."""
    meter = draw(METERS)
    full = 96 * meter[0] // meter[1]
    length = full if draw(st.booleans()) else 3 * draw(st.integers(1, full // 3))
    grid = draw(st.sampled_from([1, 2, 3, 4, 6, 8, 12]))
    cuts = draw(st.sets(st.integers(1, max(1, (length - 1) // grid)), max_size=8))
    edges = sorted({0, length, *(grid * cut for cut in cuts if grid * cut < length)})
    signs = draw(st.lists(st.sampled_from([1, 1, -1]), min_size=len(edges), max_size=len(edges)))
    lengths = [s * (b - a) for s, a, b in zip(signs, edges, edges[1:], strict=False)]
    # Two rests in a row are one.
    joined: list[int] = []
    for value in lengths:
        if joined and joined[-1] < 0 and value < 0:
            joined[-1] += value
        else:
            joined.append(value)
    return meter, joined, draw(st.booleans())


@given(bars())
def test_any_voice_in_any_meter_fills_its_bar(
    bar: tuple[tuple[int, int], list[int], bool],
) -> None:
    meter, lengths, is_upbeat = bar
    spans = spans_of(lengths)
    values = write_voice(spans, metre_of(meter, sum(map(abs, lengths)), is_upbeat))
    tick = 0
    for value in values:
        assert value.start == tick
        tick = value.end
        # The kind, its dots and the triplet say exactly the ticks.
        half_ticks = _HALF_TICKS[_SHORT[value.kind]] * (3 if value.dots else 2) // 2
        assert value.ticks * (3 if value.is_triplet else 2) == half_ticks
    assert tick == sum(map(abs, lengths))
    # Every note starts where it did, and only before a rest does one end elsewhere.
    sounds = {span.sound: span for span in spans if span.sound is not None}
    assert {value.sound for value in values} - {None} == set(sounds)
    for sound, span in sounds.items():
        mine = [value for value in values if value.sound == sound]
        assert mine[0].start == span.start
        assert all(a.end == b.start for a, b in pairwise(mine))
        is_before_rest = any(s.start == span.end and s.sound is None for s in spans)
        assert abs(mine[-1].end - span.end) <= (5 if is_before_rest else 0)


@given(bars())
def test_triplets_open_and_close_in_turn(bar: tuple[tuple[int, int], list[int], bool]) -> None:
    meter, lengths, is_upbeat = bar
    values = write(lengths, meter, is_upbeat)
    start = None
    for value in values:
        if value.tuplet == "start":
            assert start is None
            start = value.start
        assert value.is_triplet == (start is not None)
        if value.tuplet == "stop":
            assert start is not None
            # Three equal parts, unless a bar's own edge cuts them.
            assert (value.end - start) % 3 == 0
            start = None
    assert start is None


@given(bars())
def test_beams_begin_and_end_in_turn(bar: tuple[tuple[int, int], list[int], bool]) -> None:
    meter, lengths, is_upbeat = bar
    open_levels: set[int] = set()
    for value in write(lengths, meter, is_upbeat):
        if value.beams:
            assert value.sound is not None
            flags = {"eighth": 1, "16th": 2, "32nd": 3, "64th": 4}[value.kind]
            assert len(value.beams) == flags
        else:
            assert not open_levels
        for level, state in enumerate(value.beams):
            if state == "begin":
                assert level not in open_levels
                open_levels.add(level)
            elif state in ("continue", "end"):
                assert level in open_levels
            if state == "end":
                open_levels.remove(level)
    assert not open_levels
