"""A stretch of a piece as the network sees it: cut at bar lines, headed anew, augmented.

All choices come from a generator argument; the tokens that come out are legal again.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from partimento.errors import SettingError
from partimento.music.instrument_ranges import PLAYABLE
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.conditioning import (
    Vector,
    count_lines,
    nothing_told,
    tell_ensemble,
)
from partimento.tokenizer.vocabulary import TokenArray
from partimento.training.band import arrange, can_arrange, change_players
from partimento.training.grooves import Grooves
from partimento.training.line_order import put_line_last, shuffle_lines

PITCH_RANGE = (12, 115)
"""Lowest and highest note number that transposition may reach: C0 to G8, a piano's range."""
MOST_HOLES = 3
"""Runs of bars that are left out."""
LONGEST_HOLE = 8
"""Bars of a run."""
_PLAYABLE = np.array(PLAYABLE, np.int64)


@dataclass(frozen=True)
class Augmentation:
    """How often training changes what it sees; each is a share of the excerpts."""

    transpose: tuple[int, int] = (-5, 6)
    """Smallest and largest shift in semitones."""
    drop_style: float = 0.15
    drop_key: float = 0.2
    drop_chords: float = 0.6
    """Without the chord line, as most files and most requests are."""
    shuffle_lines: float = 0.15
    """Lines in another order, the same in all bars, so that any line can follow from others."""
    last_line: float = 0.2
    """One line written last in all bars, so that a line can be added to what is there."""
    holes: float = 0.33
    """Some bars left out and filled after the end."""
    keep_ranges: float = 0.8
    """Not transposed beyond what the instruments can play."""
    drop_ensemble: float = 0.35
    """The network is not told which instruments play."""
    bands: float = 0.6
    """Pop and jazz that has neither gets a bass and drums, of the corpus' own drummers."""
    whole_ensemble: float = 0.2
    """The instruments that it is told are those of the whole piece, not of the excerpt."""
    open_counts: float = 0.4
    """Of some instruments it is not told how many lines they have."""
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
            *("drop_style", "drop_key", "drop_chords", "shuffle_lines", "last_line", "holes"),
            *("keep_ranges", "drop_ensemble", "bands", "whole_ensemble", "open_counts"),
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
    conditioning: Vector
    """What the network is told of the piece."""


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
    low, high = transpositions(tokens, keep_ranges=False)
    semitones = min(max(semitones, low), high)
    if semitones == 0:
        return tokens
    shifted = tokens.astype(np.int64)
    shifted[_pitched(tokens)] += semitones
    for first, end in ((v.KEY, v.KEY + 12), (v.KEY + 12, v.METER), (v.ROOT, v.QUALITY)):
        block = (tokens >= first) & (tokens < end)
        shifted[block] = first + (shifted[block] - first + semitones) % 12
    return shifted.astype(np.uint16)


def transpositions(tokens: TokenArray, keep_ranges: bool) -> tuple[int, int]:
    """The largest shifts down and up in semitones that stay in the range of a piano.

    With `keep_ranges` also in that of each instrument, where it was in it.
    """
    pitched = _pitched(tokens)
    pitches = tokens[pitched].astype(np.int64) - v.PITCH
    if not len(pitches):
        return -127, 127
    low = min(0, PITCH_RANGE[0] - int(pitches.min()))
    high = max(0, PITCH_RANGE[1] - int(pitches.max()))
    if not keep_ranges:
        return low, high
    playing = instruments(tokens)[pitched]
    for instrument in np.unique(playing):
        least, most = _PLAYABLE[instrument]
        own = pitches[playing == instrument]
        if own.min() >= least:
            low = max(low, int(least - own.min()))
        if own.max() <= most:
            high = min(high, int(most - own.max()))
    return low, high


def _pitched(tokens: TokenArray) -> npt.NDArray[np.bool_]:
    """(T,) whether a token is the pitch of an instrument other than drums."""
    is_pitch = (tokens >= v.PITCH) & (tokens < v.DURATION)
    found: npt.NDArray[np.bool_] = is_pitch & (instruments(tokens) != v.DRUMS)
    return found


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


