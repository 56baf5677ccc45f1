"""Bars of a corpus, and what the autoencoder learns of them."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from partimento.model.latent.autoencoder import Autoencoder, AutoencoderConfig
from partimento.music.attributes import ATTRIBUTES, measure, rank, score_attributes
from partimento.music.sketch import LANES, ONSETS, SLOTS
from partimento.music.sketching import sketch_score
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.decoding import decode
from partimento.tokenizer.vocabulary import TokenArray
from partimento.training.corpus import Entry, Piece
from partimento.training.latent.autoencoding import Autoencoding, onset_f1
from partimento.training.latent.bars import Bars, collect_bars
from partimento.training.latent.config import LatentTraining
from partimento.training.latent.run import CURVE_FILE, LatentRun

LegalWalk = Callable[..., TokenArray]
TINY = AutoencoderConfig(latent=8, width=24)


@pytest.fixture(scope="module")
def pieces(legal_walk: LegalWalk) -> list[Piece]:
    # Few instruments: of more than 48 lines the cursor keeps the last ones as one.
    without = [v.HOLE, *range(v.INSTRUMENT + 2, v.INSTRUMENT + v.DRUMS)]
    walks = [legal_walk(seed, 250, without=without) for seed in range(8)]
    return [Piece(Entry(f"{n}.mid"), walk, 1) for n, walk in enumerate(walks)]


@pytest.fixture(scope="module")
def bars(pieces: list[Piece]) -> Bars:
    return collect_bars(pieces)


def training(**changes: object) -> LatentTraining:
    return LatentTraining(**{"steps": 12, "rows": 16, "warm_up": 2, **changes})


def run_in(out: Path, bars: Bars, **changes: object) -> LatentRun:
    settings = training(**changes)
    return LatentRun(Autoencoding(TINY, settings, bars, bars), settings, out)


def test_the_bars_of_pieces_are_their_sketches(pieces: list[Piece], bars: Bars) -> None:
    assert bars.pieces == len(pieces)
    for number, piece in enumerate(pieces):
        expected = sketch_score(decode(piece.tokens)).values()
        start = int(bars.starts[number])
        found = bars.values(slice(start, start + len(expected)))
        assert (found[:, :-3] == expected[:, :-3]).all()
        # Levels are kept in half precision.
        assert np.abs(found - expected).max() < 1e-3


def test_the_statistics_of_bars_are_those_of_the_score(pieces: list[Piece], bars: Bars) -> None:
    for number, piece in enumerate(pieces):
        score = decode(piece.tokens)
        count = sketch_score(score).bars
        at = slice(int(bars.starts[number]), int(bars.starts[number]) + count)
        onsets = bars.values(at)[:, :ONSETS]
        found = rank(measure(bars.statistics[at].astype(np.float64), onsets))
        expected = score_attributes(score)
        assert set(expected) == {n for n, x in zip(ATTRIBUTES, found, strict=True) if x == x}
        for name, value in zip(ATTRIBUTES, found.tolist(), strict=True):
            if name in expected:
                assert value == pytest.approx(expected[name], abs=1e-4), name


def test_bars_know_what_is_in_force(pieces: list[Piece], bars: Bars) -> None:
    for number, piece in enumerate(pieces):
        key = meter = tempo = 0
        expected = []
        for token in piece.tokens.tolist():
            if token == v.BAR:
                expected.append([key, meter, tempo])
            elif v.KEY <= token < v.METER:
                key = token - v.KEY + 1
            elif v.METER <= token < v.TEMPO:
                meter = token - v.METER + 1
            elif v.TEMPO <= token < v.STYLE:
                tempo = token - v.TEMPO + 1
            if expected:
                expected[-1] = [key, meter, tempo]
        start, end = bars.starts[number : number + 2]
        assert bars.headers[start:end].tolist() == expected


def test_the_f1_of_onsets_is_that_of_a_slow_count() -> None:
    rng = np.random.default_rng(0)
    found, expected = rng.random((2, 7, ONSETS)) < 0.2
    agreed = missed = invented = 0
    for bar in range(7):
        for slot in range(SLOTS):
            for pitch_class in range(12):
                at = slot * LANES + pitch_class
                agreed += int(found[bar, at] and expected[bar, at])
                invented += int(found[bar, at] and not expected[bar, at])
                missed += int(expected[bar, at] and not found[bar, at])
    precision, recall = agreed / (agreed + invented), agreed / (agreed + missed)
    f1 = 2 * precision * recall / (precision + recall)
    assert onset_f1(found, expected) == pytest.approx(f1)
    assert onset_f1(expected, expected) == 1


def test_training_lowers_the_held_out_loss(tmp_path: Path, bars: Bars) -> None:
    run = run_in(tmp_path, bars, steps=120, average=0.9)
    before = run.task.evaluate()["loss at 0.0"]
    last = list(run.train())[-1]
    assert last.figures is not None
    assert last.figures["loss at 0.0"] < 0.5 * before
    assert Autoencoder.load(run.checkpoint).config == TINY
    assert (tmp_path / CURVE_FILE).read_text().count("\n") == 1


def test_a_run_that_was_stopped_goes_on_as_if_it_had_not(tmp_path: Path, bars: Bars) -> None:
    whole = run_in(tmp_path / "whole", bars)
    losses = [step.loss for step in whole.train()]
    parts = []
    for stop in (5, 12):
        run = run_in(tmp_path / "parts", bars)
        parts += [step.loss for step in run.train(lambda r=run, s=stop: r.step >= s)]
    assert parts == losses
    assert whole.checkpoint.read_bytes() == run.checkpoint.read_bytes()
    assert run.is_finished


def test_a_run_with_other_settings_is_refused(tmp_path: Path, bars: Bars) -> None:
    list(run_in(tmp_path, bars, steps=2).train())
    with pytest.raises(ValueError, match=r"state of another run .*rows \(16, not 17\)"):
        run_in(tmp_path, bars, rows=17)
    assert run_in(tmp_path, bars, steps=3).step == 2


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"minutes": 1.0}, "either as steps or as minutes"),
        ({"rows": 1}, "rows must be at least 2"),
        ({"average": 1.0}, r"average must be in \[0, 1\)"),
        ({"most_noise": 0.0}, "most_noise must be above 0"),
    ],
)
def test_settings_out_of_range_are_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        training(**changes)


def test_no_pieces_make_no_bars() -> None:
    with pytest.raises(ValueError, match="no pieces to train on"):
        collect_bars([])
