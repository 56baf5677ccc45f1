"""What is to change in a piece: bars written anew, lines replaced, added or taken out."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from partimento.errors import SettingError
from partimento.music.bar_ranges import BarRanges, parse_bar_ranges
from partimento.music.instruments import find_players, split_names
from partimento.request.readers import (
    Choice,
    Interval,
    Names,
    Number,
    Text,
    Whole,
    YesNo,
    between_commas,
    wrong,
)
from partimento.request.request import REQUEST_SETTINGS
from partimento.request.settings import About, Setting, check_names, plain, settings_of
from partimento.request.sketch_wishes import ATTRIBUTE_WISHES

MAX_NAMES = 16
HARMONIES = ("satb",)
"""How a melody may be harmonised: as soprano, with alto, tenor and bass."""
_Names = Setting[tuple[str, ...] | None, Sequence[str] | None]
_Ranges = Setting[BarRanges | None, BarRanges | Sequence[int | str] | str | int | None]


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars of a piece: a text such as "5-8, 13", a number, or several of these."""

    def __call__(self, value: object, /) -> BarRanges:
        """The bars.

        >>> str(Bars()("5-8, 13")), str(Bars()(5)), str(Bars()((3, "5-8")))
        ('5-8, 13', '5', '3, 5-8')
        """
        if isinstance(value, BarRanges):
            return value
        parts = value if isinstance(value, list | tuple) else (value,)
        for part in parts:
            if isinstance(part, bool) or not isinstance(part, int | str):
                raise wrong(f"must be bars such as 5-8 or 3, got {part!r}")
        return parse_bar_ranges(", ".join(map(str, parts)))

    def from_text(self, text: str) -> object:
        """The text, or the number that it writes, which a table may write as 8.0."""
        return Whole().from_text(text)


@dataclass(frozen=True)
class Edit:
    """What is to change; everything else stays as it is, event for event.

    What is asked for happens in the order of the fields. Raises SettingError for what does not
    go together.
    """

    remove: _Names = Setting(
        None,
        Names(MAX_NAMES, tuple, between_commas),
        About(
            'Lines to take out, such as "piano 2"; `partimento info` lists them.',
            is_repeated=True,
        ),
    )
    fill: _Ranges = Setting(
        None,
        Bars(),
        About(
            "Bars to write anew between what stands before and after, such as 5-8 or 3, 9-12.",
            is_repeated=True,
        ),
    )
    line: Setting[str | None, str | None] = Setting(
        None, Text(), About("The one line whose bars are filled, or that is harmonised.")
    )
    reroll: Setting[str | None, str | None] = Setting(
        None, Text(), About("A line to write anew; with bars only there.")
    )
    replace: _Names = Setting(
        None,
        Names(MAX_NAMES, tuple, between_commas),
        About(
            "Lines to write anew from beginning to end; instruments names who plays them then.",
            is_repeated=True,
        ),
    )
    add: _Names = Setting(
        None,
        Names(MAX_NAMES, find_players, split_names),
        About('Instruments to add, a line each, such as "bass, drums".', is_repeated=True),
    )
    accompany: _Names = Setting(
        None,
        Names(MAX_NAMES, find_players, split_names),
        About(
            "Instruments that accompany what is there, below it and throughout.", is_repeated=True
        ),
    )
    harmonise: Setting[str | None, str | None] = Setting(
        None,
        Choice(HARMONIES),
        About("Voices to add to a melody in the style of chorales: satb.", is_listed=True),
    )
    vary: Setting[float | None, float | None] = Setting(
        None,
        Number(Interval(0, 1)),
        About(
            "Write the piece anew after its own sketch, and move away from it so far, {interval}."
        ),
    )
    keep: _Names = Setting(
        None,
        Names(MAX_NAMES, tuple, between_commas),
        About("Lines that stay as they are when the others are varied.", is_repeated=True),
    )
    loop: Setting[bool, bool] = Setting(
        False,
        YesNo(),
        About(
            "Make a loop of the piece: its last bars are written anew, so that they lead to its "
            "beginning.",
        ),
    )
    bars: _Ranges = Setting(
        None,
        Bars(),
        About(
            "Bars to keep to; all by default. Those of fill are its own; with loop alone, the last "
            "bars, which are written anew.",
            is_repeated=True,
        ),
    )

    def __post_init__(self) -> None:
        """Check what belongs together."""
        if not any(map(self._asks_for, ACTIONS)):
            options = ", ".join(ACTIONS)
            raise SettingError("fill", f"or another change must be asked for: {options}")
        if self.line is not None and not (self.fill or self.harmonise):
            raise SettingError("line", f"needs fill or harmonise, got {self.line!r} alone")
        if self.keep is not None and self.vary is None:
            raise SettingError("keep", "needs vary: other edits keep what they do not name")
        if self.vary is not None and any(getattr(self, name) for name in ACTIONS if name != "vary"):
            raise SettingError("vary", "must stand alone; vary first, then edit the result")
        if self.bars is not None and not (self.loop or self.is_within_bars):
            hint = "; fill names bars of its own" if self.fill else ""
            raise SettingError("bars", f"needs one of {', '.join(_IN_BARS)}, loop{hint}")
        if self.harmonise and (self.fill or self.reroll or self.replace):
            raise SettingError(
                "harmonise", "must stand alone; harmonise first, then edit the result"
            )

    @property
    def is_within_bars(self) -> bool:
        """Whether `bars` say where lines change; where not, they are the end of a loop."""
        return any(map(self._asks_for, _IN_BARS))

    def _asks_for(self, name: str) -> bool:
        """Whether a setting is not off."""
        value = getattr(self, name)
        return value is not None and value is not False

    def to_dict(self) -> dict[str, object]:
        """What is asked for, as JSON keeps it."""
        names = [field.name for field in dataclasses.fields(self)]
        return {name: plain(getattr(self, name)) for name in names if self._asks_for(name)}

    @classmethod
    def from_dict(cls, settings: Mapping[str, object]) -> "Edit":
        """The edit that `to_dict` described; PartimentoError for a setting that is none."""
        check_names(settings, EDIT_SETTINGS)
        return cls(**cast(dict[str, Any], dict(settings)))


ACTIONS = ("remove", "fill", "reroll", "replace", "add", "accompany", "harmonise", "vary", "loop")
"""Settings each of which changes a piece."""
_IN_BARS = ("reroll", "replace", "add", "accompany", "vary")
EDIT_SETTINGS = settings_of(Edit)
"""What may be asked of an edit, in the order in which it is shown."""
WISHES_OF_NEW = {
    name: REQUEST_SETTINGS[name]
    for name in (
        *("style", "key", "scale", "lock_key", "swing", "instruments", "without", "chords"),
        *("pitch_range", "dynamic", "expression", "temperature", "temperature_end", "schedule"),
        *("top_k", "top_p", "min_p", "key_pull", "chord_pull", "allow_loops", "seed"),
        *("sketch", "follow", "guidance", *ATTRIBUTE_WISHES),
    )
}
"""Wishes of a piece that hold for what is new; the file says how long it is, and how fast."""
