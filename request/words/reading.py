"""What a prompt asks for, as settings of a request, and what was understood of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from partimento.request.request import Request
from partimento.request.words.choices import Choices
from partimento.request.words.keys import german_key
from partimento.request.words.lexicon import Lexicon, Value, describe_settings, load_lexicon
from partimento.request.words.negation import Sorted, sort_findings
from partimento.request.words.prompt import Prompt
from partimento.request.words.recognition import Finding, recognise
from partimento.request.words.resolution import resolve
from partimento.request.words.rewording import reword, with_words
from partimento.request.words.spelling import MAX_CHARACTERS, plain

if TYPE_CHECKING:
    from partimento.request.words.meaning import Nearest

MAX_HINTS = 8
"""Unknown words that a known one is looked for."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read from a prompt."""

    settings: Mapping[str, object]
    """Settings that make a valid `Request`, explicit options included after `merge`."""
    understood: tuple[str, ...]
    """Parts of the prompt that count, in order, each with what it became."""
    ignored: tuple[str, ...]
    """Parts that nothing was found in, in order."""
    conflicts: tuple[str, ...]
    """Parts that gave way to others, and to which."""
    hints: Mapping[str, str]
    """Known words that unknown ones may have been meant for."""
    taken: tuple[str, ...]
    """Words that the table does not know, each with the known ones that it was taken as."""
    findings: Sorted = field(repr=False)
    lexicon: Lexicon = field(repr=False, compare=False)

    def request(self) -> Request:
        """The request that the settings make."""
        return Request.from_dict(self.settings)

    def summary(self) -> str:
        """One line: what was understood and taken as what, what gave way, what was ignored."""
        ignored = [f'"{part}"' + self._question(part) for part in self.ignored]
        parts = [f"understood: {', '.join(self.understood) or 'nothing'}"]
        if self.taken:
            parts.append(f"took {', '.join(self.taken)}")
        if self.conflicts:
            parts.append(f"overruled: {', '.join(self.conflicts)}")
        if ignored:
            parts.append(f"ignored: {', '.join(ignored)}")
        return "; ".join(parts)

    def _question(self, part: str) -> str:
        """Which known words a part may have been meant for; empty when none is near."""
        meant = [self.hints[word] for word in part.split() if word in self.hints]
        return f" (did you mean {', '.join(meant)}?)" if meant else ""


def read_prompt(
    text: str,
    lexicon: Lexicon | None = None,
    options: Mapping[str, object] | None = None,
    nearest: "Nearest | None" = None,
) -> Reading:
    """Read what a text asks for; every text can be read, and an empty one asks for nothing.

    The lexicon is the English one unless another is given. `options` are as in `merge`.
    `nearest` finds words of the table that mean what unknown ones mean, as `meaning.nearest` does.

    >>> reading = read_prompt("a sparkling slow waltz in D minor for strings, 16 bars")
    >>> reading.settings["meter"], reading.settings["key"], reading.settings["bars"]
    ('3/4', 'D minor', 16)
    >>> reading.understood, reading.ignored
    (('slow (bpm 98)', 'waltz (meter 3/4)', 'in D minor', 'strings', '16 bars'), ('sparkling',))
    """
    lexicon = lexicon or load_lexicon()
    prompt = Prompt(text, lexicon)
    events = recognise(prompt)
    taken = reword(prompt, events, nearest)
    if taken:
        prompt = with_words(prompt, taken)
        events = recognise(prompt)
    found = sort_findings(prompt.text, events)
    hints: dict[str, str] = {}
    for word in " ".join(found.ignored).split()[:MAX_HINTS]:
        near = german_key(word) or lexicon.suggest(plain(word))
        if near is not None and near != plain(word):
            hints[word] = near
    if len(text) > MAX_CHARACTERS:
        found = Sorted(found.wanted, found.unwanted, (*found.ignored, "the rest of the text"))
    if options:
        Request.from_dict(options)  # what is wrong with them is said without the words
    said = tuple(str(each) for each in taken if each.is_said)
    return _reading(found, options or {}, hints, said, lexicon)


def merge(reading: Reading, options: Mapping[str, object]) -> Reading:
    """Let explicit options win over the words, also where words are relative to them.

    `options` holds the settings of a request that were given, and no others. ValueError when
    they do not make a request by themselves.
    """
    Request.from_dict(options)
    return _reading(reading.findings, options, reading.hints, reading.taken, reading.lexicon)


def read_request(
    text: str,
    options: Mapping[str, object],
    lexicon: Lexicon | None = None,
    nearest: "Nearest | None" = None,
) -> tuple[Request, Reading]:
    """The request that a text and explicit options make, and what was understood of the text.

    `options` are as in `merge`, `nearest` as in `read_prompt`. The request keeps the text, as far
    as it was read.

    >>> request, _ = read_request("a slow waltz", {"bars": 8})
    >>> str(request.meter), request.bars, request.prompt
    ('3/4', 8, 'a slow waltz')
    """
    reading = read_prompt(text, lexicon, options, nearest)
    settings = dict(reading.settings)
    if text.strip():
        settings["prompt"] = text[:MAX_CHARACTERS]
    return Request.from_dict(settings), reading


def _reading(
    found: Sorted,
    options: Mapping[str, object],
    hints: Mapping[str, str],
    taken: tuple[str, ...],
    lexicon: Lexicon,
) -> Reading:
    choices = resolve(found.wanted, found.unwanted, options, lexicon)
    understood = []
    for finding in sorted((*found.wanted, *found.unwanted), key=lambda f: f.start):
        if finding in choices.silent:
            continue
        if choices.used.get(finding):
            understood.append(_describe(finding, choices, finding in found.unwanted))
        elif finding not in choices.gave_way:
            choices = choices.warn(finding, "changes nothing beside the other words")
    return Reading(
        settings={**choices.settings, **options},
        understood=tuple(understood),
        ignored=(*found.ignored, *(finding.text for finding in choices.silent)),
        conflicts=choices.conflicts(),
        hints=hints,
        taken=taken,
        findings=found,
        lexicon=lexicon,
    )


def _describe(finding: Finding, choices: Choices, is_unwanted: bool) -> str:
    """The words of a finding, with what they became when the words do not say it."""
    if is_unwanted:
        return f"without {finding.text}"
    shown: dict[str, Value] = {}
    for setting, value in choices.used[finding].items():
        text = describe_settings({"": value}).strip().removesuffix(" ...")
        if text.lower() not in finding.text.lower():
            shown[setting] = value
    return f"{finding.text} ({describe_settings(shown)})" if shown else finding.text
