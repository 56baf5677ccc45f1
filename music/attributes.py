"""Ten attributes of a passage, each from 0 to 1: how dense it is, how high, how chromatic ...

Every attribute is a rank: 0.3 says that three tenths of the passages of a large mixed corpus
have less of it. It is read off DECILES, those of 16-bar passages. A passage of drums alone
has no register and no other attribute of pitch; then it is not a number.

The measures are sums over bars, so that those of any stretch come from a table of its bars.
B bars, N notes, K statistics.
"""

import numpy as np
import numpy.typing as npt

from partimento.music.bars import bar_starts
from partimento.music.instruments import DRUMS
from partimento.music.metre import beat_ticks
from partimento.music.note_tables import Ints, Notes, tabulate
from partimento.music.score import Score
from partimento.music.sketch import ONSETS, gather_values

ATTRIBUTES = (
    *("density", "polyphony", "register", "range", "loudness", "length"),
    *("syncopation", "chromaticism", "leaps", "repetition"),
)
"""Notes a quarter; pitches that sound at once where any does; mean pitch; standard deviation
of the pitches; mean velocity; mean binary logarithm of the lengths in quarters; share of the
notes that start off the beat and ring past the next one; share of pitch classes outside the
best diatonic scale; share of a line's moves that are wider than a major third; how alike
each bar is to the likest of the sixteen before it (F1 of the onsets)."""

Doubles = npt.NDArray[np.float64]

COLUMNS = (
    *("quarters", "notes", "sounding", "sounded", "pitched", "pitch", "square", "velocity"),
    *("length", "syncopated", "moves", "leaps"),
    *(f"class {number}" for number in range(12)),
)
"""Statistics of a bar, all of them sums."""
_COLUMN = {name: number for number, name in enumerate(COLUMNS)}
_CLASSES = _COLUMN["class 0"]
LOOK_BACK = 16
"""Bars before each that it is compared with."""
LEAP = 4
"""Wider moves are leaps, in semitones."""
_DIATONIC = np.array([[(pc - tonic) % 12 in (0, 2, 4, 5, 7, 9, 11) for pc in range(12)]
                      for tonic in range(12)], np.float64)  # fmt: skip


DECILES = np.array(
    [
        (0.1875, 1.812, 2.547, 3.266, 3.906, 4.521, 5.25, 6.125, 7.267, 9.334, 45.69),  # density
        (1, 1, 2.087, 2.906, 3.345, 3.654, 3.914, 4.113, 4.639, 5.958, 20.62),  # polyphony
        (32.5, 57.38, 59.52, 60.99, 62.14, 63.3, 64.52, 65.97, 67.89, 71.07, 92.29),  # register
        (0.8046, 4.908, 6.635, 7.692, 8.575, 9.319, 9.991, 10.72, 11.6, 12.97, 25.33),  # range
        (33, 56.81, 67.8, 77.04, 80, 80, 80, 81.31, 87.69, 96, 126),  # loudness
        (
            -2.852,
            -1.494,
            -1.247,
            -1.051,
            -0.9189,
            -0.7626,
            -0.587,
            -0.3914,
            -0.1423,
            0.2228,
            2.446,
        ),  # length
        (0, 0, 0, 0, 0, 0, 0.0104, 0.03261, 0.06667, 0.1193, 0.9556),  # syncopation
        (
            0,
            0,
            0.003712,
            0.01711,
            0.03279,
            0.05098,
            0.07143,
            0.09681,
            0.1304,
            0.1807,
            0.4167,
        ),  # chromaticism
        (0, 0.1224, 0.1613, 0.1967, 0.2308, 0.274, 0.3261, 0.3943, 0.4729, 0.5586, 0.9479),  # leaps
        (
            0,
            0.3863,
            0.4387,
            0.479,
            0.5175,
            0.5545,
            0.5969,
            0.6439,
            0.7003,
            0.7862,
            0.9895,
        ),  # repetition
    ]
)
"""(10, 11) least, deciles and most of the plain measures of 6,000 passages of up to 16 bars, drawn
from the training corpus with its styles weighed by the root of their bars."""


def bar_statistics(notes: Notes, lengths: Ints, beats: Ints, ticks_per_quarter: int) -> Doubles:
    """(B, K) what `measure` adds up, of bars with lengths and beats (B,) in ticks."""
    bars = len(lengths)
    table = np.zeros((bars, len(COLUMNS)))
    starts = np.cumsum([0, *lengths])
    onset = starts[notes.bar] + notes.tick
    pitched = notes.instrument != DRUMS
    bar, pitch = notes.bar[pitched], notes.pitch[pitched]
    quarters = notes.ticks[pitched] / ticks_per_quarter
    columns = {
        "quarters": lengths / ticks_per_quarter,
        "notes": np.bincount(notes.bar, minlength=bars),
        "pitched": np.bincount(bar, minlength=bars),
        "pitch": np.bincount(bar, pitch, bars),
        "square": np.bincount(bar, pitch.astype(np.float64) ** 2, bars),
        "velocity": np.bincount(notes.bar, notes.velocity, bars),
        "length": np.bincount(bar, np.log2(np.maximum(quarters, 1 / 64)), bars),
    }
    sounding, sounded = _sounding(onset[pitched], notes.ticks[pitched], starts)
    beat = beats[bar]
    tick = notes.tick[pitched]
    is_late = (tick % beat > 0) & (tick % beat + notes.ticks[pitched] > beat)
    moves, leaps = _moves(notes, onset, pitched, bars)
    columns |= {"sounding": sounding, "sounded": sounded, "moves": moves, "leaps": leaps}
    columns["syncopated"] = np.bincount(bar[is_late], minlength=bars)
    for name, column in columns.items():
        table[:, _COLUMN[name]] = column
    np.add.at(table, (bar, _CLASSES + pitch % 12), 1)
    return table


