"""Measure how well held-out bars, lines and chorales are written anew.

python -m benchmarks.editing CORPUS --checkpoint weights/further.safetensors

CORPUS is a folder with a manifest, as docs/training.md describes it; its `valid` split is used.
Bars 7 to 10 of excerpts of 16 bars are filled, all lines or one of four or more; one of four or
more lines is written anew throughout; and sopranos of chorales are harmonised. Each is measured
beside what stood there, as are the original itself, copies of other bars, and the model without
the bars that follow.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np

from partimento.evaluation.infilling import Nearness, Passage, excerpt, nearness, passage
from partimento.music.bars import bar_starts
from partimento.music.midi.reader import read_midi
from partimento.music.parallels import find_parallels
from partimento.music.score import Score
from partimento.request.edit import Edit
from partimento.request.request import Request
from partimento.sampling.editing.edit import Alternative, edit_pieces
from partimento.sampling.editing.original import make_original
from partimento.sampling.editing.windows import DEFAULT_CONTEXT, Context
from partimento.sampling.engine import Engine
from partimento.sampling.engines import load_engine
from partimento.tokenizer import vocabulary as v
from partimento.training.manifest import list_entries

BARS = 16
FILLED = range(6, 10)
LEAST_LINES = 4
EACH = 4
"""Excerpts of one piece, at most, where pieces are few."""
LEAST_NOTES = 4
MAX_NOTES = 20_000
TITLES = {
    "harmony": "Sopranos harmonised",
    "fill": "4 of 16 bars, all lines",
    "line": "4 of 16 bars, one line",
    "whole": "One line, all bars",
}
_COLUMNS = (
    "| | note F1 | groove similarity | entropy difference | content preservation | notes a bar |"
)


@dataclass(frozen=True)
class Case:
    """An excerpt, and the line that is written anew in it; None: all."""

    score: Score
    track: int | None


def cases(corpus: Path, count: int, least_lines: int, seed: int) -> list[Case]:
    """Excerpts of held-out pieces, styles in turn; with several lines one of them is drawn."""
    rng = np.random.default_rng(seed)
    by_style: dict[str, list[Path]] = {}
    for entry in list_entries(corpus):
        if entry.split == "valid":
            by_style.setdefault(entry.style or "", []).append(corpus / entry.path)
    for paths in by_style.values():
        rng.shuffle(paths)  # type: ignore[arg-type]  # a list is shuffled in place
    found: list[Case] = []
    for number in range(EACH * max(map(len, by_style.values()))):
        for style, paths in sorted(by_style.items()):
            if number < EACH * len(paths) and len(found) < count:
                path = paths[number % len(paths)]
                score = replace(read_midi(path)[0], style=v.STYLES[v.style_index(style)])
                found += _cases_of(score, least_lines, rng)
    return found


def _cases_of(score: Score, least_lines: int, rng: np.random.Generator) -> list[Case]:
    """One excerpt of a piece, or none when it is too short, too thin or too long to be read."""
    bars = len(bar_starts(score))
    if bars < BARS or score.note_count > MAX_NOTES:
        return []
    first = 4 * int(rng.integers((bars - BARS) // 4 + 1))
    cut = excerpt(score, first, BARS)
    if len(cut.tracks) < least_lines or len(bar_starts(cut)) < BARS:
        return []
    track = int(rng.integers(len(cut.tracks))) if least_lines > 1 else None
    if len(passage(cut, FILLED, track).notes) < LEAST_NOTES:
        return []
    return [Case(cut, track)]


def rewritten(
    found: Sequence[Case], edits: Sequence[Edit], engine: Engine, bars: range, context: Context
) -> list[Nearness]:
    """What the model writes beside what stood there."""
    wishes = [
        Alternative(make_original(case.score), edit, Request(seed=7))
        for case, edit in zip(found, edits, strict=True)
    ]
    rows = []
    for case, piece in zip(found, edit_pieces(wishes, engine, context=context), strict=True):
        assert piece is not None
        is_there = case.track is None or len(piece.score.tracks) == len(case.score.tracks)
        original = passage(case.score, bars, case.track)
        new = passage(piece.score, bars, case.track) if is_there else Passage((), original.starts)
        rows.append(nearness(new, original))
    return rows


def copied(found: Sequence[Case], sources: Sequence[Sequence[int]]) -> list[Nearness]:
    """Other bars of the piece in the place of those that are filled."""
    rows = []
    for case, bars in zip(found, sources, strict=True):
        original = passage(case.score, FILLED, case.track)
        notes = []
        for start, end, bar in zip(original.starts, original.starts[1:], bars, strict=False):
            for note, is_drum in passage(case.score, [bar], case.track).notes:
                if start + note.onset < end:
                    notes.append((replace(note, onset=start + note.onset), is_drum))
        rows.append(nearness(Passage(tuple(sorted(notes)), original.starts), original))
    return rows


def row(label: str, rows: Sequence[Nearness]) -> str:
    """A line of the table: means over the excerpts."""
    means = np.nanmean(np.array([astuple(each) for each in rows]), axis=0)
    return f"| {label} | " + " | ".join(f"{value:.3f}" for value in means) + " |"


def fill_table(corpus: Path, count: int, least_lines: int, engine: Engine, seed: int) -> list[str]:
    """Bars 7 to 10 of 16, all lines or one."""
    found = cases(corpus, count, least_lines, seed)
    rng = np.random.default_rng(seed)
    others = [bar for bar in range(BARS) if bar not in FILLED]
    edits = [
        Edit(fill=f"{FILLED[0] + 1}-{FILLED[-1] + 1}", line=_number(case.track)) for case in found
    ]
    blind = replace(DEFAULT_CONTEXT, after=0)
    once = replace(DEFAULT_CONTEXT, takes=1)
    return [
        f"{len(found)} excerpts",
        _COLUMNS,
        row("the original", [nearness(p, p) for p in (_place(case) for case in found)]),
        row("the bar before, four times", copied(found, [[FILLED[0] - 1] * 4] * len(found))),
        row("the four bars before", copied(found, [range(2, 6)] * len(found))),
        row("random other bars", copied(found, [rng.choice(others, 4).tolist() for _ in found])),
        row("model", rewritten(found, edits, engine, FILLED, DEFAULT_CONTEXT)),
        row("model, once behind the end", rewritten(found, edits, engine, FILLED, once)),
        row("model without right context", rewritten(found, edits, engine, FILLED, blind)),
    ]


def _place(case: Case) -> Passage:
    return passage(case.score, FILLED, case.track)


def _number(track: int | None) -> str | None:
    """A line as one names it."""
    return None if track is None else str(track + 1)


def line_table(corpus: Path, count: int, engine: Engine, seed: int) -> list[str]:
    """One of four or more lines in all bars."""
    found = cases(corpus, count, LEAST_LINES, seed)
    edits = [Edit(reroll=_number(case.track)) for case in found]
    rows = rewritten(found, edits, engine, range(BARS), DEFAULT_CONTEXT)
    return [f"{len(found)} excerpts", _COLUMNS, row("model", rows)]


def harmony_table(corpus: Path, count: int, engine: Engine) -> list[str]:
    """Parallels of chorales, Bach's own and those of voices written to the same sopranos."""
    paths = [
        corpus / entry.path
        for entry in list_entries(corpus)
        if (entry.style, entry.split) == ("chorale", "valid")
    ]
    scores = [read_midi(path)[0] for path in paths[:count]]
    wishes = [
        Alternative(
            make_original(replace(score, tracks=score.tracks[:1])),
            Edit(harmonise="satb"),
            Request(seed=seed),
        )
        for seed, score in enumerate(scores)
    ]
    new = [piece.score for piece in edit_pieces(wishes, engine) if piece is not None]
    lines = ["| | bars | parallel fifths a bar | octaves a bar | voices that cross |"]
    for label, pieces in (("Bach", scores), ("model", new)):
        bars = sum(len(bar_starts(score)) for score in pieces)
        parallels = [each for score in pieces for each in find_parallels(score)]
        octaves = sum(each.is_octave for each in parallels)
        crossing = np.mean([crossings(score) for score in pieces])
        fifths = (len(parallels) - octaves) / bars
        lines.append(f"| {label} | {bars} | {fifths:.4f} | {octaves / bars:.4f} | {crossing:.2%} |")
    return lines


