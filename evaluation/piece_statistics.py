"""What a piece is like in numbers, for generated pieces beside held-out ones.

The four published measures are defined as in muspy (H.-W. Dong and others, "MusPy", ISMIR 2020),
which the tests compare them with.
"""

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields

import numpy as np
import numpy.typing as npt

from partimento.errors import PartimentoError
from partimento.music.bars import bar_starts
from partimento.music.key_finding import estimate_key
from partimento.music.score import GRID_TICKS_PER_QUARTER, Key, Note, Score

_MAJOR_SCALE = frozenset((0, 2, 4, 5, 7, 9, 11))
_MINOR_SCALE = frozenset((0, 2, 3, 5, 7, 8, 10, 11))


@dataclass(frozen=True, slots=True)
class PieceStatistics:
    """Measures of one piece, or their means; NaN where a piece has nothing to measure."""

    bars: float
    notes: float
    """Drum notes included."""
    notes_per_bar: float
    polyphony: float
    """Mean number of pitches that sound at once while any does."""
    pitch_class_entropy: float
    """In bits; 3.58 when all twelve are equally frequent (Wu and Yang, ISMIR 2020)."""
    scale_consistency: float
    """Share of pitched notes in the best fitting scale (Mogren, C-RNN-GAN, 2016)."""
    groove_consistency: float
    """1 - share of grid positions at which neighbouring bars differ in having an onset (Wu and
    Yang, ISMIR 2020), for the most frequent bar length."""
    key_compliance: float
    """Share of pitched notes in the scale of the key in force; minor has both sevenths."""
    ends_on_tonic: float
    """1 when the lowest note that sounds at the last onset is the tonic, else 0."""


def measure_piece(score: Score, key: Key | None = None) -> PieceStatistics:
    """Measure a piece on the token grid against a key, or against its own keys.

    Without any key the estimated one counts. PartimentoError for a score that is not on the grid.
    """
    if score.ticks_per_quarter != GRID_TICKS_PER_QUARTER:
        raise PartimentoError(
            f"ticks_per_quarter must be {GRID_TICKS_PER_QUARTER}, got {score.ticks_per_quarter}; "
            "quantise the score first"
        )
    bars = bar_starts(score)
    pitched = sorted(n for track in score.tracks if not track.is_drum for n in track.notes)
    if key is None and not score.keys:
        key = estimate_key(score)
    keys = (key,) if key else score.keys
    if not bars:
        return PieceStatistics(0, 0, *[math.nan] * 7)
    bar_ticks = Counter(bar.length for bar in bars).most_common(1)[0][0]
    end = bars[-1].start + bars[-1].length
    onsets = np.array([note.onset for track in score.tracks for note in track.notes])
    return PieceStatistics(
        bars=len(bars),
        notes=score.note_count,
        notes_per_bar=score.note_count / len(bars),
        polyphony=_polyphony(pitched, end),
        pitch_class_entropy=_pitch_class_entropy(pitched),
        scale_consistency=_scale_consistency(pitched),
        groove_consistency=_groove_consistency(onsets, end, bar_ticks),
        key_compliance=_key_compliance(pitched, keys),
        ends_on_tonic=_ends_on_tonic(pitched, keys),
    )


def mean_statistics(pieces: Iterable[PieceStatistics]) -> PieceStatistics:
    """The mean of each measure over the pieces that have it; NaN when none has."""
    return PieceStatistics(*column_means(map(astuple, pieces), len(fields(PieceStatistics))))


def column_means(rows: Iterable[tuple[float, ...]], width: int) -> tuple[float, ...]:
    """The mean of each of `width` columns over the rows that have it; NaN when none has."""
    columns = list(zip(*rows, strict=True)) or [()] * width
    known = [[value for value in column if not math.isnan(value)] for column in columns]
    return tuple(sum(k) / len(k) if k else math.nan for k in known)


def _polyphony(pitched: list[Note], end: int) -> float:
    sounding = np.zeros((end, 128), bool)
    for note in pitched:
        sounding[note.onset : note.onset + note.duration, note.pitch] = True
    at_once = sounding.sum(axis=1)
    return float(at_once[at_once > 0].mean()) if pitched else math.nan


def _pitch_class_entropy(pitched: list[Note]) -> float:
    counts = np.array(list(Counter(note.pitch % 12 for note in pitched).values()))
    shares = counts / counts.sum()
    return float(-(shares * np.log2(shares)).sum()) if pitched else math.nan


def _scale_consistency(pitched: list[Note]) -> float:
    """The natural minor scales have the notes of the major ones."""
    counts = np.bincount([note.pitch % 12 for note in pitched], minlength=12)
    scale = np.isin(np.arange(12), list(_MAJOR_SCALE))
    inside = max(int(counts[np.roll(scale, tonic)].sum()) for tonic in range(12))
    return inside / len(pitched) if pitched else math.nan


def _groove_consistency(onsets: npt.NDArray[np.int64], end: int, bar_ticks: int) -> float:
    count = -(-end // bar_ticks)
    grooves = np.zeros(count * bar_ticks, bool)
    grooves[onsets] = True
    bars = grooves.reshape(count, bar_ticks)
    return float(1 - (bars[:-1] != bars[1:]).mean()) if count > 1 else math.nan


def _key_compliance(pitched: list[Note], keys: tuple[Key, ...]) -> float:
    if not pitched or not keys:
        return math.nan
    inside = 0
    for note in pitched:
        key = _key_in_force(keys, note.onset)
        scale = _MINOR_SCALE if key.is_minor else _MAJOR_SCALE
        inside += (note.pitch - key.tonic) % 12 in scale
    return inside / len(pitched)


def _ends_on_tonic(pitched: list[Note], keys: tuple[Key, ...]) -> float:
    if not pitched or not keys:
        return math.nan
    last = pitched[-1].onset
    bass = min(note.pitch for note in pitched if note.onset + note.duration > last)
    return float(bass % 12 == _key_in_force(keys, last).tonic)


def _key_in_force(keys: tuple[Key, ...], tick: int) -> Key:
    """The last key at or before a tick; the first one when all come later."""
    return keys[max(0, bisect_right(keys, tick, key=lambda key: key.tick) - 1)]
