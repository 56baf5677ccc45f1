"""Values of options, read without what typer loads to read them: a twelfth of a second and 12 MB.

Newer versions of typer read every value with pydantic. Here plain values, which are nearly all,
are taken at a look; typer reads the others, and says what is wrong with them.
"""

import os
import re
from collections.abc import Callable
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from typer.core import TyperCommand

NUMBERS: dict[object, tuple[re.Pattern[str], Callable[[str], object]]] = {
    int: (re.compile(r"-?[0-9]{1,15}"), int),
    float: (re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?"), float),
}
"""How plain numbers are written, and what reads them."""
USUAL: dict[str, object] = {
    **dict.fromkeys(("min", "max", "parser", "path_type")),
    **dict.fromkeys(("exists", "writable", "resolve_path", "allow_dash"), False),
    **dict.fromkeys(("file_okay", "dir_okay"), True),
}
"""What an option says of its values when it limits them in no way."""


Usual = Callable[[Any, object], object]
"""Reads a value as typer does it: the context and the value in."""


class QuickCommand(TyperCommand):
    """A command that reads plain values itself."""

    def get_params(self, ctx: Any) -> list[Any]:
        """All parameters, --help among them; those with plain values read them quickly."""
        parameters: list[Any] = super().get_params(ctx)
        for parameter in parameters:
            kind = plain_kind(parameter)
            if kind is not None and "process_value" not in parameter.__dict__:
                read = partial(_read, parameter, kind, parameter.process_value)
                parameter.__dict__["process_value"] = read
        return parameters


def plain_kind(parameter: object) -> object | None:
    """The type that an option's value has, when that is all which typer asks of it."""
    described = getattr(parameter, "type_descriptor", None)
    info = getattr(described, "parameter_info", None)
    is_single = getattr(parameter, "nargs", 1) == 1 and not getattr(parameter, "multiple", False)
    is_usual = all(getattr(info, name, usual) == usual for name, usual in USUAL.items())
    kind: object = getattr(described, "annotation", None)
    return kind if is_single and is_usual else None


def plain(kind: object, value: object) -> object | None:
    """A value as typer reads it; None where that takes more than a look.

    >>> plain(int, "12"), plain(float, "0.95"), plain(Literal["a", "b"], "a")
    (12, 0.95, 'a')
    >>> plain(int, "a dozen") is plain(Literal["a", "b"], "c") is None
    True
    """
    if not isinstance(value, str) or kind is str:
        return value if isinstance(kind, type) and isinstance(value, kind) else None
    if kind in NUMBERS:
        written, read = NUMBERS[kind]
        return read(value) if written.fullmatch(value) else None
    if kind is Path:
        return Path(value) if os.access(value, os.R_OK) or not os.path.lexists(value) else None
    if get_origin(kind) is Literal:
        return value if value in get_args(kind) else None
    if isinstance(kind, type) and issubclass(kind, Enum):
        return next((choice for choice in kind if choice.value == value), None)
    return None


def _read(parameter: Any, kind: object, usual: Usual, ctx: Any, value: object) -> object:
    """The value of an option: at a look, or as typer reads it."""
    found = plain(kind, value)
    if found is None and (value is not None or parameter.required):
        return usual(ctx, value)
    return found if parameter.callback is None else parameter.callback(ctx, parameter, found)
