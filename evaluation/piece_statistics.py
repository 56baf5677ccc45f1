"""What a piece is like in numbers, for generated pieces beside held-out ones.

The published measures come from muspy (H.-W. Dong and others, "MusPy", ISMIR 2020), which the
`eval` extra installs.
"""

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields
from types import ModuleType
from typing import cast

from partimento.errors import PartimentoError
from partimento.music.bars import bar_starts
from partimento.music.key_finding import estimate_key
from partimento.music.score import GRID_TICKS_PER_QUARTER, Key, Note, Score

_MAJOR_SCALE = frozenset((0, 2, 4, 5, 7, 9, 11))
_MINOR_SCALE = frozenset((0, 2, 3, 5, 7, 8, 10, 11))


class MissingPackageError(ValueError):
    """An optional package is not installed; the message says how to install it."""


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

    Without any key the estimated one counts. ValueError for a score that is not on the grid,
    MissingPackageError when muspy is not installed.
    """
    muspy = require_muspy()
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
    # muspy counts a bar that begins at the last note's end; one tick less keeps it out.
    last_tick = bars[-1].start + bars[-1].length - 1
    music = muspy.Music(
        resolution=GRID_TICKS_PER_QUARTER,
        tracks=[
            muspy.Track(
                is_drum=track.is_drum,
                notes=[
                    muspy.Note(n.onset, n.pitch, max(0, min(n.duration, last_tick - n.onset)))
                    for n in track.notes
                ],
            )
            for track in score.tracks
        ],
    )
    return PieceStatistics(
        bars=len(bars),
        notes=score.note_count,
        notes_per_bar=score.note_count / len(bars),
        polyphony=float(muspy.polyphony(music)),
        pitch_class_entropy=float(muspy.pitch_class_entropy(music)),
        scale_consistency=float(muspy.scale_consistency(music)),
        groove_consistency=float(muspy.groove_consistency(music, bar_ticks)),
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


def require_muspy() -> ModuleType:
    """The muspy package; MissingPackageError when it is not installed."""
    try:
        import muspy
    except ImportError as error:
        raise MissingPackageError(
            "muspy is not installed; run: pip install 'partimento[eval]'"
        ) from error
    return cast(ModuleType, muspy)


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
