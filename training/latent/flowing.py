"""What the flow learns: the vectors of passages of up to 64 bars, under conditions with gaps.

R rows, T bars, D numbers of a bar's vector.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from partimento.errors import PartimentoError
from partimento.model.latent.autoencoder import Autoencoder
from partimento.model.latent.flow import PART, FlowConfig, Objective
from partimento.model.latent.flow_conditions import TABLES, TOLD, tell_numbers, tell_places
from partimento.model.latent.flow_network import FlowNetwork
from partimento.model.latent.steering import fit_probe
from partimento.model.latent.weights import pack_part
from partimento.music.attributes import ATTRIBUTES, measure, rank
from partimento.music.note_tables import Ints
from partimento.music.sketch import BITS, ONSETS, PITCHES, Floats
from partimento.training.latent.autoencoding import TRANSPOSE
from partimento.training.latent.bars import Bars
from partimento.training.latent.config import LatentTraining

Bools = npt.NDArray[np.bool_]
REGISTER = ATTRIBUTES.index("register")
PIECE_POWER = 0.7
"""A piece is drawn by its bars, 200 at most, to this power."""
FROM_START = 0.4
"""Share of the passages that begin where their piece does."""
WITHOUT = {"all": 0.1, "style": 0.15, "key": 0.15, "meter": 0.15, "tempo": 0.2}
"""How often a passage is not told a condition, or none at all."""
WITHOUT_ENSEMBLE = 0.3
WITHOUT_ATTRIBUTES = 0.3
ATTRIBUTE_KNOWN = 0.5
"""How often each attribute is told where some are."""
LENGTH_KNOWN = 0.8
WITH_GIVEN = 0.35
"""Share of the passages some of whose bars are given."""
PROBE_PASSAGES = 3000
PROBE_BARS = 16
"""How many passages the probe of attributes is fitted to, and how long they are."""
VALID_TIMES = (0.1, 0.3, 0.5, 0.7, 0.9)


class Passages(NamedTuple):
    """A batch of passages."""

    vectors: Floats
    """(R, T, D)."""
    absent: Bools
    """(R, T) bars beyond the end of the piece."""
    known: Bools
    """(R, T) bars that are given."""
    tables: Ints
    numbers: Floats
    places: Ints


class Flowing:
    """The flow's batches, loss and figures."""

    name = PART

    def __init__(
        self,
        config: FlowConfig,
        training: LatentTraining,
        autoencoder: Autoencoder,
        train: Bars,
        valid: Bars,
        autoencoder_hash: str = "",
    ) -> None:
        if autoencoder.config.latent != config.latent:
            raise PartimentoError(
                f"latent of the flow must be {autoencoder.config.latent} as the autoencoder's, "
                f"got {config.latent}"
            )
        torch.manual_seed(training.seed)
        self.network = FlowNetwork(config)
        self._training = training
        self._autoencoder = autoencoder
        self._hash = autoencoder_hash
        self._train, self._valid = train, valid
        self._weights = {id(bars): _piece_weights(bars) for bars in (train, valid)}

    def loss(self, rng: np.random.Generator) -> Tensor:
        """Mean squared error of what the network says of a batch of noisy passages."""
        passages = self.draw(self._train, self._training.rows, rng)
        times = draw_times(self.network.config.objective, self._training.rows, rng)
        return self._error(passages, times, rng)

    def evaluate(self) -> dict[str, float]:
        """The error on held-out passages at five times; the same passages each time."""
        figures = {}
        with torch.inference_mode():
            for at in VALID_TIMES:
                errors = []
                rng = np.random.default_rng(5)
                for _ in range(4):
                    passages = self.draw(self._valid, 32, rng, is_told=True)
                    times = np.full(32, at, np.float32)
                    errors.append(self._error(passages, times, rng).item())
                figures[f"error at {at}"] = float(np.mean(errors))
        figures["error"] = float(np.mean(list(figures.values())))
        return figures

    def file(self) -> bytes:
        """The trained flow in half precision, with its probe and the hash of its autoencoder."""
        self.network.probe.set(self._probe(np.random.default_rng(self._training.seed)))
        config = self.network.config.to_dict()
        return pack_part(PART, config, self.network.arrays(), autoencoder=self._hash)

    def settings(self) -> Mapping[str, object]:
        """The shape, the data and the autoencoder."""
        config = self.network.config.to_dict()
        return {"model": config, "bars": self._train.count, "autoencoder": self._hash}

    def draw(
        self, bars: Bars, rows: int, rng: np.random.Generator, is_told: bool = False
    ) -> Passages:
        """A batch of passages; with `is_told` all conditions are told and no bars given."""
        length, size = self.network.config.bars, self.network.config.latent
        values = []
        absent = np.ones((rows, length), np.bool_)
        known = np.zeros((rows, length), np.bool_)
        tables = np.zeros((rows, len(TABLES)), np.int64)
        numbers = np.zeros((rows, TOLD), np.float32)
        first, total = np.zeros(rows, np.int64), np.zeros(rows, np.int64)
        pieces = rng.choice(bars.pieces, rows, p=self._weights[id(bars)])
        for row, piece in enumerate(pieces.tolist()):
            start, end = bars.starts[piece : piece + 2].tolist()
            total[row] = end - start
            if end - start > length and rng.random() >= FROM_START:
                first[row] = rng.integers(0, end - start - length + 1)
            at = slice(start + int(first[row]), min(start + int(first[row]) + length, end))
            semitones = int(rng.integers(TRANSPOSE[0], TRANSPOSE[1] + 1))
            values.append(bars.values(at, semitones))
            absent[row, : len(values[-1])] = False
            told = _Told(bars, piece, at, semitones, values[-1])
            tables[row], numbers[row] = told.everything() if is_told else told.some(rng)
            if not is_told:
                known[row, : len(values[-1])] = _draw_given(len(values[-1]), rng)
                total[row] *= rng.random() < LENGTH_KNOWN
        vectors = np.zeros((rows, length, size), np.float32)
        vectors[~absent] = self._autoencoder.encode(np.concatenate(values))
        return Passages(vectors, absent, known, tables, numbers, tell_places(first, total, length))

    def _probe(self, rng: np.random.Generator) -> dict[str, Floats]:
        """The probe of attributes, fitted to passages of the training music."""
        bars, length = self._train, min(PROBE_BARS, self.network.config.bars)
        means, ranks = [], []
        for piece in rng.choice(bars.pieces, PROBE_PASSAGES, p=self._weights[id(bars)]).tolist():
            start, end = bars.starts[piece : piece + 2].tolist()
            first = start + int(rng.integers(0, max(1, end - start - length + 1)))
            at = slice(first, min(first + length, end))
            semitones = int(rng.integers(TRANSPOSE[0], TRANSPOSE[1] + 1))
            values = bars.values(at, semitones)
            means.append(self._autoencoder.encode(values).mean(0))
            ranks.append(_Told(bars, piece, at, semitones, values).ranks)
        return fit_probe(np.array(means), np.array(ranks))

    def _error(self, passages: Passages, time: Floats, rng: np.random.Generator) -> Tensor:
        """Mean over the bars that are there and not given."""
        data = torch.from_numpy(passages.vectors)
        noise = torch.from_numpy(rng.standard_normal(passages.vectors.shape, np.float32))
        times = torch.from_numpy(time)
        t = times[:, None, None]
        known, absent = torch.from_numpy(passages.known), torch.from_numpy(passages.absent)
        if self.network.config.objective == "flow":
            x, expected = (1 - t) * noise + t * data, data - noise
        else:
            x = (t * torch.pi / 2).sin() * data + (t * torch.pi / 2).cos() * noise
            expected = noise
        said = self.network(
            x,
            times,
            torch.from_numpy(passages.tables),
            torch.from_numpy(passages.numbers),
            torch.from_numpy(passages.places),
            data,
            known,
            absent,
        )
        counted = ~(known | absent)
        error: Tensor = ((said - expected) ** 2).mean(-1)[counted].mean()
        return error


