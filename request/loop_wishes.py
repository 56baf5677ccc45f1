"""What may be wished of a piece that is to be a loop."""

from dataclasses import dataclass

from partimento.request.readers import Interval, Whole, YesNo
from partimento.request.settings import About, Setting


@dataclass(frozen=True)
class LoopWishes:
    """Whether a piece is a loop, and in how many layers."""

    loop: Setting[bool, bool] = Setting(
        False,
        YesNo(),
        About(
            "Write a loop: the end leads back to the beginning, at an exact length.",
            after="chords",
        ),
    )
    layers: Setting[int | None, int | None] = Setting(
        None,
        Whole(Interval(2, 8)),
        About(
            "Write the loop in so many layers too, {interval}, each with the parts of the one "
            "before and more.",
            after="loop",
        ),
    )
