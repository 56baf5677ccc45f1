"""Settings of an item as a file writes them: which there are, and whether each can be."""

import unicodedata

from partimento.batch.entries import NESTED, Fields, Problem
from partimento.batch.item_settings import ITEM_SETTINGS
from partimento.errors import PartimentoError, SettingError
from partimento.request.readers import Names
from partimento.request.request import REQUEST_SETTINGS
from partimento.request.settings import check_names
from partimento.request.words.spelling import MAX_CHARACTERS

MAX_TEXT = 1_000
"""Characters of a text that is no prompt."""

Settings = dict[str, object]


def normal_name(name: str) -> str:
    """The name of a setting as it is written here: top_p for top-p or --top-p."""
    return name.strip().lower().removeprefix("--").replace("-", "_")


def from_text(name: str, text: str) -> object:
    """The value that a cell of a table means; the text itself when it means none.

    >>> from_text("bars", "8"), from_text("bpm", "96.5"), from_text("lock_key", "no")
    (8, 96.5, False)
    """
    setting = ITEM_SETTINGS.get(normal_name(name))
    return text if setting is None else setting.reader.from_text(text)


def check_fields(given: Fields, file: str, line: int | None) -> tuple[Settings, dict[str, Problem]]:
    """Check each setting by itself; the good ones, and a problem for each other one, by name.

    A setting that is None turns a default off.
    """
    settings: Settings = {}
    problems: dict[str, Problem] = {}
    for written, entry in given.items():
        name = normal_name(written)
        place = entry.line or line
        try:
            if name in settings:
                raise SettingError(name, "is given twice")
            settings[name] = check_setting(name, entry.value)
        except PartimentoError as error:
            problems[written] = Problem(file, place, str(error))
    return settings, problems


def check_setting(name: str, value: object) -> object:
    """The value as settings hold it; PartimentoError that names what is wrong.

    Wishes are kept as they are written: what the key C leaves open, words may still decide.
    """
    check_names([name], ITEM_SETTINGS)
    if value is None:
        return None
    _check_plain(name, value)
    setting = ITEM_SETTINGS[name]
    if isinstance(value, str):
        value = setting.reader.from_text(value)
    elif isinstance(value, tuple) and not isinstance(setting.reader, Names):
        raise SettingError(name, "must be one value, got a list")
    read = setting.read(value)
    if name == "prompt":
        return " ".join(str(read).split())
    return value if name in REQUEST_SETTINGS else read


def _check_plain(name: str, value: object) -> None:
    """Refuse what no setting can be, before it is shown in a message."""
    parts = value if isinstance(value, tuple) else (value,)
    if any(part is NESTED for part in parts):
        raise SettingError(name, "must be a plain value, got nested lists or mappings")
    most = MAX_CHARACTERS if name == "prompt" else MAX_TEXT
    for part in (*parts, parts):
        size = len(part) if isinstance(part, str | tuple) else 0
        if size > most:
            raise SettingError(name, f"must not be longer than {most:,}, got {size:,}")
    for part in parts:
        if isinstance(part, int) and part.bit_length() > 64:
            raise SettingError(name, "must not be so large a number")
        if isinstance(part, str):
            for character in part:
                if unicodedata.category(character) in ("Cc", "Cs") and not character.isspace():
                    raise SettingError(
                        name, f"must not hold the control character U+{ord(character):04X}"
                    )
