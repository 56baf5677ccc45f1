"""A stretch of a piece as the network sees it: cut at bar lines, headed anew, augmented.

All choices come from a generator argument; the tokens that come out are legal again.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from partimento.errors import SettingError
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.vocabulary import TokenArray

PITCH_RANGE = (12, 115)
"""Lowest and highest note number that transposition may reach: C0 to G8, a piano's range."""


@dataclass(frozen=True)
class Augmentation:
    """How often training changes what it sees; each is a share of the excerpts."""

    transpose: tuple[int, int] = (-5, 6)
    """Smallest and largest shift in semitones."""
    drop_style: float = 0.15
    drop_key: float = 0.2
    drop_chords: float = 0.6
    """Without the chord line, as most files and most requests are."""
    shuffle_lines: float = 0.2
    """Lines in another order, the same in all bars, so that any line can follow from others."""
    holes: float = 0.08
    """Some bars left out and filled after the end."""
    bars_known: float = 0.6
    """The number of bars that are left is shown."""
    from_start: float = 0.35
    """Excerpts that begin where the piece does; the others begin at a multiple of four bars."""

    def __post_init__(self) -> None:
        """Check every field."""
        low, high = self.transpose
        if not low <= 0 <= high:
            raise SettingError("transpose", f"must span 0, got {self.transpose}")
        for name in (
            *("drop_style", "drop_key", "drop_chords", "shuffle_lines", "holes"),
            *("bars_known", "from_start"),
        ):
            if not 0 <= getattr(self, name) <= 1:
                raise SettingError(name, f"must be in [0, 1], got {getattr(self, name)}")


@dataclass(frozen=True)
class Excerpt:
    """Tokens of a stretch and where it stands in its piece."""

    tokens: TokenArray
    total_bars: int
    """Bars to the end of the piece, 0 when the network is not told."""
    first_bar: int


class Outline:
    """Where the bars of a token array are, and what is in force at each."""

    def __init__(self, tokens: TokenArray) -> None:
        self.tokens = tokens

    @cached_property
    def bars(self) -> npt.NDArray[np.int64]:
        """(bars,) index of each BAR token."""
        return np.flatnonzero(self.tokens == v.BAR)

    def header(self, bar: int) -> list[int]:
        """BOS, style, key, meter and tempo in force at a bar, its own changes included."""
        start = int(self.bars[bar]) + 1
        body = start + self._changes(bar)
        before = self.tokens[:body]
        found = [v.BOS]
        blocks = (v.STYLE, v.DYNAMIC), (v.KEY, v.METER), (v.METER, v.TEMPO), (v.TEMPO, v.STYLE)
        for first, end in blocks:
            at = np.flatnonzero((before >= first) & (before < end))
            if len(at):
                found.append(int(before[at[-1]]))
        return found

    def body(self, bar: int) -> int:
        """Index of the first token of a bar after its changes."""
        return int(self.bars[bar]) + 1 + self._changes(bar)

    def _changes(self, bar: int) -> int:
        start = int(self.bars[bar]) + 1
        count = 0
        while v.KEY <= self.tokens[start + count] < v.STYLE:
            count += 1
        return count


def cut(tokens: TokenArray, bar: int, length: int) -> TokenArray:
    """About `length` tokens of a piece from a bar on, with a header of its own.

    Ends after a whole bar or, when the piece ends first, with EOS; at least one bar.
    """
    outline = Outline(tokens)
    head = [*outline.header(bar), v.BAR]
    start = outline.body(bar)
    if start + length >= len(tokens):
        end = len(tokens)
    else:
        following = outline.bars[bar + 1 :]
        fitting = following[following <= start + length]
        if len(fitting):
            end = int(fitting[-1])
        else:
            end = int(following[0]) if len(following) else len(tokens)
    return np.concatenate([np.array(head, np.uint16), tokens[start:end]])


def instruments(tokens: TokenArray) -> npt.NDArray[np.int64]:
    """(T,) instrument of the line that each token stands in, -1 outside of lines."""
    starts = (tokens >= v.INSTRUMENT) & (tokens < v.KEY)
    outside = (tokens == v.BAR) | (tokens == v.FILL)
    marks = np.where(starts | outside, np.arange(len(tokens)), 0)
    last = tokens[np.maximum.accumulate(marks)].astype(np.int64)
    inside = (last >= v.INSTRUMENT) & (last < v.KEY)
    return np.where(inside, last - v.INSTRUMENT, -1)


def transpose(tokens: TokenArray, semitones: int) -> TokenArray:
    """Shift pitches, keys and chord roots; drums stay. The shift shrinks to fit the range."""
    pitched = (tokens >= v.PITCH) & (tokens < v.DURATION) & (instruments(tokens) != v.DRUMS)
    pitches = tokens[pitched].astype(np.int64) - v.PITCH
    if len(pitches):
        semitones = max(semitones, min(0, PITCH_RANGE[0] - int(pitches.min())))
        semitones = min(semitones, max(0, PITCH_RANGE[1] - int(pitches.max())))
    if semitones == 0:
        return tokens
    shifted = tokens.astype(np.int64)
    shifted[pitched] += semitones
    for first, end in ((v.KEY, v.KEY + 12), (v.KEY + 12, v.METER), (v.ROOT, v.QUALITY)):
        block = (tokens >= first) & (tokens < end)
        shifted[block] = first + (shifted[block] - first + semitones) % 12
    return shifted.astype(np.uint16)


