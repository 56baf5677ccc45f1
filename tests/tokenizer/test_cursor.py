"""The cursor's small print: features in their ranges, plans kept, limits that are never passed."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from hypothesis import given, settings
from hypothesis import strategies as st

from partimento.tokenizer import cursor as c
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.features import FEATURES, SOUNDING_WIDTH, featurize
from partimento.tokenizer.grammar import allowed, first_illegal
from partimento.tokenizer.vocabulary import TokenArray
from partimento.tokenizer.walk import advance

LegalWalk = Callable[..., TokenArray]
Rows = npt.NDArray[np.int16] | npt.NDArray[np.uint8]
SEEDS = st.integers(0, 2**32 - 1)
BLOCK_OF = [block.name for block in v.BLOCKS for _ in block.values]


def walk(cursor: c.Cursor, tokens: TokenArray) -> tuple[Rows, Rows]:
    """Features and what sounds after each token."""
    ids = np.full((len(tokens), len(FEATURES)), -1, np.int16)
    sounding = np.full((len(tokens), SOUNDING_WIDTH), 2, np.uint8)
    featurize(cursor, tokens, ids, sounding)
    return ids, sounding


def test_the_names_of_the_scalars_stand_at_their_constants() -> None:
    assert [getattr(c, name.upper()) for name in c.SCALARS] == list(range(len(c.SCALARS)))


@given(SEEDS, st.integers(0, 6), st.integers(0, 1000))
@settings(max_examples=30)
def test_every_feature_is_below_its_number_of_values(
    legal_walk: LegalWalk, seed: int, total_bars: int, first_bar: int
) -> None:
    ids, sounding = walk(c.new_cursor(total_bars, first_bar), legal_walk(seed, 400, total_bars))
    assert (ids >= 0).all()
    assert (ids.max(0) < [size for _, size in FEATURES]).all()
    assert sounding.max() <= 1


@given(SEEDS, SEEDS)
@settings(max_examples=20)
def test_a_cursor_that_was_reset_is_as_good_as_new(
    legal_walk: LegalWalk, first: int, second: int
) -> None:
    used = c.new_cursor(4, 3)
    walk(used, legal_walk(first, 300, 4))
    c.reset(used, 7, 2)
    tokens = legal_walk(second, 300, 7)
    fresh = c.new_cursor(7, 2)
    for found, expected in zip(walk(used, tokens), walk(fresh, tokens), strict=True):
        np.testing.assert_array_equal(found, expected)


def test_the_features_of_two_small_bars_are_these() -> None:
    violin, cello = (v.INSTRUMENT + v.INSTRUMENTS.index(name) for name in ("violin", "cello"))
    quarter, half = (v.DURATION + v.DURATIONS.index(ticks) for ticks in (24, 48))
    opening = [v.BOS, v.METER + v.METERS.index((2, 4)), v.TEMPO]
    first = [v.BAR, v.ROOT + 7, v.QUALITY, half, violin, v.PITCH + 67, quarter, v.PITCH + 69, half]
    second = [v.BAR, violin, v.REST + 23, v.PITCH + 71, quarter, cello, v.REST + 23]
    tokens = np.array([*opening, *first, *second], np.uint16)
    ids, sounding = walk(c.new_cursor(total_bars=2, first_bar=5), tokens)
    found = dict(zip([name for name, _ in FEATURES], ids[-1].tolist(), strict=True))
    assert {name: value for name, value in found.items() if value} == {
        "phase": c.AFTER_REST,
        "tick": 24,
        "ticks_left": 24,
        "meter": 1 + v.METERS.index((2, 4)),
        "bar": 6,
        "bars_left": 1,
        "instrument": 1 + v.INSTRUMENTS.index("cello"),
        "line": 2,
        "dynamic": 1 + v.DYNAMICS.index("mf"),
        "lowest_sounding": 1 + 71,
        "onset_here": 1,
        "pitch_1_bars_ago": 1,
        "length_1_bars_ago": 64 + 64,
    }
    assert set(np.flatnonzero(sounding[-1]).tolist()) == {71, 128 + 71 % 12}
    # Right after BAR and violin, the A of the first bar still rings for a quarter.
    assert set(np.flatnonzero(sounding[-6]).tolist()) == {69, 128 + 69 % 12}


@given(SEEDS, st.integers(1, 12))
@settings(max_examples=40)
def test_a_plan_gets_exactly_its_bars_and_then_the_end(
    legal_walk: LegalWalk, seed: int, total_bars: int
) -> None:
    tokens = legal_walk(seed, 40, total_bars)
    assert (tokens == v.BAR).sum() == total_bars
    cursor = c.new_cursor(total_bars)
    mask = np.zeros(v.SIZE, np.uint8)
    bars = holes = filled = 0
    for token in tokens.tolist():
        allowed(cursor, mask)
        # Wherever a bar may end, exactly one thing may come next, and it is this one.
        closing = v.BAR if bars < total_bars else v.FILL if filled < holes else v.EOS
        assert set(np.flatnonzero(mask[[v.BAR, v.FILL, v.EOS]])) <= {
            (v.BAR, v.FILL, v.EOS).index(closing)
        }
        bars += token == v.BAR
        holes += token == v.HOLE
        filled += token == v.FILL
        advance(cursor, token)
    allowed(cursor, mask)
    assert not mask.any()


def test_a_line_whose_128_pitches_all_ring_can_still_end() -> None:
    chord = [v.PITCH + pitch for pitch in reversed(range(128))]
    longest = v.DURATION + v.DURATIONS.index(288)
    tokens = [v.BOS, v.METER, v.TEMPO, v.BAR, v.INSTRUMENT, *chord, longest, v.BAR, v.INSTRUMENT]
    cursor = c.new_cursor()
    assert first_illegal(cursor, np.array(tokens, np.uint16)) == -1
    mask = np.zeros(v.SIZE, np.uint8)
    allowed(cursor, mask)
    following = {BLOCK_OF[token] for token in np.flatnonzero(mask).tolist()}
    # A rest or a dynamic would promise a note that no pitch is free for.
    assert following == {"instrument", "special"}


def test_no_more_holes_are_dug_than_are_remembered() -> None:
    bars = [v.BAR, v.HOLE] * c.MAX_HOLES
    cursor = c.new_cursor()
    tokens = np.array([v.BOS, v.METER, v.TEMPO, *bars, v.BAR], np.uint16)
    assert first_illegal(cursor, tokens) == -1
    mask = np.zeros(v.SIZE, np.uint8)
    allowed(cursor, mask)
    assert not mask[v.HOLE]
    assert mask[v.FILL]


def test_one_instrument_has_at_most_sixteen_lines_in_a_bar() -> None:
    lines = [v.INSTRUMENT] * c.MAX_OCCURRENCES
    tokens = [v.BOS, v.METER, v.TEMPO, v.BAR, *lines]
    assert first_illegal(c.new_cursor(), np.array(tokens, np.uint16)) == -1
    again = np.array([*tokens, v.INSTRUMENT], np.uint16)
    assert first_illegal(c.new_cursor(), again) == len(tokens)
