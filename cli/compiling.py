"""A word to who waits while the engine is compiled."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer


@contextmanager
def compile_notice(quiet: bool = False) -> Iterator[None]:
    """Say in one line on stderr, when that is a terminal, that something is compiled first."""
    if quiet or not sys.stderr.isatty():
        yield
        return
    from partimento.sampling.compilation import FOLDER
    from partimento.tokenizer.compilation import when_compiling

    where = "this once" if FOLDER is not None else "each time: set NUMBA_CACHE_DIR to a folder"
    with when_compiling(lambda: typer.echo(f"compiling, {where} (about 20 s)", err=True)):
        yield