def crossings(score: Score) -> float:
    """Share of the sixteenths at which a voice is above the one before it."""
    step = score.ticks_per_quarter // 4
    sung = [
        {tick: n.pitch for n in track.notes for tick in range(n.onset, n.onset + n.duration, step)}
        for track in score.tracks
    ]
    pairs = [
        (upper[tick], lower[tick])
        for upper, lower in pairwise(sung)
        for tick in upper.keys() & lower.keys()
    ]
    return sum(low > high for high, low in pairs) / max(1, len(pairs))


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--checkpoint", type=Path)
    parser.add_argument("--pieces", type=int, default=200, help="excerpts of each table")
    parser.add_argument("--chorales", type=int, default=50)
    parser.add_argument("--tables", nargs="*", choices=TITLES, default=list(TITLES))
    asked = parser.parse_args()
    engine = load_engine(asked.checkpoint)
    tables: dict[str, Callable[[], list[str]]] = {
        "harmony": lambda: harmony_table(asked.corpus, asked.chorales, engine),
        "fill": lambda: fill_table(asked.corpus, asked.pieces, 1, engine, 5),
        "line": lambda: fill_table(asked.corpus, asked.pieces, LEAST_LINES, engine, 5),
        "whole": lambda: line_table(asked.corpus, asked.pieces, engine, 5),
    }
    for name in asked.tables:
        title, lines = TITLES[name], tables[name]()
        sys.stdout.write("\n".join([f"## {title}", "", *lines, "", ""]))
        sys.stdout.flush()


if __name__ == "__main__":
    main()
