"""Measure what sketches are good for; the figures stand in docs/sketch.md and docs/experiments.md.

python -m benchmarks.sketches attributes   asked attributes beside those of the pieces
python -m benchmarks.sketches drawn        what the flow draws, beside held-out sketches
python -m benchmarks.sketches form         how alike bars are where a form says so
python -m benchmarks.sketches blend        the way from one piece to another
python -m benchmarks.sketches vary         how like the original variations are
python -m benchmarks.sketches likeness     generated pieces beside held-out ones
python -m benchmarks.sketches structure    self-similarity of long pieces beside held-out ones
python -m benchmarks.sketches start        seconds and memory of whole processes

All but the first and the last need --data, a folder to train on, of whose held-out pieces they
take some. The figures are printed as JSON.
"""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks.sketch_bench import Bench, Figures
from benchmarks.sketch_drawn import drawn
from benchmarks.sketch_forms import form
from benchmarks.sketch_pieces import attributes, likeness, structure
from benchmarks.sketch_processes import start
from benchmarks.sketch_reworked import blend, vary

from partimento.errors import PartimentoError
from partimento.model.checkpoint import shipped_checkpoint
from partimento.sampling.engines import load_engine
from partimento.sampling.sketcher import load_sketcher

PARTS: dict[str, Callable[[Bench], Figures]] = {
    **{"attributes": attributes, "drawn": drawn, "form": form, "blend": blend, "vary": vary},
    **{"likeness": likeness, "structure": structure, "start": start},
}


def main(arguments: list[str] | None = None) -> int:
    """Measure one part and print its figures as JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sketches", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("part", choices=PARTS)
    parser.add_argument("--checkpoint", type=Path, help="weights; the shipped ones by default")
    parser.add_argument("--flow", type=Path, help="flow; the shipped one by default")
    parser.add_argument("--pieces", type=int, default=300, help="pieces, or rounds of `start`")
    parser.add_argument("--bars", type=int, default=16)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--wishes", type=json.loads, default={}, help='such as {"follow": 0.4}')
    parser.add_argument("--data", type=Path)
    options = parser.parse_args(arguments)
    checkpoint = options.checkpoint or shipped_checkpoint()
    bench = Bench(
        engine=load_engine(checkpoint),
        sketcher=load_sketcher(flow=options.flow),
        checkpoint=checkpoint,
        pieces=options.pieces,
        bars=options.bars,
        seed=options.seed,
        wishes=options.wishes,
        data=options.data,
    )
    try:
        figures = PARTS[options.part](bench)
    except PartimentoError as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 1
    print(json.dumps({options.part: figures}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
