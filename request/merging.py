"""From levels of settings, such as the defaults of a file and an item of it, to one request."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from partimento.request.presets import PRESETS
from partimento.request.request import REQUEST_SETTINGS, Request
from partimento.request.values import WORD_ORDER

if TYPE_CHECKING:
    from partimento.request.words import Reading

Level = Mapping[str, object]
"""Settings by name, `prompt` and those beside a request among them; None turns one off."""

WORD_SETTINGS = frozenset(WORD_ORDER) - {"seed"}
"""What the words of a prompt decide: it wins over more general levels, where nobody chose a seed
for the piece."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What levels of settings together ask for."""

    request: Request
    """Without a seed unless one was given."""
    beside: Mapping[str, object]
    """Settings that are given and none of a request; the mode is part of it already."""
    reading: "Reading | None"
    """What was understood of the prompt."""


def combine(levels: Sequence[Level]) -> Wishes:
    """What levels of settings ask for: the first the most general, the last the one that counts.

    The words of a prompt stand just below the settings of its level: they win over what more
    general levels say. None turns off what more general levels say. PartimentoError for wishes
    that contradict each other.
    """
    explicit: dict[str, object] = {}
    general: dict[str, object] = {}
    prompt: object = None
    for level in levels:
        prompt = level.get("prompt", prompt)
        if isinstance(level.get("prompt"), str):
            general = {name: x for name, x in explicit.items() if name in WORD_SETTINGS}
            explicit = {name: x for name, x in explicit.items() if name not in WORD_SETTINGS}
        given = {**_preset(level), **level}
        general = {name: x for name, x in general.items() if name not in given}
        explicit = {**explicit, **given}
    explicit = {n: x for n, x in explicit.items() if x is not None and n not in ("prompt", "mode")}
    beside = {name: explicit.pop(name) for name in list(explicit) if name not in REQUEST_SETTINGS}
    if "chords" in explicit and "meter" not in explicit and general.get("meter") is not None:
        explicit["meter"] = general["meter"]  # beats of chords are of this meter
    if not isinstance(prompt, str):
        return Wishes(Request.from_dict(explicit), beside, None)
    # Not before there are words to read: the table of them takes a while to load.
    from partimento.request.words import read_prompt
    from partimento.request.words.meaning import installed_nearest
    from partimento.request.words.spelling import MAX_CHARACTERS

    reading = read_prompt(prompt, options=explicit, nearest=installed_nearest())
    general = {name: value for name, value in general.items() if value is not None}
    words = {"prompt": prompt[:MAX_CHARACTERS]} if prompt.strip() else {}
    request = Request.from_dict({**general, **reading.settings, **words})
    return Wishes(request, beside, reading)


def merge(levels: Sequence[Level]) -> dict[str, object]:
    """The settings of levels without words, those of the last level above all; a mode as what it
    stands for.

    >>> merge([{"top_k": 5, "temperature": 0.4}, {"mode": "expressive", "top_k": None}])
    {'temperature': 1.2}
    """
    merged: dict[str, object] = {}
    for level in levels:
        merged |= {**_preset(level), **level}
    return {name: x for name, x in merged.items() if x is not None and name != "mode"}


def _preset(level: Level) -> Level:
    """What the mode of a level stands for."""
    mode = level.get("mode")
    return PRESETS[mode] if isinstance(mode, str) else {}
