"""What a prompt file holds, before it is checked: entries, each with its place in the file."""

from collections.abc import Mapping
from dataclasses import dataclass, field

MAX_ITEMS = 100_000
"""Pieces of one batch, and so entries of one file."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that a user must mend, with its place."""

    file: str
    line: int | None
    """Counted from 1; None for a file that has no lines, such as MIDI."""
    message: str

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{place}: {self.message}"


class InputError(ValueError):
    """A prompt file, or a part of one, that cannot be read at all."""

    def __init__(self, line: int | None, message: str) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True, slots=True)
class Field:
    """A value as it was written."""

    value: object
    """Text, number, True, False or None; or a tuple of such values; or NESTED."""
    line: int | None


NESTED = object()
"""Stands for a value that is deeper than any setting, and is not looked into."""

Fields = Mapping[str, Field]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line, row or item of a prompt file."""

    line: int | None
    fields: Fields = field(default_factory=dict)
    problem: str | None = None
    """Why it could not be read."""


@dataclass(frozen=True, slots=True)
class PromptFile:
    """A file that was read."""

    path: str
    """As the user gave it, or as a folder or a pattern led to it."""
    entries: tuple[Entry, ...]
    defaults: Fields = field(default_factory=dict)
    defaults_line: int | None = None
