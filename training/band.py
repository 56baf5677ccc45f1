"""A bass and drums for music that the corpus has without: pop and jazz as bands play them.

The corpus' pop is for a piano, a tune and strings, its jazz is tunes with chords. Excerpts of both
are arranged while they are drawn: the drums are patterns of the corpus' own drummers, the bass
follows the piano's left hand or, under a lone tune, walks through the chords that a piano then
plays too.
"""

from typing import NamedTuple

import numpy as np

from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.bar_lines import BarLines, split_lines
from partimento.tokenizer.vocabulary import TokenArray
from partimento.training.bass import (
    COMPING,
    Manner,
    comping,
    read_labels,
    supporting_bass,
    walking_bass,
)
from partimento.training.grooves import Bars, Grooves
from partimento.training.strokes import Stroke, fitting_duration, read_strokes, write_strokes

POP, JAZZ = v.STYLES.index("pop"), v.STYLES.index("jazz")
ARRANGED_STYLES = (POP, JAZZ)
KINDS = {
    POP: ("rock", "pop", "funk", "soul", "hiphop", "dance", "country", "reggae"),
    JAZZ: ("jazz", "swing"),
}
"""Drum patterns of each style, by words in the names of their files."""
BOTH = 0.8
"""Share of the arrangements with bass and drums; the others have one of them."""
OTHER_PLAYERS = 0.4
"""Share of the pop whose tune, strings and piano are played by other instruments."""
_I = {name: index for index, name in enumerate(v.INSTRUMENTS)}
PLAYERS = {
    _I["flute"]: ("choir", "synth lead", "saxophone", "electric guitar", "violin", "clarinet"),
    _I["strings"]: ("synth pad", "organ", "electric guitar", "steel guitar", "brass"),
    _I["piano"]: ("piano", "piano", "electric piano"),
}
"""Who plays instead."""
ACCOMPANY = tuple(_I[name] for name in ("piano", "electric piano"))
"""Instruments whose lowest notes a bass takes up."""
_BASSES = {POP: _I["electric bass"], JAZZ: _I["acoustic bass"]}


class _Bar(NamedTuple):
    lines: BarLines
    meter: int

    @property
    def ticks(self) -> int:
        return v.BAR_TICKS[self.meter]


def can_arrange(tokens: TokenArray) -> bool:
    """Whether a piece is of a style that bands play, and has neither bass nor drums."""
    style = int(tokens[1]) - v.STYLE
    present = np.isin(tokens, [v.INSTRUMENT + name for name in (*_BASSES.values(), v.DRUMS)])
    return style in ARRANGED_STYLES and not present.any()


def arrange(tokens: TokenArray, grooves: Grooves, rng: np.random.Generator) -> TokenArray:
    """An excerpt, headed by its style, with a bass, drums or both after its lines in each bar."""
    style = int(tokens[1]) - v.STYLE
    head, *bars = _bars(tokens)
    end = bars.pop().lines.start if tokens[-1] == v.EOS else []
    one = rng.random()
    drums = _drums(style, head.lines.start, bars, grooves, rng) if one < (1 + BOTH) / 2 else []
    is_tune = all(len(bar.lines.lines) <= 1 for bar in bars)
    basses = _basses(is_tune, bars, drums, rng) if one < BOTH or not drums else []
    chords = _chords(bars, rng) if is_tune else []
    result = head.lines.start
    memory = dict.fromkeys((_I["piano"], _BASSES[style], v.DRUMS), v.DEFAULT_DYNAMIC)
    for number, bar in enumerate(bars):
        result = [*result, *bar.lines.start]
        for line in bar.lines.lines.values():
            result += line
        for instrument, part in (
            (_I["piano"], chords),
            (_BASSES[style], basses),
            (v.DRUMS, drums),
        ):
            strokes = part[number] if part else []
            if not strokes:
                continue
            if instrument == _I["piano"] and (instrument, 0) not in bar.lines.lines:
                result.append(v.INSTRUMENT + instrument)
            result += write_strokes(instrument, strokes, memory[instrument])
            memory[instrument] = strokes[-1].dynamic
    result = [*result, *end]
    return np.array(result, np.uint16)


def change_players(tokens: TokenArray, rng: np.random.Generator) -> TokenArray:
    """Give the tune, strings and piano of some pop to other instruments."""
    if int(tokens[1]) - v.STYLE != POP or rng.random() >= OTHER_PLAYERS:
        return tokens
    changed = tokens.copy()
    taken: set[str] = set()
    for instrument, others in PLAYERS.items():
        name = others[int(rng.integers(len(others)))]
        if name not in taken:
            changed[tokens == v.INSTRUMENT + instrument] = v.INSTRUMENT + _I[name]
        taken.add(name)
    return changed


def _bars(tokens: TokenArray) -> list[_Bar]:
    """What stands before the first bar, the bars, and what stands after the last."""
    meter = 0
    found = []
    for lines in split_lines(tokens):
        for token in lines.start:
            if v.METER <= token < v.TEMPO:
                meter = token - v.METER
        found.append(_Bar(lines, meter))
    return found


def _drums(
    style: int, head: list[int], bars: list[_Bar], grooves: Grooves, rng: np.random.Generator
) -> Bars:
    """A pattern in the meter that most bars have; silent in the others."""
    meters = [bar.meter for bar in bars]
    meter = max(set(meters), key=lambda m: (meters.count(m), -m))
    tempo = next((token - v.TEMPO for token in head if v.TEMPO <= token < v.STYLE), 0)
    pattern = grooves.draw(meter, tempo, KINDS[style], len(bars), rng)
    return [
        [
            # A stroke that rang into the next bar could not be struck again there.
            stroke._replace(duration=fitting_duration(min(stroke.duration, bar.ticks - at)))
            for stroke in strokes
            if (at := stroke.onset) < bar.ticks
        ]
        if bar.ticks == v.BAR_TICKS[meter]
        else []
        for bar, strokes in zip(bars, pattern, strict=False)
    ]


def _basses(walks: bool, bars: list[_Bar], drums: Bars, rng: np.random.Generator) -> Bars:
    manner = Manner.draw(rng)
    labels = [read_labels(bar.lines.start) for bar in bars]
    result: Bars = []
    before = 40
    for number, bar in enumerate(bars):
        if walks:
            coming = labels[number + 1] if number + 1 < len(bars) else []
            following = coming[0].root if coming and coming[0].start == 0 else None
            part = walking_bass(bar.ticks, labels[number], following, before, manner)
            before = part[-1].pitches[0] if part else before
        else:
            low = _accompaniment(bar)
            kicks = drums[number] if drums else []
            part = supporting_bass(bar.ticks, low, kicks, labels[number], manner)
        result.append(part)
    return result


def _accompaniment(bar: _Bar) -> list[Stroke]:
    return [
        stroke
        for (instrument, _), line in bar.lines.lines.items()
        if instrument in ACCOMPANY
        for stroke in read_strokes(line)
    ]


def _chords(bars: list[_Bar], rng: np.random.Generator) -> Bars:
    """A piano's chords; each bar has one of two rhythms."""
    rhythms = [COMPING[int(i)] for i in rng.choice(len(COMPING), 2, replace=False)]
    dynamic = v.DEFAULT_DYNAMIC - int(rng.integers(2))
    return [
        comping(bar.ticks, read_labels(bar.lines.start), rhythms[int(rng.random() < 0.35)], dynamic)
        for bar in bars
    ]
