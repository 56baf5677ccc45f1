"""From plain values, as yaml and JSON give them, to a dataclass whose fields say their types."""

from collections.abc import Mapping, Sequence
from dataclasses import is_dataclass
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from partimento.errors import PartimentoError, SettingError
from partimento.request.readers import Choice, Number, Reader, Text, Whole, YesNo, read
from partimento.request.settings import check_names

Part = TypeVar("Part")

_READERS: Mapping[object, Reader[object]] = {
    int: Whole(),
    float: Number(),
    bool: YesNo(),
    str: Text(),
}


def read_config(part: type[Part], section: str, values: Mapping[str, object]) -> Part:
    """A dataclass of plain values; PartimentoError names the section and the setting.

    A field may be a number, a flag, a text, a literal, a tuple of these, or a dataclass of its
    own. A number may be written as a text: yaml takes 3e-3, without a point, for one.
    """
    hints = get_type_hints(part)
    check_names(values, hints, f"{section}: ")
    given = {name: _read(f"{section}.{name}", hints[name], v) for name, v in values.items()}
    try:
        return part(**given)
    except PartimentoError as error:
        raise PartimentoError(f"{section}: {error}") from None


def _read(name: str, hint: Any, value: object) -> object:
    """A plain value as the type of a field; lists become tuples."""
    if is_dataclass(hint) and isinstance(hint, type):
        if not isinstance(value, Mapping | None):
            raise SettingError(name, f"must hold settings of its own, got {value!r}")
        return read_config(hint, name, value or {})
    if get_origin(hint) is UnionType:
        kinds = [kind for kind in get_args(hint) if kind is not NoneType]
        return None if value is None else _read(name, kinds[0], value)
    if get_origin(hint) is tuple:
        kinds = list(get_args(hint))
        if not isinstance(value, Sequence) or isinstance(value, str) or len(value) != len(kinds):
            raise SettingError(name, f"must be a list of {len(kinds)} values, got {value!r}")
        return tuple(_read(name, kind, entry) for kind, entry in zip(kinds, value, strict=True))
    reader = Choice(get_args(hint)) if get_origin(hint) is Literal else _READERS[hint]
    return read(name, reader, reader.from_text(value) if isinstance(value, str) else value)
