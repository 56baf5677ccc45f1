"""A score as tokens that can be put together anew: bars, their lines, and what is in force."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from partimento.music.score import Score
from partimento.sampling.primer import lines_of_tracks
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.bar_lines import Line, ordered, split_lines
from partimento.tokenizer.bar_places import BarPlaces, place_bars
from partimento.tokenizer.encoding import encode
from partimento.tokenizer.loading import fit_score

_SETTINGS = ((v.KEY, v.METER), (v.METER, v.TEMPO), (v.TEMPO, v.STYLE))
"""First id and end of what may change at a bar: key, meter, tempo, in this order."""


@dataclass(frozen=True, slots=True)
class TokenBar:
    """A bar of the tokens."""

    settings: tuple[int | None, int | None, int | None]
    """The tokens of key, meter and tempo in force."""
    lines: dict[Line, list[int]]
    dynamics: dict[Line, int]
    """The dynamic in force on each line at its first event; those that have none yet are left
    out."""


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """A score as bars of tokens."""

    places: BarPlaces
    """Where the score's own bars stand among them."""
    style: int | None
    """Token of the style."""
    bars: tuple[TokenBar, ...]
    lines: dict[Line, int]
    """Index of the score's track that each line belongs to, in the order of the lines."""

    def lines_of(self, track: int) -> list[Line]:
        """The lines of a track."""
        return [line for line, found in self.lines.items() if found == track]


def outline_of(score: Score) -> Outline:
    """Take a score apart; PartimentoError when it is none that tokens can say."""
    fitted = fit_score(score, "the piece").score
    head, *bars, _ = split_lines(encode(fitted).tokens)
    style = next((token for token in head.start if v.STYLE <= token < v.DYNAMIC), None)
    current = [_last(head.start, *block) for block in _SETTINGS]
    dynamics: dict[Line, int] = {}
    found = []
    for bar in bars:
        current = [
            _last(bar.start, *block, otherwise=before)
            for block, before in zip(_SETTINGS, current, strict=True)
        ]
        found.append(TokenBar((current[0], current[1], current[2]), bar.lines, dict(dynamics)))
        for line, tokens in bar.lines.items():
            last = _last(tokens, v.DYNAMIC, v.ROOT)
            if last is not None:
                dynamics[line] = last - v.DYNAMIC
    places = place_bars(score)
    missing = len(places.token_starts) - 1 - len(found)
    found += [TokenBar(found[-1].settings, {}, dict(dynamics)) for _ in range(missing)]
    return Outline(places, style, tuple(found), lines_of_tracks(fitted))


def _last(tokens: Sequence[int], first: int, end: int, otherwise: int | None = None) -> int | None:
    """The last token of a block of ids."""
    return next((token for token in reversed(tokens) if first <= token < end), otherwise)


class BarWriter:
    """Writes bars of an outline one after the other, as one piece of tokens."""

    def __init__(self, outline: Outline, order: Sequence[Line]) -> None:
        self._outline, self._order = outline, order
        self._settings: tuple[int | None, ...] = ()
        self._dynamics: dict[Line, int] = {}

    def head(self, first: int, style: int | None, key: int | None = None) -> list[int]:
        """The tokens before the first bar; `key` is the token of another key than the bar's."""
        own = self._outline.bars[first].settings
        self._settings = (key or own[0], *own[1:])
        return [v.BOS, *(token for token in (style, *self._settings) if token is not None)]

    def changes(self, bar: int, key: int | None = None) -> list[int]:
        """What changes at a bar: the tokens that stand behind its BAR."""
        own = self._outline.bars[bar].settings
        now = (key or own[0], *own[1:])
        before, self._settings = self._settings, now
        return [
            token
            for token, old in zip(now, before, strict=True)
            if token is not None and token != old
        ]

    def content(self, bar: int, without: Collection[Line] = ()) -> list[int]:
        """The tokens of a bar's lines, each with the dynamic that it is in."""
        found = self._outline.bars[bar]
        lines = {
            line: self._stated(line, tokens, found.dynamics.get(line))
            for line, tokens in found.lines.items()
            if line not in without
        }
        return ordered(lines, [line for line in self._order if line not in without])

    def _stated(self, line: Line, tokens: list[int], dynamic: int | None) -> list[int]:
        """A line that says its dynamic where what stands before it has not."""
        first = next((i for i, t in enumerate(tokens) if v.PITCH <= t < v.DURATION), None)
        if first is None:
            return tokens
        stated = self._dynamics.get(line, v.DEFAULT_DYNAMIC)
        in_force = v.DEFAULT_DYNAMIC if dynamic is None else dynamic
        says_own = _last(tokens[:first], v.DYNAMIC, v.ROOT) is not None
        if not says_own and in_force != stated:
            tokens = [*tokens[:first], v.DYNAMIC + in_force, *tokens[first:]]
        last = _last(tokens, v.DYNAMIC, v.ROOT)
        self._dynamics[line] = stated if last is None else last - v.DYNAMIC
        return tokens


def padding(content: Iterable[int], instrument: int, lines: int) -> list[int]:
    """Empty lines, so that the next one of an instrument is the one after so many others."""
    written = sum(token == v.INSTRUMENT + instrument for token in content)
    return [v.INSTRUMENT + instrument] * (lines - written)
