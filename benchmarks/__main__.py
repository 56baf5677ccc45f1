"""Measure the speed of the engine beside its peers' and write the tables of docs/performance.md.

python -m benchmarks                 everything, some 4 minutes on two cores
python -m benchmarks --parts single  one part; its tables are printed, none is written
python -m benchmarks --quick         whether it runs, in seconds
"""

import argparse
import sys
import time
from pathlib import Path

from benchmarks import pages, report
from benchmarks.suite import PARTS, QUICK, Scale, parts
from benchmarks.timing import take_turns

from partimento.model.checkpoint import shipped_checkpoint

ROOT = Path(__file__).parents[1]


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, and write when all parts were measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--quick", action="store_true", help="a smoke test; writes nothing")
    parser.add_argument("--checkpoint", type=Path, help="weights; the shipped ones by default")
    parser.add_argument(
        "--document", type=Path, help="where the tables go; docs/performance.md after a full run"
    )
    options = parser.parse_args(arguments)
    scale = QUICK if options.quick else Scale()
    document: Path | None = options.document
    if document is None and not options.quick and set(options.parts) == set(PARTS):
        document = ROOT / "docs" / "performance.md"
    if document is not None:
        report.check(document)
    begin = time.perf_counter()
    checkpoint = options.checkpoint or shipped_checkpoint()
    results = take_turns(parts(checkpoint, scale, options.parts), scale.rounds)
    sections = {
        "machine": pages.machine_page(results),
        "goals": pages.goals_page(results, checkpoint, scale),
        "single": pages.single_page(results, scale),
        "batch": pages.batch_page(results, scale),
        "limits": pages.limits_page(results, checkpoint, scale),
        "start": pages.start_page(results, scale),
    }
    for name, section in sections.items():
        print(f"\n{name}\n\n{section}")
    picture = pages.picture(results, scale)
    if document is not None:
        report.fill(document, sections)
        if picture is not None:
            (document.parent / "performance.svg").write_text(picture, encoding="utf-8")
        print(f"\nwritten to {document}")
    print(f"measured in {time.perf_counter() - begin:.0f} s", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
