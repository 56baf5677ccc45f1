"""Wishes that are settled before or after decoding: an open tonic, the loudness."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from partimento.music.keys import parse_key
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
