"""What the flow learns: passages, what is told of them, and which bars are given."""

from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
import torch

from partimento.model.latent.autoencoder import Autoencoder, AutoencoderConfig
from partimento.model.latent.bar_network import BarNetwork
from partimento.model.latent.flow import Flow, FlowConfig, Objective
from partimento.model.latent.flow_conditions import MAX_LEFT
from partimento.music.attributes import ATTRIBUTES
from partimento.music.note_tables import Ints
from partimento.music.sketch import Floats
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.vocabulary import TokenArray
from partimento.training.corpus import Entry, Piece
from partimento.training.latent.bars import Bars, collect_bars
from partimento.training.latent.config import LatentTraining
from partimento.training.latent.flowing import Flowing, draw_times
from partimento.training.latent.run import LatentRun

LegalWalk = Callable[..., TokenArray]
SETTINGS = LatentTraining(steps=30, rows=8, warm_up=2, average=0.9)


@pytest.fixture(scope="module")
def bars(legal_walk: LegalWalk) -> Bars:
    walks = [legal_walk(seed, 400, without=[v.HOLE]) for seed in range(8)]
    return collect_bars([Piece(Entry(f"{n}.mid"), walk, 1) for n, walk in enumerate(walks)])


@pytest.fixture(scope="module")
def autoencoder() -> Autoencoder:
    torch.manual_seed(0)
    network = BarNetwork(AutoencoderConfig(latent=6, width=16))
    network.encode(torch.rand(64, network.encoder.first.in_features))
    return Autoencoder(network.config, network.eval().arrays())


def flowing(bars: Bars, autoencoder: Autoencoder, objective: Objective = "flow") -> Flowing:
    config = FlowConfig(latent=6, width=24, layers=2, heads=2, bars=8, objective=objective)
    return Flowing(config, SETTINGS, autoencoder, bars, bars)


def test_a_passage_is_a_stretch_of_a_piece(bars: Bars, autoencoder: Autoencoder) -> None:
    passages = flowing(bars, autoencoder).draw(bars, 20, np.random.default_rng(0), is_told=True)
    lengths = (~passages.absent).sum(1)
    assert lengths.max() == 8
    assert not passages.known.any()
    assert not passages.vectors[passages.absent].any()
    # Bars since the start, and one more than the bars left, add up to those of the piece.
    whole = set(np.diff(bars.starts).tolist())
    for row, count in enumerate(lengths):
        since, _, left = passages.places[row, count - 1]
        if since < MAX_LEFT and left <= MAX_LEFT:
            assert int(since + left) in whole


class Recorder(Bars):
    """Bars that note by how much they were transposed."""

    shifts: ClassVar[list[tuple[int, int]]] = []

    def values(self, at: Ints | slice, semitones: int = 0) -> Floats:
        assert isinstance(at, slice)
        self.shifts.append((int(self.headers[at.start, 0]), semitones))
        return super().values(at, semitones)


def test_a_transposed_passage_is_told_the_key_it_moved_to(
    bars: Bars, autoencoder: Autoencoder
) -> None:
    recorder = Recorder(**{field.name: getattr(bars, field.name) for field in fields(bars)})
    passages = flowing(recorder, autoencoder).draw(
        recorder, 40, np.random.default_rng(0), is_told=True
    )
    moved = 0
    for found, (key, semitones) in zip(passages.tables[:, 1], recorder.shifts, strict=True):
        if key == 0:
            assert found == 0
            continue
        tonic, is_minor = (key - 1) % 12, key > 12
        assert found == 1 + (tonic + semitones) % 12 + 12 * is_minor
        moved += semitones != 0
    assert moved > 5


def test_requests_have_gaps(bars: Bars, autoencoder: Autoencoder) -> None:
    task = flowing(bars, autoencoder)
    full = task.draw(bars, 200, np.random.default_rng(1), is_told=True)
    some = task.draw(bars, 200, np.random.default_rng(1))
    ensemble, attributes = len(v.INSTRUMENTS), len(v.INSTRUMENTS) + 1 + len(ATTRIBUTES)
    assert (full.numbers[:, ensemble] == 1).all()
    assert 0.5 < some.numbers[:, ensemble].mean() < 0.75
    assert 0.2 < some.numbers[:, attributes:].mean() < 0.45
    assert (some.tables[:, 2] == 0).mean() > 0.1
    given = some.known.any(1)
    assert 0.15 < given.mean() < 0.45
    assert not (some.known & some.absent).any()
    assert not (some.known | some.absent).all(1).any()


@pytest.mark.slow
@pytest.mark.parametrize("objective", ["flow", "diffusion"])
def test_training_lowers_the_error(
    objective: Objective, bars: Bars, autoencoder: Autoencoder, tmp_path: Path
) -> None:
    run = LatentRun(flowing(bars, autoencoder, objective), SETTINGS, tmp_path)
    before = run.task.evaluate()["error"]
    last = list(run.train())[-1]
    assert last.figures is not None
    assert last.figures["error"] < before
    assert Flow.load(run.checkpoint).config.objective == objective


@pytest.mark.parametrize(
    ("objective", "middle"),
    # Between a third and two thirds, the logistic function of a normal number within log 2.
    [("flow", 0.512), ("diffusion", 1 / 3)],
)
def test_a_flow_learns_its_middle_most_and_diffusion_all_times_alike(
    objective: Objective, middle: float
) -> None:
    times = draw_times(objective, 20_000, np.random.default_rng(0))
    assert times.dtype == np.float32
    assert 0 <= times.min() <= times.max() <= 1
    assert ((times > 1 / 3) & (times < 2 / 3)).mean() == pytest.approx(middle, abs=0.02)


def test_a_flow_for_other_vectors_is_refused(bars: Bars, autoencoder: Autoencoder) -> None:
    with pytest.raises(ValueError, match="latent of the flow must be 6 as the autoencoder's"):
        Flowing(FlowConfig(latent=5), SETTINGS, autoencoder, bars, bars)
