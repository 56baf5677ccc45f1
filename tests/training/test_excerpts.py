"""Excerpts: each augmentation does what it says, and what comes out is legal again."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partimento.music.score import Note, Score, Track
from partimento.tokenizer import cursor as c
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.conditioning import count_lines, tell_ensemble
from partimento.tokenizer.decoding import decode
from partimento.tokenizer.encoding import encode
from partimento.tokenizer.grammar import first_illegal
from partimento.tokenizer.vocabulary import TokenArray
from partimento.training.excerpts import (
    PITCH_RANGE,
    Augmentation,
    cut,
    draw_excerpt,
    drop_block,
    drop_chords,
    make_holes,
    transpose,
    transpositions,
)
from partimento.training.line_order import put_line_last, shuffle_lines

BAR = 96
NOTHING = Augmentation(
    transpose=(0, 0), drop_style=0, drop_key=0, drop_chords=0, shuffle_lines=0, last_line=0,
    holes=0, keep_ranges=0, drop_ensemble=1, whole_ensemble=0, open_counts=0, bars_known=0,
    from_start=1,
)  # fmt: skip
"""From the start of the piece, and no change."""
EVERYTHING = Augmentation(
    drop_style=1, drop_key=1, drop_chords=1, shuffle_lines=1, holes=1, bars_known=1, from_start=0,
)  # fmt: skip
seeds = st.integers(0, 1 << 20)
RandomScore = Callable[..., Score]
Sounding = tuple[int, bool, int, int, int]


@pytest.fixture(scope="module")
def tokens_of(random_score: RandomScore) -> Callable[[int], TokenArray]:
    """A function from a seed to the tokens of a piece with all kinds of them."""
    return lambda seed: encode(random_score(seed, "folk")).tokens


def is_legal(tokens: TokenArray) -> bool:
    return first_illegal(c.new_cursor(), tokens) == -1


def sounding(score: Score) -> list[Sounding]:
    """What sounds when, without loudness."""
    return [sound for sound, _ in loud(score)]


def loud(score: Score) -> list[tuple[Sounding, int]]:
    """What sounds when, and how loud."""
    return sorted(
        ((track.program, track.is_drum, note.onset, note.pitch, note.duration), note.velocity)
        for track in score.tracks
        for note in track.notes
    )


def count(tokens: TokenArray, first: int, end: int) -> int:
    return int(((tokens >= first) & (tokens < end)).sum())


@given(seeds, st.integers(0, 11), st.integers(16, 600))
def test_a_cut_holds_the_notes_of_its_bars(
    tokens_of: Callable[[int], TokenArray], seed: int, bar: int, length: int
) -> None:
    tokens = tokens_of(seed)
    part = cut(tokens, bar, length)
    bars = count(part, v.BAR, v.BAR + 1)
    assert is_legal(part)
    assert bars >= 1
    expected = [
        (program, is_drum, onset - bar * BAR, pitch, duration)
        for program, is_drum, onset, pitch, duration in sounding(decode(tokens))
        if bar * BAR <= onset < (bar + bars) * BAR
    ]
    assert sounding(decode(part)) == expected
    assert (part[-1] == v.EOS) == (bar + bars == 12)


@given(seeds, st.integers(0, 11))
def test_a_cut_begins_with_what_is_in_force(
    tokens_of: Callable[[int], TokenArray], seed: int, bar: int
) -> None:
    tokens = tokens_of(seed)
    whole, part = decode(tokens), decode(cut(tokens, bar, 200))
    assert part.style == "folk"
    for changes, of_part in ((whole.keys, part.keys), (whole.tempos, part.tempos)):
        in_force = [change for change in changes if change.tick <= bar * BAR][-1]
        assert replace(of_part[0], tick=0) == replace(in_force, tick=0)
        assert of_part[0].tick == 0


def test_a_cut_is_as_long_as_asked_in_whole_bars(
    tokens_of: Callable[[int], TokenArray],
) -> None:
    tokens = tokens_of(0)
    header = 5
    for length in (100, 150, 250):
        part = cut(tokens, 2, length)
        longest_bar = int(np.diff(np.flatnonzero(tokens == v.BAR)).max())
        assert length - longest_bar <= len(part) <= length + header + 1


@given(seeds, st.integers(-12, 12))
def test_transposition_shifts_pitches_keys_and_chords_but_no_drums(
    tokens_of: Callable[[int], TokenArray], seed: int, semitones: int
) -> None:
    tokens = tokens_of(seed)
    shifted = transpose(tokens, semitones)
    assert is_legal(shifted)
    before, after = decode(tokens), decode(shifted)
    assert loud(after) == sorted(
        ((program, is_drum, onset, pitch if is_drum else pitch + semitones, duration), velocity)
        for (program, is_drum, onset, pitch, duration), velocity in loud(before)
    )
    assert after.keys == tuple(replace(k, tonic=(k.tonic + semitones) % 12) for k in before.keys)
    assert after.chords == tuple(
        ch if ch.root is None else replace(ch, root=(ch.root + semitones) % 12)
        for ch in before.chords
    )
    assert (after.style, after.tempos, after.meters) == (before.style, before.tempos, before.meters)


@pytest.mark.parametrize(
    ("pitches", "asked", "done"),
    [
        ((PITCH_RANGE[0] + 2, 60), -5, -2),
        ((60, PITCH_RANGE[1] - 3), 6, 3),
        ((PITCH_RANGE[0] - 4, 60), -5, 0),
        ((PITCH_RANGE[0] - 4, 60), 6, 6),
        ((60, 72), 6, 6),
    ],
)
def test_transposition_shrinks_to_stay_in_range(
    pitches: tuple[int, int], asked: int, done: int
) -> None:
    notes = tuple(Note(24 * i, pitch, 24) for i, pitch in enumerate(pitches))
    drums = Track((Note(0, 127, 6), Note(24, 0, 6)), is_drum=True)
    tokens = encode(Score(24, (Track(notes), drums))).tokens
    shifted = decode(transpose(tokens, asked))
    melody = next(track for track in shifted.tracks if not track.is_drum)
    assert tuple(note.pitch for note in melody.notes) == tuple(p + done for p in pitches)


@pytest.mark.parametrize(
    ("program", "pitches", "expected"),
    [
        (40, (57, 80), (-2, 23)),  # a violin has its open G string, 55
        (40, (55, 103), (0, 0)),
        (40, (50, 80), (-38, 23)),  # it was out of its range: only the piano's is kept
        (73, (60, 90), (-1, 8)),
        (0, (40, 80), (-19, 28)),
    ],
)
def test_instruments_stay_in_their_ranges_where_they_were_in_them(
    program: int, pitches: tuple[int, int], expected: tuple[int, int]
) -> None:
    notes = tuple(Note(24 * i, pitch, 24) for i, pitch in enumerate(pitches))
    drums = Track((Note(0, 127, 6), Note(24, 0, 6)), is_drum=True)
    tokens = encode(Score(24, (Track(notes, program), drums))).tokens
    assert transpositions(tokens, keep_ranges=True) == expected
    free = PITCH_RANGE[0] - pitches[0], PITCH_RANGE[1] - pitches[1]
    assert transpositions(tokens, keep_ranges=False) == free


@given(seeds)
def test_dropping_chords_is_encoding_without_chords(random_score: RandomScore, seed: int) -> None:
    score = random_score(seed, "folk")
    with_chords, without = encode(score).tokens, encode(replace(score, chords=())).tokens
    assert len(without) < len(with_chords)
    assert drop_chords(with_chords).tolist() == without.tolist()


@given(seeds)
def test_dropping_keys_or_style_is_encoding_without_them(
    random_score: RandomScore, seed: int
) -> None:
    score = random_score(seed, "folk")
    tokens = encode(score).tokens
    without_keys = encode(replace(score, keys=())).tokens
    without_style = encode(replace(score, style=None)).tokens
    assert drop_block(tokens, v.KEY, v.METER).tolist() == without_keys.tolist()
    assert drop_block(tokens, v.STYLE, v.DYNAMIC).tolist() == without_style.tolist()


@given(seeds)
def test_shuffled_lines_keep_every_note_and_its_loudness(
    tokens_of: Callable[[int], TokenArray], seed: int
) -> None:
    tokens = tokens_of(seed)
    shuffled = shuffle_lines(tokens, np.random.default_rng(seed))
    assert is_legal(shuffled)
    assert loud(decode(shuffled)) == loud(decode(tokens))
    assert decode(shuffled).chords == decode(tokens).chords


def test_lines_are_shuffled_alike_in_all_bars(tokens_of: Callable[[int], TokenArray]) -> None:
    orders = set()
    for seed in range(12):
        shuffled = shuffle_lines(tokens_of(3), np.random.default_rng(seed))
        bars = np.split(shuffled, np.flatnonzero(shuffled == v.BAR))[1:]
        of_bars = []
        for bar in bars:
            lines = bar[(bar >= v.INSTRUMENT) & (bar < v.KEY)].tolist()
            of_bars.append(list(dict.fromkeys(lines)))
        full = max(of_bars, key=len)
        orders.add(tuple(full))
    assert len(orders) >= 4


@given(seeds)
def test_a_line_put_last_keeps_every_note_and_its_loudness(
    tokens_of: Callable[[int], TokenArray], seed: int
) -> None:
    tokens = tokens_of(seed)
    changed = put_line_last(tokens, np.random.default_rng(seed))
    assert is_legal(changed)
    assert loud(decode(changed)) == loud(decode(tokens))
    assert decode(changed).chords == decode(tokens).chords


def test_any_line_may_be_put_last_and_is_last_in_all_bars(
    tokens_of: Callable[[int], TokenArray],
) -> None:
    tokens = tokens_of(3)
    lines = [pair for pair in enumerate(count_lines(tokens).tolist()) for _ in range(pair[1])]
    changed = [put_line_last(tokens, np.random.default_rng(seed)) for seed in range(40)]
    lasts = []
    for result in changed:
        found = set()
        for bar in np.split(result, np.flatnonzero(result == v.BAR))[1:]:
            played = bar[(bar >= v.INSTRUMENT) & (bar < v.KEY)]
            found.add(int(played[-1]) - v.INSTRUMENT)
        lasts.append(found)
    # The last line may rest in a bar: of three instruments at most two others then come last.
    assert {13, 0, v.DRUMS} == set.union(*lasts)
    assert {v.DRUMS} in lasts
    assert len({result.tobytes() for result in changed}) == len(lines)


def test_a_single_line_is_last_already() -> None:
    tokens = encode(Score(24, (Track((Note(0, 60, 24), Note(96, 60, 24))),))).tokens
    assert put_line_last(tokens, np.random.default_rng(0)).tolist() == tokens.tolist()


def test_a_line_that_enters_late_keeps_its_number_when_shuffled() -> None:
    """Were its number taken by the other part before, its first pitch would still ring there."""
    first = Track((Note(0, 60, 72), Note(72, 62, 48), Note(120, 60, 24)), 40)
    second = Track((Note(96, 62, 24),), 40)
    tokens = encode(Score(24, (first, second))).tokens
    results = [shuffle_lines(tokens, np.random.default_rng(seed)) for seed in range(20)]
    assert len({tuple(result.tolist()) for result in results}) == 2
    for result in results:
        assert is_legal(result)
        assert loud(decode(result)) == loud(decode(tokens))


@given(seeds)
def test_holes_are_filled_with_the_same_notes(
    tokens_of: Callable[[int], TokenArray], seed: int
) -> None:
    tokens = tokens_of(seed)
    with_holes = make_holes(tokens, np.random.default_rng(seed))
    holes = count(with_holes, v.HOLE, v.HOLE + 1)
    assert is_legal(with_holes)
    assert 1 <= holes <= count(tokens, v.BAR, v.BAR + 1) // 2
    assert count(with_holes, v.FILL, v.FILL + 1) == holes
    assert sounding(decode(with_holes)) == sounding(decode(tokens))
    assert decode(with_holes).keys == decode(tokens).keys
    assert len(with_holes) == len(tokens) + 2 * holes


def test_any_bar_may_become_a_hole(
    tokens_of: Callable[[int], TokenArray],
) -> None:
    places = set()
    for seed in range(200):
        with_holes = make_holes(tokens_of(0), np.random.default_rng(seed))
        bars = np.split(with_holes, np.flatnonzero(with_holes == v.BAR))[1:]
        places |= {number for number, bar in enumerate(bars) if v.HOLE in bar}
    assert places == set(range(12))


def test_two_bars_are_too_few_for_a_hole() -> None:
    tokens = encode(Score(24, (Track((Note(0, 60, 24), Note(96, 60, 24))),))).tokens
    assert make_holes(tokens, np.random.default_rng(0)).tolist() == tokens.tolist()


@settings(max_examples=200)
@given(seeds, st.integers(20, 700))
def test_whatever_is_drawn_is_legal(
    tokens_of: Callable[[int], TokenArray], seed: int, length: int
) -> None:
    rng = np.random.default_rng(seed)
    for augmentation in (
        EVERYTHING,
        replace(EVERYTHING, holes=0.5, shuffle_lines=0.5, last_line=0.5),
    ):
        assert is_legal(draw_excerpt(tokens_of(seed % 50), length, augmentation, rng).tokens)


@given(seeds)
def test_without_augmentation_a_short_piece_comes_out_as_it_is(
    tokens_of: Callable[[int], TokenArray], seed: int
) -> None:
    tokens = tokens_of(seed)
    excerpt = draw_excerpt(tokens, 10_000, NOTHING, np.random.default_rng(seed))
    assert excerpt.tokens.tolist() == tokens.tolist()
    assert (excerpt.total_bars, excerpt.first_bar) == (0, 0)


@given(seeds, st.integers(20, 700), st.sampled_from([0.0, 1.0]))
def test_known_bars_count_down_to_the_last_one(
    tokens_of: Callable[[int], TokenArray], seed: int, length: int, holes: float
) -> None:
    augmentation = replace(NOTHING, bars_known=1, from_start=0, holes=holes)
    rng = np.random.default_rng(seed)
    excerpt = draw_excerpt(tokens_of(seed % 50), length, augmentation, rng)
    assert excerpt.first_bar % 4 == 0
    bars = count(excerpt.tokens, v.BAR, v.BAR + 1)
    assert bars <= excerpt.total_bars
    assert (excerpt.tokens[-1] == v.EOS) == (bars == excerpt.total_bars)


def test_each_share_is_the_share_of_excerpts(tokens_of: Callable[[int], TokenArray]) -> None:
    augmentation = Augmentation(
        transpose=(-1, 1), drop_style=0.2, drop_key=0.7, drop_chords=0.5, holes=0.3,
        bars_known=0.6, from_start=0.4, shuffle_lines=0, last_line=0, drop_ensemble=0.3,
    )  # fmt: skip
    tokens = tokens_of(1)
    rng = np.random.default_rng(0)
    drawn = [draw_excerpt(tokens, 400, augmentation, rng) for _ in range(1000)]
    starts_later = 2 / 3  # of those that may start at bars 0, 4 and 8
    shares = {
        "style": np.mean([count(e.tokens, v.STYLE, v.DYNAMIC) == 0 for e in drawn]) - 0.2,
        "key": np.mean([count(e.tokens, v.KEY, v.METER) == 0 for e in drawn]) - 0.7,
        "chords": np.mean([count(e.tokens, v.ROOT, v.SIZE) == 0 for e in drawn]) - 0.5,
        "holes": np.mean([v.HOLE in e.tokens for e in drawn]) - 0.3,
        "bars": np.mean([e.total_bars > 0 for e in drawn]) - 0.6,
        "ensemble": np.mean([not e.conditioning.any() for e in drawn]) - 0.3,
        "start": np.mean([e.first_bar > 0 for e in drawn]) - 0.6 * starts_later,
    }
    # Four standard deviations of a share of 1,000 draws are at most 0.064.
    assert {name: share for name, share in shares.items() if abs(share) > 0.064} == {}


def test_the_network_is_told_the_lines_of_the_excerpt_or_of_the_piece(
    tokens_of: Callable[[int], TokenArray],
) -> None:
    piece = tokens_of(2)
    rng = np.random.default_rng(0)
    told = replace(NOTHING, drop_ensemble=0)
    short = draw_excerpt(piece, 40, told, rng)
    assert np.array_equal(short.conditioning, tell_ensemble(count_lines(short.tokens)))
    whole = draw_excerpt(piece, 40, replace(told, whole_ensemble=1), rng)
    assert np.array_equal(whole.conditioning, tell_ensemble(count_lines(piece)))
    assert not np.array_equal(short.conditioning, whole.conditioning)
    is_playing = count_lines(piece) > 0
    for _ in range(20):
        opened = draw_excerpt(piece, 9999, replace(told, open_counts=1), rng).conditioning
        assert np.array_equal(opened[:33] > 0, is_playing)
        assert (opened <= tell_ensemble(count_lines(piece))).all()
    assert not draw_excerpt(piece, 40, NOTHING, rng).conditioning.any()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"transpose": (1, 3)}, r"transpose must span 0, got \(1, 3\)"),
        ({"drop_key": 1.5}, r"drop_key must be in \[0, 1\], got 1.5"),
        ({"holes": -0.1}, r"holes must be in \[0, 1\], got -0.1"),
    ],
)
def test_a_share_out_of_range_is_refused(settings: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(Augmentation(), **settings)
