"""How the temperature moves over the bars of a piece: explore first, settle at the end."""

import math

import numpy as np
from numpy.typing import NDArray

from partimento.errors import SettingError
from partimento.request.contradictions import check_positive
from partimento.request.readers import Choice, read
from partimento.request.request import Request
from partimento.request.values import SCHEDULES


def bar_temperatures(request: Request) -> NDArray[np.float32]:
    """Temperature of each bar of a request (bars,)."""
    if request.temperature_end is None:
        schedule, end = request.schedule or "constant", request.temperature
    else:
        schedule, end = request.schedule or "linear", request.temperature_end
    return temperatures(schedule, request.temperature, end, request.bars)


def temperatures(schedule: str, start: float, end: float, bars: int) -> NDArray[np.float32]:
    """One temperature for each bar (bars,): exactly `start` in the first, `end` in the last.

    A single bar has `start`, and so does every bar of a constant schedule. Linear falls by
    equal steps, cosine lingers at both ends, exponential falls by equal ratios and therefore
    cannot start or end at 0. Raises ValueError for that, and for a value out of range.

    >>> temperatures("linear", 1.5, 0.5, 5).tolist()
    [1.5, 1.25, 1.0, 0.75, 0.5]
    """
    read("schedule", Choice(SCHEDULES), schedule)
    for name, value in (("temperature", start), ("temperature_end", end)):
        if not 0 <= value < math.inf:
            raise SettingError(name, f"must be finite and not negative, got {value:g}")
    if schedule == "exponential":
        check_positive(start, end)
    if bars < 1:
        raise SettingError("bars", f"must be at least 1, got {bars}")
    progress = np.linspace(0.0, 1.0, bars)
    if schedule == "constant":
        values = np.full(bars, start)
    elif schedule == "linear":
        values = start + (end - start) * progress
    elif schedule == "cosine":
        values = end + (start - end) * (1 + np.cos(np.pi * progress)) / 2
    else:
        values = start * (end / start) ** progress
    values[0] = start
    if bars > 1 and schedule != "constant":
        values[-1] = end
    return values.astype(np.float32)
