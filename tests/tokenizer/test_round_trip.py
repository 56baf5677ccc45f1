"""The round trip finds what is lost, added or moved, and nothing in a faithful one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partimento.music.score import Meter, Note, Score, Track
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.encoding import encode
from partimento.tokenizer.round_trip import RoundTrip, check_round_trip

TUNE = Score(
    24,
    (Track(tuple(Note(24 * i, 60 + i, 24) for i in range(10)), program=40),),
    meters=(Meter(0, 3, 4), Meter(144, 4, 4)),
)
TOKENS = encode(TUNE).tokens

tracks = st.builds(
    lambda cells, program, is_drum: Track(
        tuple(Note(o, p, d) for (o, p), d in sorted(cells.items())),
        0 if is_drum else program,
        is_drum,
    ),
    st.dictionaries(
        st.tuples(st.integers(0, 300), st.integers(0, 127)),
        st.sampled_from(v.DURATIONS[:12]),
        min_size=1,
        max_size=12,
    ),
    st.integers(0, 127),
    st.booleans(),
)


def test_faithful_tokens_lose_nothing() -> None:
    assert check_round_trip(TUNE, TOKENS) == RoundTrip(10, 0, 0, 3, 0)
    assert check_round_trip(TUNE, TOKENS).kept_share == 1


@settings(deadline=None)
@given(st.lists(tracks, min_size=1, max_size=3), st.sampled_from([(4, 4), (3, 4), (6, 8)]))
def test_the_codec_keeps_every_note_that_finds_a_line(
    parts: list[Track], meter: tuple[int, int]
) -> None:
    score = Score(24, tuple(parts), meters=(Meter(0, *meter),))
    encoding = encode(score)
    trip = check_round_trip(score, encoding.tokens)
    assert (trip.lost, trip.extra, trip.wrong_bars) == (encoding.dropped_notes, 0, 0)


def test_a_changed_note_is_lost_and_extra_and_its_bar_wrong() -> None:
    tokens = TOKENS.copy()
    tokens[tokens == v.PITCH + 64] = v.PITCH + 90
    assert check_round_trip(TUNE, tokens) == RoundTrip(10, 1, 1, 3, 1)


def test_another_instrument_is_another_note() -> None:
    tokens = TOKENS.copy()
    violin = v.INSTRUMENT + v.INSTRUMENTS.index("violin")
    tokens[np.flatnonzero(tokens == violin)[0]] = violin + 1
    assert check_round_trip(TUNE, tokens) == RoundTrip(10, 3, 3, 3, 1)


def test_a_missing_note_is_lost_but_leaves_its_bar_right() -> None:
    last = np.flatnonzero(TOKENS == v.PITCH + 69)[0]
    trip = check_round_trip(TUNE, np.delete(TOKENS, [last, last + 1]))
    assert trip == RoundTrip(10, 1, 0, 3, 0)
    assert trip.kept_share == pytest.approx(0.9)


def test_bars_in_another_order_are_wrong() -> None:
    start, middle, end = np.flatnonzero(TOKENS == v.BAR)
    swapped = np.concatenate(
        [TOKENS[:start], TOKENS[middle:end], TOKENS[start:middle], TOKENS[end:]]
    )
    trip = check_round_trip(TUNE, swapped)
    assert (trip.lost, trip.wrong_bars) == (6, 2)


def test_a_bar_too_many_is_wrong() -> None:
    longer = np.append(TOKENS[:-1], [v.BAR, v.EOS]).astype(np.uint16)
    trip = check_round_trip(TUNE, longer)
    assert (trip.lost, trip.extra, trip.wrong_bars) == (0, 0, 1)
