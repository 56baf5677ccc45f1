"""`partimento average`: the mean of checkpoints of one training."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer


def command(
    out: Annotated[Path, typer.Argument(help="Checkpoint to write.")],
    checkpoints: Annotated[
        list[Path], typer.Argument(help="Two or more, the last one's header is kept.", exists=True)
    ],
    share: Annotated[
        list[float] | None,
        typer.Option(help="Share of each checkpoint, in their order; equal ones by default."),
    ] = None,
    licence: Annotated[str | None, typer.Option(help="Licence of the weights.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that exists.")] = False,
) -> None:
    """Average the weights of checkpoints of one training: often better than each of them.

    Example: partimento average mean.safetensors runs/a/model.safetensors runs/b/model.safetensors
    """
    from partimento.cli.destinations import check_writable
    from partimento.model.averaging import average
    from partimento.model.checkpoint import save_arrays

    check_writable([out], force)
    header, arrays = average(checkpoints, share)
    if licence is not None:
        header = replace(header, licence=licence)
    save_arrays(out, header, arrays, "float16")
    typer.echo(out)
