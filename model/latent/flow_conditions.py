"""What the flow is told of a piece: style, key, meter, tempo, ensemble, attributes; numpy only.

R rows (pieces), T bars, O told numbers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from partimento.errors import PartimentoError, SettingError
from partimento.music.attributes import ATTRIBUTES
from partimento.music.note_tables import Ints
from partimento.music.sketch import Floats
from partimento.tokenizer import vocabulary as v

TABLES = (len(v.STYLES) + 1, len(v.KEYS) + 1, len(v.METERS) + 1, len(v.TEMPOS) + 1)
"""Values of style, key, meter and tempo; 0 is not told."""
TOLD = len(v.INSTRUMENTS) + 1 + 2 * len(ATTRIBUTES)
"""Numbers told: which instruments play, whether that is told, the attributes from -1 to 1,
and which of them are told."""
MAX_LEFT = 32
"""Bars left are told apart up to here; so are bars since the start."""
PHASES = 16
"""Bars are numbered modulo this, so that phrases of 2, 4, 8 and 16 bars show."""


@dataclass(frozen=True)
class Conditions:
    """What is wished of a piece; None and nothing in a mapping leave it to the flow."""

    style: int | None = None
    """Index into STYLES."""
    key: int | None = None
    """Index into KEYS."""
    meter: int | None = None
    """Index into METERS."""
    tempo: int | None = None
    """Index into TEMPOS."""
    instruments: tuple[int, ...] | None = None
    """All instruments that play, as indices into INSTRUMENTS."""
    attributes: Mapping[str, float] = field(default_factory=dict)
    """By name, from 0 to 1."""

    def __post_init__(self) -> None:
        """Check every field."""
        tables = (("style", v.STYLES), ("key", v.KEYS), ("meter", v.METERS), ("tempo", v.TEMPOS))
        for name, table in tables:
            value = getattr(self, name)
            if value is not None and not 0 <= value < len(table):
                raise SettingError(name, f"must be in 0..{len(table) - 1}, got {value}")
        for instrument in self.instruments or ():
            if not 0 <= instrument < len(v.INSTRUMENTS):
                last = len(v.INSTRUMENTS) - 1
                raise SettingError("instruments", f"must be in 0..{last}, got {instrument}")
        for name, wish in self.attributes.items():
            if name not in ATTRIBUTES:
                raise PartimentoError(
                    f"no attribute is called {name!r}; known: {', '.join(ATTRIBUTES)}"
                )
            if not 0 <= wish <= 1:
                raise SettingError(name, f"must be in [0, 1], got {wish}")


class Told(NamedTuple):
    """Conditions as arrays."""

    tables: Ints
    """(R, 4) style, key, meter and tempo: index plus one, 0 not told."""
    numbers: Floats
    """(R, O) ensemble and attributes."""


def tell(conditions: Sequence[Conditions]) -> Told:
    """The arrays of conditions, a row of each."""
    tables = np.zeros((len(conditions), len(TABLES)), np.int64)
    numbers = np.zeros((len(conditions), TOLD), np.float32)
    for row, wish in enumerate(conditions):
        for column, value in enumerate((wish.style, wish.key, wish.meter, wish.tempo)):
            tables[row, column] = 0 if value is None else value + 1
        ensemble = np.zeros(len(v.INSTRUMENTS), np.float32)
        ensemble[list(wish.instruments or ())] = 1
        ranks = np.array([wish.attributes.get(name, np.nan) for name in ATTRIBUTES], np.float32)
        told = None if wish.instruments is None else ensemble
        numbers[row] = tell_numbers(told, ranks)
    return Told(tables, numbers)


def tell_numbers(ensemble: Floats | None, ranks: Floats) -> Floats:
    """(O,) the told numbers of an ensemble, None for not told, and of attributes; NaN: not told."""
    numbers = np.zeros(TOLD, np.float32)
    count = len(v.INSTRUMENTS)
    if ensemble is not None:
        numbers[:count] = ensemble
        numbers[count] = 1
    known = ~np.isnan(ranks)
    numbers[count + 1 :][: len(ranks)] = np.where(known, 2 * np.nan_to_num(ranks) - 1, 0)
    numbers[count + 1 + len(ranks) :] = known
    return numbers


def tell_places(first: Ints, total: Ints, bars: int) -> Ints:
    """(R, T, 3) of each bar: bars since the start, number modulo PHASES, bars left.

    first (R,) the number of each row's first bar in its piece, total (R,) the bars of the
    piece, 0 when they are not told.
    """
    number = first[:, None] + np.arange(bars)
    left = np.clip(total[:, None] - number - 1, 0, MAX_LEFT)
    told_left = np.where(total[:, None] > 0, 1 + left, 0)
    return np.stack([np.minimum(number, MAX_LEFT), number % PHASES, told_left], -1)
