"""Settings as fields of a dataclass, each checked when it is set, each with its help.

What is written here once, at a field, makes the option of the command line, the row of the
documentation, the reader of files and the message for a wrong value.
"""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Generic, TypeVar, overload

from partimento.errors import PartimentoError
from partimento.request.readers import Choice, Interval, Number, Reader, Whole, read

T = TypeVar("T")
G = TypeVar("G", contravariant=True)

WISHES, SKETCH, CHOICE, OUTPUT = "What to write", "The sketch", "How to choose", "Output"
PANELS = (WISHES, SKETCH, CHOICE, OUTPUT)
"""Panels of the help, in the order in which they are shown."""


@dataclass(frozen=True, slots=True)
class About:
    """What is said of a setting, and where."""

    help: str
    """One sentence; {interval}, {default} and {words} stand for what the reader and the field
    know."""
    panel: str = WISHES
    after: str = ""
    """The setting that it stands behind in lists; its place among the fields by default."""
    is_path: bool = False
    """Whether it names a file."""
    is_repeated: bool = False
    """Whether its option may be given several times, the names of all together."""
    is_listed: bool = False
    """Whether the words of a choice are few enough to stand in the list of options."""


class Setting(Generic[T, G]):
    """A field of a frozen dataclass: T is kept, G may be given.

    None is kept as it is where it is the default: the setting is off, or left to the model.
    """

    def __init__(self, default: T, reader: Reader[T], about: About) -> None:
        self.default = default
        self.reader = reader
        self.about = about
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, instance: None, owner: type) -> T: ...
    @overload
    def __get__(self, instance: object, owner: type) -> T: ...
    def __get__(self, instance: object | None, owner: type) -> T:
        if instance is None:
            return self.default
        value: T = instance.__dict__[self.name]
        return value

    def __set__(self, instance: object, value: G) -> None:
        instance.__dict__[self.name] = self.read(value)

    def read(self, value: object) -> T:
        """The value as it is kept; SettingError that names this setting."""
        if value is None and self.default is None:
            return self.default
        return read(self.name, self.reader, value)

    @property
    def interval(self) -> Interval | None:
        """Of a number."""
        return self.reader.interval if isinstance(self.reader, Whole | Number) else None

    @property
    def words(self) -> tuple[str, ...]:
        """What a choice is made of; empty for other settings."""
        return self.reader.words if isinstance(self.reader, Choice) else ()

    @property
    def help(self) -> str:
        """The sentence about it."""
        default = f"{self.default:g}" if isinstance(self.default, float) else str(self.default)
        interval = self.interval.words if self.interval else ""
        words = ", ".join(self.words)
        return self.about.help.format(interval=interval, default=default, words=words)


def settings_of(*kinds: type) -> dict[str, Setting[object, object]]:
    """The settings of dataclasses by name, in the order in which they are shown."""
    found = {field.name: _setting(kind, field.name) for kind in kinds for field in fields(kind)}
    order = sorted(found, key=lambda name: PANELS.index(found[name].about.panel))
    for name, setting in found.items():
        if setting.about.after in found:
            order.remove(name)
            order.insert(order.index(setting.about.after) + 1, name)
    if "prompt" in found:  # whatever else is asked, words come first
        order.remove("prompt")
        order.insert(0, "prompt")
    return {name: found[name] for name in order}


def _setting(kind: type, name: str) -> Setting[object, object]:
    setting = next(vars(base)[name] for base in kind.__mro__ if name in vars(base))
    assert isinstance(setting, Setting)
    return setting


def check_names(names: Iterable[object], known: Iterable[str], place: str = "") -> None:
    """Refuse a name of no setting, with the nearest one that is.

    >>> check_names(["tempature"], ["temperature", "bars"])
    Traceback (most recent call last):
    partimento.errors.PartimentoError: setting 'tempature' does not exist; did you mean temperature?
    """
    known = list(known)
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(str(name), known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(known)}"
            shown = repr(str(name)[:40])
            raise PartimentoError(f"{place}setting {shown} does not exist; {hint}")


def plain(value: object) -> object:
    """A value that a setting keeps, as JSON has it: what is no number or list as its text."""
    if isinstance(value, bool | int | float):
        return value
    return list(value) if type(value) is tuple else str(value)


def nearest(number: float, interval: Interval) -> float:
    """The number of a closed interval that is nearest."""
    return min(max(number, interval.low), interval.high)


def table(settings: Mapping[str, Setting[object, object]]) -> str:
    """The settings as a table in Markdown."""
    rows = [f"| `{name}` | {setting.help} |" for name, setting in settings.items()]
    return "\n".join(["| setting | |", "|---|---|", *rows])
