"""Names of pieces, made from a template; every name is a file's on any system."""

import re
import string
import unicodedata
from collections.abc import Mapping

from partimento.errors import SettingError

DEFAULT_TEMPLATE = "{index:03d}-{style}-{seed}"
TEMPLATE_OF_FILES = "{index:03d}-{music}-{kind}"
"""The default for pieces that are made of files of music."""

FIELDS: Mapping[str, str] = {
    "index": "number of the piece in the batch, from 1",
    "copy": "number among the pieces of one item, from 1",
    "seed": "seed of the piece",
    "bars": "bars to write",
    "style": "style",
    "key": "key",
    "scale": "scale",
    "meter": "meter",
    "bpm": "tempo",
    "temperature": "temperature",
    "prompt": "first words of the prompt",
    "primer": "name of the primer, without its ending",
    "kind": "what is made: new, edit, vary, blend or arrange",
    "music": "name of the music that it is made of, without its ending",
    "file": "name of the prompt file, without its ending",
    "line": "line in the prompt file",
}
"""What stands in braces in a template."""

OPEN = "any"
"""Stands for a wish that is left open."""
MAX_NAME = 120
"""Characters of a name; with an ending it stays below the 255 bytes of file systems."""
MAX_PART = 40
"""Characters that one field may add."""

_WHOLE = ("index", "copy", "seed", "bars", "line")
_SPECIFICATION = re.compile(r"(0?[1-9]d?|0?1[0-9]d?|d)?")
_LITERAL = re.compile(r"[\w .,+=@()'-]*")
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])", re.IGNORECASE)
"""Names that Windows keeps for devices, with or without an ending."""


def check_template(template: str) -> None:
    """ValueError for a template that does not make file names."""
    for literal, name, specification in _parts(template):
        if not _LITERAL.fullmatch(literal) or "\n" in literal:
            bad = next(c for c in literal if not _LITERAL.fullmatch(c) or c == "\n")
            raise SettingError("name", f"must not hold {bad!r}: it makes files, not paths")
        if name is None:
            continue
        if name not in FIELDS:
            known = ", ".join(FIELDS)
            raise SettingError("name", f"has no field {{{name[:40]}}}; known: {known}")
        numeric = name in _WHOLE and _SPECIFICATION.fullmatch(specification)
        if specification and not numeric:
            raise SettingError(
                "name",
                f"must not format {name} as {specification[:40]!r}; "
                "a width such as :03d, of numbers only, may follow",
            )
    if len(template) > 4 * MAX_NAME:
        raise SettingError("name", f"must not be longer than {4 * MAX_NAME}, got {len(template)}")
    if template.strip(" .-"):
        return
    raise SettingError("name", f"must not be empty, got {template!r}")


def make_name(template: str, values: Mapping[str, object]) -> str:
    """The name that a checked template makes of values; None among them is an open wish.

    >>> make_name("{index:03d} {key} {style}", {"index": 7, "key": "F# minor", "style": None})
    '007 Fsharp-minor any'
    """
    parts = []
    for literal, name, specification in _parts(template):
        parts.append(literal)
        if name is not None:
            value = values[name]
            if isinstance(value, int) and specification:
                parts.append(format(value, specification))
            else:
                parts.append(_plain(value))
    text = unicodedata.normalize("NFC", "".join(parts))
    while len(text.encode()) > 2 * MAX_NAME or len(text) > MAX_NAME:
        text = text[:-1]
    text = text.strip(" .").lstrip("-") or "_"
    return f"_{text}" if _RESERVED.fullmatch(text.partition(".")[0].strip()) else text


def name_key(file_name: str) -> str:
    """Equal for names that some file system takes for the same."""
    return unicodedata.normalize("NFC", file_name).casefold()


def _plain(value: object) -> str:
    """A value as a part of a name: letters, digits, and hyphens for the rest."""
    if value is None or value == "":
        return OPEN
    if isinstance(value, float):
        value = f"{value:g}"
    text = str(value).replace("#", "sharp ").replace("♯", "sharp ")
    text = re.sub(r"[^\w.]+", "-", unicodedata.normalize("NFC", text))
    return text[:MAX_PART].strip("-._") or OPEN


def _parts(template: str) -> list[tuple[str, str | None, str]]:
    """Literal text, the field behind it, its format; ValueError for braces that do not match."""
    try:
        parts = list(string.Formatter().parse(template))
    except ValueError as error:
        raise SettingError("name", f"{template[:60]!r}: {str(error).lower()}") from None
    for _, name, _, conversion in parts:
        if conversion is not None:
            raise SettingError("name", f"must not convert {name} with !{conversion[:10]}")
    return [(literal, name, specification or "") for literal, name, specification, _ in parts]
