"""Settings of an item: which there are, what each may be, and which level of them counts."""

import difflib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

from partimento.batch.entries import NESTED, Fields, Problem
from partimento.batch.formats import check_formats
from partimento.batch.names import check_template
from partimento.errors import PartimentoError, SettingError
from partimento.music.chords import parse_chords
from partimento.request.request import LIMITS, PRESETS, WHOLE_NUMBERS, Request
from partimento.request.words import merge, read_prompt
from partimento.request.words.spelling import MAX_CHARACTERS

REQUEST_SETTINGS = tuple(field.name for field in fields(Request) if field.name != "prompt")
OWN_SETTINGS = ("prompt", "mode", "count", "name", "also", "without_primer")
SETTINGS = (*OWN_SETTINGS[:1], *REQUEST_SETTINGS, *OWN_SETTINGS[1:])
"""All settings that an item, or the defaults, may have."""

WORD_SETTINGS = (
    *("bars", "style", "key", "scale", "lock_key", "meter", "bpm", "instruments", "without"),
    *("chords", "pitch_range", "dynamic", "temperature"),
)
"""What the words of a prompt may set."""
MAX_COUNT = 10_000
"""Pieces that one item may ask for."""
MAX_TEXT = 1_000
"""Characters of a text that is no prompt."""
_LISTS = ("instruments", "without", "also")
_YES, _NO = ("true", "yes", "1"), ("false", "no", "0")
_BESIDE: Mapping[str, Mapping[str, object]] = {
    "primer_bars": {"primer": "x.mid"},
    "schedule": {"temperature_end": 1.0},
}
"""What a setting needs beside it to be checked alone."""

Settings = dict[str, object]


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the levels of settings together ask for."""

    request: Request
    """Without a seed unless one was given."""
    own: Mapping[str, object]
    """Those of OWN_SETTINGS that are given, but for prompt and mode."""
    reading: str | None
    """What was understood of the prompt."""


def normal_name(name: str) -> str:
    """The name of a setting as it is written here: top_p for top-p or --top-p."""
    return name.strip().lower().removeprefix("--").replace("-", "_")


def from_text(name: str, text: str) -> object:
    """The value that a cell of a table means; the text itself when it means none.

    >>> from_text("bars", "8"), from_text("bpm", "96.5"), from_text("lock_key", "no")
    (8, 96.5, False)
    """
    name = normal_name(name)
    try:
        if name in WHOLE_NUMBERS or name == "count":
            return int(text)
        if name in LIMITS:
            return float(text)
    except ValueError:
        return text
    if name in ("lock_key", "without_primer") and text.lower() in (*_YES, *_NO):
        return text.lower() in _YES
    return text


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
                raise PartimentoError(f"{name} is given twice")
            settings[name] = check_setting(name, entry.value)
        except ValueError as error:
            problems[written] = Problem(file, place, str(error))
    return settings, problems


def check_setting(name: str, value: object) -> object:
    """The value as settings hold it; ValueError that names what is wrong."""
    if name not in SETTINGS:
        near = difflib.get_close_matches(name, SETTINGS, n=1)
        hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(SETTINGS)}"
        raise PartimentoError(f"setting {name[:40]!r} does not exist; {hint}")
    if value is None:
        return None
    _check_plain(name, value)
    if name in _LISTS:
        parts = value.split(",") if isinstance(value, str) else value
        if not isinstance(parts, tuple | list) or not all(isinstance(x, str) for x in parts):
            raise SettingError(
                name, f"must be names, divided by commas or as a list, got {value!r}"
            )
        value = tuple(part.strip() for part in parts if part.strip())
    elif isinstance(value, tuple):
        raise SettingError(name, "must be one value, got a list")
    if name in OWN_SETTINGS:
        return _check_own(name, value)
    if name == "chords" and isinstance(value, str):
        parse_chords(value)  # with beats they need the meter, which may stand elsewhere
    else:
        Request.from_dict({name: value, **_BESIDE.get(name, {})})
    return value


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


def _check_own(name: str, value: object) -> object:
    if name == "count":
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MAX_COUNT:
            raise SettingError(
                "count", f"must be a whole number in [1, {MAX_COUNT}], got {value!r}"
            )
    elif name == "without_primer":
        if not isinstance(value, bool):
            raise SettingError("without_primer", f"must be true or false, got {value!r}")
    elif name == "also":
        assert isinstance(value, tuple)
        return check_formats(value)
    elif not isinstance(value, str) or not value.strip():
        raise SettingError(name, f"must be a text that is not empty, got {value!r}")
    elif name == "mode":
        if value not in PRESETS:
            raise SettingError("mode", f"must be one of {', '.join(PRESETS)}, got {value!r}")
    elif name == "name":
        check_template(value)
    else:
        return " ".join(value.split())
    return value


def combine(levels: Sequence[Settings]) -> Wishes:
    """What levels of settings ask for: the first the most general, the last the one that counts.

    The words of a prompt stand just below the settings of its level: they win over what more
    general levels say. None turns off what more general levels say. ValueError for wishes that
    contradict each other.
    """
    explicit: Settings = {}
    general: Settings = {}
    prompt: object = None
    for level in levels:
        prompt = level.get("prompt", prompt)
        if isinstance(level.get("prompt"), str):
            general = {name: x for name, x in explicit.items() if name in WORD_SETTINGS}
            explicit = {name: x for name, x in explicit.items() if name not in WORD_SETTINGS}
        given = {**_preset(level), **level}
        general = {name: x for name, x in general.items() if name not in given}
        explicit = {**explicit, **given}
    explicit = {name: value for name, value in explicit.items() if value is not None}
    own = {name: explicit.pop(name) for name in OWN_SETTINGS if name in explicit}
    if "chords" in explicit and "meter" not in explicit and general.get("meter") is not None:
        explicit["meter"] = general["meter"]  # beats of chords are of this meter
    if not isinstance(prompt, str):
        return Wishes(Request.from_dict(explicit), own, None)
    reading = merge(read_prompt(prompt), explicit)
    general = {name: value for name, value in general.items() if value is not None}
    request = Request.from_dict({**general, **reading.settings, "prompt": prompt})
    return Wishes(request, own, reading.summary())


def _preset(level: Settings) -> Mapping[str, object]:
    """What the mode of a level stands for."""
    mode = level.get("mode")
    return PRESETS[mode] if isinstance(mode, str) else {}
