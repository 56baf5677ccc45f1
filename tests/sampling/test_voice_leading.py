"""Voices keep in range, in order and out of parallels while they are written."""

import numpy as np
import pytest

from partimento.sampling.plan import VOICES, Integers
from partimento.sampling.voice_leading import lead_voices
from partimento.tokenizer import cursor as c
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.compilation import compiled
from partimento.tokenizer.grammar import allowed
from partimento.tokenizer.walk import advance

CHOIR = v.INSTRUMENT + v.INSTRUMENTS.index("choir")
HEAD = [v.BOS, v.METER + v.METERS.index((4, 4)), v.TEMPO + 5]
RANGES = np.array([(60, 81), (53, 74), (47, 69), (36, 64)], np.int32)


def duration(ticks: int) -> int:
    return v.DURATION + v.DURATIONS.index(ticks)


def voice(*notes: tuple[int, int]) -> list[int]:
    """A line of pitches and their lengths."""
    return [CHOIR, *(t for pitch, ticks in notes for t in (v.PITCH + pitch, duration(ticks)))]


@compiled
def led(cursor: c.Cursor, ranges: Integers, mask: c.ByteArray) -> None:
    """What may follow, narrowed."""
    allowed(cursor, mask)
    lead_voices(cursor, ranges, mask)


def after(*tokens: int, ranges: Integers = RANGES) -> set[int]:
    """What may follow some tokens of a piece."""
    cursor = c.new_cursor()
    for token in (*HEAD, v.BAR, *tokens):
        advance(cursor, token)
    mask = np.zeros(v.SIZE, np.uint8)
    led(cursor, ranges, mask)
    return set(np.flatnonzero(mask).tolist())


def pitches(tokens: set[int]) -> list[int]:
    return sorted(token - v.PITCH for token in tokens if v.PITCH <= token < v.DURATION)


def test_a_voice_stays_in_its_range_and_below_the_one_above() -> None:
    assert pitches(after(CHOIR)) == list(range(60, 82))
    assert pitches(after(*voice((65, 96)), CHOIR)) == list(range(53, 66))


def test_the_order_counts_more_than_the_range() -> None:
    assert pitches(after(*voice((50, 96)), CHOIR)) == list(range(51))


def test_a_voice_sings_one_note_at_a_time() -> None:
    assert pitches(after(CHOIR, v.PITCH + 72)) == []


def test_a_note_ends_before_a_voice_above_goes_below_it() -> None:
    found = after(*voice((72, 48), (60, 48)), CHOIR, v.PITCH + 65)
    lengths = sorted(v.DURATIONS[t - v.DURATION] for t in found if v.DURATION <= t < v.REST)
    assert lengths[-1] == 48
    found = after(*voice((72, 48), (65, 48)), CHOIR, v.PITCH + 65)
    assert duration(96) in found


def test_a_lower_voice_that_rings_over_the_bar_line_does_not_hold_down_the_upper_ones() -> None:
    bar = [*voice((72, 96)), *voice((65, 96)), *voice((60, 96)), *voice((48, 192))]
    assert max(pitches(after(*bar, v.BAR, *voice((72, 96)), CHOIR))) == 72


@pytest.mark.parametrize(
    ("upper", "lower", "refused"),
    [((67, 69), 60, {62}), ((72, 74), 60, {62, 74}), ((67, 67), 60, set()), ((67, 69), 61, set())],
)
def test_two_voices_do_not_move_in_fifths_or_octaves(
    upper: tuple[int, int], lower: int, refused: set[int]
) -> None:
    start = [*voice(*((pitch, 24) for pitch in upper)), *voice((lower, 24))]
    expected = set(range(53, min(upper[1], 74) + 1)) - refused
    assert set(pitches(after(*start))) == expected


def test_parallels_over_a_bar_line_are_seen() -> None:
    bar = [*voice((67, 96)), *voice((60, 96))]
    assert 62 not in pitches(after(*bar, v.BAR, *voice((69, 96)), CHOIR))


def test_where_every_way_is_parallel_one_is_left() -> None:
    narrow = RANGES.copy()
    narrow[1] = 62, 62
    start = [*voice((67, 24), (69, 24)), *voice((60, 24))]
    assert pitches(after(*start, ranges=narrow)) == [62]
    assert len(narrow) == VOICES
