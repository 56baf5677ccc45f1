"""Wishes that are settled before or after decoding: an open tonic, the loudness."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from partimento.music.keys import parse_key
from partimento.music.score import Note, Score
from partimento.request.request import Request
from partimento.sampling.generate import generate
from partimento.sampling.plan import Plan
from partimento.sampling.primer import make_primer
from partimento.sampling.resolution import resolve
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.decoding import decode
from partimento.tokenizer.vocabulary import TokenArray

BAR = (
    *(v.BAR, v.INSTRUMENT + 13, v.PITCH + 72, v.DURATION + v.DURATIONS.index(48)),
    *(v.DYNAMIC + 7, v.PITCH + 74, v.DURATION + v.DURATIONS.index(48)),
)
PRIMER = make_primer(
    decode([v.BOS, v.KEY + 14, v.METER + 2, v.TEMPO + 5, *BAR, v.EOS]), name="tune.mid"
)


class OneMoreBar:
    """Goes on from the prompt with one written bar."""

    name, checkpoint, precision = "one more bar", "none", "float32"
    known = None

    def decode(
        self,
        plans: Sequence[Plan],
        seeds: Sequence[int],
        on_bar: Callable[[int, int], None] | None = None,
        should_stop: Callable[[], bool] | None = None,
    ) -> list[TokenArray]:
        pieces = []
        for plan in plans:
            header = [v.METER + 2, v.TEMPO + 5] if len(plan.prompt) == 1 else []
            pieces.append(np.array([*plan.prompt, *header, *BAR, v.EOS], np.uint16))
        return pieces


@pytest.mark.parametrize("mode", ["major", "minor"])
def test_a_mode_alone_takes_a_tonic_that_the_seed_picks(mode: str) -> None:
    keys = [str(resolve(Request(key=mode, seed=seed)).request.key) for seed in range(40)]
    assert all(str(parse_key(key)) == key and key.endswith(mode) for key in keys)
    assert len(set(keys)) > 6
    assert keys[:3] == [str(resolve(Request(key=mode, seed=seed)).request.key) for seed in range(3)]


def test_a_scale_alone_takes_a_tonic_and_its_nearest_key() -> None:
    keys = {str(resolve(Request(scale="dorian", seed=seed)).request.key) for seed in range(40)}
    assert all(key.endswith("minor") for key in keys)
    assert len(keys) > 6


def test_a_mode_alone_keeps_the_tonic_of_the_primer() -> None:
    assert str(resolve(Request(key="major", seed=1), PRIMER).request.key) == "D major"
    assert str(resolve(Request(scale="dorian", seed=1), PRIMER).request.key) == "D minor"


@pytest.mark.parametrize(
    ("chords", "mode", "key"),
    [
        ("C F G C", None, "C major"),
        ("Am F C G", None, "A minor"),
        ("Am F C G", "major", "C major"),
        ("Dm:2 A7:2 Gm ...", None, "D minor"),
    ],
)
def test_chords_bring_their_key(chords: str, mode: str | None, key: str) -> None:
    asked = Request(chords=chords, key=mode, meter="4/4", seed=1)
    assert str(resolve(asked).request.key) == key


def test_a_greedy_piece_has_the_same_key_for_every_seed() -> None:
    asked = [Request(key="minor", temperature=0, seed=seed) for seed in range(5)]
    assert {str(resolve(request).request.key) for request in asked} == {"C minor"}


def test_a_key_that_nothing_asks_for_stays_open() -> None:
    assert resolve(Request(seed=1)).request.key is None


@pytest.mark.parametrize(
    ("dynamic", "velocities"),
    [(None, [80, 126]), ("mf", [80, 126]), ("pp", [33, 80]), ("fff", [126, 126])],
)
def test_a_dynamic_moves_all_levels_alike(dynamic: str | None, velocities: list[int]) -> None:
    (piece,) = generate([Request(bars=1, seed=1, dynamic=dynamic)], OneMoreBar())
    assert [note.velocity for note in piece.score.tracks[0].notes] == velocities


def test_a_dynamic_leaves_the_primer_as_it_was() -> None:
    request = Request(bars=1, seed=1, dynamic="p", primer="tune.mid")
    (piece,) = generate([request], OneMoreBar(), PRIMER)
    assert [note.velocity for note in piece.score.tracks[0].notes] == [80, 126, 96, 96]
    (piece,) = generate([request], OneMoreBar(), PRIMER, keep_primer=False)
    assert [note.velocity for note in piece.score.tracks[0].notes] == [96, 96]


def played(**wishes: object) -> tuple[Score, Score]:
    """A piece of two notes on paper, and as it is played."""
    [piece] = generate([Request.from_dict({"seed": 3, "bars": 1, **wishes})], OneMoreBar())
    return piece.score, piece.performance


def test_expression_changes_loudness_and_nothing_on_paper() -> None:
    plain, loud = played(expression=1.0)
    assert plain.tracks == played(expression=0.0)[0].tracks
    assert [n.velocity for n in loud.tracks[0].notes] != [n.velocity for n in plain.tracks[0].notes]
    onsets = [(n.onset, n.pitch, n.duration) for n in plain.tracks[0].notes]
    assert [(n.onset, n.pitch, n.duration) for n in loud.tracks[0].notes] == onsets


def test_without_expression_and_swing_a_piece_is_played_as_it_is_written() -> None:
    plain, same = played(expression=0.0)
    assert plain == same


def test_swing_is_played_and_not_printed() -> None:
    plain, swung = played(expression=0.0, swing=1.0)
    assert plain.tracks == played(expression=0.0)[0].tracks
    assert swung.ticks_per_quarter == 10 * plain.ticks_per_quarter


def test_a_primer_is_not_played_anew() -> None:
    [piece] = generate([Request(seed=3, bars=1, expression=1.0)], OneMoreBar(), PRIMER)
    [bare] = generate([Request(seed=3, bars=1, expression=0.0)], OneMoreBar(), PRIMER)
    assert piece.new_from > 0

    def kept(score: Score) -> list[list[Note]]:
        return [[n for n in t.notes if n.onset < piece.new_from] for t in score.tracks]

    assert kept(piece.performance) == kept(bare.score)
    assert piece.performance.tracks != bare.score.tracks
