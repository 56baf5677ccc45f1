"""`partimento warmup`: compile the engine ahead of its first use."""

import time
from pathlib import Path
from typing import Annotated, get_args

import typer

from partimento.cli.console import fail


def command(
    checkpoint: Annotated[
        Path | None,
        typer.Option(help="File of the model's weights; those of the program by default."),
    ] = None,
) -> None:
    """Compile the engine ahead of the first piece, for images and continuous integration.

    The machine code is kept where NUMBA_CACHE_DIR points, else beside the installed program,
    else in the user's cache. It belongs to this processor and this version of the program.

    Example: partimento warmup
    """
    from partimento.request.request import Request
    from partimento.sampling.compilation import FOLDER
    from partimento.sampling.engine import Precision
    from partimento.sampling.engines import load_engine
    from partimento.sampling.generate import generate
    from partimento.sampling.primer import make_primer

    if FOLDER is None:
        fail("no folder to keep machine code in; set NUMBA_CACHE_DIR to one that can be written")
    start = time.perf_counter()
    precisions: tuple[Precision, ...] = get_args(Precision)
    for precision in precisions:
        engine = load_engine(checkpoint, precision=precision)
        piece = generate([Request(bars=1, seed=0)], engine)[0]
        primer = make_primer(piece.score)
        generate([Request(bars=1, seed=0)], engine, primer)
    seconds = time.perf_counter() - start
    typer.echo(f"ready for {' and '.join(precisions)} after {seconds:.1f} s, kept in {FOLDER}")
