"""The table of words that prompts are read with, from a data file for each language."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import cast

import yaml

from partimento.errors import PartimentoError
from partimento.music.ensemble_names import ENSEMBLES
from partimento.music.instrument_names import NAMED
from partimento.request.sketch_wishes import ATTRIBUTE_WISHES
from partimento.request.words.spelling import split_words

Value = str | float | bool | tuple[str, ...]
Phrase = tuple[str, ...]

SECTIONS: Mapping[str, str] = {
    "tempo": "Tempo terms",
    "speeds": "Plain words for the speed",
    "meters": "Meters",
    "scales": "Modes and scales",
    "dances": "Dances and marches",
    "styles": "Genres",
    "forms": "Kinds of piece",
    "instruments": "Instruments",
    "ensembles": "Ensembles",
    "dynamics": "Loudness",
    "registers": "Register",
    "textures": "Texture",
    "lengths": "Length",
    "progressions": "Chord progressions",
    "character": "How bold the choices are",
    "moods": "Moods",
}
"""Sections of a data file, and their headings in the documentation."""

GRAMMAR: Mapping[str, str] = {
    "negations": "Words that turn away the instruments behind them",
    "fillers": "Words that mean nothing here and are not named as ignored",
}
"""Lists of the grammar that the documentation has too."""

SETTINGS = frozenset(
    (
        *("bpm", "factor", "meter", "mode", "scale", "tonic", "style", "instruments", "family"),
        *("dynamic", "pitch_range", "temperature", "bars", "seconds", "progression", "lock_key"),
        "swing",
        *ATTRIBUTE_WISHES,
    )
)
"""What an entry may ask for."""

LISTS = frozenset(
    (
        *("fillers", "joiners", "alternatives", "turns", "articles", "negations", "key_leads"),
        *("weak_key_leads", "mode_nouns", "chord_leads", "opening_leads", "chord_joiners"),
        *("hundreds", "halves", "unit_tails", "weak_tempo_leads", "plural_endings"),
        *("voice_parts", "bass_parts", "unsupported", "meanings"),
    )
)
"""Parts of the grammar that are lists of words; the others are tables."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Words with one meaning."""

    words: tuple[str, ...]
    """As they are written in the table."""
    section: str
    settings: Mapping[str, Value]
    note: str = ""


@dataclass(frozen=True)
class Lexicon:
    """Everything a reader knows of a language."""

    language: str
    introduction: str
    """Text in front of the table in the documentation."""
    entries: tuple[Entry, ...]
    phrases: Mapping[Phrase, Entry]
    """Entry of every spelling, plurals included."""
    lists: Mapping[str, frozenset[Phrase]]
    """Words of the grammar by their job, as the data file explains them."""
    tables: Mapping[str, Mapping[Phrase, str | float]]
    """Numbers, units, note names and other words of the grammar with a value."""
    style_instruments: Mapping[str, tuple[str, ...]]
    """Instruments that a style suits, when it does not suit all."""
    compass: Mapping[str, str]
    """What the vocabulary's instruments can play; those left out play everything."""
    longest: int
    """Words of the longest phrase."""

    def suggest(self, word: str) -> str | None:
        """The known word that a misspelt one probably means."""
        if len(word) < 5:
            return None
        known = [word for entry in self.entries for word in entry.words if " " not in word]
        near = difflib.get_close_matches(word, known, n=1, cutoff=0.84)
        return near[0] if near else None


@cache
def load_lexicon(language: str = "en") -> Lexicon:
    """The lexicon of a language; ValueError when there is none."""
    folder = files("partimento.request.words")
    names = [entry.name for entry in folder.iterdir() if entry.name.endswith(".yaml")]
    languages = sorted(name.removesuffix(".yaml") for name in names)
    if language not in languages:
        raise PartimentoError(f"language must be one of {', '.join(languages)}, got {language!r}")
    # The C loader reads the table in a tenth of the time, where PyYAML was built with it.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    text = (folder / f"{language}.yaml").read_text(encoding="utf-8")
    return parse_lexicon(yaml.load(text, loader))


