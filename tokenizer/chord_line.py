"""The chord line of a bar: labels on the eighth-note grid, and the tokens that write them."""

from bisect import bisect_right

from partimento.music.bars import Bar
from partimento.music.score import Chord
from partimento.tokenizer import vocabulary as v


def chord_lines(chords: tuple[Chord, ...], bars: list[Bar]) -> dict[int, list[int]]:
    """Chord line of each bar that has one: labels on the eighth-note grid, cut at bar lines."""
    if not chords:
        return {}
    onsets = [chord.onset for chord in chords]
    result = {}
    for index, bar in enumerate(bars):
        spans: list[list[int]] = []
        for tick in range(bar.start, bar.start + bar.length, 12):
            # The label in force in the middle of the eighth: robust to small offsets.
            i = bisect_right(onsets, tick + 6) - 1
            in_force = i >= 0 and tick + 6 < chords[i].onset + chords[i].duration
            chord = chords[i] if in_force else None
            if chord is None or chord.root is None:
                label = (12, 0)
            else:
                label = (chord.root, v.CHORD_QUALITIES.index(chord.quality))
            if spans and spans[-1][:2] == list(label):
                spans[-1][2] += 12
            else:
                spans.append([*label, 12])
        result[index] = [
            token for root, quality, ticks in spans for token in _label(root, quality, ticks)
        ]
    return result


def _label(root: int, quality: int, ticks: int) -> list[int]:
    """Tokens of one chord label; root 12 says 'no chord'."""
    names = [v.NO_CHORD] if root == 12 else [v.ROOT + root, v.QUALITY + quality]
    return [*names, v.DURATION + v.nearest_duration_index(ticks)]


def chord_tokens(chords: tuple[Chord, ...]) -> list[int]:
    """Tokens of the chord line of one bar, as its labels stand."""
    tokens = []
    for chord in chords:
        root = 12 if chord.root is None else chord.root
        quality = 0 if chord.root is None else v.CHORD_QUALITIES.index(chord.quality)
        tokens += _label(root, quality, chord.duration)
    return tokens
