"""Drum patterns out of the pieces of a corpus that are drums alone, by meter, kind and tempo."""

from functools import cached_property

import numpy as np

from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.bar_lines import split_lines
from partimento.tokenizer.vocabulary import TokenArray
from partimento.training.corpus import Piece
from partimento.training.strokes import Stroke, read_strokes

PATTERN_BARS = (1, 2, 4, 8, 64)
"""Bars after which a pattern repeats."""
NEAR_TEMPO = 1
"""Tempo bins that a pattern may be away from the music, where there is one so near."""
_STANDARD = {22: 42, 26: 46, 58: 43}
"""Strokes of electronic kits that General MIDI has no sound for: edges of the hi-hat, a tom."""
_TWINS = {v.METERS.index((2, 2)): v.METERS.index((4, 4))}
"""Meters whose bars take the patterns of another."""

Bars = list[list[Stroke]]
"""Strokes of the drums, bar by bar."""


class Groove:
    """A drummer's piece."""

    def __init__(self, piece: Piece) -> None:
        tokens = piece.tokens
        self.name = piece.entry.path.rsplit("/", 1)[-1]
        self.meter = _first(tokens, v.METER, v.TEMPO)
        self.tempo = _first(tokens, v.TEMPO, v.STYLE)
        self._tokens = tokens

    @cached_property
    def bars(self) -> Bars:
        """Strokes of all bars of the first line, with the dynamics in force."""
        bars: Bars = []
        dynamic = v.DEFAULT_DYNAMIC
        for bar in split_lines(self._tokens)[1:-1]:
            strokes = read_strokes(bar.lines.get((v.DRUMS, 0), []), dynamic)
            dynamic = strokes[-1].dynamic if strokes else dynamic
            bars.append([_standard(stroke) for stroke in strokes])
        return bars


class Grooves:
    """The drum pieces among training pieces, to be laid under others."""

    def __init__(self, pieces: list[Piece]) -> None:
        found = [Groove(piece) for piece in pieces if piece.entry.style == "drums"]
        self._by_meter: dict[int, list[Groove]] = {}
        for groove in found:
            self._by_meter.setdefault(groove.meter, []).append(groove)

    def draw(
        self, meter: int, tempo: int, kinds: tuple[str, ...], bars: int, rng: np.random.Generator
    ) -> Bars:
        """A pattern of so many bars, repeated if need be; no bars when none has the meter.

        Those whose file's name says one of `kinds` come first, then those near in tempo.
        """
        grooves = self._by_meter.get(_TWINS.get(meter, meter), [])
        if not grooves:
            return []
        grooves = [g for g in grooves if any(kind in g.name for kind in kinds)] or grooves
        grooves = [g for g in grooves if abs(g.tempo - tempo) <= NEAR_TEMPO] or grooves
        played = grooves[int(rng.integers(len(grooves)))].bars
        length = PATTERN_BARS[int(rng.integers(len(PATTERN_BARS)))]
        # The first bars of a session are often a count-in or a fill.
        first = 4 * int(rng.integers(1, max(2, len(played) // 4)))
        pattern = played[first : first + length] or played
        return [pattern[bar % len(pattern)] for bar in range(bars)]


def _first(tokens: TokenArray, first: int, end: int) -> int:
    """The first value of a block of ids, 0 when there is none."""
    found = tokens[(tokens >= first) & (tokens < end)]
    return int(found[0]) - first if len(found) else 0


def _standard(stroke: Stroke) -> Stroke:
    """A stroke on drums that General MIDI names."""
    pitches = {_STANDARD.get(pitch, pitch) for pitch in stroke.pitches}
    return stroke._replace(pitches=tuple(sorted(pitches, reverse=True)))
