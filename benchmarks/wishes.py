"""Measure how well pieces are what was asked for: keys, moods, chords, captions.

python -m benchmarks.wishes                       all of it, some ten minutes on two cores
python -m benchmarks.wishes captions --show       and what the caption says that the piece is not
python -m benchmarks.wishes keys --key-pull 0     the key that is heard without any pull
python -m benchmarks.wishes keys --data DATA      and how often music itself is heard in its key

Every figure is of pieces of 16 bars, written anew from seeds; docs/experiments.md holds them.
"""

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks import report

from partimento.evaluation.candidates import first_of_each_style
from partimento.evaluation.caption_figures import PUBLISHED, measure_captions, misses
from partimento.evaluation.captions import draw_captions
from partimento.evaluation.heard_chords import LOOPS, chord_requests, measure_chords
from partimento.evaluation.heard_keys import (
    HeardKeys,
    generated,
    key_requests,
    measure_keys,
    mood_requests,
)
from partimento.evaluation.spreads import opening
from partimento.model.checkpoint import shipped_checkpoint
from partimento.music.score import Score
from partimento.music.styles import STYLE_ALIASES
from partimento.request.request import Request
from partimento.request.words import read_request
from partimento.request.words.meaning import installed_nearest
from partimento.sampling.engine import Engine
from partimento.sampling.engines import load_engine
from partimento.tokenizer import vocabulary as v
from partimento.tokenizer.decoding import decode
from partimento.training.corpus import Piece, load_corpus

SEEDS = {"keys": 1000, "moods": 2000, "chords": 0, "captions": 7}
COUNTS = {"keys": 330, "moods": 126, "chords": 1, "captions": 120}
"""Pieces, and for the chords pieces of each style and loop."""
REAL = 200
"""Pieces whose file says the key, of each style of a corpus, held-out ones before the others."""


def keys(engine: Engine, options: argparse.Namespace) -> None:
    """The asked key, over all melodic styles and keys drawn at random."""
    requests = key_requests(options.count or COUNTS["keys"], SEEDS["keys"], options.key_pull)
    _show_keys(measure_keys(generated(requests, engine)), "key")
    if options.data is not None:
        pieces = load_corpus(options.data, options.cache).pieces
        known = [piece for piece in pieces if piece.entry.key_known]
        ordered = sorted(known, key=lambda piece: piece.entry.split == "train")
        _show_keys(measure_keys(in_their_keys(first_of_each_style(ordered, REAL))), "their key")


def in_their_keys(pieces: Iterable[Piece]) -> Iterator[tuple[Request, Score]]:
    """The first 16 bars of music that has a key, each with a request for the key it begins in."""
    for piece in pieces:
        score = decode(opening(piece.tokens))
        if score.keys and any(not track.is_drum and track.notes for track in score.tracks):
            key = v.KEYS[score.keys[0].tonic + 12 * score.keys[0].is_minor]
            yield Request.from_dict({"style": score.style, "key": key}), score


def moods(engine: Engine, options: argparse.Namespace) -> None:
    """The mode of a mood, over all moods of the table."""
    requests = mood_requests(options.count or COUNTS["moods"], SEEDS["moods"], options.key_pull)
    _show_keys(measure_keys(generated(requests, engine)), "mood")


def _show_keys(found: HeardKeys, what: str) -> None:
    shares = [[name, _percent(share)] for name, share in found.shares.items()]
    rows = [*shares, ["in the asked mode", _percent(found.mode)]]
    rows += [["notes in the scale", _percent(found.in_scale)]]
    rows += [["entropy of pitch classes, bits", f"{found.entropy:.2f}"]]
    print(report.table([f"{found.pieces} pieces by {what}", "heard"], rows))
    styles = [[style, _percent(share)] for style, share in found.by_style.items()]
    print(report.table(["style", "asked key heard"], styles))


def chords(engine: Engine, options: argparse.Namespace) -> None:
    """Note time on chord tones, for four loops in every melodic style."""
    styles = [style for style in (*v.STYLES, *STYLE_ALIASES) if style != "drums"]
    seeds = range(SEEDS["chords"], SEEDS["chords"] + (options.count or COUNTS["chords"]))
    requests = chord_requests(styles, LOOPS, seeds)
    if options.chord_pull is not None:
        requests = [replace(request, chord_pull=options.chord_pull) for request in requests]
    pieces = list(generated(requests, engine))
    rows = []
    for name, some in [("all", pieces), *((loop, _with(pieces, loop)) for loop in LOOPS)]:
        found = measure_chords(some)
        rows.append(
            [name, str(found.pieces), _percent(found.on_chord), f"{found.bars_without:.2%}"]
        )
    for style, share in measure_chords(pieces).by_style.items():
        rows.append([style, "", _percent(share), ""])
    print(report.table(["chords", "pieces", "note time on them", "bars without"], rows))


def _with(pieces: Sequence[tuple[Request, object]], loop: str) -> list[tuple[Request, object]]:
    return [piece for piece in pieces if str(piece[0].chords) == loop]


def captions(engine: Engine, options: argparse.Namespace) -> None:
    """Tempo, key, meter and instruments of captions, beside published figures."""
    drawn = draw_captions(options.count or COUNTS["captions"], SEEDS["captions"])
    nearest = None if options.table_only else installed_nearest()
    requests = []
    for index, caption in enumerate(drawn):
        seed = {"seed": SEEDS["captions"] + index}
        requests.append(read_request(caption.text, seed, nearest=nearest)[0])
    scores = [score for _, score in generated(requests, engine)]
    figures = measure_captions(zip(drawn, scores, strict=True))
    rows = []
    for place, (name, share) in enumerate(figures.rows()):
        others = [f"{row[place]:.1%}" if place < len(row) else "" for row in PUBLISHED.values()]
        rows.append([name, f"{share:.1%}", *others])
    print(report.table([f"{len(drawn)} captions", "**this program**", *PUBLISHED], rows))
    if options.show:
        for caption, score in zip(drawn, scores, strict=True):
            missed = misses(caption, score)
            if missed:
                print(f"- {caption.text}\n    {'; '.join(missed)}")


PARTS: dict[str, Callable[[Engine, argparse.Namespace], None]] = {
    **{"keys": keys, "moods": moods, "chords": chords, "captions": captions},
}


def _percent(share: float) -> str:
    return f"{share:.0%}"


def main(arguments: list[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.wishes", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("parts", nargs="*", default=[], metavar="part", help=", ".join(PARTS))
    parser.add_argument("--checkpoint", type=Path, help="weights; the shipped ones by default")
    parser.add_argument("--count", type=int, help="fewer or more pieces")
    parser.add_argument("--data", type=Path, help="folder of a corpus, for the keys")
    parser.add_argument("--cache", type=Path, default=Path("cache"))
    parser.add_argument("--key-pull", type=float, help="instead of the default, keys and moods")
    parser.add_argument("--chord-pull", type=float, help="instead of the default, chords")
    parser.add_argument("--table-only", action="store_true", help="captions without the embedder")
    parser.add_argument("--show", action="store_true", help="captions that were missed, and how")
    options = parser.parse_args(arguments)
    unknown = [part for part in options.parts if part not in PARTS]
    if unknown:
        parser.error(f"parts must be among {', '.join(PARTS)}, got {unknown[0]}")
    engine = load_engine(options.checkpoint or shipped_checkpoint())
    for part in options.parts or PARTS:
        print(f"\n{part}\n", flush=True)
        PARTS[part](engine, options)
    return 0


if __name__ == "__main__":
    sys.exit(main())
