"""How results and progress look: tables and JSON on stdout, warnings and progress on stderr."""

import json
import math
import sys
from collections.abc import Collection, Iterator, Sequence
from typing import Literal, TypeVar

import typer

from partimento.music.midi.text import displayed

T = TypeVar("T")


def show_table(columns: Sequence[str], rows: Sequence[Sequence[str]], texts: int = 1) -> None:
    """Print a table: a drawn one on a terminal, else aligned lines; cells as `displayed`.

    The first `texts` columns stand to the left, the others, being numbers, to the right.
    """
    if not sys.stdout.isatty():
        for line in plain_lines([columns, *rows], texts):
            typer.echo(line)
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table()
    for index, column in enumerate(columns):
        justify: Literal["left", "right"] = "left" if index < texts else "right"
        table.add_column(escape(column), justify=justify, overflow="fold")
    for row in rows:
        table.add_row(*(escape(displayed(cell)) for cell in row))
    Console().print(table)


def plain_lines(rows: Sequence[Sequence[str]], texts: int = 1) -> list[str]:
    """Rows as lines of aligned columns, cells as `displayed`; `texts` columns stand to the left.

    >>> plain_lines([["style", "notes"], ["folk", "12"]])
    ['style  notes', 'folk      12']
    """
    rows = [[displayed(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.ljust(width) if index < texts else cell.rjust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def show_json(content: object) -> None:
    """Print one JSON object; numbers that are not finite become null."""
    typer.echo(json.dumps(_finite(content), ensure_ascii=False, allow_nan=False))


def _finite(value: object) -> object:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(entry) for entry in value]
    return value


def warn(message: str) -> None:
    """Print a warning on stderr."""
    typer.echo(f"warning: {displayed(message)}", err=True)


def track(items: Collection[T], label: str, quiet: bool = False) -> Iterator[T]:
    """Yield the items with a progress bar on stderr, when that is a terminal."""
    if quiet or not sys.stderr.isatty():
        yield from items
        return
    from rich.console import Console
    from rich.progress import track as track_progress

    yield from track_progress(items, label, console=Console(stderr=True), transient=True)