def parse_lexicon(content: Mapping[str, object]) -> Lexicon:
    """A lexicon from the content of a data file; ValueError names what is wrong with it."""
    grammar = _table(content, "grammar")
    lists = {name: _phrases(grammar, name) for name in LISTS}
    tables = {name: _values(grammar, name) for name in sorted(set(grammar) - LISTS)}
    entries = tuple(
        _entry(section, words, settings)
        for section in SECTIONS
        for words, settings in _table(content, section).items()
    )
    if content["language"] == "English":
        entries = _with_instruments(entries)
    phrases: dict[Phrase, Entry] = {}
    for entry in entries:
        for word in entry.words:
            if phrases.setdefault(_split(word), entry) is not entry:
                raise PartimentoError(f"{entry.section}: {word!r} stands in the table twice")
    endings = [ending for (ending,) in lists["plural_endings"]]
    for phrase, entry in list(phrases.items()):
        for ending in endings:
            phrases.setdefault((*phrase[:-1], phrase[-1] + ending), entry)
    known = (*phrases, *(p for words in (*lists.values(), *tables.values()) for p in words))
    return Lexicon(
        language=str(content["language"]),
        introduction=str(content["introduction"]),
        entries=entries,
        phrases=phrases,
        lists=lists,
        tables=tables,
        style_instruments={
            style: tuple(cast(list[str], names))
            for style, names in _table(content, "style_instruments").items()
        },
        compass={name: str(span) for name, span in _table(content, "compass").items()},
        longest=max(len(phrase) for phrase in known),
    )


def _with_instruments(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """The entries with the names of players that options know, which are English too."""
    known = []
    for named in NAMED:
        settings: dict[str, Value] = {"instruments": named.players}
        if named.family:
            settings["family"] = named.family
        known.append(Entry(tuple(named.words.split(", ")), "instruments", settings))
    for group in ENSEMBLES:
        settings = {"instruments": tuple(group.players.split(", "))}
        if group.style is not None:
            settings["style"] = group.style
        if group.pitch_range is not None:
            settings["pitch_range"] = group.pitch_range
        known.append(Entry(tuple(group.words.split(", ")), "ensembles", settings))
    return (*entries, *known)


def _split(words: str) -> Phrase:
    return tuple(word.plain for word in split_words(words))


def _table(content: Mapping[str, object], name: str) -> Mapping[str, object]:
    table = content.get(name)
    if not isinstance(table, dict) or not all(isinstance(key, str) for key in table):
        raise PartimentoError(f"a lexicon needs a table {name!r} whose keys are texts")
    return table


def _phrases(grammar: Mapping[str, object], name: str) -> frozenset[Phrase]:
    words = grammar.get(name)
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise PartimentoError(f"grammar.{name} must be a list of words, got {words!r}")
    return frozenset(_split(word) for word in words)


def _values(grammar: Mapping[str, object], name: str) -> Mapping[Phrase, str | float]:
    """A table of words with a value, or of values with lists of words, by the words."""
    table = grammar[name]
    if isinstance(table, str):
        return {_split(table): table}
    if not isinstance(table, dict):
        raise PartimentoError(f"grammar.{name} must be a table, got {table!r}")
    values: dict[Phrase, str | float] = {}
    for key, value in table.items():
        if isinstance(value, list):
            values.update({_split(word): key for word in value})
        else:
            values[_split(key)] = value
    return values


def _entry(section: str, words: str, described: object) -> Entry:
    if not isinstance(described, dict):
        raise PartimentoError(f"{section}.{words} must be a table of settings, got {described!r}")
    settings: dict[str, Value] = {}
    for name, value in described.items():
        if name not in (*SETTINGS, "note"):
            raise PartimentoError(f"{section}.{words}: setting {name!r} does not exist")
        settings[name] = tuple(value) if isinstance(value, list) else value
    note = str(settings.pop("note", ""))
    return Entry(tuple(words.split(", ")), section, settings, note)


def describe_lexicon(lexicon: Lexicon) -> str:
    """The page of the documentation that lists every word."""
    count = sum(len(entry.words) for entry in lexicon.entries)
    parts = [lexicon.introduction.format(language=lexicon.language, words=count)]
    for section, heading in SECTIONS.items():
        entries = [entry for entry in lexicon.entries if entry.section == section]
        rows = ["| words | become | note |", "|---|---|---|"]
        rows += [
            f"| {', '.join(e.words)} | {describe_settings(e.settings)} | {e.note} |"
            for e in entries
        ]
        parts.append(f"## {heading}\n\n" + "\n".join(rows) + "\n")
    for name, heading in GRAMMAR.items():
        words = sorted(" ".join(phrase) for phrase in lexicon.lists[name])
        parts.append(f"## {heading}\n\n{', '.join(words)}\n")
    return "\n".join(parts)


def describe_settings(settings: Mapping[str, object]) -> str:
    """Settings in one line.

    >>> describe_settings({"meter": "3/4", "bpm": 150})
    'meter 3/4, bpm 150'
    """
    return ", ".join(f"{name} {_describe(value)}" for name, value in settings.items())


def _describe(value: object) -> str:
    if isinstance(value, (tuple, list)):
        return " + ".join(str(part) for part in value)
    return f"{value:g}" if isinstance(value, (int, float)) and value is not True else str(value)
