"""What is asked for and counted when generated pieces are measured."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from partimento.evaluation.generated import (
    BARS,
    Sample,
    compare_with_training,
    draw_requests,
    has_exact_bars,
    last_bars,
    measure_generated,
    measure_held_out,
    reads_back,
)
from partimento.evaluation.originality import LENGTHS
from partimento.music.bars import bar_starts
from partimento.music.score import Key, Meter, Note, Score, Track
from partimento.request.request import Request
from partimento.sampling.generate import Piece as GeneratedPiece
from partimento.sampling.plan import Plan
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.encoding import encode
from partimento.tokenizer.vocabulary import TokenArray
from partimento.training.corpus import Entry, Piece


def tune(bars: int, pitch: int = 60) -> Score:
    notes = tuple(Note(24 * i, pitch + i // 3, 24) for i in range(3 * bars))
    return Score(24, (Track(notes),), meters=(Meter(0, 3, 4),), keys=(Key(0, 0, False),))


class SixteenBars:
    """An engine that writes the same tune whatever is asked, of one bar fewer for folk."""

    name = "numba"
    precision = "float32"
    checkpoint = "none"
    known = None

    def decode(
        self,
        plans: Sequence[Plan],
        seeds: Sequence[int],
        on_bar: Callable[[int, int], None] | None = None,
        should_stop: Callable[[], bool] | None = None,
    ) -> list[TokenArray]:
        folk = v.STYLES.index("folk")
        return [encode(tune(BARS - int(plan.header[0] == folk))).tokens for plan in plans]


def test_requests_take_every_style_in_turn_and_other_seeds() -> None:
    batches = draw_requests(26, seed=5)
    requests = [request for batch in batches for request in batch]
    assert [len(batch) for batch in batches] == [12, 12, 2]
    assert [request.style for request in requests] == [v.STYLES[i % 12] for i in range(26)]
    assert len({request.seed for request in requests}) == 26
    assert all((request.key is None) == (request.style == "drums") for request in requests)
    assert len({request.key for request in requests}) > 8
    assert draw_requests(26, seed=5) == batches != draw_requests(26, seed=6)


def test_the_end_of_a_long_piece_is_its_last_bars() -> None:
    end = last_bars(tune(40))
    assert len(bar_starts(end)) == BARS
    assert [note.pitch for note in end.tracks[0].notes] == [
        note.pitch for note in tune(40).tracks[0].notes[-3 * BARS :]
    ]
    assert end.keys == (Key(0, 0, False),)
    assert last_bars(tune(5)) == tune(5)


def test_a_file_reads_back_with_the_same_notes_or_not_at_all() -> None:
    assert reads_back(tune(4))
    assert reads_back(replace(tune(4), tracks=(replace(tune(4).tracks[0], is_drum=True),)))
    assert not reads_back(Score(24, ()))
    # The reader ends a note where its pitch is struck again.
    overlapping = (Note(0, 60, 48), Note(24, 60, 24))
    assert not reads_back(Score(24, (Track(overlapping),), meters=(Meter(0, 4, 4),)))


@pytest.mark.parametrize(
    ("bars", "is_complete", "is_exact"), [(16, True, True), (15, True, False), (16, False, False)]
)
def test_bars_are_exact_when_the_piece_closes_after_them(
    bars: int, is_complete: bool, is_exact: bool
) -> None:
    piece = GeneratedPiece(
        score=tune(bars),
        tokens=np.zeros(0, np.uint16),
        request=Request(bars=16),
        bars=bars,
        key=None,
        is_complete=is_complete,
        decode_seconds=0.0,
        new_tokens=0,
    )
    assert has_exact_bars(piece) == is_exact


def test_generated_pieces_are_counted_and_measured_by_style() -> None:
    sample = measure_generated(draw_requests(24, seed=0), SixteenBars())
    assert (sample.pieces, sample.valid_files, sample.exact_bars) == (24, 24, 22)
    assert set(sample.statistics) == set(v.STYLES)
    figures = sample.to_dict()
    assert figures["pieces"] == 24
    assert sample.mean().notes_per_bar == 3
    # Eleven styles with 16 bars and one with 15, each counting the same.
    assert sample.mean().bars == pytest.approx((11 * 16 + 15) / 12)


def test_held_out_pieces_are_measured_at_their_end_under_the_style_of_their_token() -> None:
    pieces = [
        Piece(Entry("a.mid", "hymn"), encode(tune(40)).tokens, 120),
        Piece(Entry("b.mid", "chorale"), encode(tune(8)).tokens, 24),
    ]
    sample = measure_held_out(pieces)
    assert [s.bars for s in sample.statistics["chorale"]] == [BARS, 8]


def test_samples_are_compared_with_the_training_music_by_style() -> None:

    def line(step: int) -> Score:
        notes = tuple(Note(24 * i, 40 + step * i * i % 47, 24) for i in range(3 * BARS))
        return replace(tune(BARS), tracks=(Track(notes),))

    samples = [Sample(), Sample()]
    samples[0].add("folk", line(1))
    samples[0].add("folk", line(2))
    samples[0].add("game", line(3))
    samples[1].add("folk", line(3))
    compare_with_training(samples, [Piece(Entry("a.mid", "folk"), encode(line(1)).tokens, 48)])
    assert [piece.longest for piece in samples[0].likeness["folk"]] == [48, 0]
    assert samples[0].longest() == {"folk": 48, "game": 0}
    assert samples[1].longest() == {"folk": 0}
    # Half of the folk tunes, none of the others.
    assert samples[0].mean_shares() == {n: 0.25 if n <= 48 else 0 for n in LENGTHS}
    content = samples[0].to_dict()
    assert content["longest_known_passage"] == 48
    styles = content["styles"]
    assert isinstance(styles, dict)
    assert styles["folk"]["known_passages"][24] == 0.5
    assert "known_passages" not in Sample().to_dict()
