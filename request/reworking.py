"""What may be asked of pieces that are written after others: varied, blended or arranged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from partimento.music.bar_ranges import BarRanges
from partimento.request.edit import MAX_NAMES, WISHES_OF_NEW, Bars, Edit
from partimento.request.presets import Manner
from partimento.request.readers import Interval, Names, Number, Whole, between_commas
from partimento.request.request import REQUEST_SETTINGS
from partimento.request.settings import About, Setting, settings_of


@dataclass(frozen=True)
class Variation:
    """How far a piece is varied, and where; it is an edit of its own kind."""

    amount: Setting[float, float] = Setting(
        0.3,
        Number(Interval(0, 1)),
        About("How far to move away, {interval}: 0 stays near, 1 is new; {default} by default."),
    )
    bars: Setting[BarRanges | None, BarRanges | Sequence[int | str] | str | int | None] = Setting(
        None, Bars(), About("Bars to vary, such as 5-8; all by default.", is_repeated=True)
    )
    keep: Setting[tuple[str, ...] | None, Sequence[str] | None] = Setting(
        None,
        Names(MAX_NAMES, tuple, between_commas),
        About("Lines that stay as they are when the others are varied.", is_repeated=True),
    )

    @classmethod
    def of(cls, settings: Mapping[str, object]) -> "Variation":
        """What settings say of it, others among them; SettingError for one that cannot be."""
        own = {name: settings[name] for name in VARIATION_SETTINGS if name in settings}
        return cls(**cast(dict[str, Any], own))

    @property
    def edit(self) -> Edit:
        """The edit that varies a piece so."""
        return Edit(vary=self.amount, bars=self.bars, keep=self.keep)


@dataclass(frozen=True)
class Blending:
    """How many pieces lie on the way from one piece to another."""

    steps: Setting[int, int] = Setting(
        5,
        Whole(Interval(2, 64)),
        About("Pieces to write, both ends included, {interval}; {default} by default."),
    )

    @classmethod
    def of(cls, settings: Mapping[str, object]) -> "Blending":
        """What settings say of it, others among them; SettingError for one that cannot be."""
        own = {name: settings[name] for name in BLENDING_SETTINGS if name in settings}
        return cls(**cast(dict[str, Any], own))


VARIATION_SETTINGS = settings_of(Variation)
BLENDING_SETTINGS = settings_of(Blending)
_OF_THE_FILE = ("chords", "chord_pull", "swing", "sketch")
WISHES_OF_VARIED = {n: s for n, s in WISHES_OF_NEW.items() if n not in _OF_THE_FILE}
"""Wishes that hold for what is varied."""
WISHES_AFTER_OTHERS = {
    name: REQUEST_SETTINGS[name]
    for name in (
        *("style", "key", "bpm", "instruments", "without", "lock_key", "scale", "pitch_range"),
        *("dynamic", "expression", "swing", "follow", "temperature", "temperature_end"),
        *("schedule", "top_k", "top_p", "min_p", "key_pull", "allow_loops", "seed"),
    )
}
"""Wishes of a piece that is blended or arranged; its models say how long it is, and in which
meter."""
MODE = {"mode": settings_of(Manner)["mode"]}
"""A temperature by name, which goes with all of these wishes."""
