"""Measure whether instruments play as they were asked to, and who plays where none was asked.

python -m benchmarks.requests                          400 requests of one to four instruments
python -m benchmarks.requests --open --count 240       as many that name a style alone
python -m benchmarks.requests --checkpoint my.safetensors --seed 2

The requests are drawn from the seed: styles and instruments alike, drums among them.
"""

import argparse
import random
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from benchmarks import report

from partimento.music.instrument_ranges import HAS_VOICES, PLAYABLE
from partimento.music.instruments import DRUMS, INSTRUMENT_OF_PROGRAM, INSTRUMENTS
from partimento.music.score import Score
from partimento.request.request import Request
from partimento.sampling.engines import load_engine
from partimento.sampling.generate import Piece, generate
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.conditioning import count_lines
from partimento.tokenizer.vocabulary import TokenArray

PLAYED_SHARE = 0.6
"""Of the bars in which a named instrument must strike."""
STRAY_SHARE = 0.15
"""Of the bars below which an instrument that nobody asked for is a stray."""
BASSES = tuple(INSTRUMENTS.index(name) for name in ("acoustic bass", "electric bass", "contrabass"))


@dataclass(frozen=True, slots=True)
class Heard:
    """Who plays in a piece, against what was asked."""

    least_share: float
    """Of the bars: that of the named instrument that strikes in the fewest; 1 without any."""
    too_many_lines: int
    """Lines beyond one for each player that was asked for, four where a player has voices."""
    outside: int
    """Notes that their instrument does not have."""
    others: int
    """Instruments that were not asked for, where some were."""
    strays: int
    """Instruments that nobody asked for in less than 15 % of the bars."""
    instruments: frozenset[int]


def shares(tokens: TokenArray) -> dict[int, float]:
    """Share of the bars in which each instrument strikes a note."""
    found: Counter[int] = Counter()
    bars = np.split(tokens, np.flatnonzero(tokens == v.BAR))[1:]
    for bar in bars:
        instrument = -1
        struck = set()
        for token in bar.tolist():
            if v.INSTRUMENT <= token < v.KEY:
                instrument = token - v.INSTRUMENT
            elif v.PITCH <= token < v.DURATION:
                struck.add(instrument)
        found.update(struck)
    return {instrument: count / len(bars) for instrument, count in found.items()}


def notes_outside(score: Score) -> int:
    """Notes that lie outside of what their instruments play."""
    count = 0
    for track in score.tracks:
        index = DRUMS if track.is_drum else INSTRUMENT_OF_PROGRAM[track.program]
        low, high = PLAYABLE[index]
        count += sum(not low <= note.pitch <= high for note in track.notes)
    return count


def hear(piece: Piece) -> Heard:
    """Hold a piece to the instruments of its request."""
    asked = Counter(INSTRUMENTS.index(name) for name in piece.request.instruments or ())
    played = shares(piece.tokens)
    lines = count_lines(piece.tokens)
    most = {index: count * (4 if HAS_VOICES[index] else 1) for index, count in asked.items()}
    strays = [i for i, share in played.items() if share < STRAY_SHARE and i not in asked]
    return Heard(
        least_share=min((played.get(index, 0.0) for index in asked), default=1.0),
        too_many_lines=sum(max(0, int(lines[i]) - count) for i, count in most.items()),
        outside=notes_outside(piece.score),
        others=len(set(played) - set(asked)) if asked else 0,
        strays=len(strays),
        instruments=frozenset(played),
    )


def draw_requests(count: int, is_open: bool, bars: int, seed: int) -> list[Request]:
    """Requests of all styles in turn, of one to four instruments or of none."""
    rng = random.Random(seed)
    styles = [style for style in v.STYLES if style != "drums"]
    requests = []
    for number in range(count):
        names = rng.sample(INSTRUMENTS, 1 + number % 4)
        requests.append(
            Request(
                bars=bars,
                style=styles[number % len(styles)],
                instruments=None if is_open else tuple(names),
                seed=rng.randrange(1 << 32),
            )
        )
    return requests


def table(pieces: Sequence[Piece], is_open: bool) -> str:
    """The pieces by style, and all of them in the last row."""
    heard = [(piece.request.style or "", hear(piece)) for piece in pieces]
    styles = [*dict.fromkeys(style for style, _ in heard), "all"]
    groups = [[h for name, h in heard if style in (name, "all")] for style in styles]
    rows = zip(styles, groups, strict=True)
    if is_open:
        return _open_table(rows)
    return _named_table(rows)


def _named_table(rows: "zip[tuple[str, list[Heard]]]") -> str:
    head = ["style", "pieces", "all named play", "least share", "lines", "outside", "others"]
    return report.table(
        head,
        [
            [
                style,
                str(len(group)),
                _percent([h.least_share >= PLAYED_SHARE for h in group]),
                f"{min(h.least_share for h in group):.2f}",
                str(sum(h.too_many_lines > 0 for h in group)),
                str(sum(h.outside > 0 for h in group)),
                str(sum(h.others > 0 for h in group)),
            ]
            for style, group in rows
        ],
    )


def _open_table(rows: "zip[tuple[str, list[Heard]]]") -> str:
    head = ["style", "pieces", "bass and drums", "instruments", "with strays", "outside"]
    return report.table(
        head,
        [
            [
                style,
                str(len(group)),
                _percent(
                    [DRUMS in h.instruments and not h.instruments.isdisjoint(BASSES) for h in group]
                ),
                f"{np.mean([len(h.instruments) for h in group]):.1f}",
                _percent([h.strays > 0 for h in group]),
                str(sum(h.outside > 0 for h in group)),
            ]
            for style, group in rows
        ],
    )


def _percent(values: Sequence[bool]) -> str:
    return f"{100 * sum(values) / len(values):.1f} %"


def main(arguments: list[str] | None = None) -> int:
    """Write the pieces, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.requests", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--open", action="store_true", help="name no instruments")
    parser.add_argument("--count", type=int, default=400)
    parser.add_argument("--bars", type=int, default=16)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--checkpoint", type=Path, help="the shipped one by default")
    options = parser.parse_args(arguments)
    requests = draw_requests(options.count, options.open, options.bars, options.seed)
    pieces = generate(requests, load_engine(options.checkpoint))
    print(table(pieces, options.open))
    return 0


if __name__ == "__main__":
    sys.exit(main())