class _Told:
    """What can be told of a passage."""

    def __init__(self, bars: Bars, piece: int, at: slice, semitones: int, values: Floats) -> None:
        header = bars.headers[at.start].astype(np.int64)
        if header[0]:
            key = int(header[0]) - 1
            header[0] = 1 + key // 12 * 12 + (key + semitones) % 12
        self.tables = np.append(bars.styles[piece], header)
        self.ensemble = values[:, ONSETS + PITCHES : BITS].max(0)
        measures = measure(bars.statistics[at].astype(np.float64), values[:, :ONSETS])
        measures[REGISTER] += semitones
        self.ranks = rank(measures)

    def everything(self) -> tuple[Ints, Floats]:
        """Tables and numbers with all that is known."""
        return self.tables, tell_numbers(self.ensemble, self.ranks)

    def some(self, rng: np.random.Generator) -> tuple[Ints, Floats]:
        """Tables and numbers with gaps, as requests have them."""
        if rng.random() < WITHOUT["all"]:
            nothing = np.full(len(ATTRIBUTES), np.nan, np.float32)
            return np.zeros_like(self.tables), tell_numbers(None, nothing)
        shares = np.array([WITHOUT[name] for name in ("style", "key", "meter", "tempo")])
        tables = np.where(rng.random(len(shares)) < shares, 0, self.tables)
        ensemble = None if rng.random() < WITHOUT_ENSEMBLE else self.ensemble
        share = 0.0 if rng.random() < WITHOUT_ATTRIBUTES else ATTRIBUTE_KNOWN
        is_told = rng.random(len(self.ranks)) < share
        return tables, tell_numbers(ensemble, np.where(is_told, self.ranks, np.nan))


def draw_times(objective: Objective, rows: int, rng: np.random.Generator) -> Floats:
    """(R,) the time of each passage of a batch, 0..1.

    A flow learns the middle of its way more often than the ends (Esser et al. 2024,
    arXiv:2403.03206), diffusion all times alike (Ho et al. 2020, arXiv:2006.11239).
    """
    if objective == "diffusion":
        return rng.random(rows, np.float32)
    return (1 / (1 + np.exp(-rng.standard_normal(rows)))).astype(np.float32)


def _piece_weights(bars: Bars) -> npt.NDArray[np.float64]:
    """(P,) how often to draw each piece: by its length, its style by the root of its share."""
    weights = np.minimum(np.diff(bars.starts), 200).astype(np.float64) ** PIECE_POWER
    styles = np.bincount(bars.styles, weights)
    weights *= styles[bars.styles] ** -0.5
    balanced: npt.NDArray[np.float64] = weights / weights.sum()
    return balanced


def _draw_given(bars: int, rng: np.random.Generator) -> Bools:
    """(bars,) which bars are given: none, those outside or inside a stretch, or some of them."""
    known = np.zeros(bars, np.bool_)
    draw = rng.random() / WITH_GIVEN
    if draw >= 1:
        return known
    if draw < 0.75:
        first, end = sorted(rng.integers(0, bars + 1, 2).tolist())
        known[first:end] = True
        if draw < 0.4:
            known = ~known
    else:
        known = rng.random(bars) < rng.random()
    if known.all():
        known[rng.integers(bars)] = False
    return known
