"""What items of a batch may ask for, by kind: new pieces, and pieces made of files of music.

Each kind has settings of its own, and shares with the others those that mean the same to it: the
same `Setting` under the same name. `bars` is the length of a new piece, and the bars that an edit
is about.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from partimento.batch.formats import FORMATS, check_formats
from partimento.batch.names import DEFAULT_TEMPLATE, check_template
from partimento.request.edit import EDIT_SETTINGS, WISHES_OF_NEW
from partimento.request.presets import Manner
from partimento.request.readers import Interval, Names, Parsed, Whole, between_commas, wrong
from partimento.request.request import Request
from partimento.request.reworking import (
    BLENDING_SETTINGS,
    MODE,
    VARIATION_SETTINGS,
    WISHES_AFTER_OTHERS,
    WISHES_OF_VARIED,
)
from partimento.request.settings import OUTPUT, About, Setting, settings_of, table

_File = Setting[str | None, str | None]


def _template(text: str) -> str:
    check_template(text)
    return text


@dataclass(frozen=True)
class ItemSettings(Manner):
    """Everything beside the request of a new piece."""

    count: Setting[int | None, int | None] = Setting(
        None,
        Whole(Interval(1, 10_000)),
        About("Pieces to make of each item, {interval}; 1 by default.", OUTPUT),
    )
    name: Setting[str | None, str | None] = Setting(
        None,
        Parsed(_template, (str,)),
        About(
            f"Template of the files' names; {DEFAULT_TEMPLATE} by default.".replace(
                "{", "{{"
            ).replace("}", "}}"),
            OUTPUT,
        ),
    )
    also: Setting[tuple[str, ...] | None, Sequence[str] | None] = Setting(
        None,
        Names(len(FORMATS), check_formats, between_commas),
        About(
            "What to write beside MIDI, divided by commas: wav, flac, ogg, mp3 (sound), png, svg "
            "(piano roll), musicxml, pdf, score-svg (sheet music).",
            OUTPUT,
        ),
    )


@dataclass(frozen=True, slots=True)
class MusicFile:
    """The name of a file of music."""

    def __call__(self, value: object, /) -> str:
        """The name."""
        if not isinstance(value, str) or not value.strip():
            raise wrong(f"must be a file of music such as tune.mid, got {value!r}")
        return value

    def from_text(self, text: str) -> object:
        """The text."""
        return text


@dataclass(frozen=True)
class ItemFiles:
    """The files of music that pieces are made of."""

    edit: _File = Setting(None, MusicFile(), About("File of music to edit.", is_path=True))
    vary: _File = Setting(None, MusicFile(), About("File of music to vary.", is_path=True))
    blend: _File = Setting(None, MusicFile(), About("File of music to begin with.", is_path=True))
    to: _File = Setting(None, MusicFile(), About("File of music to arrive at.", is_path=True))
    arrange: _File = Setting(None, MusicFile(), About("File of music to arrange.", is_path=True))


NEW, EDIT, VARY, BLEND, ARRANGE = "new", "edit", "vary", "blend", "arrange"
MADE_OF_FILES = (EDIT, VARY, BLEND, ARRANGE)
"""Kinds of items that are named after the setting for their file."""
ITEM_SETTINGS: Mapping[str, Setting[object, object]] = settings_of(ItemSettings, Request)
"""All settings of a new piece, in the order in which they are shown."""
_FILES = settings_of(ItemFiles)
_OUTPUT = {name: ITEM_SETTINGS[name] for name in ("count", "name", "also")}
_NAMES = {name: ITEM_SETTINGS[name] for name in ("name", "also")}
_CHANGES = {n: s for n, s in EDIT_SETTINGS.items() if n not in ("vary", "keep")}
KINDS: Mapping[str, Mapping[str, Setting[object, object]]] = {
    NEW: ITEM_SETTINGS,
    EDIT: {EDIT: _FILES[EDIT], **_CHANGES, **WISHES_OF_NEW, **MODE, **_OUTPUT},
    VARY: {VARY: _FILES[VARY], **VARIATION_SETTINGS, **WISHES_OF_VARIED, **MODE, **_OUTPUT},
    BLEND: {
        **{BLEND: _FILES[BLEND], "to": _FILES["to"], **BLENDING_SETTINGS},
        **{**WISHES_AFTER_OTHERS, **MODE, **_NAMES},
    },
    ARRANGE: {ARRANGE: _FILES[ARRANGE], **WISHES_AFTER_OTHERS, **MODE, **_OUTPUT},
}
"""The settings of each kind of item by name, its own first."""


def describe_kind(kind: str) -> str:
    """The settings of a kind in Markdown: a table of its own, and those that new pieces have too.

    >>> describe_kind("arrange").splitlines()[2]
    '| `arrange` | File of music to arrange. |'
    """
    shared = [f"`{n}`" for n, s in KINDS[kind].items() if ITEM_SETTINGS.get(n) is s]
    own = {n: s for n, s in KINDS[kind].items() if ITEM_SETTINGS.get(n) is not s}
    return f"{table(own)}\n\nWith the meaning that they have above: {', '.join(shared)}."


def meaning(name: str, kind: str) -> Setting[object, object] | None:
    """The setting that a kind has under a name, or else the one of another kind; None: no such."""
    kinds = (KINDS[kind], *KINDS.values())
    return next((settings[name] for settings in kinds if name in settings), None)