def _sounding(onset: Ints, ticks: Ints, starts: Ints) -> tuple[Doubles, Doubles]:
    """(B,) pitches times ticks that sound, and ticks in which any does."""
    end = int(starts[-1])
    changes = np.bincount(np.minimum(onset, end), minlength=end + 1).astype(np.int64)
    changes -= np.bincount(np.minimum(onset + ticks, end), minlength=end + 1)
    total = np.append(0, np.cumsum(np.cumsum(changes)[:end]))
    any_sound = np.append(0, np.cumsum(np.cumsum(changes)[:end] > 0))
    return np.diff(total[starts]).astype(np.float64), np.diff(any_sound[starts]).astype(np.float64)


def _moves(
    notes: Notes, onset: Ints, pitched: npt.NDArray[np.bool_], bars: int
) -> tuple[Ints, Ints]:
    """(B,) moves of the lines' highest notes to another pitch, and those that are leaps."""
    at = np.flatnonzero(pitched)
    # By line, then time, the highest note last; only that one is kept.
    at = at[np.lexsort((notes.pitch[at], onset[at], notes.line[at]))]
    line, time = notes.line[at], onset[at]
    is_top = np.append((line[1:] != line[:-1]) | (time[1:] != time[:-1]), True)[: len(at)]
    at, line = at[is_top], line[is_top]
    wide = np.abs(np.diff(notes.pitch[at]))
    is_move = (line[1:] == line[:-1]) & (wide > 0)
    bar = notes.bar[at][1:]
    moves = np.bincount(bar[is_move], minlength=bars)
    return moves, np.bincount(bar[is_move & (wide > LEAP)], minlength=bars)


def measure(statistics: Doubles, onsets: npt.NDArray[np.float32]) -> Doubles:
    """(10,) the plain measures of a stretch of bars, in the order of ATTRIBUTES.

    statistics (B, K), onsets (B, ONSETS) of its sketch. Not a number where nothing says it.
    """
    sums = dict(zip(COLUMNS, statistics.sum(0).tolist(), strict=True))
    classes = statistics[:, _CLASSES:].sum(0)
    pitched = sums["pitched"]
    mean = _share(sums["pitch"], pitched)
    spread = max(_share(sums["square"], pitched) - mean**2, 0.0) if pitched else float("nan")
    return np.array(
        [
            _share(sums["notes"], sums["quarters"]),
            _share(sums["sounding"], sums["sounded"]),
            mean,
            np.sqrt(spread),
            _share(sums["velocity"], sums["notes"]),
            _share(sums["length"], pitched),
            _share(sums["syncopated"], pitched),
            1 - _share(float((_DIATONIC @ classes).max()), float(classes.sum())),
            _share(sums["leaps"], sums["moves"]),
            _repetition(onsets),
        ]
    )


def _share(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")


def _repetition(onsets: npt.NDArray[np.float32]) -> float:
    """Mean over bars with onsets of the largest F1 with one of the bars before."""
    counts = onsets.sum(1)
    both = onsets @ onsets.T
    likeness = 2 * both / np.maximum(counts[:, None] + counts, 1)
    number = np.arange(len(onsets))
    back = number[:, None] - number
    likeness[(back < 1) | (back > LOOK_BACK)] = 0
    heard = (counts > 0) & (number > 0)
    return float(likeness[heard].max(1).mean()) if heard.any() else float("nan")


def rank(measures: Doubles) -> npt.NDArray[np.float32]:
    """(10,) the attributes 0..1 of plain measures; not a number stays so."""
    found = [np.interp(m, *knots) for m, knots in zip(measures, _KNOTS, strict=True)]
    return np.array(found, np.float32)


def _knots(deciles: Doubles) -> tuple[Doubles, Doubles]:
    """Measures and their ranks: one that spans several deciles has the middle, the least has 0."""
    measures, first, count = np.unique(deciles, return_index=True, return_counts=True)
    ranks = (first + (count - 1) / 2) / (len(deciles) - 1)
    ranks[0], ranks[-1] = 0, 1
    return measures, ranks


_KNOTS = [_knots(deciles) for deciles in DECILES]


def usual_measure(attribute: str, rank: float) -> float:
    """The plain measure that a passage of a rank from 0 to 1 has of an attribute."""
    measures, ranks = _KNOTS[ATTRIBUTES.index(attribute)]
    return float(np.interp(rank, ranks, measures))


def measure_score(score: Score) -> Doubles:
    """(10,) the plain measures of a score; its tracks are taken for lines.

    MidiError as bar_starts.
    """
    bars = bar_starts(score)
    notes = tabulate(score, bars)
    lengths = np.array([bar.length for bar in bars], np.int64)
    beats = np.array([beat_ticks(bar.meter, score.ticks_per_quarter) for bar in bars], np.int64)
    statistics = bar_statistics(notes, lengths, beats, score.ticks_per_quarter)
    return measure(statistics, gather_values(notes, lengths)[:, :ONSETS])


def score_attributes(score: Score) -> dict[str, float]:
    """The attributes of a score by name, without those that nothing says.

    Its tracks are taken for lines, as decoded tokens have them; MidiError as bar_starts.
    """
    found = rank(measure_score(score)).tolist()
    return {name: value for name, value in zip(ATTRIBUTES, found, strict=True) if value == value}
