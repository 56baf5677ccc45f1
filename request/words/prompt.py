"""A prompt as its readers see it: words in order, and which phrases of the lexicon they make."""

from collections.abc import Collection, Mapping

from partimento.request.words.lexicon import Lexicon, Phrase, Value
from partimento.request.words.spelling import are_close, clean, split_words

Found = tuple[int, Mapping[str, Value]]
"""Index of the word behind what a reader found, and the settings that it asks for."""


class Prompt:
    """A cleaned text, its words and the language it is in."""

    def __init__(self, text: str, lexicon: Lexicon) -> None:
        self.text = clean(text)
        self.words = split_words(self.text)
        self.lexicon = lexicon
        self._phrases: dict[int, list[Phrase]] = {}

    def phrase(self, index: int, known: Collection[Phrase]) -> int:
        """How many words the longest of some phrases has that starts at a word; 0 for none."""
        found = self._phrases.get(index)
        if found is None:
            found = self._phrases[index] = self._all_phrases(index)
        return next((len(words) for words in found if words in known), 0)

    def _all_phrases(self, index: int) -> list[Phrase]:
        """Everything from a word on that may be a phrase, the longest first."""
        found: list[Phrase] = []
        words: Phrase = ()
        for here in range(index, min(index + self.lexicon.longest, len(self.words))):
            if here > index and not self.is_close(here):
                break
            words = (*words, self.words[here].plain)
            found.append(words)
        return found[::-1]

    def leads(self, index: int, *lists: str) -> int:
        """How many words the longest phrase has that starts at a word, out of grammar lists."""
        return max(self.phrase(index, self.lexicon.lists[name]) for name in lists)

    def value(self, index: int, table: str) -> tuple[str | float, int] | None:
        """Value of the longest phrase of a grammar table at a word, and the index behind it."""
        phrases = self.lexicon.tables[table]
        length = self.phrase(index, phrases)
        return (phrases[self.plain(index, length)], index + length) if length else None

    def plain(self, index: int, length: int) -> Phrase:
        """Some words as a phrase."""
        return tuple(word.plain for word in self.words[index : index + length])

    def raw(self, index: int) -> str:
        """A word as it is written; empty behind the end."""
        if index >= len(self.words):
            return ""
        word = self.words[index]
        return self.text[word.start : word.end]

    def gap(self, index: int) -> str:
        """The text between a word and the one before it; the rest of the text behind the end."""
        start = self.words[index - 1].end if index else 0
        return self.text[start : self.words[index].start if index < len(self.words) else None]

    def is_close(self, index: int) -> bool:
        """Whether a word exists and only spaces and hyphens part it from the one before."""
        return 0 < index < len(self.words) and are_close(
            self.text, self.words[index - 1], self.words[index]
        )

    def behind(self, place: int, index: int) -> int:
        """Index of the first word from `index` on that starts at or behind a place."""
        while index < len(self.words) and self.words[index].start < place:
            index += 1
        return index
