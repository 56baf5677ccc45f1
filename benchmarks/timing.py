"""Measurements that take turns, so that a change of the machine's pace meets all of them."""

import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple


class Measurement(NamedTuple):
    """Something that is measured several times."""

    name: str
    """What is measured, such as `int8`."""
    run: Callable[[], Mapping[str, float]]
    """Measures once; one figure or several by case, such as `first 256`."""
    rounds: int | None = None
    """How often at most; None: in every round."""


class Results(dict[tuple[str, str], float]):
    """Median of each figure by name and case."""

    def ratio(self, one: tuple[str, str], other: tuple[str, str]) -> float | None:
        """One figure divided by another; None when either was not measured."""
        return self[one] / self[other] if one in self and other in self else None


def take_turns(measurements: Sequence[Measurement], rounds: int) -> Results:
    """Run every measurement once a round, in turn; the medians."""
    values: dict[tuple[str, str], list[float]] = {}
    for number in range(rounds):
        for measurement in measurements:
            if measurement.rounds is not None and number >= measurement.rounds:
                continue
            start = time.perf_counter()
            for case, value in measurement.run().items():
                values.setdefault((measurement.name, case), []).append(value)
            if sys.stderr.isatty():
                took = time.perf_counter() - start
                print(f"round {number + 1}: {measurement.name} ({took:.1f} s)", file=sys.stderr)
    return Results({key: statistics.median(found) for key, found in values.items()})