def make_holes(tokens: TokenArray, rng: np.random.Generator) -> TokenArray:
    """Move one to three runs of up to eight bars behind the end, where FILL gives them back.

    At least half of the bars stay.
    """
    bars = np.flatnonzero(tokens == v.BAR)
    if len(bars) < 3:
        return tokens
    is_hole = np.zeros(len(bars), np.bool_)
    for _ in range(int(rng.integers(1, MOST_HOLES + 1))):
        room = len(bars) // 2 - int(is_hole.sum())
        if room > 0:
            count = int(rng.integers(1, min(LONGEST_HOLE, room) + 1))
            first = int(rng.integers(len(bars) - count + 1))
            is_hole[first : first + count] = True
    has_end = tokens[-1] == v.EOS
    edges = [*bars.tolist(), len(tokens) - int(has_end)]
    outline = Outline(np.append(tokens, v.EOS))
    kept = [tokens[: edges[0]]]
    filled = []
    for bar, hole in enumerate(is_hole):
        if not hole:
            kept.append(tokens[edges[bar] : edges[bar + 1]])
            continue
        body = outline.body(bar)
        kept += [tokens[edges[bar] : body], np.array([v.HOLE], np.uint16)]
        filled += [np.array([v.FILL], np.uint16), tokens[body : edges[bar + 1]]]
    return np.concatenate([*kept, *filled, np.array([v.EOS], np.uint16)])


def draw_excerpt(
    tokens: TokenArray,
    length: int,
    augmentation: Augmentation,
    rng: np.random.Generator,
    grooves: Grooves | None = None,
) -> Excerpt:
    """Cut and augment a stretch of about `length` tokens of a piece; bands take `grooves`."""
    a = augmentation
    bars = len(np.flatnonzero(tokens == v.BAR))
    starts = max(1, (bars + 3) // 4)
    bar = 0 if rng.random() < a.from_start else 4 * int(rng.integers(starts))
    with_holes = rng.random() < a.holes
    is_band = grooves is not None and can_arrange(tokens) and rng.random() < a.bands
    # A band's bars are about twice as long.
    length = length // 2 if is_band else length
    result = cut(tokens, bar, length * 3 // 4 if with_holes else length)
    if grooves is not None and is_band:
        result = arrange(change_players(result, rng), grooves, rng)
    if rng.random() < a.drop_chords:
        result = drop_chords(result)
    if rng.random() < a.drop_style:
        result = drop_block(result, v.STYLE, v.DYNAMIC)
    if rng.random() < a.drop_key:
        result = drop_block(result, v.KEY, v.METER)
    least, most = transpositions(result, rng.random() < a.keep_ranges)
    low, high = max(a.transpose[0], least), min(a.transpose[1], most)
    result = transpose(result, int(rng.integers(low, high + 1)))
    order = rng.random()
    if order < a.shuffle_lines:
        result = shuffle_lines(result, rng)
    elif order < a.shuffle_lines + a.last_line:
        result = put_line_last(result, rng)
    told = _tell(result if is_band else tokens, result, a, rng)
    if with_holes:
        result = make_holes(result, rng)
    known = rng.random() < a.bars_known
    # A stretch with holes closes with EOS wherever it was cut: its end is the planned one.
    total = int((result == v.BAR).sum()) if v.HOLE in result else bars - bar
    return Excerpt(result, total if known else 0, bar, told)


def _tell(
    piece: TokenArray, excerpt: TokenArray, augmentation: Augmentation, rng: np.random.Generator
) -> Vector:
    """What the network is told of an excerpt of a piece."""
    a = augmentation
    dropped, whole, opened = rng.random(3) < (a.drop_ensemble, a.whole_ensemble, a.open_counts)
    if dropped:
        return nothing_told()
    lines = count_lines(piece if whole else excerpt)
    share = rng.random() if opened else 0.0
    return tell_ensemble(lines, rng.random(len(lines)) < share)
