"""Settings of an item as a file writes them: which there are, and whether each can be."""

import unicodedata
from collections.abc import Sequence

from partimento.batch.entries import NESTED, Fields, Problem
from partimento.batch.item_settings import KINDS, MADE_OF_FILES, NEW, meaning
from partimento.errors import PartimentoError, SettingError
from partimento.request.edit import Bars
from partimento.request.readers import Names
from partimento.request.request import REQUEST_SETTINGS
from partimento.request.settings import Setting, check_names
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
    >>> from_text("bars", "5-8"), from_text("replace", "bass, piano 2")
    ('5-8', ('bass', 'piano 2'))
    """
    setting = meaning(normal_name(name), NEW)
    return text if setting is None else setting.reader.from_text(text)


def kind_of(fields: Fields, inherited: str = NEW) -> str:
    """The kind of an item: that of the file it names, or else the inherited one.

    PartimentoError for files of two kinds.
    """
    named = {normal_name(name): field.value for name, field in fields.items()}
    found = [kind for kind in MADE_OF_FILES if named.get(kind) is not None]
    if len(found) > 1:
        raise PartimentoError(
            f"an item must be of one kind, got {_listed(found)}; make an item of each"
        )
    if found:
        return found[0]
    return NEW if inherited in named else inherited


def check_fields(
    given: Fields, file: str, line: int | None, kind: str = NEW, of_any: bool = False
) -> tuple[Settings, dict[str, Problem]]:
    """Check each setting by itself; the good ones, and a problem for each other one, by name.

    A setting that is None turns a default off. `of_any` lets the settings of other kinds pass, as
    defaults may have them.
    """
    settings: Settings = {}
    problems: dict[str, Problem] = {}
    for written, entry in given.items():
        name = normal_name(written)
        place = entry.line or line
        try:
            if name in settings:
                raise SettingError(name, "is given twice")
            settings[name] = check_setting(name, entry.value, kind, of_any)
        except PartimentoError as error:
            problems[written] = Problem(file, place, str(error))
    return settings, problems


def check_setting(name: str, value: object, kind: str = NEW, of_any: bool = False) -> object:
    """The value as settings hold it; PartimentoError that names what is wrong.

    Wishes are kept as they are written: what the key C leaves open, words may still decide.
    """
    setting = _setting(name, kind, of_any or value is None)
    if value is None:
        return None
    _check_plain(name, value)
    if isinstance(value, str):
        value = setting.reader.from_text(value)
    elif isinstance(value, tuple) and not isinstance(setting.reader, Names | Bars):
        raise SettingError(name, "must be one value, got a list")
    read = setting.read(value)
    if name == "prompt":
        return " ".join(str(read).split())
    return value if setting is REQUEST_SETTINGS.get(name) else read


def inherited(settings: Settings, kind: str, heir: str) -> Settings:
    """Of the settings of one kind those that mean the same to another one."""
    return {name: x for name, x in settings.items() if is_shared(name, kind, heir)}


def is_shared(name: str, kind: str, heir: str) -> bool:
    """Whether a setting of one kind means the same to another; names of no setting do, too."""
    return meaning(name, kind) is KINDS[heir].get(name)


def _setting(name: str, kind: str, of_any: bool) -> Setting[object, object]:
    """The setting of a kind, or `of_any`; PartimentoError says whose it is, or which is near."""
    found = meaning(name, kind)
    if found is None:
        check_names([name], (*KINDS[kind], *MADE_OF_FILES))
    assert found is not None
    if of_any or name in KINDS[kind]:
        return found
    owners = [other for other, settings in KINDS.items() if name in settings]
    listed = _listed(["new pieces" if owner == NEW else owner for owner in owners])
    if kind == NEW:
        remedy = f"name the file too, such as {owners[0]}: tune.mid"
        raise PartimentoError(f"setting {name!r} is for {listed}; {remedy}")
    raise PartimentoError(f"setting {name!r} is for {listed}, not for {kind}; leave it out")


def _listed(names: Sequence[str]) -> str:
    """Names as one says them: a, b and c."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


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
