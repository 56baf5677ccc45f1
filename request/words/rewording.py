"""Words that the table does not know, put into words that it knows, before it is read again.

First what the lexicon translates, to the letter; then, where a sentence embedder is at hand, what
means nearly the same as something of the table: words by themselves, else several together.
"""

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from partimento.request.words.lexicon import Phrase
from partimento.request.words.prompt import Prompt
from partimento.request.words.recognition import UNKNOWN, Event, Mark

if TYPE_CHECKING:
    from partimento.request.words.meaning import Nearest

LIKE_A_WORD, LIKE_A_PHRASE = 0.65, 0.45
"""Cosine from which a word, or several, are taken for known ones: of the probes in
tests/request/words/probes.yaml these take most rightly and few wrongly."""
MOST_WORDS = 5
"""Words that are looked at together."""
MOST_TEXTS = 200
"""Texts of one prompt that are looked for."""
_SILENT = ("fillers", "articles", "joiners", "alternatives", "negations", "weak_key_leads")
"""Lists of the grammar: what becomes one of their words is not worth a remark."""
_LETTERS = re.compile(r"[^\W\d_]{3,}")
_PARTS = re.compile(r"[.,;:!?()\n]")


@dataclass(frozen=True, slots=True)
class Taken:
    """Words of a prompt, what they were taken as, and where they stand among its words."""

    text: str
    meant: str
    first: int
    end: int
    is_said: bool = True

    def __str__(self) -> str:
        return f"{self.text} as {self.meant}"


def reword(prompt: Prompt, events: Sequence[Event], nearest: "Nearest | None") -> list[Taken]:
    """What the unknown words of a prompt are taken as, in order; each word at most once."""
    unknown, silent, found = _by_kind(prompt, events)
    taken = _translated(prompt, unknown, found)
    for each in taken:
        words = set(range(each.first, each.end))
        unknown -= words
        silent = silent if each.is_said else silent | words
    if nearest is not None and unknown:
        taken += _by_meaning(prompt, unknown, silent, nearest)
    return sorted(taken, key=lambda each: each.first)


def with_words(prompt: Prompt, taken: Sequence[Taken]) -> Prompt:
    """The prompt with what its words were taken as in their places."""
    text, end = "", 0
    for each in taken:
        text += prompt.text[end : prompt.words[each.first].start] + each.meant
        end = prompt.words[each.end - 1].end
    return Prompt(text + prompt.text[end:], prompt.lexicon)


def _by_kind(prompt: Prompt, events: Sequence[Event]) -> tuple[set[int], set[int], set[int]]:
    """Indices of words that are unknown, of those that mean nothing, and of those that ask."""
    unknown: set[int] = set()
    silent: set[int] = set()
    found: set[int] = set()
    starts = [word.start for word in prompt.words]
    for event in events:
        inside = range(bisect_left(starts, event.start), bisect_left(starts, event.end))
        if not isinstance(event, Mark):
            found.update(inside)
        elif event.kind == UNKNOWN:
            unknown.update(inside)
        elif event.kind in ("fillers", "articles"):
            silent.update(inside)
    return unknown, silent, found


def _translated(prompt: Prompt, unknown: set[int], found: set[int]) -> list[Taken]:
    """Unknown words that the lexicon translates, with words of the grammar among them."""
    table = prompt.lexicon.tables["translations"]
    taken, here = [], 0
    while here < len(prompt.words):
        length = prompt.phrase(here, table)
        words = set(range(here, here + length))
        if words & unknown and not words & found:
            meant = str(table[prompt.plain(here, length)])
            said = not _is_silent(prompt, tuple(meant.split()))
            taken.append(
                Taken(_text(prompt, here, here + length), meant, here, here + length, said)
            )
            here += length - 1
        here += 1
    return taken


def _is_silent(prompt: Prompt, words: Phrase) -> bool:
    return any(words in prompt.lexicon.lists[name] for name in _SILENT)


def _by_meaning(
    prompt: Prompt, unknown: set[int], silent: set[int], nearest: "Nearest"
) -> list[Taken]:
    """Unknown words that mean nearly the same as known ones."""
    spans = [span for run in _runs(prompt, unknown, silent) for span in _spans(run, unknown)]
    spans = [span for span in spans if _LETTERS.search(_text(prompt, *span))][:MOST_TEXTS]
    if not spans:
        return []
    known = sorted(" ".join(words) for words in prompt.lexicon.lists["meanings"])
    found = nearest([_text(prompt, *span) for span in spans], known)
    likely = []
    for (first, end), (meant, cosine) in zip(spans, found, strict=True):
        is_word = len(unknown.intersection(range(first, end))) == 1
        if cosine >= (LIKE_A_WORD if is_word else LIKE_A_PHRASE):
            text = _text(prompt, first, end)
            likely.append((is_word, cosine, Taken(text, meant, first, end)))
    taken: list[Taken] = []
    for _, _, each in sorted(likely, key=lambda found: found[:2], reverse=True):
        if all(each.end <= other.first or other.end <= each.first for other in taken):
            taken.append(each)
    return taken


def _runs(prompt: Prompt, unknown: set[int], silent: set[int]) -> list[range]:
    """Unknown words side by side, with what means nothing between them."""
    runs: list[range] = []
    for index in sorted(unknown):
        between = set(range(runs[-1].stop, index)) if runs else set()
        is_near = bool(runs) and between <= silent and not _is_parted(prompt, runs[-1].stop, index)
        if is_near:
            runs[-1] = range(runs[-1].start, index + 1)
        else:
            runs.append(range(index, index + 1))
    return runs


def _is_parted(prompt: Prompt, first: int, end: int) -> bool:
    """Whether a sign stands before one of some words."""
    return any(_PARTS.search(prompt.gap(index)) for index in range(first, end + 1))


def _spans(run: range, unknown: set[int]) -> list[tuple[int, int]]:
    """Each part of a run that begins and ends with an unknown word, few words long."""
    inside = [index for index in run if index in unknown]
    return [
        (first, last + 1)
        for first in inside
        for last in inside
        if first <= last < first + MOST_WORDS
    ]


def _text(prompt: Prompt, first: int, end: int) -> str:
    """Some words as they are written."""
    return prompt.text[prompt.words[first].start : prompt.words[end - 1].end]
