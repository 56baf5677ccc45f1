"""Meters that a bar can be written in, and their beats."""

import re
from typing import NamedTuple

from partimento.errors import SettingError

METERS = (
    *((2, 4), (3, 4), (4, 4), (2, 2), (3, 8), (6, 8)),
    *((9, 8), (12, 8), (5, 4), (6, 4), (3, 2), (4, 2)),
)

_WRITTEN = re.compile(r"0*([1-9][0-9]*)\s*/\s*0*([1-9][0-9]*)")


class TimeSignature(NamedTuple):
    """A meter as a value, written as 6/8; equal to the plain pair of its numbers."""

    numerator: int
    denominator: int

    def __str__(self) -> str:
        return f"{self.numerator}/{self.denominator}"


def parse_meter(text: str) -> TimeSignature:
    """One of METERS.

    >>> str(parse_meter("06 / 8"))
    '6/8'
    """
    match = _WRITTEN.fullmatch(text.strip())
    meter = TimeSignature(int(match[1][:4]), int(match[2][:4])) if match else None
    if meter is None or meter not in METERS:
        known = ", ".join(str(TimeSignature(*pair)) for pair in METERS)
        raise SettingError("meter", f"must be one of {known}, got {text!r}")
    return meter


def is_compound(meter: tuple[int, int]) -> bool:
    """Whether three units make a beat, as in 6/8, 9/8 and 12/16; 3/8 has three beats of its own.

    >>> [is_compound(meter) for meter in ((6, 8), (12, 16), (3, 8), (6, 4))]
    [True, True, False, False]
    """
    return counts_in_threes(meter) and meter[1] >= 8


def counts_in_threes(meter: tuple[int, int]) -> bool:
    """Whether the units of a meter fall into threes: compound meters, and 6/4 and 9/4.

    >>> [counts_in_threes(meter) for meter in ((6, 8), (6, 4), (3, 4), (5, 4))]
    [True, True, False, False]
    """
    return meter[0] % 3 == 0 and meter[0] > 3


def beat_ticks(meter: tuple[int, int], ticks_per_quarter: int) -> int:
    """Ticks of a beat: a unit of the meter, or three in compound meters; at least 1.

    >>> beat_ticks((6, 8), 24), beat_ticks((2, 2), 24), beat_ticks((3, 8), 24)
    (36, 48, 12)
    """
    units = 3 if is_compound(meter) else 1
    return max(1, round(units * 4 * ticks_per_quarter / meter[1]))


def beats(length: int, meter: tuple[int, int], ticks_per_quarter: int) -> range:
    """Ticks of a bar of a length in ticks at which a beat starts, without the first.

    >>> list(beats(144, (12, 8), 24)), list(beats(96, (2, 2), 24))
    ([36, 72, 108], [48])
    """
    step = beat_ticks(meter, ticks_per_quarter)
    return range(step, length, step)
