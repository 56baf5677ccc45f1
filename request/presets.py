"""What may be asked beside a request: a preset of its settings, and what the file holds."""

from collections.abc import Mapping
from dataclasses import dataclass

from partimento.request.readers import Choice, YesNo
from partimento.request.settings import CHOICE, About, Setting

PRESETS: Mapping[str, Mapping[str, float]] = {
    "considered": {"temperature": 0.7},
    "expressive": {"temperature": 1.2},
}
"""Settings that each mode stands for; what is given beside it goes first."""

_MEANINGS = ", ".join(f"{name} is {preset['temperature']:g}" for name, preset in PRESETS.items())


@dataclass(frozen=True)
class Manner:
    """What is asked beside the wishes of a request."""

    without_primer: Setting[bool, bool] = Setting(
        False,
        YesNo(),
        About("Write the new bars only, without those of the primer.", after="primer_bars"),
    )
    mode: Setting[str | None, str | None] = Setting(
        None,
        Choice(tuple(PRESETS)),
        About(f"A temperature by name: {_MEANINGS}.", CHOICE, is_listed=True),
    )