def drop_block(tokens: TokenArray, first: int, end: int) -> TokenArray:
    """Leave out every token of a block of ids."""
    return tokens[(tokens < first) | (tokens >= end)]


def drop_chords(tokens: TokenArray) -> TokenArray:
    """Leave out the chord lines: roots, qualities, 'no chord' and their durations."""
    label = tokens >= v.ROOT
    # The duration of a chord is the token right after its quality or 'no chord'.
    closes = np.concatenate([[False], tokens[:-1] >= v.QUALITY])
    kept: TokenArray = tokens[~(label | closes)]
    return kept


def shuffle_lines(tokens: TokenArray, rng: np.random.Generator) -> TokenArray:
    """Put the lines of all bars into one other order, drawn at random.

    A line is known by its instrument and its number among the lines of that instrument;
    empty lines are written anew, so that each line keeps one number throughout.
    """
    bars = _split_lines(tokens)
    ranks: dict[tuple[int, int], float] = {}
    for bar in bars:
        for line in bar.lines:
            ranks.setdefault(line, float(rng.random()))
    order = sorted(ranks, key=lambda line: ranks[line])
    result: list[int] = []
    for bar in bars:
        result += bar.start
        last = {line[0]: ranks[line] for line in order if len(bar.lines.get(line, ())) > 1}
        for line in order:
            if ranks[line] <= last.get(line[0], -1.0):
                result += bar.lines.get(line, [v.INSTRUMENT + line[0]])
    return np.array(result, np.uint16)


class _Lines(NamedTuple):
    """What stands between two BAR, FILL or EOS tokens."""

    start: list[int]
    """Tokens before the first line: the opening token, changes, chords."""
    lines: dict[tuple[int, int], list[int]]
    """By instrument and number among its lines, each with the instrument's token."""


def _split_lines(tokens: TokenArray) -> list[_Lines]:
    bars = [_Lines([], {})]
    counts: dict[int, int] = {}
    current = bars[0].start
    for token in tokens.tolist():
        if token in (v.BAR, v.FILL, v.EOS):
            bars.append(_Lines([], {}))
            counts = {}
            current = bars[-1].start
        elif v.INSTRUMENT <= token < v.KEY:
            instrument = token - v.INSTRUMENT
            number = counts.get(instrument, 0)
            counts[instrument] = number + 1
            current = bars[-1].lines[instrument, number] = []
        current.append(token)
    return bars


def make_holes(tokens: TokenArray, rng: np.random.Generator) -> TokenArray:
    """Move a run of one to four bars behind the end, where FILL gives them back."""
    bars = np.flatnonzero(tokens == v.BAR)
    if len(bars) < 3:
        return tokens
    count = int(rng.integers(1, min(4, len(bars) - 2) + 1))
    first = int(rng.integers(1, len(bars) - count + 1))
    has_end = tokens[-1] == v.EOS
    edges = [*bars.tolist(), len(tokens) - int(has_end)]
    outline = Outline(np.append(tokens, v.EOS))
    kept = [tokens[: edges[first]]]
    filled = []
    for bar in range(first, first + count):
        body = outline.body(bar)
        kept += [tokens[edges[bar] : body], np.array([v.HOLE], np.uint16)]
        filled += [np.array([v.FILL], np.uint16), tokens[body : edges[bar + 1]]]
    kept += [tokens[edges[first + count] : edges[-1]], *filled, np.array([v.EOS], np.uint16)]
    return np.concatenate(kept)


def draw_excerpt(
    tokens: TokenArray, length: int, augmentation: Augmentation, rng: np.random.Generator
) -> Excerpt:
    """Cut and augment a stretch of about `length` tokens of a piece."""
    a = augmentation
    bars = len(np.flatnonzero(tokens == v.BAR))
    starts = max(1, (bars + 3) // 4)
    bar = 0 if rng.random() < a.from_start else 4 * int(rng.integers(starts))
    with_holes = rng.random() < a.holes
    result = cut(tokens, bar, length * 3 // 4 if with_holes else length)
    if rng.random() < a.drop_chords:
        result = drop_chords(result)
    if rng.random() < a.drop_style:
        result = drop_block(result, v.STYLE, v.DYNAMIC)
    if rng.random() < a.drop_key:
        result = drop_block(result, v.KEY, v.METER)
    result = transpose(result, int(rng.integers(a.transpose[0], a.transpose[1] + 1)))
    if rng.random() < a.shuffle_lines:
        result = shuffle_lines(result, rng)
    if with_holes:
        result = make_holes(result, rng)
    known = rng.random() < a.bars_known
    # A stretch with holes closes with EOS wherever it was cut: its end is the planned one.
    total = int((result == v.BAR).sum()) if v.HOLE in result else bars - bar
    return Excerpt(result, total if known else 0, bar)
