"""Readers of plain values: what JSON, yaml, a cell of a table or a caller gives, as one type.

A reader is called with a value and gives it checked, or raises SettingError with what it must
be; whoever reads gives the error the name of the setting. A caller passes names as a sequence; the
text of a command line or of a cell is first turned by `from_text`.
"""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar, cast

from partimento.errors import PartimentoError, SettingError

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

_YES, _NO = ("true", "yes", "1"), ("false", "no", "0")
_WHOLE = re.compile(r"[+-]?[0-9]{1,40}(?:\.0*)?")
"""Whole numbers, also as tables write them whose column has gaps: 8.0."""


class Reader(Protocol[T_co]):
    """Checks a value and turns it into what is kept."""

    def __call__(self, value: object, /) -> T_co:
        """The value as it is kept; SettingError when it cannot be."""

    def from_text(self, text: str) -> object:
        """What a text stands for, for the reader to check; the text itself when it is no such."""


def wrong(problem: str) -> SettingError:
    """What a reader raises; whoever called it knows the name of the setting."""
    return SettingError("it", problem)


@dataclass(frozen=True, slots=True)
class Interval:
    """Numbers between two bounds; prints as (0, 1] with the round side open.

    >>> str(Interval(0, 1, low_is_open=True)), Interval(0, 1).words
    ('(0, 1]', '0 to 1')
    """

    low: float
    high: float
    low_is_open: bool = False
    high_is_open: bool = False

    def __str__(self) -> str:
        left, right = "(" if self.low_is_open else "[", ")" if self.high_is_open else "]"
        return f"{left}{self.low:.16g}, {self.high:.16g}{right}"

    def __contains__(self, number: float) -> bool:
        above = number > self.low if self.low_is_open else number >= self.low
        below = number < self.high if self.high_is_open else number <= self.high
        return above and below

    @property
    def words(self) -> str:
        """The interval as one says it."""
        low = f"above {self.low:.16g}" if self.low_is_open else f"{self.low:.16g}"
        return f"{low} to {'below ' if self.high_is_open else ''}{self.high:.16g}"


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number in an interval, or any."""

    interval: Interval | None = None

    def __call__(self, value: object, /) -> int:
        """The number."""
        if isinstance(value, bool) or not isinstance(value, int):
            raise wrong(f"must be a whole number{_within(self.interval)}, got {value!r}")
        if self.interval is not None and value not in self.interval:
            raise wrong(f"must be in {self.interval}, got {value}")
        return int(value)

    def from_text(self, text: str) -> object:
        """The number that a text writes.

        >>> Whole().from_text("8"), Whole().from_text("8.0"), Whole().from_text("8.5")
        (8, 8, '8.5')
        """
        plain = text.strip()
        return int(plain.partition(".")[0]) if _WHOLE.fullmatch(plain) else text


@dataclass(frozen=True, slots=True)
class Number:
    """A finite number in an interval, or any."""

    interval: Interval | None = None

    def __call__(self, value: object, /) -> float:
        """The number."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise wrong(f"must be a number{_within(self.interval)}, got {value!r}")
        if self.interval is not None and value not in self.interval:
            raise wrong(f"must be in {self.interval}, got {value}")
        if not math.isfinite(value):
            raise wrong(f"must be a number, got {value!r}")
        return float(value)

    def from_text(self, text: str) -> object:
        """The number that a text writes, such as 3e-3."""
        try:
            return float(text)
        except ValueError:
            return text


def _within(interval: Interval | None) -> str:
    return "" if interval is None else f" in {interval}"


@dataclass(frozen=True, slots=True)
class YesNo:
    """True or False."""

    def __call__(self, value: object, /) -> bool:
        """The value."""
        if not isinstance(value, bool):
            raise wrong(f"must be true or false, got {value!r}")
        return value

    def from_text(self, text: str) -> object:
        """Yes or no in a table.

        >>> YesNo().from_text("Yes"), YesNo().from_text("0"), YesNo().from_text("x")
        (True, False, 'x')
        """
        plain = text.strip().lower()
        return plain in _YES if plain in (*_YES, *_NO) else text


@dataclass(frozen=True, slots=True)
class Text:
    """A text that is not empty."""

    def __call__(self, value: object, /) -> str:
        """The text."""
        if not isinstance(value, str) or not value.strip():
            raise wrong(f"must be a text that is not empty, got {value!r}")
        return value

    def from_text(self, text: str) -> object:
        """The text."""
        return text


@dataclass(frozen=True, slots=True)
class Choice:
    """One of some words, in lower case."""

    words: tuple[str, ...]

    def __call__(self, value: object, /) -> str:
        """The word."""
        text = Text()(value).strip().lower()
        if text not in self.words:
            raise wrong(f"must be one of {', '.join(self.words)}, got {value!r}")
        return text

    def from_text(self, text: str) -> object:
        """The text."""
        return text


@dataclass(frozen=True, slots=True)
class Parsed(Generic[T]):
    """A value of some type, or a text that a parser makes it from."""

    parse: Callable[[str], T]
    kinds: tuple[type, ...]
    """The type of what the parser gives."""

    def __call__(self, value: object, /) -> T:
        """The parsed value."""
        if isinstance(value, self.kinds) and type(value) is not str:
            return cast("T", value)
        return self.parse(Text()(value).strip())

    def from_text(self, text: str) -> object:
        """The text."""
        return text


def between_commas(text: str) -> tuple[str, ...]:
    """The parts of a text between commas.

    >>> between_commas("wav, png,")
    ('wav', 'png')
    """
    return tuple(part.strip() for part in text.split(",") if part.strip())


@dataclass(frozen=True, slots=True)
class Names:
    """Some names, which a function spells in one way."""

    most: int
    spell: Callable[[Sequence[str]], tuple[str, ...]]
    split: Callable[[str], tuple[str, ...]]
    """Parts the names of a text."""

    def __call__(self, value: object, /) -> tuple[str, ...]:
        """The names."""
        if isinstance(value, str) or not isinstance(value, Sequence):
            raise wrong(f"must be a tuple of names, got {value!r}")
        if not all(isinstance(name, str) for name in value):
            raise wrong(f"must be a tuple of names, got {value!r}")
        names = tuple(part for name in value for part in self.split(name))
        spelled = self.spell(names) if 1 <= len(names) <= self.most else names
        if not 1 <= len(spelled) <= self.most:
            raise wrong(f"must be 1 to {self.most} names, got {len(spelled)}")
        return spelled

    def from_text(self, text: str) -> object:
        """The names in a text.

        >>> Names(2, tuple, between_commas).from_text("violin, cello")
        ('violin', 'cello')
        """
        return self.split(text)


def read(name: str, reader: Reader[T], value: object) -> T:
    """The value of a setting as its reader keeps it; SettingError with the setting's name."""
    try:
        return reader(value)
    except SettingError as error:
        raise error.named(name) from None
    except PartimentoError as error:
        raise SettingError(name, f"cannot be {value!r}: {error}") from None
